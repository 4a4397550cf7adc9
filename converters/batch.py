"""A run over many sources: read them, convert them, write the outbox; nothing stops the rest."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from converters import charset, registry
from converters.api import Item
from converters.outbox import Outbox
from converters.pipeline import Job, Outcome, items, package_item
from smsenc import NumberError, OutboxError, SmsencError, SourceError
from smsenc.number import normalise
from smsenc.package import chunks

#: References 1 to 255 go round; 0 is left out, some phones take it for none.
LAST_REFERENCE = 255

#: No source that a phone could take is larger; what is larger is not read.
LARGEST_SOURCE = 256 * 2**20
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to convert, named as the user gave it, or why it is passed over."""

    name: str
    skipped: str | None = None


def sources(given: Iterable[str], *, outbox: Path | None = None) -> Iterator[Source]:
    """Files in the order given, folders walked in order of names.

    In folders, hidden files and the outbox itself are left alone, and files that no converter
    takes are passed over with the reason. A file that comes twice is taken once.
    """
    seen: set[Path] = set()
    for name in given:
        for source in _walk(name, outbox) if os.path.isdir(name) else (Source(name),):
            if source.name != STDIN and not source.skipped:
                place = Path(source.name).absolute()
                if place in seen:
                    yield Source(source.name, "named before")
                    continue
                seen.add(place)
            yield source


def _walk(folder: str, outbox: Path | None) -> Iterator[Source]:
    hidden = outbox.resolve() if outbox else None
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(
            f for f in folders if f[0] != "." and Path(root, f).resolve() != hidden
        )
        if Path(root).resolve() == hidden:
            continue
        for name in sorted(names):
            if name[0] == ".":
                continue
            path = os.path.join(root, name)
            fits = registry.has_suffix(name)
            yield Source(path, None if fits else "no converter takes this suffix")


def read(name: str, stdin: BinaryIO | None = None) -> bytes:
    """Octets of a file, or of standard input for ``-``; raises SourceError."""
    try:
        if name == STDIN:
            octets = (stdin or sys.stdin.buffer).read(LARGEST_SOURCE + 1)
        else:
            with open(name, "rb") as file:
                octets = file.read(LARGEST_SOURCE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"expected a readable file, found: {reason.lower()}") from error
    if len(octets) > LARGEST_SOURCE:
        raise SourceError(f"expected at most {LARGEST_SOURCE} octets, found more")
    return octets


def run(
    names: Iterable[str], job: Job, outbox: Outbox | None, *, reference: int = 1
) -> Iterator[Outcome]:
    """Convert every source; each message ends as one Outcome, written if there is an outbox."""
    number = 1
    for name in names:
        for index, item in enumerate(_items(name, job), start=1):
            outcome = package_item(
                item, job, source=name, index=index, number=number, reference=reference
            )
            outcome = _write(outcome, outbox)
            if outcome.error:
                outcome.error.at(source=name)
            else:
                number += len(chunks(job.recipients))
                reference = reference % LAST_REFERENCE + 1 if outcome.parts > 1 else reference
            yield outcome


def _items(name: str, job: Job) -> Iterator[Item]:
    """The items of a source; what stops it half-way is its last item."""
    try:
        yield from items(name, read(name), kind=job.kind, options=job.options)
    except SmsencError as error:
        yield Item(kind="", error=error)


def _write(outcome: Outcome, outbox: Outbox | None) -> Outcome:
    if outbox is None or outcome.error:
        return outcome
    try:
        outbox.write(outcome.files)
    except OutboxError as error:
        return replace(outcome, files=(), error=error)
    return outcome


def recipients(
    typed: Iterable[str], listed: Iterable[str]
) -> tuple[tuple[str, ...], tuple[SmsencError, ...]]:
    """Numbers as digits, each once and in order, and what was wrong in the listed files.

    ``typed`` come from the command line: a bad one raises NumberError. ``listed`` are names of
    files with a number a line: a bad line is reported and the others go on.
    """
    numbers = dict.fromkeys(map(normalise, typed))
    errors: list[SmsencError] = []
    for name in listed:
        try:
            lines = charset.decode(read(name))[0].splitlines()
        except SmsencError as error:
            errors.append(error.at(source=name))
            continue
        for line, text in enumerate(lines, start=1):
            if not text.strip():
                continue
            try:
                numbers.setdefault(normalise(text.strip()))
            except NumberError as error:
                errors.append(error.at(source=name, line=line))
    return tuple(numbers), tuple(errors)

"""Where sources come from: files, folders and standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from converters import registry
from smsenc import SourceError

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
        folders[:] = sorted(f for f in folders if f[0] != "." and Path(root, f).resolve() != hidden)
        if Path(root).resolve() == hidden:
            continue
        for name in sorted(names):
            if name[0] == ".":
                continue
            path = os.path.join(root, name)
            fits = registry.has_suffix(name)
            yield Source(path, None if fits else "no converter takes this suffix")


def read(name: str) -> bytes:
    """Octets of a file, or of standard input for ``-``; raises SourceError."""
    try:
        if name == STDIN:
            octets = sys.stdin.buffer.read(LARGEST_SOURCE + 1)
        else:
            with open(name, "rb") as file:
                octets = file.read(LARGEST_SOURCE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"expected a readable file, found: {reason.lower()}") from error
    if len(octets) > LARGEST_SOURCE:
        raise SourceError(f"expected at most {LARGEST_SOURCE} octets, found more")
    return octets

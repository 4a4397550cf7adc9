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
    """A file to convert, named as the user gave it; or why it is passed over, or unreadable."""

    name: str
    skipped: str | None = None
    error: SourceError | None = None


def sources(given: Iterable[str], *, outbox: Path | None = None) -> Iterator[Source]:
    """Files in the order given, folders walked in order of names.

    In folders, hidden files and the outbox itself are left alone, and what is no file or has no
    converter is passed over with the reason. A file that comes twice, by whatever name, is taken
    once.
    """
    seen: set[str] = set()
    for name in given:
        for source in _walk(name, outbox) if os.path.isdir(name) else (Source(name),):
            if not source.skipped and not source.error:
                place = name if name == STDIN else os.path.realpath(source.name)
                if place in seen:
                    yield Source(source.name, "named before")
                    continue
                seen.add(place)
            yield source


def _walk(folder: str, outbox: Path | None) -> Iterator[Source]:
    own = os.path.realpath(outbox) if outbox else None
    unreadable: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=unreadable.append):
        if os.path.realpath(root) == own:
            yield Source(root, "it is the outbox")
            folders.clear()
            continue
        folders[:] = sorted(f for f in folders if f[0] != ".")
        for name in sorted(names):
            if name[0] != ".":
                yield _found(os.path.join(root, name), name)
    for error in unreadable:
        yield Source(str(error.filename), error=_unreadable(error))


def _found(path: str, name: str) -> Source:
    if not os.path.isfile(path):
        return Source(path, "no regular file")
    return Source(path, None if registry.has_suffix(name) else "no converter takes this suffix")


def _unreadable(error: OSError | ValueError) -> SourceError:
    reason = getattr(error, "strerror", None) or str(error)
    return SourceError(f"expected a readable file, found: {reason.lower()}")


def read(name: str) -> bytes:
    """Octets of a file, or of standard input for ``-``; raises SourceError."""
    try:
        if name == STDIN and sys.stdin is None:
            raise SourceError("expected standard input, found it closed")
        if name == STDIN:
            octets = sys.stdin.buffer.read(LARGEST_SOURCE + 1)
        else:
            with open(name, "rb") as file:
                octets = file.read(LARGEST_SOURCE + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error
    if len(octets) > LARGEST_SOURCE:
        raise SourceError(f"expected at most {LARGEST_SOURCE} octets, found more")
    return octets

"""Where sources come from: files, folders and standard input."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from converters import registry
from converters.errors import SourceError

#: No source that a phone could take is larger; what is larger is not read.
LARGEST_SOURCE = 256 * 2**20
STDIN = "-"
#: Where a shell puts what it connects, as in <(command).
_OPEN_FILES = "/dev/fd/"


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
    """Files of a folder, then of the folders in it; links to folders are not followed."""
    own = os.path.realpath(outbox) if outbox else None
    pending = [folder]  # no recursion: folders may be nested deeper than Python's stack
    while pending:
        root = pending.pop()
        if os.path.realpath(root) == own:
            yield Source(root, "it is the outbox")
            continue
        try:
            names = sorted(name for name in os.listdir(root) if name[0] != ".")
        except OSError as error:
            yield Source(root, error=_unreadable(error))
            continue
        paths = [os.path.join(root, name) for name in names]
        yield from (_found(path) for path in paths if not os.path.isdir(path))
        pending += (p for p in reversed(paths) if os.path.isdir(p) and not os.path.islink(p))


def _found(path: str) -> Source:
    if not os.path.isfile(path):
        return Source(path, "no regular file")
    return Source(path, None if registry.has_suffix(path) else "no converter takes this suffix")


def _unreadable(error: OSError | ValueError) -> SourceError:
    reason = getattr(error, "strerror", None) or str(error)
    return SourceError(f"expected a readable file, found: {reason.lower()}")


def read(name: str) -> bytes:
    """Octets of a file, or of standard input for ``-``; raises SourceError."""
    if name != STDIN:
        return read_file(name)
    if sys.stdin is None:
        raise SourceError("expected standard input, found it closed")
    return _bounded(sys.stdin.buffer, LARGEST_SOURCE)


def read_file(path: str, most: int = LARGEST_SOURCE) -> bytes:
    """Octets of a file that is read whole, at most ``most`` of them; raises SourceError."""
    try:
        check_kind(path)
        with open(path, "rb") as file:
            return _bounded(file, most)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error


def _bounded(stream: BinaryIO, most: int) -> bytes:
    try:
        octets = stream.read(most + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error
    if len(octets) > most:
        raise SourceError(f"expected at most {most} octets, found more")
    return octets


def check_kind(name: str) -> None:
    """Refuse a named pipe, which may never be written to; those that a shell makes are.

    Raises SourceError, or OSError for a file that is not there.
    """
    if stat.S_ISFIFO(os.stat(name).st_mode) and not name.startswith(_OPEN_FILES):
        raise SourceError("expected a file, found a pipe (- reads standard input)")

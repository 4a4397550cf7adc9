"""Reading a file or standard input, up to a limit."""

from __future__ import annotations

import os
import stat
import sys
from typing import IO

from converters.errors import SourceError
from smsgate.errors import reason

#: Octets. Nothing that a phone can take needs a larger source.
LARGEST_SOURCE = 256 * 2**20
STDIN = "-"
#: Where a shell puts the pipe of ``<(command)``.
_OPEN_FILES = "/dev/fd/"


def read(name: str) -> bytes:
    """The octets of a file, or of standard input for ``-``; raises SourceError."""
    if name != STDIN:
        return read_file(name)
    if sys.stdin is None:
        raise SourceError("standard input is closed")
    return read_stream(sys.stdin.buffer)


def read_file(
    path: str | os.PathLike[str], most: int = LARGEST_SOURCE, *, follow: bool = True
) -> bytes:
    """The octets of a file, at most ``most`` of them; raises SourceError.

    Without ``follow``, a link is refused.
    """
    try:
        if not follow and not stat.S_ISREG(os.lstat(path).st_mode):
            raise SourceError("not a regular file")
        check_kind(path)
        with open(path, "rb") as file:
            return read_stream(file, most)
    except (OSError, ValueError) as error:
        raise unreadable(error) from error


def read_stream(stream: IO[bytes], most: int = LARGEST_SOURCE) -> bytes:
    """What is left of an open file, at most ``most`` octets; raises SourceError."""
    try:
        octets = stream.read(most + 1)
    except (OSError, ValueError) as error:
        raise unreadable(error) from error
    if len(octets) > most:
        raise SourceError(f"expected at most {most} octets, found more")
    return octets


def check_kind(path: str | os.PathLike[str]) -> None:
    """Refuse a named pipe, since nothing may ever be written to it; a shell's own pipes are read.

    Raises SourceError, or OSError for a file that does not exist.
    """
    if stat.S_ISFIFO(os.stat(path).st_mode) and not os.fspath(path).startswith(_OPEN_FILES):
        raise SourceError("is a named pipe (- reads standard input)")


def unreadable(error: Exception) -> SourceError:
    """The SourceError that says why the system did not read a file."""
    if isinstance(error, FileNotFoundError):
        return SourceError("no such file")
    return SourceError(f"cannot be read: {reason(error)}")

"""The one way of reading a file or standard input: regular files only, up to a limit."""

from __future__ import annotations

import errno
import os
import stat
import sys
from io import BufferedReader
from typing import IO

from converters.errors import SourceError
from smsgate import tracing
from smsgate.errors import reason

#: Octets. Nothing that a phone can take needs a larger source.
LARGEST_SOURCE = 256 * 2**20
STDIN = "-"
#: Where a shell puts the pipe of ``<(command)``.
_OPEN_FILES = "/dev/fd/"

# Opening a named pipe or a device must not wait for anybody.
_FLAGS = os.O_RDONLY | sum(getattr(os, f"O_{one}", 0) for one in ("NONBLOCK", "CLOEXEC", "BINARY"))
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)

#: What is not read, and what to do instead.
_REFUSED = {
    stat.S_IFIFO: "is a named pipe (- reads standard input)",
    stat.S_IFSOCK: "is a socket, not a file",
    stat.S_IFCHR: "is a device, not a file (- reads standard input)",
    stat.S_IFBLK: "is a device, not a file",
}


def read(name: str, most: int = LARGEST_SOURCE, *, follow: bool = True) -> bytes:
    """At most ``most`` octets of a file, or of standard input for ``-``; raises SourceError."""
    if name != STDIN:
        return read_file(name, most, follow=follow)
    tracing.step("read standard input")
    if sys.stdin is None:
        raise SourceError("standard input is closed")
    return read_stream(sys.stdin.buffer, most)


def read_file(
    path: str | os.PathLike[str], most: int = LARGEST_SOURCE, *, follow: bool = True
) -> bytes:
    """The octets of a file, at most ``most`` of them; raises SourceError."""
    with open_file(path, follow=follow) as file:
        return read_stream(file, most)


def open_file(
    path: str | os.PathLike[str], *, follow: bool = True, pipes: bool = True
) -> BufferedReader:
    """A regular file, open for reading; with ``pipes`` also a shell's own pipe.

    It is examined only after it has been opened, so nobody can put another one in its place in
    between. Without ``follow`` a link is refused. Raises SourceError.
    """
    tracing.step("read {}", os.fspath(path))
    try:
        descriptor = os.open(path, _FLAGS | (0 if follow else _NO_LINK))
    except (OSError, ValueError) as error:
        raise _not_opened(path, error, follow=follow) from error
    try:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        if kind == stat.S_IFIFO and pipes and os.fspath(path).startswith(_OPEN_FILES):
            os.set_blocking(descriptor, True)
        elif kind in _REFUSED:
            raise SourceError(_REFUSED[kind])
        return os.fdopen(descriptor, "rb")
    except BaseException as error:
        os.close(descriptor)
        if isinstance(error, OSError):
            raise unreadable(error) from error
        raise


def _not_opened(path: str | os.PathLike[str], error: Exception, *, follow: bool) -> SourceError:
    number = getattr(error, "errno", None)
    if number == errno.ELOOP and not follow and os.path.islink(path):
        return SourceError("is a link, which is not followed here")
    if number == errno.ENXIO:
        return SourceError(_REFUSED[stat.S_IFSOCK])
    return unreadable(error)


def read_stream(stream: IO[bytes], most: int = LARGEST_SOURCE) -> bytes:
    """What is left of an open file, at most ``most`` octets; raises SourceError."""
    try:
        octets = stream.read(most + 1)
    except (OSError, ValueError) as error:
        raise unreadable(error) from error
    if len(octets) > most:
        raise SourceError(f"expected at most {most} octets, found more")
    return octets


def unreadable(error: Exception) -> SourceError:
    """The SourceError that says why the system did not read a file."""
    if isinstance(error, FileNotFoundError):
        return SourceError("no such file")
    return SourceError(f"cannot be read: {reason(error)}")

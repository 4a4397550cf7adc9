"""Text that is appended to files in folders which others can write to: whole, or not at all.

How long a file is according to the database counts: what is behind that was not committed, and is
written again.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from smsgate.outbox.writing import flush

_OPEN = (
    os.O_RDWR
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe is refused, not waited for
    | getattr(os, "O_BINARY", 0)
)
_OWNER = 0o600
_LARGEST_INODE = (1 << 63) - 1  # that a database keeps


class Place(NamedTuple):
    """Up to where a file is committed: its size in octets, and which file it is."""

    size: int
    inode: int


def append(path: Path, octets: bytes, size: int, inode: int | None = None) -> int:
    """Append to the first ``size`` octets of a file, and flush it to disk; returns the new size.

    The file is made if there is none; one that is shorter goes on at its end. Raises OSError, also
    for links and whatever is not a plain file, and for another file than that of ``inode``; the
    file then ends where it did.
    """
    descriptor = open_file(path)
    try:
        found = os.fstat(descriptor)
        if inode not in (None, place_of(found).inode):
            raise OSError(errno.ESTALE, "another file has taken its place", str(path))
        start = min(size, found.st_size)
        try:
            _write(descriptor, octets, start)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, start)
            raise
        return start + len(octets)
    finally:
        os.close(descriptor)


def truncate(path: Path, size: int) -> None:
    """Leave the first ``size`` octets of a file, and flush it; raises OSError as ``append``."""
    append(path, b"", size)


def open_file(path: Path) -> int:
    """A descriptor of a plain file, made if there is none; raises OSError for anything else."""
    try:
        descriptor = os.open(path, _OPEN | os.O_CREAT | os.O_EXCL, _OWNER)
    except FileExistsError:
        return _opened(path)
    try:
        share(descriptor, path.parent)
        flush([str(path.parent)])
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _opened(path: Path) -> int:
    descriptor = os.open(path, _OPEN)
    if is_plain(os.fstat(descriptor)):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "not a plain file", str(path))


def is_plain(found: os.stat_result) -> bool:
    """Whether it is a regular file that has only one name."""
    return stat.S_ISREG(found.st_mode) and found.st_nlink <= 1


def place_of(found: os.stat_result) -> Place:
    """Where a file ends, and which it is."""
    return Place(found.st_size, found.st_ino & _LARGEST_INODE)


def share(descriptor: int, folder: Path) -> None:
    """Let those read a file who can read the folder: its owner and, if it may, its group.

    The file gets the owner and group of the folder as far as this process may give them. Others
    never read it, even in a folder that they can read: it has the numbers of people.
    """
    if not hasattr(os, "fchown"):
        return
    above = os.stat(folder)
    for owner in ((above.st_uid, above.st_gid), (-1, above.st_gid)):
        with suppress(OSError):
            os.fchown(descriptor, *owner)
            break
    same_group = os.fstat(descriptor).st_gid == above.st_gid
    with suppress(OSError):
        os.fchmod(descriptor, _OWNER | (above.st_mode & stat.S_IRGRP if same_group else 0))


def _write(descriptor: int, octets: bytes, start: int) -> None:
    os.ftruncate(descriptor, start)
    os.lseek(descriptor, start, os.SEEK_SET)
    rest = memoryview(octets)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)

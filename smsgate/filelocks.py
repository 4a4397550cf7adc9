"""Locks on open files, which end when the file is closed or the process ends, however that is.

Only programs that ask for the lock notice it. POSIX has ``flock``; Windows locks octets, so one is
taken that no file of ours has: nobody else could read or write it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]
    import msvcrt

#: What a system says of a file that somebody else holds.
BUSY = frozenset((errno.EACCES, errno.EAGAIN, errno.EDEADLK))
#: The place of the octet; msvcrt takes positions of 31 bits.
_FAR = 0x7FFF_FFFE


def take(descriptor: int, *, shared: bool = False) -> bool:
    """Hold an open file until it is closed; whether nobody else holds it.

    ``shared`` lets others hold it so at the same time, where the system can do that. On a file
    system without locks nobody is noticed.
    """
    try:
        if fcntl is None:
            with _at(descriptor, _FAR):
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)  # with NFS LOCK_EX needs O_RDWR
    except OSError as error:
        return error.errno not in BUSY
    return True


@contextmanager
def _at(descriptor: int, place: int) -> Iterator[None]:
    """Move to a place for the block, and back."""
    before = os.lseek(descriptor, 0, os.SEEK_CUR)
    os.lseek(descriptor, place, os.SEEK_SET)
    try:
        yield
    finally:
        os.lseek(descriptor, before, os.SEEK_SET)

"""Locks on files of the storage, which a process has until it ends, whatever the database says.

So nobody else writes what one that was stopped may still write when it goes on.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smsgate.filelocks import take

_POLL, _PATIENCE = 0.01, 5.0  # seconds


@contextmanager
def guard(path: Path) -> Iterator[bool]:
    """Hold a file, which is made if there is none; whether nobody else holds it. Raises OSError.

    On a file system without locks nobody is noticed.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        yield take(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Hold a file as soon as nobody else does; raises OSError, also after some seconds."""
    end = time.monotonic() + _PATIENCE
    while True:
        with guard(path) as is_mine:
            if is_mine:
                yield
                return
        if time.monotonic() > end:
            raise BlockingIOError(errno.EAGAIN, "another node holds it", str(path))
        time.sleep(_POLL)

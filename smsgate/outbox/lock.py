"""One run at a time on a file or folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from converters.errors import GuardError

try:
    import fcntl
except ImportError:  # Windows has no advisory locks: a second run is not noticed
    fcntl = None  # type: ignore[assignment]


@contextmanager
def lock(path: Path, refusal: str, *, source: Path | None = None) -> Iterator[None]:
    """Hold an existing file or folder; raises OSError, and GuardError if another run holds it.

    ``refusal`` is the text of the GuardError, ``source`` what it names (default: the file). On a
    file system without locks a second run is not noticed.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _acquire(descriptor, source or path, refusal)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, refusal: str) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise GuardError(refusal, source=str(path)) from None
    except OSError:
        pass

"""One run at a time on a file or folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from converters.errors import GuardError
from smsgate import filelocks

#: In a folder, where folders cannot be opened (Windows).
_INSIDE = ".lock"


class BusyError(GuardError):
    """Another run holds it: the same command may work later."""


@contextmanager
def lock(path: Path, refusal: str, *, source: Path | None = None) -> Iterator[None]:
    """Hold an existing file or folder; raises OSError, and BusyError if another run holds it.

    ``refusal`` is the text of the BusyError, ``source`` what it names (default: the file). On a
    file system without locks a second run is not noticed.
    """
    descriptor = _opened(path)
    try:
        if not filelocks.take(descriptor):
            raise BusyError(refusal, source=str(source or path))
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a run holds it with ``lock``; False if it is not there. Raises OSError.

    It is held for an instant, shared where that is possible, so that others who ask at the same
    time are not in the way.
    """
    try:
        descriptor = _opened(path)
    except FileNotFoundError:
        return False
    try:
        return not filelocks.take(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    if os.name != "posix" and path.is_dir():
        return os.open(path / _INSIDE, os.O_RDWR | os.O_CREAT, 0o600)
    return os.open(path, os.O_RDONLY)

"""One run at a time on a file or folder."""

from __future__ import annotations

import os
from pathlib import Path

from converters.errors import GuardError

try:
    import fcntl
except ImportError:  # Windows has no advisory locks: two runs at once are not told apart
    fcntl = None  # type: ignore[assignment]


def lock(path: Path, refusal: str) -> int:
    """Lock what is there; the lock lasts until the descriptor that this returns is closed.

    Raises OSError, and GuardError with ``refusal`` where another run holds it. On a file system
    without locks two runs at once are not told apart.
    """
    held = os.open(path, os.O_RDONLY)
    try:
        if fcntl is not None:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        raise GuardError(refusal, source=str(path)) from None
    except OSError:
        pass
    return held

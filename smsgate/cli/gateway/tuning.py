"""How the process of a gateway uses memory and processors; what it does is the same without."""

from __future__ import annotations

import ctypes
import gc
import sys

_GARBAGE = 20_000  # objects between two looks for cycles: Python's 700 come with each few messages
_TURN = 0.0005  # seconds until a thread that computes lets the others have their turn

#: glibc's malloc.h. By itself the threshold grows to the largest block that was given back, here
#: the 19 MiB of a password's hash: from then on such blocks are cut from each thread's heap, which
#: keeps them.
_M_MMAP_THRESHOLD = -3
_LARGE = 1024 * 1024  # octets of a block that goes back to the system at once


def tune() -> None:
    """Set all of this; call it before the first password is hashed."""
    sys.setswitchinterval(_TURN)
    gc.set_threshold(_GARBAGE, *gc.get_threshold()[1:])
    if sys.platform == "linux":
        _give_large_blocks_back()


def _give_large_blocks_back() -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)

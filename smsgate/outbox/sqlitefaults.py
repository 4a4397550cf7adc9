"""What SQLite's errors mean: a journal that is damaged, or one that cannot be written.

A damaged journal is restored or given up; one that cannot be written is as good as before. The two
must never be confused: who gives up a good journal sends its messages again. Nothing here loads
sqlite3, because few commands need it.
"""

from __future__ import annotations

import errno
import os
import shutil
from enum import Enum
from pathlib import Path


class Meaning(Enum):
    """What an error says about the journal."""

    PASSES = "cannot be written for now"
    DENIED = "cannot be written"
    DAMAGED = "damaged"


#: By primary result code (https://www.sqlite.org/rescode.html). All others, such as a table that
#: has other columns, mean that the journal is damaged.
_MEANINGS = {
    3: Meaning.DENIED,  # PERM
    5: Meaning.PASSES,  # BUSY
    6: Meaning.PASSES,  # LOCKED
    7: Meaning.PASSES,  # NOMEM
    8: Meaning.DENIED,  # READONLY
    9: Meaning.PASSES,  # INTERRUPT
    10: Meaning.PASSES,  # IOERR
    13: Meaning.PASSES,  # FULL
    14: Meaning.PASSES,  # CANTOPEN, unless the system says why
    15: Meaning.PASSES,  # PROTOCOL: other processes locked it again and again
    22: Meaning.DENIED,  # NOLFS
    23: Meaning.DENIED,  # AUTH
}
_CANNOT_OPEN = {8, 10, 14}
_LONGEST_PATH = 512  # octets, as SQLite is usually built; with the ending of its other files
_LONGEST_ENDING = "-journal"


def meaning(error: BaseException) -> Meaning:
    """What an error means; one that is not of SQLite is about values, and so about damage."""
    return _MEANINGS.get(_code(error), Meaning.DAMAGED)


def cause(error: Exception, path: Path) -> Exception:
    """Why the journal at ``path`` cannot be used: what the system says, if SQLite does not."""
    if _code(error) not in _CANNOT_OPEN:
        return error
    full = os.fsencode(os.path.abspath(path)) + _LONGEST_ENDING.encode()
    if len(full) > _LONGEST_PATH:
        return _system(errno.ENAMETOOLONG)
    try:
        os.close(os.open(path, os.O_RDWR))
        folder = path.parent
        if not os.access(folder, os.W_OK):
            return _system(errno.EACCES)
        return error if shutil.disk_usage(folder).free else _system(errno.ENOSPC)
    except OSError as found:
        return found


def _code(error: BaseException) -> int:
    """The primary result code, 0 if there is none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _system(number: int) -> OSError:
    return OSError(number, os.strerror(number))

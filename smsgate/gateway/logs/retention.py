"""What is too old goes: files in folders, leftovers of the spool, and messages in the database.

Ages are by the gateway's clock, but never more than the time that it has run: ``Clock``.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, exists, select

from smsgate.gateway.database import Database
from smsgate.gateway.logs import lots
from smsgate.gateway.states import OVER, FileState
from smsgate.gateway.tables import early_receipt, event, file, message, part

#: Seconds that messages stay in the database after their last change.
MESSAGES = 30 * 86_400.0

_MOST_LOOKED_AT = 200_000  # files in one folder
_MOST_REMOVED = 10_000
_SPOOLED = re.compile(r"([0-9a-f]{32})(?:\.log)?")
_QUERIED = 500  # names in one query
_LOT, _FILES = 1000, 200  # messages and files in one transaction


class Clock:
    """The time for ages: a clock that is set forward makes nothing older than it is.

    ``now`` is the gateway's clock when this one starts. A clock that is set back keeps things
    longer.
    """

    def __init__(self, now: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._ahead = now - monotonic()
        self._monotonic = monotonic

    def __call__(self, now: float) -> float:
        """The earlier of the gateway's clock and the time that has passed since the start."""
        return min(now, self._ahead + self._monotonic())


# --- Folders -------------------------------------------------------------------------------------


def sweep(folder: Path, now: float, keep: float) -> int:
    """Remove the regular files that have not changed for ``keep`` seconds; how many.

    Links and folders stay. The time of a file is the later of its contents' and its own, because
    an FTP client sets the first. At most 10,000 go at a time. Raises nothing: what cannot be
    removed stays.
    """
    old = (entry.path for entry in _entries(folder) if _is_old(entry.path, now - keep))
    return sum(map(_removed, islice(old, _MOST_REMOVED)))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as found:
        yield from islice(found, _MOST_LOOKED_AT)


def _is_old(path: str | Path, since: float, kind: Callable[[int], bool] = stat.S_ISREG) -> bool:
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return kind(found.st_mode) and max(found.st_mtime, found.st_ctime) < since


def _removed(path: str) -> bool:
    with suppress(OSError):
        os.unlink(path)
        return True
    return False


async def sweep_spool(database: Database, spool: Path, now: float, keep: float) -> int:
    """Remove what is left in the spool of files that are read, after ``keep`` seconds; how many.

    What no row of ``file`` knows stays: it was taken just before the gateway was stopped.
    """
    found = [entry.name for entry in _entries(spool) if _SPOOLED.fullmatch(entry.name)]
    old = [
        name
        for name in found
        if _is_old(spool / name, now - keep, lambda mode: stat.S_ISREG(mode) or stat.S_ISDIR(mode))
    ][:_MOST_REMOVED]
    over = await database.run(partial(_over, uids=sorted({name[:32] for name in old})))
    return sum(_cleared(spool / name) for name in old if name[:32] in over)


def _over(conn: Connection, uids: Sequence[str]) -> set[str]:
    """Those of these files in the spool that are no longer read."""
    found: set[str] = set()
    for at in range(0, len(uids), _QUERIED):
        query = select(file.c.spool).where(file.c.spool.in_(uids[at : at + _QUERIED]))
        found.update(conn.execute(query.where(file.c.state != FileState.READING)).scalars())
    return found


def _cleared(path: Path) -> bool:
    with suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            shutil.rmtree(path)
        else:
            path.unlink()
        return True
    return False


# --- Database ------------------------------------------------------------------------------------


class Pruned(NamedTuple):
    """How many rows are gone, and the last file that was looked at; 0 when all were."""

    rows: int
    file: int


def prune(conn: Connection, now: float, older: float = MESSAGES, after: int = 0) -> Pruned:
    """Delete messages that are final and have not changed for ``older`` seconds, in one lot.

    Their events, parts and, when a file has no more messages, the file go too; ledger rows stay.
    Events that are not in history.log yet, and messages that are unknown, stay. Call again with
    ``after``, the ``file`` of the last answer, until that is 0.
    """
    since, homes = now - older, _Homes(conn)
    rows = conn.execute(delete(early_receipt).where(early_receipt.c.id.in_(_early(since)))).rowcount
    found = [(row.id, row.home) for row in conn.execute(_files(since, after))]
    for one, home in found:
        ids = conn.execute(_messages(one, since, homes[home])).scalars().all()
        rows += _deleted(conn, one, ids)
        if len(ids) == _LOT:
            return Pruned(rows, one - 1 or -1)  # 0 would be the end
        if rows >= _LOT:
            return Pruned(rows, one)
    return Pruned(rows, found[-1][0] if len(found) == _FILES else 0)


def prune_events(conn: Connection, since: float, after: int = 0) -> int:
    """Delete events before ``since`` of messages that are over, in one lot.

    Those that are not in history.log yet stay. Returns the last event that was looked at: call
    again with it as ``after``, until it is 0.
    """
    query = select(event.c.id, event.c.time, file.c.home).where(event.c.id > after)
    query = query.join(message, message.c.id == event.c.message, isouter=True)
    query = query.join(file, file.c.id == message.c.file, isouter=True)
    found = conn.execute(query.order_by(event.c.id).limit(_LOT)).all()
    homes = _Homes(conn)
    ids = [row.id for row in found if row.time < since and row.id <= homes[row.home or ""]]
    if ids:
        over = exists().where(
            message.c.id == event.c.message, message.c.state.in_(OVER), message.c.changed < since
        )
        conn.execute(delete(event).where(event.c.id.in_(ids), over))
    is_end = len(found) < _LOT or all(row.time >= since for row in found)  # what follows is newer
    return 0 if is_end else int(found[-1].id)


class _Homes(dict[str, int]):
    """The last event that is in all logs of a home."""

    def __init__(self, conn: Connection) -> None:
        super().__init__()
        self._conn = conn

    def __missing__(self, home: str) -> int:
        self[home] = found = lots.written(self._conn, home)
        return found


def _early(since: float) -> Select[Any]:
    return select(early_receipt.c.id).where(early_receipt.c.time < since).limit(_LOT)


def _files(since: float, after: int) -> Select[Any]:
    old = file.c.id > after, file.c.taken < since, file.c.state != FileState.READING
    return select(file.c.id, file.c.home).where(*old).order_by(file.c.id).limit(_FILES)


def _messages(one: int, since: float, written: int) -> Select[Any]:
    unwritten = exists().where(event.c.message == message.c.id, event.c.id > written)
    old = message.c.file == one, message.c.state.in_(OVER), message.c.changed < since
    return select(message.c.id).where(*old, ~unwritten).limit(_LOT)


def _deleted(conn: Connection, one: int, ids: Sequence[int]) -> int:
    """Delete these messages of a file, and the file if it has no others; the number of rows."""
    rows = 0
    for column in (event.c.message, part.c.message, message.c.id) if ids else ():
        rows += conn.execute(delete(column.table).where(column.in_(ids))).rowcount
    empty = ~exists().where(message.c.file == one)
    return rows + conn.execute(delete(file).where(file.c.id == one, empty)).rowcount

"""history.log of each account: a projection of the tables ``event`` and ``remark``, exactly once.

writer = HistoryWriter(database, folders, limits)
lines = await writer.write(now())  # again when something has changed
writer.close()
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from smsgate.errors import reason
from smsgate.gateway.database import Database
from smsgate.gateway.logs import appending, horizon, lines, lots, retention
from smsgate.gateway.logs.appending import Appender, Log, Outcome
from smsgate.gateway.logs.folders import Place
from smsgate.gateway.logs.horizon import Mark
from smsgate.gateway.logs.lines import Subject
from smsgate.gateway.logs.lots import Done, Lot
from smsgate.gateway.logs.rights import Right
from smsgate.gateway.logs.rotation import HISTORY
from smsgate.gateway.nodes.membership import Standing
from smsgate.gateway.reports.happenings import Logged, Report, nobody
from smsgate.gateway.settings import Limits
from smsgate.masking import cleaned

if TYPE_CHECKING:
    from sqlalchemy import Connection

_T = TypeVar("_T")

_LOTS = 50  # written by one call
_REST = 5.0  # seconds until a log that could not be written is tried again
_THREADS = 8
_MOST_FILES = 10_000  # whose names are kept in memory


class HistoryWriter:
    """Writes the logs; ``folders`` returns the folder of an account, None for one without.

    Lines of an account without a folder are left out. ``problem`` is the last error with a log,
    for people; empty when all logs are written. With a ``node``, it writes the logs of its home
    while it has the duty; ``guard`` is a file in the storage that is locked meanwhile.
    """

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        database: Database,
        folders: Callable[[int], Path | None],
        limits: Limits,
        *,
        node: Standing | None = None,
        home: str = "",
        guard: Path | None = None,
        report: Report = nobody,
    ) -> None:
        self._report = report
        self._database, self._folders, self._limits = database, folders, limits
        self._right = Right(database, node, home, guard)
        self._marks: tuple[Mark, ...] = ()
        self._lock = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, "gateway-history")  # one after another
        self._appender = Appender(limits, _THREADS)
        self._failed: dict[int, float] = {}  # when a log could not be written, by account
        self._subjects: dict[int, Subject] = {}  # by file
        self.problem = ""

    async def write(self, now: float) -> int:
        """Write what has happened since the last call; the number of lines.

        At most 100,000 at a time: call again while there are any. Raises OutboxError.
        """
        async with self._lock:
            return await self._right.use(partial(self._write_all, now))

    async def _write_all(self, now: float) -> int:
        count, done = 0, None
        for _ in range(_LOTS):
            resting = {one for one, since in self._failed.items() if abs(now - since) < _REST}
            lot, marks = await self._database.run(partial(self._advance, done, resting))
            self._marks = marks
            if lot is None:
                return count
            done = await self._write(lot, now)
            self._report(Logged(Counter(row.status for row in lot.events)))
            count += _count(done)
            if not lot.is_full:
                break  # what has come since is written with more of it
        if done:
            await self._database.run(partial(self._settle, done))
        return count

    def renew(self, limits: Limits) -> None:
        """Take other limits."""
        self._limits = limits
        self._appender.renew(limits)

    async def sweep(self, places: Iterable[Path], now: float) -> int:
        """Remove what is too old in folders, as ``retention.sweep``, while no log is written."""
        count = 0
        for folder in places:
            async with self._lock:
                work = partial(retention.sweep, folder, now, self._limits.keep)
                count += await self._in_thread(work)
        return count

    def close(self) -> None:
        """End the threads, after what they are writing."""
        self._thread.shutdown()
        self._appender.close()

    # --- Transactions, which no other node may do ------------------------------------------------

    def _advance(
        self, done: Done | None, resting: Collection[int], conn: Connection
    ) -> tuple[Lot | None, tuple[Mark, ...]]:
        until, marks = horizon.look(conn, self._marks)
        self._right.check(conn)
        return lots.advance(conn, done, resting, self._subjects, self._right.home, until), marks

    def _place(self, places: Mapping[int, Place], conn: Connection) -> None:
        self._right.check(conn)
        lots.place(conn, places, self._right.home)

    def _settle(self, done: Done, conn: Connection) -> None:
        self._right.check(conn)
        lots.settle(conn, done)

    # --- Files -----------------------------------------------------------------------------------

    async def _write(self, lot: Lot, now: float) -> Done:
        """Append a lot; where new logs begin is committed before they are written."""
        found = {one: self._folders(one) for one in {row.account for row in lot.rows}}
        paths = {account: folder / HISTORY for account, folder in found.items() if folder}
        logs, begun = await self._in_thread(lambda: self._prepared(lot, paths))
        places = _good(begun)
        moved = {one: place for one, place in places.items() if place != lot.places.get(one)}
        if moved:
            await self._database.run(partial(self._place, moved))
        ends = await self._in_thread(lambda: self._appender.append(logs, places))
        errors = _bad(begun) | _bad(ends)
        self._remember(ends, errors, now)
        return Done(lot, _good(ends), frozenset(errors))

    def _prepared(
        self, lot: Lot, paths: Mapping[int, Path]
    ) -> tuple[list[Log], dict[int, Outcome]]:
        for one, (name, content) in lot.files.items():
            self._subjects[one] = lines.subject(name, content)
        logs = appending.logs_of(lot, paths, self._subjects)
        if len(self._subjects) > _MOST_FILES:
            self._subjects.clear()
        return logs, self._appender.prepare(logs)

    def _remember(
        self, ends: Mapping[int, Outcome], errors: Mapping[int, OSError], now: float
    ) -> None:
        for account in _good(ends):
            self._failed.pop(account, None)
        self._failed |= dict.fromkeys(errors, now)
        for error in errors.values():
            self.problem = cleaned(f"cannot write {error.filename or HISTORY}: {reason(error)}")
        if not self._failed:
            self.problem = ""

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _good(found: Mapping[int, Outcome]) -> dict[int, Place]:
    return {one: place for one, place in found.items() if isinstance(place, Place)}


def _bad(found: Mapping[int, Outcome]) -> dict[int, OSError]:
    return {one: error for one, error in found.items() if isinstance(error, OSError)}


def _count(done: Done) -> int:
    return sum(row.account in done.places for row in done.lot.rows)

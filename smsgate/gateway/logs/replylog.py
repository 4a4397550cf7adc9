"""mo.log of each account: a projection of the table ``reply``, exactly once.

writer = ReplyLog(database, folders, limits, node=node, home=home, guard=guard)
count = await writer.write(now())  # again when something has come
writer.close()
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from smsgate.errors import reason
from smsgate.gateway.database import Database, Work
from smsgate.gateway.logs import replylines, replylots
from smsgate.gateway.logs.appending import Appender, Log, Outcome
from smsgate.gateway.logs.folders import Place
from smsgate.gateway.logs.replylots import Lot
from smsgate.gateway.logs.rights import Right
from smsgate.gateway.nodes.membership import Standing
from smsgate.gateway.settings import Limits
from smsgate.masking import cleaned

if TYPE_CHECKING:
    from sqlalchemy import Connection

_T = TypeVar("_T")

NAME = "mo.log"
_LOTS = 50  # written by one call
_REST = 5.0  # seconds until a log that could not be written is tried again
_THREADS = 4


class ReplyLog:
    """Writes the logs; ``folders`` returns the folder of an account, None for one without.

    Replies of an account without a folder wait. ``problem`` is the last error with a log, for
    people; empty when all logs are written. With a ``node``, it writes the logs of its ``home``
    while it has the duty, as ``HistoryWriter`` does.
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
    ) -> None:
        self._database, self._folders = database, folders
        self._right = Right(database, node, home, guard)
        self._lock = asyncio.Lock()
        self._appender = Appender(limits, _THREADS)
        self._failed: dict[int, float] = {}  # when a log could not be written, by account
        self.problem = ""

    def renew(self, limits: Limits) -> None:
        """Take other limits."""
        self._appender.renew(limits)

    async def write(self, now: float) -> int:
        """Write what has come since the last call; the number of replies. Raises OutboxError."""
        async with self._lock:
            return await self._right.use(partial(self._write_all, now))

    async def _write_all(self, now: float) -> int:
        count = 0
        for _ in range(_LOTS):
            some = await self._write(now)
            count += some
            if not some:
                break
        return count

    def close(self) -> None:
        """End the threads, after what they are writing."""
        self._appender.close()

    async def _write(self, now: float) -> int:
        """Append the next lots; the number of replies."""
        resting = {one for one, since in self._failed.items() if abs(now - since) < _REST}
        home = self._right.home
        behind = await self._checked(partial(replylots.behind, resting=resting, home=home))
        found = {one: self._folders(one) for one in behind}
        paths = {account: folder / NAME for account, folder in found.items() if folder}
        if not paths:
            return 0
        lots = await self._checked(partial(replylots.plan, accounts=list(paths), home=home))
        written = await self._append(lots, _logs(lots, paths), now)
        await self._checked(partial(replylots.settle, lots=lots, places=written, home=home))
        return sum(len(lot.rows) for lot in lots if lot.account in written)

    async def _append(self, lots: list[Lot], logs: list[Log], now: float) -> dict[int, Place]:
        """The ends of the logs that are written; where new ones begin is committed before."""
        begun = await asyncio.to_thread(self._appender.prepare, logs)
        places = _good(begun)
        known = {lot.account: lot.place for lot in lots}
        moved = {one: place for one, place in places.items() if place != known[one]}
        if moved:
            home = self._right.home
            await self._checked(partial(replylots.place, places=moved, home=home))
        ends = await asyncio.to_thread(self._appender.append, logs, places)
        self._remember(begun | ends, now)
        return _good(ends)

    async def _checked(self, work: Work[_T]) -> _T:
        """A transaction, which no other node may do."""

        def checked(conn: Connection) -> _T:
            self._right.check(conn)
            return work(conn)

        return await self._database.run(checked)

    def _remember(self, outcomes: Mapping[int, Outcome], now: float) -> None:
        for account, outcome in outcomes.items():
            self._failed.pop(account, None)
            if isinstance(outcome, OSError):
                self._failed[account] = now
                self.problem = cleaned(f"{outcome.filename or NAME}: {reason(outcome)}")
        if not self._failed:
            self.problem = ""


def _logs(lots: Sequence[Lot], paths: Mapping[int, Path]) -> list[Log]:
    return [
        Log(
            lot.account,
            paths[lot.account],
            "".join(map(replylines.reply, lot.rows)).encode(errors="backslashreplace"),
            lot.place,
        )
        for lot in lots
    ]


def _good(outcomes: Mapping[int, Outcome]) -> dict[int, Place]:
    return {one: found for one, found in outcomes.items() if not isinstance(found, OSError)}

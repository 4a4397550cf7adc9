"""What happens by itself as time goes by: delayed messages, validity, logs, and what is too old."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from converters.shared.words import shortened
from smsgate.errors import OutboxError
from smsgate.gateway import database as databases
from smsgate.gateway import layout, routes, sessions, warnings
from smsgate.gateway.database import Database
from smsgate.gateway.folders import AccountFolders
from smsgate.gateway.logs import erasing, retention
from smsgate.gateway.logs.history import HistoryWriter
from smsgate.gateway.logs.replylog import ReplyLog
from smsgate.gateway.nodes import duties
from smsgate.gateway.nodes.membership import Alone, Standing
from smsgate.gateway.problems import said
from smsgate.gateway.queue import expiry, picking, receipts
from smsgate.gateway.replies import pruning
from smsgate.gateway.replies.worker import Replies
from smsgate.gateway.reports.happenings import Report, Swept, nobody
from smsgate.gateway.settings import Role, Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ROUND = 1.0  # seconds between two looks at what is due
_SWEEP = 600.0  # seconds between two looks for what is too old
_PATIENCE = 30.0  # seconds for the logs at the end
_LOT = 1000  # messages in one transaction
_LOTS = 20  # transactions of one kind in one look
_LONGEST = 500  # characters of a problem
_ERASED, _PRUNED = erasing.Erased(0, 0), retention.Pruned(0, 0)
_T = TypeVar("_T")


class Housekeeping:
    """``wake`` is called when messages became due; ``tell`` gets what goes wrong, once.

    ``problems`` says why a route sends nothing, by its name; commands see it. ``escalate`` moves
    messages to other routes, and says how many. ``beat`` says which routes are bound here.

    What fails is tried again in the next round: the gateway goes on meanwhile.
    """

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        database: Database,
        history: HistoryWriter,
        folders: AccountFolders,
        settings: Settings,
        *,
        wake: Callable[[], object],
        tell: Callable[[str], object],
        problems: Callable[[], Mapping[str, str]] = dict,
        escalate: Callable[[], Awaitable[int]] | None = None,
        beat: Callable[[], Awaitable[object]] | None = None,
        node: Standing | None = None,
        report: Report = nobody,
    ) -> None:
        self._escalate, self._beat = escalate, beat
        self._report = report
        self._database = database
        self._history = history
        self._folders = folders
        self._settings = settings
        self._replies = Replies(database, settings)
        self._reply_log = ReplyLog(
            *(database, folders, settings.limits),
            node=node,
            home=settings.node.home,
            guard=settings.storage / layout.GUARD,
        )
        self._wake = wake
        self._tell = tell
        self._told: dict[str, str] = {}  # problems by kind of work
        self._problems = problems
        self._published: Mapping[str, str] = {}
        self._node = node or Alone()

    def renew(self, settings: Settings) -> None:
        """Take other settings; the problems of routes are published anew."""
        self._settings, self._published = settings, {}
        self._replies.renew(settings)
        self._reply_log.renew(settings.limits)

    async def begin(self) -> None:
        """Do all that is due, before anything is sent; tell what waits for a decision."""
        await self._match_all()
        while await self.look():
            pass
        for line in await self._database.run(lambda conn: [*warnings.of_unknown(conn)]):
            self._tell(line)

    async def run(self) -> None:
        """Look again and again."""
        async with asyncio.TaskGroup() as tasks:
            if self._beat:
                tasks.create_task(self._again("beat", self._beat))
            tasks.create_task(self._again("receipts", self._match_all))
            tasks.create_task(self._rounds())

    async def _again(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do what must be done in time, and so is not behind other work."""
        while True:
            await self._try(name, work)
            await asyncio.sleep(_ROUND)

    async def _rounds(self) -> None:
        loop = asyncio.get_running_loop()
        clock = retention.Clock(databases.now())
        swept = loop.time() - _SWEEP
        while True:
            has_more = await self._try("queue", self.look)
            await self._try("escalation", self._move_on)
            await self._try("routes", self._publish)
            await self._try("replies", self._replies.look)
            if Role.FTP in self._settings.node.roles:  # whose storage it has
                await self._try("logs", self._write)
                await self._try("mo.log", self._write_replies)
            if loop.time() - swept >= _SWEEP:
                swept = loop.time()
                await self._try("old files", lambda: self._sweep(clock(databases.now())))
            await asyncio.sleep(0 if has_more else _ROUND)

    async def _try(self, name: str, work: Callable[[], Awaitable[_T]]) -> _T | None:
        """Do some work; its problem is told once, and again when it is another."""
        found, problem = None, ""
        try:
            found = await work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next round may succeed
            problem = said(error)
        if problem and problem != self._told.get(name):
            self._tell(f"{name}: {problem}")
        self._told[name] = problem
        return found

    async def _write(self) -> None:
        await self._history.write(databases.now())
        if self._history.problem:
            raise OutboxError(self._history.problem)

    async def _write_replies(self) -> None:
        await self._reply_log.write(databases.now())
        if self._reply_log.problem:
            raise OutboxError(self._reply_log.problem)

    async def look(self) -> bool:
        """Expire what is over its validity, then let wait what is due: nothing leaves late.

        Some lots of it, since other work waits meanwhile; returns whether there may be more.
        """
        if (await self._some(expiry.expire))[1]:
            return True
        count, has_more = await self._some(picking.promote)
        if count:
            self._wake()
        return has_more

    async def _match_all(self) -> None:
        for route in self._settings.routes:
            await self._database.run(partial(self._match, route.name))

    async def _move_on(self) -> None:
        if self._escalate and await self._escalate():
            self._wake()

    async def _publish(self) -> None:
        """Keep the routes' problems in the database, where they have changed."""
        found = {name: shortened(one, _LONGEST) for name, one in self._problems().items()}
        changed = {name: one for name, one in found.items() if one != self._published.get(name, "")}
        if changed:
            await self._database.run(partial(routes.publish, found=changed))
        self._published = found

    async def finish(self) -> None:
        """Write what the logs lack; what takes too long is written after the next start."""
        if Role.FTP not in self._settings.node.roles:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while await self._history.write(databases.now()):
                    pass
                await self._replies.look()
                while await self._reply_log.write(databases.now()):
                    pass
        self._reply_log.close()

    async def _some(self, work: Callable[[Connection, float, int], int]) -> tuple[int, bool]:
        """Lots of some work; how many messages it changed, and whether there may be more."""
        total = 0
        for _ in range(_LOTS):
            count = await self._database.run(partial(self._lot, work, databases.now()))
            if not count:
                return total, False
            total += count
        return total, True

    async def _sweep(self, now: float) -> None:
        keep, home = self._settings.limits.keep, self._settings.node.home
        has_storage = Role.FTP in self._settings.node.roles
        if has_storage and await self._database.run(
            lambda conn: self._does(conn, duties.FOLDERS + home)
        ):
            await self._sweep_folders(now, keep)
        texts = await self._erase(now)
        rows = await self._prune(now)
        over = self._settings.http.sessions
        rows += await self._all_old(partial(sessions.prune, limits=over, now=now))
        if texts or rows:
            self._report(Swept(texts, rows))

    async def _sweep_folders(self, now: float, keep: float) -> None:
        folders = await asyncio.to_thread(self._folders.all)
        await self._history.sweep(folders, now)
        for spool in layout.spools(self._settings):
            await retention.sweep_spool(self._database, spool, now, keep)

    async def _erase(self, now: float) -> int:
        """Erase old texts, which go first; how many."""
        since = now - self._settings.limits.texts
        texts = await self._all_old(partial(erasing.erase_replies, since=since))
        after = 0
        while True:
            work = partial(erasing.erase, since=since, after=after)
            done = await self._old(work, _ERASED)
            texts, after = texts + done.texts, done.file
            if not after:
                return texts

    async def _prune(self, now: float) -> int:
        """Delete old rows; how many. What shows that a file comes again stays as long as needed."""
        limits, after = self._settings.limits, 0
        older = limits.messages
        rows = await self._all_old(
            partial(pruning.prune, now=now, reply_parts=limits.reply_parts, older=older)
        )
        if limits.events < limits.messages:
            events = partial(retention.prune_events, since=now - limits.events)
            while after := await self._old(partial(events, after=after), 0):
                pass
        older = max(older, limits.repeat)
        while True:
            work = partial(retention.prune, now=now, older=older, after=after)
            done = await self._old(work, _PRUNED)
            rows, after = rows + done.rows, done.file
            if not after:
                return rows

    async def _all_old(self, work: Callable[[Connection], int]) -> int:
        """All lots of some work on what is too old; how many rows."""
        total = 0
        while count := await self._old(work, 0):
            total += count
        return total

    async def _old(self, work: Callable[[Connection], _T], nothing: _T) -> _T:
        """Do a lot of such work if it is for this node."""
        return await self._database.run(
            lambda conn: work(conn) if self._does(conn, duties.SWEEP) else nothing
        )

    # --- Transactions of work that one node does for all ------------------------------------------

    def _lot(
        self, work: Callable[[Connection, float, int], int], now: float, conn: Connection
    ) -> int:
        return work(conn, now, _LOT) if self._does(conn, duties.QUEUE) else 0

    def _match(self, route: str, conn: Connection) -> None:
        """Receipts that one node kept at the same moment as another the answer before them."""
        if self._does(conn, duties.QUEUE):
            receipts.match_waiting(conn, route, databases.now())

    def _does(self, conn: Connection, duty: str) -> bool:
        node = self._node.id
        return node is None or duties.holds(conn, duty, node)

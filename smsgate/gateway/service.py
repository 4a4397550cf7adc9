"""The whole gateway, or a node of it: FTP server, intake, queue, senders, logs, by its roles.

They are started in order and ended in the reverse.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from smsenc import OptionError
from smsgate.errors import OutboxError, reason
from smsgate.gateway import accounts, database, draining, healthz, layout, routes, users
from smsgate.gateway.accounts import FtpLogIns, New
from smsgate.gateway.callbacks import targets
from smsgate.gateway.callbacks import worker as callbacks
from smsgate.gateway.database import Database
from smsgate.gateway.databases import versions
from smsgate.gateway.databases.opening import opened
from smsgate.gateway.folders import AccountFolders
from smsgate.gateway.ftp import certificate
from smsgate.gateway.ftp.server import FtpServer
from smsgate.gateway.housekeeping import Housekeeping
from smsgate.gateway.http import HttpServer, MakePages
from smsgate.gateway.intake.intake import Intake
from smsgate.gateway.intake.shift import shift_of
from smsgate.gateway.intake.taking import Spool
from smsgate.gateway.logs import lots
from smsgate.gateway.logs.history import HistoryWriter
from smsgate.gateway.nodes import duties, leases
from smsgate.gateway.nodes.membership import Membership
from smsgate.gateway.passwords import Verifier
from smsgate.gateway.reloading import Plan, Reloader
from smsgate.gateway.reports import running
from smsgate.gateway.reports.exposition import Gauge, Metrics
from smsgate.gateway.reports.figures import Figures
from smsgate.gateway.reports.happenings import Draining, Report, nobody, telling, to_all
from smsgate.gateway.routing import health
from smsgate.gateway.routing.escalation import Escalation
from smsgate.gateway.routing.reroute import rerouted
from smsgate.gateway.routing.ways import ways_of
from smsgate.gateway.sending.fleet import Fleet
from smsgate.gateway.settings import Role, Settings
from smsgate.gateway.users import NewUser
from smsgate.outbox.lock import lock

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.types import ASGIApp

_LOOK = 0.5  # seconds between two looks whether the end is asked for


class Gateway:
    """``async with Gateway(settings) as gateway``: runs, with ``ftp`` and ``http`` listening.

    They are None for a node without these roles.
    ``account`` is the account that this start made, with its passwords, None if there were some;
    ``admin`` is the same for a user of the pages. ``tell`` gets what goes wrong, one line each,
    ``report`` what happens. ``inside`` is the API of a simulator, which has no log-in: it is not
    served where others reach it. ``pages`` makes the pages. ``load`` reads the settings again
    for ``reload``; it raises OptionError. All routes must have their ``smsc``.
    """

    ftp: tuple[str, int] | None = None
    http: tuple[str, int] | None = None
    account: New | None = None
    admin: NewUser | None = None

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        settings: Settings,
        *,
        tell: Callable[[str], object] = lambda _: None,
        inside: ASGIApp | None = None,
        pages: MakePages | None = None,
        report: Report = nobody,
        load: Callable[[], Settings] | None = None,
    ) -> None:
        self._settings = settings
        self._load = load
        self._figures = Figures()
        self._report = to_all(self._figures, report)
        self._tell = telling(tell, report)
        self._inside, self._pages = inside, pages
        self._http: HttpServer | None = None
        self._ends = AsyncExitStack()
        self._ways = ways_of(settings.routes)
        self._intake: Intake | None = None
        self._server: FtpServer | None = None
        self._log_ins: FtpLogIns | None = None
        self._callbacks: callbacks.Worker | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as ends:
            await self._start(ends)
            self._ends = ends.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._ends.aclose()

    def shown(self) -> running.Running:
        """What its pages look at, once it has started."""
        return running.Running(self._database, lambda: self._settings, self._fleet)

    async def ended(self) -> None:
        """Wait until ``smsenc gateway drain`` asked for the end, and all that is due is sent.

        Raises the error of a part of the gateway that ended by itself.
        """
        await asyncio.shield(self._ended)

    # --- Start and end, in this order and its reverse --------------------------------------------

    async def _start(self, ends: AsyncExitStack) -> None:
        wanted = self._settings
        _hold(wanted.data, ends)
        self._database: Database = opened(wanted, make=True)
        ends.callback(self._database.close)
        await self._join(ends)
        await self._database.run(self._prepare)
        await rerouted(self._database, self._ways)
        escalation = Escalation(self._database, lambda: self._ways)
        folders = self._folders = AccountFolders(self._database, wanted)
        history = self._history = HistoryWriter(
            self._database,
            folders,
            wanted.limits,
            node=self._node,
            home=wanted.node.home,
            guard=wanted.storage / layout.GUARD,
            report=self._report,
        )
        ends.callback(history.close)
        keeping = self._keeping = Housekeeping(
            self._database,
            history,
            folders,
            wanted,
            wake=self._fleet.wake,
            tell=self._tell,
            problems=self._fleet.problems,
            escalate=lambda: escalation.look(self._fleet.bound()),
            beat=lambda: escalation.beat(self._fleet.bound()),
            node=self._node,
            report=self._report,
        )
        ends.push_async_callback(keeping.finish)
        await keeping.begin()
        await self._start_roles(keeping, ends)
        self._watch(self._drain_if_asked(), ends)
        # Last: its passwords are shown once, so nothing may fail between.
        self.account, self.admin = await self._database.run(self._first)

    async def _start_roles(self, keeping: Housekeeping, ends: AsyncExitStack) -> None:
        roles = self._settings.node.roles
        certificate.prepare(self._settings, database.now())
        if Role.CALLBACK in roles:
            self._start_callbacks(ends)
        if Role.SEND in roles:
            ends.push_async_callback(self._fleet.close)
            await self._fleet.start()
        self._watch(keeping.run(), ends)
        if Role.FTP in roles:
            self._start_intake(ends)
        if Role.WEB in roles:
            self._serve_http(ends)
        self._reloader = Reloader(
            *(self._database, self._settings, self._load, self._renew),
            *(self._report, self._tell, self._node),
        )
        self._watch(self._reloader.run(), ends)

    async def _join(self, ends: AsyncExitStack) -> None:
        """Be a node; what nodes left that have ended is decided."""
        wanted = self._settings
        self._node = Membership(
            self._database, wanted.node, wanted.policies, self._tell, self._recall
        )
        parts = (self._database, wanted.routes, self._tell, self._node)
        self._fleet = Fleet(*parts, lambda: self._ways, self._report)
        await self._node.join()
        ends.push_async_callback(self._node.leave)
        self._watch(self._node.run(), ends)

    def _first(self, conn: Connection) -> tuple[New | None, NewUser | None]:
        """What an empty gateway gets; of nodes that start together, one makes it."""
        if not duties.holds(conn, duties.ACCOUNTS, self._node.id):
            return None, None
        return accounts.first(conn, database.now()), users.first(conn, database.now())

    def _prepare(self, conn: Connection) -> None:
        versions.hold(conn)
        if not leases.others(conn, self._node.id):
            draining.forget(conn)
        if Role.FTP in self._settings.node.roles:
            lots.begin(conn, self._settings.node.home)
        self._configure(conn, [one.name for one in self._settings.routes])

    def _configure(self, conn: Connection, opened: list[str]) -> None:
        """Have in the database what others ask of the settings; ``opened`` routes begin."""
        if names := [one.name for one in self._settings.routes]:
            routes.configure(conn, names)
            health.begin(conn, opened, database.now())
        callbacks.prepare(conn, targets.of(self._settings))

    def _start_callbacks(self, ends: AsyncExitStack) -> None:
        """Call the URLs of accounts; raises OptionError if ``ca_file`` cannot be used."""
        wanted = self._settings
        try:
            worker = self._callbacks = callbacks.Worker(
                *(self._database, targets.of(wanted), wanted.callback),
                node=self._node,
                report=self._report,
            )
        except OSError as error:
            raise OptionError(reason(error), name="[callback] ca-file") from error
        self._watch(worker.run(), ends)
        ends.push_async_callback(worker.close)

    def _start_intake(self, ends: AsyncExitStack) -> None:
        """The intake runs until the FTP server has ended."""
        wanted, verifier = self._settings, Verifier()
        shift, part = shift_of(self._database, self._node, wanted, ends)
        self._intake = Intake(
            self._database,
            wanted,
            Spool(wanted.storage, part, wanted.node.home),
            tell=self._tell,
            on_accepted=self._fleet.wake,
            verifier=verifier,
            shift=shift,
            report=self._report,
        )
        self._watch(self._intake.run(), ends)
        log_ins = self._log_ins = FtpLogIns(self._database, wanted, verifier)
        self._server = FtpServer(wanted.ftp, wanted.data, log_ins, self._intake, self._tell)
        self.ftp = self._server.start()
        ends.callback(self._server.close)

    def _serve_http(self, ends: AsyncExitStack) -> None:
        metrics = Metrics(self._figures, self._database, self._gauges)
        pages = self._pages(self.shown(), self._tell) if self._pages else None
        server = self._http = HttpServer(self._settings)
        self.http = server.start(self.health, self._inside, metrics.text, pages, ends)

    def _watch(self, work: Coroutine[object, object, None], ends: AsyncExitStack) -> None:
        """Run a part of the gateway until ``ends``."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._on_end)
        ends.push_async_callback(_cancel, task)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) and not self._ended.done():
            self._ended.set_exception(error)

    # --- While it runs ---------------------------------------------------------------------------

    def _recall(self) -> None:
        self._fleet.recall()

    def _gauges(self) -> list[Gauge]:
        server = self._server
        return [
            *running.of_routes(self._fleet.stats(), self._fleet.problems()),
            *(running.of_ftp(server.connections, server.running) if server else ()),
            *running.of_database(self._database.path, self._database.problem),
        ]

    def health(self) -> dict[str, object]:
        """What ``/healthz`` says: ``reports.health``."""
        return healthz.look(
            self._database, self._fleet, sends=Role.SEND in self._settings.node.roles
        )

    async def _is_idle(self) -> bool:
        """Whether there are no uploads, no files to read, and no messages that are due."""
        if (self._server and self._server.running) or (
            self._intake and self._intake.has_uncommitted
        ):
            return False
        return await self._database.run(self._may_end)

    def _may_end(self, conn: Connection) -> bool:
        if not draining.is_idle(conn):
            return False
        sends = Role.SEND in self._settings.node.roles
        return not (sends and leases.must_serve(conn, self._node.id))

    async def _drain_if_asked(self) -> None:
        """End when all is sent, once ``smsenc gateway drain`` has asked for it."""
        while not await self._database.run(draining.is_asked):  # noqa: ASYNC110 - by another process
            await asyncio.sleep(_LOOK)
        self._report(Draining())
        if self._server and self._intake:
            self._server.quiesce()
            self._intake.quiesce()
        while not await self._is_idle():  # noqa: ASYNC110 - as above
            await asyncio.sleep(_LOOK)
        if not self._ended.done():
            self._ended.set_result(None)

    # --- Other settings --------------------------------------------------------------------------

    async def reload(self) -> None:
        """Read the settings again, and use them; what is wrong changes nothing, and is told."""
        await self._reloader.reload()

    async def _renew(self, plan: Plan) -> None:
        settings = plan.settings
        if self._http:
            self._http.renew()  # first these: they may refuse the certificate
        if self._server:
            self._server.renew(settings.ftp)
        self._settings, self._ways = settings, ways_of(settings.routes)
        self._node.renew(settings.policies)
        for part in (self._folders, self._log_ins, self._intake, self._keeping):
            if part:
                part.renew(settings)
        self._history.renew(settings.limits)
        if self._callbacks:
            self._callbacks.configure(targets.of(settings))
        opened = [one for one in plan.opened if one not in plan.closed]
        await self._database.run(partial(self._configure, opened=opened))
        if Role.SEND in settings.node.roles:
            await self._fleet.renew(settings.routes)
        await rerouted(self._database, self._ways)
        self._fleet.wake()


def _hold(folder: Path, ends: AsyncExitStack) -> None:
    """Make the gateway's folder, and hold it while it runs; raises OutboxError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ends.enter_context(lock(folder, "another gateway uses this folder"))
    except OSError as error:
        raise OutboxError(f"cannot use the folder {folder}: {reason(error)}") from error


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])  # ``_on_end`` has its error

"""The senders of all routes of a node; a route with one bind has its sender on one node only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from smsgate.gateway import database as databases
from smsgate.gateway.database import Database
from smsgate.gateway.nodes.membership import Standing
from smsgate.gateway.reports.happenings import Report, nobody
from smsgate.gateway.routing import health
from smsgate.gateway.routing.ways import Ways
from smsgate.gateway.sending.meter import Stats
from smsgate.gateway.sending.sender import Sender
from smsgate.gateway.sending.settling import settle
from smsgate.gateway.sending.standby import Standby
from smsgate.gateway.settings import Binds, RouteSettings
from smsgate.gateway.states import RouteState


class Fleet:
    """All routes must have their ``smsc``; ``tell`` gets lines for people.

    ``ways`` are all routes, for what one refuses.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it works with
        self,
        database: Database,
        routes: tuple[RouteSettings, ...],
        tell: Callable[[str], object],
        node: Standing,
        ways: Callable[[], Ways],
        report: Report = nobody,
    ) -> None:
        self._database, self._routes, self._tell, self._node = database, routes, tell, node
        self._ways, self._report = ways, report
        self._senders: dict[str, Sender] = {}
        self._standbys: dict[str, Standby] = {}

    async def start(self) -> None:
        """Start the senders one after another."""
        await self._begin([one.name for one in self._routes])
        for route in self._routes:
            await self._add(route)

    async def _begin(self, names: Collection[str]) -> None:
        """Give routes the time to be bound: it counts from now, whatever took long before."""
        if names:
            await self._database.run(partial(health.begin, names=names, now=databases.now()))

    async def _add(self, route: RouteSettings) -> None:
        if route.binds is Binds.ONE and not self._node.is_alone:
            self._standbys[route.name] = Standby(
                self._database, route, self._make, self._node, self._tell
            )
            self._standbys[route.name].start()
            self._senders.pop(route.name, None)
        else:
            self._senders[route.name] = await self._make(route)
            self._standbys.pop(route.name, None)

    async def _make(self, route: RouteSettings) -> Sender:
        assert route.smsc is not None, route.name  # noqa: S101 - see the class
        sender = Sender(
            *(self._database, route, route.smsc, self._tell, self._node),
            ways=self._ways,
            report=self._report,
        )
        await sender.start()
        return sender

    async def close(self) -> None:
        """End them together, because each may wait for answers."""
        senders = (one.close() for one in self._senders.values())
        await asyncio.gather(*senders, *(one.close() for one in self._standbys.values()))

    # --- Other routes ----------------------------------------------------------------------------

    async def renew(self, routes: tuple[RouteSettings, ...]) -> None:
        """Have these routes: those that are the same stay connected, others end or begin."""
        before, after = self._routes, routes
        self._routes = routes
        names = {one.name for one in after}
        await asyncio.gather(*(self._end(one) for one in before if one not in after))
        for name in {one.name for one in before} - names:
            self._standbys.pop(name, None)
            self._senders.pop(name, None)
        await self._begin(names - {one.name for one in before})
        for route in after:
            if route not in before:  # one that has changed is shown until its next one is there
                await self._add(route)

    async def _end(self, route: RouteSettings) -> None:
        """End a sender after the answers to what it has sent; this node goes on without it."""
        known: frozenset[int] = frozenset()
        if standby := self._standbys.get(route.name):
            sender = await standby.close()
            left = standby.left
        else:
            sender = self._senders[route.name]
            await sender.close()
            left = sender.unrecorded
        if sender:
            known = sender.known
        name, node = route.name, self._node.id
        mine = None if node is None else known
        await self._database.run(lambda conn: settle(conn, name, node, left, mine, databases.now()))

    # --- What runs -------------------------------------------------------------------------------

    def _running(self) -> Iterator[tuple[str, Sender]]:
        yield from self._senders.items()
        yield from ((name, one.sender) for name, one in self._standbys.items() if one.sender)

    def wake(self) -> None:
        """There may be something new to send."""
        for _, sender in self._running():
            sender.wake()

    def recall(self) -> None:
        """Give back what has not left, because other nodes may take this one for lost."""
        for _, sender in self._running():
            sender.recall()

    def problems(self) -> dict[str, str]:
        """Why a route sends nothing, by its name."""
        return {name: sender.problem for name, sender in self._running()}

    def stats(self) -> dict[str, Stats]:
        """What each sender does, by its route."""
        return {name: sender.stats for name, sender in self._running()}

    @property
    def works(self) -> bool:
        """Whether a route is bound here, or all are left to other nodes."""
        running = [sender for _, sender in self._running()]
        return any(one.stats.bound for one in running) or not (running or not self._routes)

    def bound(self) -> list[str]:
        """The routes that are bound here."""
        return [name for name, sender in self._running() if sender.stats.bound]

    def health(
        self, states: Mapping[str, RouteState], broken: Collection[str]
    ) -> dict[str, dict[str, Any]]:
        """What each sender does."""
        return {
            name: asdict(sender.stats)
            | {"paused": states.get(name) is RouteState.PAUSED, "broken": name in broken}
            | {"problem": sender.problem}
            for name, sender in self._running()
        }

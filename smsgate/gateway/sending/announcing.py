"""A transaction of a sender: how messages have ended is recorded, and the next are announced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from smsgate.gateway import database as databases
from smsgate.gateway import tables
from smsgate.gateway.nodes import leases
from smsgate.gateway.queue import pacing, picking
from smsgate.gateway.queue.outcomes import Outcome
from smsgate.gateway.queue.pacing import Grant
from smsgate.gateway.queue.picking import Due
from smsgate.gateway.queue.rerouting import Moved
from smsgate.gateway.routing import onward
from smsgate.gateway.routing.breaker import Tally
from smsgate.gateway.routing.ways import Ways
from smsgate.gateway.sending.gate import Gate
from smsgate.gateway.sending.settling import settle
from smsgate.gateway.settings import ALL_FEATURES, RouteSettings


@dataclass(frozen=True, slots=True, eq=False)
class Announced:
    """What was announced as which node, and content that is new to the sender.

    ``trial`` is a message that decides for the breaker of the route whether others follow.
    ``wait`` is how many seconds it has to wait; without messages, until the next try. With a
    ``rate`` over all nodes, it has its time, in which others do not send.
    """

    lot: Sequence[Due] = ()
    trial: int | None = None
    contents: dict[int, str] = field(default_factory=dict)
    node: int | None = None
    wait: float = 0.0
    rate: float | None = None

    @property
    def parts(self) -> int:
        """Parts, with those that are accepted already."""
        return sum(one.parts for one in self.lot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What a sender wants done: ``ended`` recorded, and up to ``parts`` announced as ``node``.

    ``gate`` and ``tally`` are what its breaker does and was told, ``ways`` all routes. ``after``
    is the account of the last message before, ``rate`` that over all nodes, and
    ``missing`` tells which of some files' contents the sender lacks. ``known`` are the messages
    that it has, if it does not know whether its last transaction was kept.
    """

    route: RouteSettings
    gate: Gate
    ways: Callable[[], Ways]
    ended: Sequence[Outcome]
    tally: Tally
    parts: int
    after: int
    node: int | None
    rate: float | None
    missing: Callable[[Iterable[int]], set[int]]
    known: frozenset[int] | None = None

    def work(self, conn: Connection) -> Announced:
        """The transaction; a node that was declared lost announces nothing.

        It holds the row of its node, then that of its route, then accounts, then messages: as all
        do, so that no two wait for each other.
        """
        now, name = databases.now(), self.route.name
        grant = self._granted(conn)
        self.gate.record(conn, self.tally, now)
        if self.ended or self.known is not None:
            settle(conn, name, self.node, self.ended, self.known, now, self._onward)
        if not grant.parts:
            return Announced(wait=grant.wait)
        lacking = ALL_FEATURES & ~self.route.features
        lot, trial = self.gate.pick(
            conn,
            grant.parts,
            now,
            lambda most: picking.pick(conn, name, most, now, self.after, lacking, self.node),
        )
        if self.rate:
            pacing.use(conn, name, self.rate, grant, sum(one.parts for one in lot))
        contents = _contents(conn, self.missing({one.file for one in lot}))
        return Announced(lot, trial, contents, self.node, grant.wait, self.rate)

    def _onward(self, conn: Connection, messages: Sequence[int], now: float) -> Mapping[int, Moved]:
        return onward.refused(conn, self.ways(), messages, now)

    def _granted(self, conn: Connection) -> Grant:
        if not self.parts or (self.node is not None and not leases.is_alive(conn, self.node)):
            return Grant(0)
        if self.rate:
            return pacing.ask(conn, self.route.name, self.rate, self.parts)
        return Grant(self.parts)


def _contents(conn: Connection, files: set[int]) -> dict[int, str]:
    """The JSON of files."""
    if not files:
        return {}
    table = tables.file
    rows = conn.execute(select(table.c.id, table.c.content).where(table.c.id.in_(files)))
    return {row[0]: row[1] for row in rows}

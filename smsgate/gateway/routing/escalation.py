"""Messages that wait too long for their route, or whose route is down, move on to another one.

    escalation = Escalation(database, lambda: ways)
    await escalation.look(bound)          # every second
    await escalation.beat(bound)          # every second as well, however long the looks take

A message that escalates moves on by rising price after its route's ``after`` seconds. When a route
is down, those that escalate move to any route that is up, others to one of the same price. Each
moves in its own time: so it ends, since a route that is up is only left for a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, literal_column, tuple_

from smsgate.gateway import database as databases
from smsgate.gateway.database import Database
from smsgate.gateway.queue import rerouting
from smsgate.gateway.queue.rerouting import WHOLE, Moved, Waiting
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.routing import health, onward
from smsgate.gateway.routing.health import Health
from smsgate.gateway.routing.ways import Way, Ways
from smsgate.gateway.states import State
from smsgate.gateway.tables import message
from smsgate.gateway.tables.messages import ESCALATES

LOT = 500  # messages in one transaction
_LOTS = 10  # transactions of one look at a route
_Start = tuple[float, ...]  # the key of the last message that was seen, or empty


class Step(NamedTuple):
    """What one transaction has done: how many were moved, and where the next one begins.

    ``end`` is empty when all were seen.
    """

    moved: int
    end: _Start


class Situation(NamedTuple):
    """All routes, and how they are."""

    ways: Ways
    health: Health
    now: float


def impatient(conn: Connection, at: Situation, way: Way, start: _Start) -> Step:
    """Move some of those that escalate; ``start`` is where the step before has ended."""
    is_down = way.name in at.health.down
    columns = message.c
    key = (columns.routed, columns.id)
    since = at.now if is_down else at.now - way.after
    condition: ColumnElement[bool] = literal_column(ESCALATES)
    conditions = (condition, columns.routed <= since)
    rows = _read(conn, way, key, start, conditions)
    moved = _moved(conn, at, rows, back=is_down)
    return Step(moved, (rows[-1].routed, rows[-1].message) if len(rows) == LOT else ())


def stranded(conn: Connection, at: Situation, way: Way, start: _Start) -> Step:
    """Move some of the others, whose route is down, to one of the same price."""
    if way.name not in at.health.down or not _has_equal(at, way):
        return Step(0, ())
    columns = message.c
    key = (columns.account, columns.queue, columns.id)
    conditions = (state_is(State.WAITING), columns.escalates == 0)
    rows = _read(conn, way, key, start, conditions)
    moved = _moved(conn, at, rows, back=True)
    last = rows[-1] if len(rows) == LOT else None
    return Step(moved, (last.account, last.queue, last.message) if last else ())


def _has_equal(at: Situation, way: Way) -> bool:
    return any(one.price == way.price and one.name in at.health.up for one in at.ways.all)


def _read(
    conn: Connection,
    way: Way,
    key: Sequence[Any],
    start: _Start,
    conditions: Sequence[Any],
) -> list[Waiting]:
    query: Select[Any] = rerouting.selected().where(message.c.way == way.name, *conditions, WHOLE)
    if start:
        query = query.where(tuple_(*key) > tuple_(*start))
    return [rerouting.row(one) for one in conn.execute(query.order_by(*key).limit(LOT))]


def _moved(conn: Connection, at: Situation, waiting: Sequence[Waiting], *, back: bool) -> int:
    known = onward.senders(conn, waiting)
    moved = [
        Moved(one.message, name, at.now, one.tried)
        for one in waiting
        if (name := onward.next_way(at.ways, one, known.of(one), among=at.health.up, back=back))
    ]
    rerouting.write(conn, moved)
    return len(moved)


_WORK = (impatient, stranded)


class Escalation:
    """Of all routes; what it has seen in vain is seen again after all others of its route."""

    def __init__(self, database: Database, ways: Callable[[], Ways]) -> None:
        self._database, self._ways = database, ways
        self._starts: dict[tuple[int, str], _Start] = {}
        self._told = 0.0

    async def look(self, bound: Collection[str]) -> int:
        """Move what must move, and say which routes this process is bound to.

        Returns how many messages were moved. With one route there is nothing to do.
        """
        ways = self._ways()
        if len(ways.all) < 2:
            return 0
        now = databases.now()
        await self.beat(bound)
        found = await self._database.run(lambda conn: health.look(conn, ways, now))
        at, total = Situation(ways, found, now), 0
        for way in ways.all:
            for kind in range(len(_WORK)):
                total += await self._walk(at, way, kind)
        return total

    async def beat(self, bound: Collection[str]) -> None:
        """Say which routes this process is bound to, if it is time; with one route it never is."""
        now = databases.now()
        if len(self._ways().all) < 2 or 0 <= now - self._told < health.BEAT:
            return
        for name in sorted(bound):  # each by itself: who holds one must not wait for another
            await self._database.run(partial(health.beat, bound=[name], now=now))
        self._told = now

    async def _walk(self, at: Situation, way: Way, kind: int) -> int:
        key, total = (kind, way.name), 0
        for _ in range(_LOTS):
            start = self._starts.get(key, ())
            work = partial(_WORK[kind], at=at, way=way, start=start)
            step = await self._database.run(work)
            self._starts[key] = step.end
            total += step.moved
            if not step.end:
                break
        return total

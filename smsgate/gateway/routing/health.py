"""Which routes are down, by what their senders say in the database, so that it holds for all."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from smsgate.gateway.routing.ways import Ways
from smsgate.gateway.states import RouteState
from smsgate.gateway.tables import route

#: Seconds between two words of a sender that it is bound.
BEAT = 2.5
#: Seconds without one after which a route is down: longer than a message centre needs to restart
#: a connection. A route that is paused has none either.
DOWN = 10.0


def beat(conn: Connection, bound: Collection[str], now: float) -> None:
    """Say that this process is bound to these routes; paused ones do not count."""
    if bound:
        is_open = route.c.state == RouteState.OPEN
        here = (route.c.name.in_(sorted(bound)), is_open, route.c.served < now)
        conn.execute(update(route).where(*here).values(served=now))


def begin(conn: Connection, names: Collection[str], now: float) -> None:
    """Give routes the time to be bound at the start."""
    conn.execute(update(route).where(route.c.name.in_(sorted(names))).values(served=now))


class Health(NamedTuple):
    """Routes that messages may move to, and those that they leave.

    One whose breaker waits for a trial is neither.
    """

    up: frozenset[str]
    down: frozenset[str]


def look(conn: Connection, ways: Ways, now: float) -> Health:
    """The health of all routes; one that is not bound, paused or broken is down."""
    query = select(route.c.name, route.c.served, route.c.broken)
    found = {name: (served > now - DOWN, broken) for name, served, broken in conn.execute(query)}
    served = {name for name, (is_served, _) in found.items() if is_served}
    return Health(
        frozenset(name for name in served if not found[name][1]),
        frozenset(
            way.name for way in ways.all if way.name not in served or found[way.name][1] > now
        ),
    )

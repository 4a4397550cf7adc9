"""A route's rate over all nodes: ``route.paced`` is the time until which it is given out.

A node locks the route, takes a short time of it for the parts that it announces, and sends them in
that time. So all nodes together send no more than the rate, whichever of them has the messages.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select, update

from smsgate.gateway import clock
from smsgate.gateway.tables import route

#: Seconds ahead for which a rate is given out.
LEAD = 1.0


class Grant(NamedTuple):
    """How many parts may be announced, and after how many seconds the first may leave.

    Without parts it is when to ask again. ``start`` is the same on the clock of the database.
    """

    parts: int
    wait: float = 0.0
    start: float = 0.0


def ask(conn: Connection, name: str, rate: float, parts: int) -> Grant:
    """Lock a route, and find how many of the parts fit; call it before other rows are locked."""
    query = select(route.c.paced).where(route.c.name == name).with_for_update()
    paced = conn.execute(query).scalar()
    return granted(paced or 0.0, clock.moment(conn), rate, parts)


def granted(paced: float, now: float, rate: float, parts: int) -> Grant:
    """What fits until a second from ``now``; at a low rate one part at a time.

    A clock that was set back does not hold the route up.
    """
    start = max(now, paced) if paced < now + _longest(rate) else now
    ahead = start - now
    if ahead > LEAD / 2:
        return Grant(0, ahead - LEAD / 2)
    fit = max(int((LEAD - ahead) * rate), 1)
    return Grant(min(parts, fit), ahead, start)


def use(conn: Connection, name: str, rate: float, grant: Grant, parts: int) -> None:
    """Give out the time for as many parts as were announced."""
    if parts:
        paced = grant.start + parts / rate
        conn.execute(update(route).where(route.c.name == name).values(paced=paced))


def _longest(rate: float) -> float:
    """Seconds that one message of the most parts takes, and a second more."""
    return LEAD + 255 / rate

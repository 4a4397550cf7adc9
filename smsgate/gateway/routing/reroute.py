"""Messages that wait for a route which is not configured any more, or does not take them now.

    await rerouted(database, ways)       # at the start, and when the configuration has changed

They move to the cheapest route that takes them for what is reserved. Without one they wait until
their validity ends, or such a route is there.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_

from smsgate.gateway import database as databases
from smsgate.gateway.database import Database
from smsgate.gateway.queue import rerouting
from smsgate.gateway.queue.rerouting import WHOLE, Moved, Waiting
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.routing import onward
from smsgate.gateway.routing.ways import Ways
from smsgate.gateway.states import State
from smsgate.gateway.tables import message

LOT = 1000  # messages in one transaction


class Place(NamedTuple):
    """The last message that was seen."""

    expires: float
    message: int


class Step(NamedTuple):
    """What one transaction has done; ``end`` is None when all were seen."""

    moved: int
    end: Place | None


def reroute(
    conn: Connection, ways: Ways, now: float, after: Place | None = None, most: int = LOT
) -> Step:
    """Move some messages, in the order in which they expire."""
    columns = message.c
    key = (columns.expires, columns.id)
    of_all = select(*key).where(state_is(State.WAITING, State.DELAYED))
    query = rerouting.selected().where(state_is(State.WAITING, State.DELAYED), WHOLE)
    if after:
        of_all = of_all.where(tuple_(*key) > tuple_(*after))
        query = query.where(tuple_(*key) > tuple_(*after))
    seen = conn.execute(of_all.order_by(*key).limit(most)).all()
    if not seen:
        return Step(0, None)
    end = Place(*seen[-1])
    query = query.where(tuple_(*key) <= tuple_(*end)).order_by(*key)
    waiting = [rerouting.row(one) for one in conn.execute(query)]
    known = onward.senders(conn, waiting)
    moved = [
        Moved(one.message, name, max(now, one.routed), one.tried)
        for one in waiting
        if (name := _other(ways, one, known.of(one)))
    ]
    rerouting.write(conn, moved)
    return Step(len(moved), end if len(seen) == most else None)


def _other(ways: Ways, one: Waiting, sender: str | None) -> str | None:
    """The route that a message must move to; None if it stays."""
    if any(way.name == one.way for way in onward.fitting(ways, one, sender)):
        return None
    return onward.next_way(ways, one._replace(way=""), sender)


async def rerouted(database: Database, ways: Ways) -> int:
    """Look at all messages that wait; returns how many were moved."""
    total, step = 0, await _step(database, ways, None)
    while step.end:
        total, step = total + step.moved, await _step(database, ways, step.end)
    return total + step.moved


async def _step(database: Database, ways: Ways, after: Place | None) -> Step:
    return await database.run(partial(reroute, ways=ways, now=databases.now(), after=after))

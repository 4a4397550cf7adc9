"""To which route a message moves: never to one that refused it, or that costs more than reserved.

A message that escalates may go by any route that fits, others only by one of the same price.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from smsgate.gateway.queue import rerouting
from smsgate.gateway.queue.rerouting import Moved, Waiting
from smsgate.gateway.routing.ways import REPLIES, Way, Ways
from smsgate.gateway.tables import file

#: Which routes there are now.
Now = Callable[[], Ways]


class Senders(NamedTuple):
    """The senders of messages whose replies must come back, by file."""

    of_file: Mapping[int, str]

    def of(self, one: Waiting) -> str | None:
        """The sender of a message; None if it asks for no replies."""
        return self.of_file.get(one.file, "") if one.features & REPLIES else None


def senders(conn: Connection, waiting: Iterable[Waiting]) -> Senders:
    """The senders of those messages that ask for replies."""
    files = sorted({one.file for one in waiting if one.features & REPLIES})
    if not files:
        return Senders({})
    rows = conn.execute(select(file.c.id, file.c.content).where(file.c.id.in_(files)))
    return Senders({row[0]: _sender(row[1]) for row in rows})


def _sender(content: str) -> str:
    return str(json.loads(content).get("from", "")) if content else ""


def fitting(ways: Ways, one: Waiting, sender: str | None) -> tuple[Way, ...]:
    """The routes for a message in their order, whatever it costs."""
    return ways.fitting(one.features & ~REPLIES, sender).order(one.recipient)


def next_way(
    ways: Ways,
    one: Waiting,
    sender: str | None = None,
    *,
    among: Collection[str] | None = None,
    back: bool = True,
) -> str | None:
    """The route that a message moves to: the first other one in its order, None if there is none.

    ``among`` are the routes that it may move to, None for all; without ``back`` it does not move
    to one before its own.
    """
    order = fitting(ways, one, sender)
    names = [way.name for way in order]
    start = 0 if back or one.way not in names else names.index(one.way)
    own = next((way.price for way in ways.all if way.name == one.way), None)
    return next(
        (
            way.name
            for way in order[start:]
            if (among is None or way.name in among) and _may_have(way, one, own)
        ),
        None,
    )


def _may_have(way: Way, one: Waiting, own: int | None) -> bool:
    """Whether a route may have a message; ``own`` is the price of the one that it waits for."""
    if way.name in (one.way, *one.tried) or one.parts * way.price > one.charge:
        return False
    return bool(one.escalates) or own in (None, way.price)


def refused(conn: Connection, ways: Ways, messages: Sequence[int], now: float) -> dict[int, Moved]:
    """The moves of messages that their route has refused; those without another are not there."""
    waiting = rerouting.read(conn, messages)
    known = senders(conn, waiting)
    found = {}
    for one in waiting:
        way = next_way(ways, one, known.of(one))
        if way is not None:
            tried = tuple(dict.fromkeys((*one.tried, one.way)))
            found[one.message] = Moved(one.message, way, now, tried)
    return found

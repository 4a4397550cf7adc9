"""Messages that wait for a route, and their moves to another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, exists, or_, select

from smsgate.gateway.queue.statements import Among, Changed, changed
from smsgate.gateway.tables import message, part


class Waiting(NamedTuple):
    """What decides which route a message may go by; ``tried`` are those that refused it."""

    message: int
    account: int
    queue: int
    way: str
    routed: float
    recipient: str
    features: int
    parts: int
    charge: int
    escalates: int
    tried: tuple[str, ...]
    file: int


class Moved(NamedTuple):
    """The new route of a message, since when it waits for it, and all that refused it."""

    message: int
    way: str
    routed: float
    tried: tuple[str, ...]


_COLUMNS = (
    *(message.c.id, message.c.account, message.c.queue, message.c.way, message.c.routed),
    *(message.c.recipient, message.c.features, message.c.parts, message.c.charge),
    *(message.c.escalates, message.c.tried, message.c.file),
)
_TRIED = Waiting._fields.index("tried")
_READ = Among(message.c.id, select(*_COLUMNS).where)
_CHANGE: Changed = changed(message, "way", "routed", "tried")
#: No part of it is at a message centre: its parts must not go by different routes.
WHOLE = or_(message.c.attempts == 0, ~exists().where(part.c.message == message.c.id))


def selected() -> Select[*tuple[Any, ...]]:
    """A query of what ``row`` reads, for messages that nobody else changes meanwhile."""
    return select(*_COLUMNS).with_for_update(skip_locked=True)


def row(found: Sequence[Any]) -> Waiting:
    """A row of such a query."""
    one = Waiting._make(found)
    return one._replace(tried=tuple((found[_TRIED] or "").split()))


def read(conn: Connection, ids: Sequence[int]) -> list[Waiting]:
    """The messages with these ids, which this transaction has changed or locked."""
    return [row(one) for one in _READ(conn, ids)]


def write(conn: Connection, moved: Sequence[Moved]) -> None:
    """Make messages wait for other routes."""
    _CHANGE(
        conn,
        [
            (one.way, one.routed, "".join(f"{name} " for name in one.tried) or None, one.message)
            for one in moved
        ],
    )

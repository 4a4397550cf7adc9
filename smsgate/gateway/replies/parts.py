"""The parts of messages from phones, in the table ``inbound``, until all of them are there.

Parts belong together if they share a mark. A phone uses its references again: a part whose place is
taken by another one begins a new message, and a part goes to the newest message that lacks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, literal_column, select, update

from smsgate.gateway.replies.reading import Place
from smsgate.gateway.states import InboundState
from smsgate.gateway.tables import inbound

#: Messages with missing parts that one phone may have begun; the oldest is ended by the next.
MOST = 50
#: The condition of a partial index, word for word, without parameters.
_WAITS: ColumnElement[bool] = literal_column(f"inbound.state = '{InboundState.PART}'")
_NEW: ColumnElement[bool] = literal_column(f"inbound.state = '{InboundState.NEW}'")
_COLUMNS = (inbound.c.id, inbound.c.digest, inbound.c.lot, inbound.c.place, inbound.c.total)


class Part(NamedTuple):
    """A part that waits for the others."""

    id: int
    digest: str
    lot: int
    place: int
    total: int


def new(conn: Connection, most: int) -> list[Row[Any]]:
    """Rows that nobody has read, the oldest first."""
    return list(conn.execute(select(inbound).where(_NEW).order_by(inbound.c.id).limit(most)))


def put(conn: Connection, row: Row[Any], handset: str, place: Place) -> int | None:
    """Keep a new part; the lot that it completes, or None.

    A part that has come before is not kept twice.
    """
    waiting = _waiting(conn, place.mark)
    lot = _lot(waiting, place.sequence, row.digest)
    if lot is None:
        _set(conn, [row.id], state=InboundState.REPEATED, mark=place.mark)
        return None
    lot = lot or row.id
    values = {"mark": place.mark, "lot": lot, "place": place.sequence, "total": place.total}
    _set(conn, [row.id], state=InboundState.PART, handset=handset, **values)
    have = sum(part.lot == lot for part in waiting) + 1
    return lot if have == place.total else None


def _waiting(conn: Connection, mark: str) -> list[Part]:
    """The parts with a mark, those of the newest lot first."""
    query = select(*_COLUMNS).where(inbound.c.mark == mark, _WAITS)
    return [Part._make(row) for row in conn.execute(query.order_by(inbound.c.lot.desc()))]


def _lot(waiting: Sequence[Part], sequence: int, digest: str) -> int | None:
    """The lot of a part: 0 for a new one, None if it is there already."""
    taken = {part.lot: part.digest for part in waiting if part.place == sequence}
    if digest in taken.values():
        return None
    return next((part.lot for part in waiting if part.lot not in taken), 0)


def members(conn: Connection, lot: int) -> list[Row[Any]]:
    """The rows of a lot, by their places."""
    mark = select(inbound.c.mark).where(inbound.c.id == lot).scalar_subquery()
    query = select(inbound).where(inbound.c.mark == mark, inbound.c.lot == lot, _WAITS)
    return list(conn.execute(query.order_by(inbound.c.place)))


def overdue(conn: Connection, since: float, most: int) -> list[int]:
    """Lots whose first part came before a time, at most so many."""
    first = _WAITS, inbound.c.id == inbound.c.lot, inbound.c.time < since
    query = select(inbound.c.lot).where(*first).order_by(inbound.c.lot).limit(most)
    return [int(lot) for lot in conn.execute(query).scalars()]


def too_many(conn: Connection, handset: str) -> list[int]:
    """The oldest lots of a phone that has begun more than MOST."""
    begun = _WAITS, inbound.c.handset == handset, inbound.c.id == inbound.c.lot
    query = select(inbound.c.lot).where(*begun).order_by(inbound.c.lot.desc()).offset(MOST)
    return [int(lot) for lot in conn.execute(query).scalars()]


def are_repeated(conn: Connection, rows: Sequence[Row[Any]], since: float) -> bool:
    """Whether all parts of a lot have come before, in a message that is complete.

    A message centre that missed an answer sends a part once more, maybe long after the others.
    """
    query = select(inbound.c.place, inbound.c.digest).where(
        inbound.c.mark == rows[0].mark,
        inbound.c.state == InboundState.DONE.value,
        inbound.c.time > since,
    )
    known = {tuple(row) for row in conn.execute(query)}
    return all((row.place, row.digest) in known for row in rows)


def complete(conn: Connection, ids: Iterable[int]) -> None:
    """Say that rows wait for no more parts; ``finish`` follows in the same transaction."""
    _set(conn, ids, state=InboundState.DONE)


def finish(conn: Connection, ids: Iterable[int], reply: int | None) -> None:
    """Say in which reply rows are; None for those that came twice."""
    state = InboundState.REPEATED if reply is None else InboundState.DONE
    _set(conn, ids, state=state, reply=reply)


def odd(conn: Connection, ids: Iterable[int]) -> None:
    """Say that rows are receipts that cannot be read."""
    _set(conn, ids, state=InboundState.ODD)


def _set(conn: Connection, ids: Iterable[int], **values: object) -> None:
    conn.execute(update(inbound).where(inbound.c.id.in_(list(ids))).values(values))

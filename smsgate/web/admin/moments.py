"""Rows of the ledger by their time, of which there is no index: their ids rise with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, literal_column, select

from smsgate.gateway import credits as amounts
from smsgate.gateway.queue.statements import Query, is_postgresql
from smsgate.gateway.tables import event, ledger, message

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NEWEST = Query(select(func.max(ledger.c.id)))
_FROM = Query(
    select(ledger.c.id, ledger.c.time)
    .where(ledger.c.id >= bindparam("key"))
    .order_by(ledger.c.id)
    .limit(literal_column("1")),
    "key",
)
#: Seconds around the moment of an event; transactions of several nodes overlap.
_AROUND, _SHARED = 0.01, 5.0
_MOST_EVENTS = 50  # of a message, whose moments are looked at


def first_after(conn: Connection, moment: float) -> int:
    """The id of the first row from a time on, found by halving."""
    low, high = 1, (_NEWEST.value(conn) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        found = _FROM(conn, middle).fetchone()
        if found is None or found[1] >= moment:
            high = middle
        else:
            low = int(found[0]) + 1
    return low


def charges(conn: Connection, uid: str, moments: Iterable[float]) -> list[Mapping[str, Any]]:
    """The rows of a message; each was written with an event, or when it was accepted or changed."""
    query = select(message.c.id, message.c.account).where(message.c.uid == uid)
    key, owner = conn.execute(query).one()
    times = set(moments)
    of = select(event.c.time).where(event.c.message == key).order_by(event.c.id)
    times |= set(conn.execute(of.limit(_MOST_EVENTS)).scalars())
    around = _SHARED if is_postgresql(conn) else _AROUND
    found: dict[int, Mapping[str, Any]] = {}
    columns = ledger.c.id, ledger.c.time, ledger.c.kind, ledger.c.amount
    for moment in sorted(times):
        low, high = (first_after(conn, one) for one in (moment - around, moment + around))
        where = (ledger.c.id >= low, ledger.c.id < high, (ledger.c.account + 0) == owner)
        rows = conn.execute(select(*columns).where(*where, ledger.c.message == key)).mappings()
        found |= {row["id"]: {**row, "amount": amounts.shown(row["amount"])} for row in rows}
    return [found[one] for one in sorted(found)]

"""Receipts whose part is not known: they may come before the answer that names it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select

from smsenc.smpp.messageids import plain
from smsgate.gateway.queue.statements import Among, Query, added, lots
from smsgate.gateway.tables import early_receipt as table

_WEEK = 7 * 86400.0
#: Receipts kept at most; in one transaction the oldest ``_LOOK`` are looked at.
_MOST, _LOOK = 100_000, 500


class Early(NamedTuple):
    """A receipt; ``state`` is a MessageState."""

    id: int
    smsc_id: str
    state: int


_ADD = added(table, "route", "key", "smsc_id", "state", "time")
_ANY = Query(select(table.c.id).where(table.c.route == bindparam("of")).limit(1), "of")
_NEWEST = select(table).order_by(table.c.id.desc()).limit(bindparam("most")).subquery()
_LATELY = Query(
    select(_NEWEST.c.id, _NEWEST.c.smsc_id, _NEWEST.c.state).where(
        _NEWEST.c.route == bindparam("of"), _NEWEST.c.time >= bindparam("since")
    ),
    *("of", "since", "most"),
)
_AMONG = Among(
    table.c.key,
    lambda listed: select(table.c.id, table.c.smsc_id, table.c.state).where(
        table.c.route == bindparam("of"), listed
    ),
    "of",
)


def lately(conn: Connection, route: str, since: float) -> list[Early]:
    """The newest of a route that came since then, in the order in which they came."""
    return sorted(Early._make(row) for row in _LATELY.rows(conn, route, since, _LOOK))


def are_any(conn: Connection, route: str) -> bool:
    """Whether a route has any."""
    return _ANY.value(conn, route) is not None


def among(conn: Connection, route: str, keys: Iterable[str]) -> list[Early]:
    """Those with one of these plain ids, in the order in which they came."""
    return sorted(Early._make(row) for row in _AMONG(conn, keys, route))


def keep(conn: Connection, route: str, lot: Sequence[tuple[str, int]], now: float) -> None:
    """Set ids with their states aside; those that are there already, and empty ids, are not."""
    if not lot:
        return
    _prune(conn, now)
    new = {one: None for one in lot if plain(one[0])}
    for one in among(conn, route, {plain(smsc_id) for smsc_id, _ in new}):
        new.pop((one.smsc_id, one.state), None)
    _ADD(conn, [(route, plain(smsc_id), smsc_id, state, now) for smsc_id, state in new])


def drop(conn: Connection, ids: Iterable[int]) -> None:
    """Delete some."""
    for some in lots(ids):
        conn.execute(delete(table).where(table.c.id.in_(some)))


def _prune(conn: Connection, now: float) -> None:
    """Delete the oldest that nothing has asked for in a week, or that are too many."""
    newest = conn.execute(select(func.max(table.c.id))).scalar() or 0
    query = select(table.c.id, table.c.time).order_by(table.c.id).limit(_LOOK)
    old = [one for one, time in conn.execute(query) if time < now - _WEEK or one <= newest - _MOST]
    drop(conn, old)

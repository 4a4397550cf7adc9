"""Callbacks for people: which wait or have failed, how many there are, and another try."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select, update

from smsgate.gateway.callbacks import breaker
from smsgate.gateway.states import CallbackKind, CallbackState
from smsgate.gateway.tables import account, message, reply
from smsgate.gateway.tables import callback as table

#: Rows of a list, the newest ones.
MOST = 1000
_COLUMNS = (
    *(
        table.c.id,
        account.c.api_id,
        table.c.kind,
        func.coalesce(message.c.uid, reply.c.uid).label("about"),
        table.c.status,
    ),
    *(table.c.state, table.c.time, table.c.due, table.c.tries, table.c.note),
)
_OPEN = (CallbackState.WAITING, CallbackState.SENDING, CallbackState.FAILED)


def listed(conn: Connection, *, failed: bool = False, most: int = MOST) -> list[dict[str, Any]]:
    """Callbacks that are not told yet, or only those that failed for good, the newest first."""
    joined = table.join(account, account.c.id == table.c.account)
    joined = joined.join(message, message.c.id == table.c.message, isouter=True)
    joined = joined.join(reply, reply.c.id == table.c.reply, isouter=True)
    states = (CallbackState.FAILED,) if failed else _OPEN
    query = select(*_COLUMNS).select_from(joined).where(table.c.state.in_(states))
    rows = conn.execute(query.order_by(table.c.id.desc()).limit(most))
    return [dict(row) for row in rows.mappings()]


def counts(conn: Connection) -> dict[CallbackKind, dict[CallbackState, int]]:
    """How many callbacks there are of each kind and state, of those that are kept."""
    found = {kind: dict.fromkeys(CallbackState, 0) for kind in CallbackKind}
    query = select(table.c.kind, table.c.state, func.count()).group_by(table.c.kind, table.c.state)
    for kind, state, count in conn.execute(query):
        found[CallbackKind(kind)][CallbackState(state)] = count
    return found


def resting(conn: Connection, now: float) -> int:
    """How many URLs rest."""
    return len(breaker.resting(conn, now))


def retry(conn: Connection, now: float, number: int | None = None) -> int:
    """Try failed callbacks again from the start of their timetable, or one that waits, now.

    Without a number all that have failed; returns how many.
    """
    failed = table.c.state == CallbackState.FAILED
    values = {"due": now, "changed": now}
    again = values | {"state": CallbackState.WAITING, "tries": 0}
    which = failed if number is None else failed & (table.c.id == number)
    count = conn.execute(update(table).where(which).values(again)).rowcount
    if number is not None and not count:
        waiting = table.c.state == CallbackState.WAITING, table.c.id == number
        count = conn.execute(update(table).where(*waiting).values(values)).rowcount
    return count

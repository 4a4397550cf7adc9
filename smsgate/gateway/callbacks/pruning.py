"""Callbacks that are over go: those that were told after a week, the others after a month."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection, delete, literal_column, select

from smsgate.gateway.callbacks import claims
from smsgate.gateway.states import CallbackKind, CallbackState
from smsgate.gateway.tables import callback as table

_DAY = 86_400.0
KEPT: Mapping[CallbackState, float] = MappingProxyType(
    {CallbackState.DONE: 7 * _DAY, CallbackState.FAILED: 30 * _DAY}
)
_LOT = 1000


def prune(conn: Connection, now: float) -> int:
    """Delete a lot of what is over, and give a lot up that is too old; repeat it until 0."""
    count = 0
    for state, keep in KEPT.items():
        is_state = table.c.state == literal_column(f"'{state}'")
        query = select(table.c.id).where(is_state, table.c.changed < now - keep)
        query = query.order_by(table.c.changed).limit(_LOT).with_for_update(skip_locked=True)
        ids = conn.execute(query).scalars().all()  # of several nodes each takes others
        count += len(ids)
        if ids:
            conn.execute(delete(table).where(table.c.id.in_(ids)))
    for number, _ in claims.subjects(conn):
        count += sum(claims.give_up(conn, number, kind, now) for kind in CallbackKind)
    return count

"""Callbacks that a node has taken are given back, such as when it has ended or is lost."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, literal_column, select, update

from smsgate.gateway.queue.statements import is_postgresql, lots
from smsgate.gateway.states import CallbackState
from smsgate.gateway.tables import callback as table

SENDING = table.c.state == literal_column(f"'{CallbackState.SENDING}'")  # as its index has it
#: The values of one that nobody has.
FREE = {"state": CallbackState.WAITING, "node": None, "claimed": None}


def give_back(conn: Connection, node: int | None = None) -> int:
    """Let others send what a node has taken that has ended, or all nodes; how many."""
    mine = () if node is None else (table.c.node == node,)
    return free(conn, hold(conn, SENDING, *mine))


def hold(conn: Connection, *conditions: ColumnElement[bool], skip: bool = False) -> list[int]:
    """Hold callbacks for this transaction, in the order of their ids as all do.

    With ``skip`` those are left out that somebody else holds.
    """
    query = select(table.c.id).where(*conditions)
    if is_postgresql(conn):
        query = query.order_by(table.c.id).with_for_update(skip_locked=skip)
    return list(conn.execute(query).scalars())


def free(conn: Connection, ids: Sequence[int]) -> int:
    """Let others send those that are held; how many."""
    for some in lots(ids):
        conn.execute(update(table).where(table.c.id.in_(some)).values(FREE))
    return len(ids)

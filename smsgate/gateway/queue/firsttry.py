"""Messages that were sent at their first try, which are most: no row of theirs is read.

Their events and ledger rows are made in the database of the messages themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Insert,
    Select,
    Update,
    bindparam,
    insert,
    literal_column,
    null,
    select,
    update,
)

from smsgate.gateway.queue import pushes
from smsgate.gateway.queue.ledger import Kind
from smsgate.gateway.queue.statements import Among, state_is
from smsgate.gateway.states import State, Status
from smsgate.gateway.tables import event, ledger, message

_STATUS: ColumnElement[int] = literal_column(str(int(Status.DELIVERED_TO_GATEWAY)))
_NOW = bindparam("moment", type_=Float)


def _those(listed: ColumnElement[bool]) -> Select[int]:
    first = message.c.attempts == literal_column("1")
    here = message.c.route == bindparam("of")
    found = select(message.c.id).where(here, state_is(State.ANNOUNCED), first, listed)
    return found.order_by(message.c.id).with_for_update()


def _those_of_node(listed: ColumnElement[bool]) -> Select[int]:
    return _those(message.c.node == bindparam("by")).where(listed)


def _change(listed: ColumnElement[bool]) -> Update:
    sent: ColumnElement[str] = literal_column(f"'{State.SENT}'")
    return (
        update(message).where(listed).values(state=sent, status=_STATUS, changed=_NOW, note=null())
    )


def _events(listed: ColumnElement[bool]) -> Insert:
    columns = message.c
    return insert(event).from_select(
        ["account", "message", "status", "time", "charge"],
        select(columns.account, columns.id, _STATUS, _NOW, columns.charge)
        .where(listed)
        .order_by(columns.id),
    )


def _settled(listed: ColumnElement[bool]) -> Insert:
    """All that was reserved is spent, so that balances stay as they are."""
    columns = message.c
    kind: ColumnElement[str] = literal_column(f"'{Kind.SETTLE}'")
    return insert(ledger).from_select(
        ["account", "time", "kind", "amount", "message"],
        select(columns.account, _NOW, kind, literal_column("0"), columns.id)
        .where(listed)
        .order_by(columns.id),
    )


_THOSE = Among(message.c.id, _those, "of")
_THOSE_OF_NODE = Among(message.c.id, _those_of_node, "of", "by")
_WRITE = tuple(Among(message.c.id, one, "moment") for one in (_change, _events, _settled))


def are_all(conn: Connection, route: str, messages: Sequence[int], node: int | None = None) -> bool:
    """Whether all messages, which are not the same, are with a route for the first time.

    With a node, only those that it announced count. Those that are stay so in this transaction.
    """
    if node is None:
        rows = _THOSE(conn, messages, route)
    else:
        rows = _THOSE_OF_NODE(conn, messages, route, node)
    return len({row[0] for row in rows}) == len(messages)


def settle(conn: Connection, messages: Sequence[int], now: float) -> None:
    """Make them SENT, and spend what was reserved for them."""
    for write in _WRITE:
        write(conn, messages, now)
    pushes.push(conn, messages)

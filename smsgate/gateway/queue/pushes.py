"""Status callbacks: a row for each change of a message of which its sender wants to be told.

The rows are written in the transaction of the change, and made in the database of its event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from sqlalchemy import ColumnElement, Connection, Insert, case, func, insert, literal_column, select

from smsgate.gateway.queue.statements import Among
from smsgate.gateway.states import CallbackKind, CallbackState, Status
from smsgate.gateway.tables import callback, event, message

_INTERMEDIATE, _FINAL, _ERROR = 1, 2, 4
#: The bits of ``message.callback`` that want a status; others are not pushed.
WANTING: Mapping[int, int] = MappingProxyType(
    {
        Status.DELIVERED_TO_GATEWAY: _INTERMEDIATE,
        Status.RECEIVED: _FINAL,
        Status.ERROR_WITH_MESSAGE: _FINAL | _ERROR,
        Status.ERROR_DELIVERING: _FINAL | _ERROR,
        Status.ROUTING_ERROR: _FINAL | _ERROR,
        Status.EXPIRED: _FINAL | _ERROR,
        Status.OUT_OF_CREDIT: _FINAL | _ERROR,
    }
)
#: After so many failures a callback no longer holds up the next ones of its message.
HOLDING = 3

_EARLIER = callback.alias("earlier")
_CHANGE = event.alias("change")


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(int(value)))


def _word(value: str) -> ColumnElement[str]:
    return literal_column(f"'{value}'")


def _rows(listed: ColumnElement[bool]) -> Insert:
    """The newest event of each message: in its transaction that is the change just made."""
    bits = case(*((event.c.status == _number(key), _number(b)) for key, b in WANTING.items()))
    newest = select(func.max(_CHANGE.c.id)).where(_CHANGE.c.message == message.c.id)
    held = (  # when the callback is tried again that must come first
        select(func.max(_EARLIER.c.due))
        .where(
            _EARLIER.c.message == message.c.id,
            _EARLIER.c.state == _word(CallbackState.WAITING),
            _EARLIER.c.tries < _number(HOLDING),
            _EARLIER.c.due > event.c.time,
        )
        .scalar_subquery()
    )
    columns = {
        "account": event.c.account,
        "kind": _word(CallbackKind.STATUS),
        "event": event.c.id,
        "message": event.c.message,
        "status": event.c.status,
        "charge": event.c.charge,
        "time": event.c.time,
        "state": _word(CallbackState.WAITING),
        "due": func.coalesce(held, event.c.time),
        "changed": event.c.time,
    }
    found = (
        select(*columns.values())
        .select_from(message.join(event, event.c.id == newest.correlate(message).scalar_subquery()))
        .where(listed, message.c.callback.op("&")(bits) != _number(0))
        .order_by(message.c.id)
    )
    return insert(callback).from_select(list(columns), found)


_ROWS = Among(message.c.id, _rows)


def push(conn: Connection, messages: Iterable[int]) -> None:
    """Have the last changes of these messages told, of those whose senders want it.

    Call it once after each event, in its transaction.
    """
    _ROWS(conn, messages)

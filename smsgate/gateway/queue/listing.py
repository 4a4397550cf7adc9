"""Messages that are listed: those in some states, of an account, of files with a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from smsgate.gateway.pieces import Piece, newest
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.states import State
from smsgate.gateway.tables import account, file, message

#: States that have an index of their own; there are few messages of most of them.
_OPEN = (State.DELAYED, State.WAITING, State.ANNOUNCED, State.UNKNOWN)
#: No join: the condition of an index has its column without the table.
_OWNER = select(account.c.api_id).where(account.c.id == message.c.account)
_NAME = select(file.c.name).where(file.c.id == message.c.file)
_COLUMNS = (
    *(message.c.id, message.c.uid, message.c.line),
    *(_OWNER.scalar_subquery().label("api_id"), _NAME.scalar_subquery().label("file")),
    *(message.c.recipient, message.c.state, message.c.status, message.c.parts, message.c.route),
    *(message.c.changed, message.c.note),
)
#: The least and the greatest id of all.
_ALL = (1, 2**63 - 2)


class Wanted(NamedTuple):
    """Which messages: of these states (none: of all), of an account, of its files of a name."""

    states: Sequence[State] = ()
    account: int | None = None
    file: str = ""


def page(conn: Connection, wanted: Wanted, before: int, most: int) -> Piece:
    """At most ``most`` of them with ids below ``before`` (0: all), the newest first.

    Where no index has them, it looks at some thousand messages, and says where to go on.
    """
    lowest, highest = _bounds(conn, wanted)
    has_index = tuple(wanted.states) == (State.UNKNOWN,)
    return newest(
        conn,
        select(*_COLUMNS),
        message.c.id,
        *_conditions(wanted),
        by_index=(state_is(State.UNKNOWN),) if has_index else (),
        before=min(before or highest + 1, highest + 1),
        above=lowest - 1,
        most=most,
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(message.c.state.in_(wanted.states))
    if wanted.account is not None:
        found.append(message.c.account == wanted.account)
    if wanted.file:
        found.append(_of_files(wanted))
    return found


def _of_files(wanted: Wanted) -> ColumnElement[bool]:
    of_name = (file.c.account == wanted.account, file.c.name == wanted.file)
    return message.c.file.in_(select(file.c.id).where(*of_name))


def _bounds(conn: Connection, wanted: Wanted) -> tuple[int, int]:
    """The least and the greatest id that there can be, from an index if one has them."""
    if wanted.file:
        condition = _of_files(wanted)
    elif len(wanted.states) == 1 and wanted.states[0] in _OPEN:
        condition = state_is(*wanted.states)
    else:
        return _ALL
    key = message.c.id + 0  # so that SQLite does not look for the first one by id
    lowest, highest = conn.execute(select(func.min(key), func.max(key)).where(condition)).one()
    return (lowest or 0, highest or 0)

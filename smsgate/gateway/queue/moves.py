"""Moves: a message's new state with all that goes with it, which is its event and its credits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select

from smsgate.gateway.queue import ledger, pushes
from smsgate.gateway.queue.statements import Among, added, changed, is_postgresql
from smsgate.gateway.states import State, Status
from smsgate.gateway.tables import event, message, part


class Row(NamedTuple):
    """What a move needs of a message."""

    message: int
    account: int
    state: str
    status: int
    due: float
    parts: int
    charge: int
    route: str | None
    attempts: int
    note: str | None
    node: int | None


class Move(NamedTuple):
    """New values of a message; ``amount`` goes back to its account, unless ``kind`` is None."""

    message: int
    account: int
    state: State
    status: int
    due: float
    charge: int
    attempts: int
    note: str | None
    logged: bool
    kind: ledger.Kind | None
    amount: int


_COLUMNS = (
    *(message.c.id, message.c.account, message.c.state, message.c.status, message.c.due),
    *(message.c.parts, message.c.charge, message.c.route, message.c.attempts, message.c.note),
    message.c.node,
)
_CHANGE = changed(message, "state", "status", "due", "charge", "attempts", "changed", "note")
_EVENT = added(event, "account", "message", "status", "time", "charge")


def selected(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """A query of what moves need."""
    return select(*_COLUMNS).where(*conditions)


_READ = Among(
    message.c.id, lambda listed: selected(listed).order_by(message.c.id).with_for_update()
)
_HOLD = Among(
    message.c.id,
    lambda listed: select(message.c.id).where(listed).order_by(message.c.id).with_for_update(),
)
_ACCOUNTS = Among(message.c.id, select(message.c.account).distinct().where)
_PAYERS = Among(
    message.c.id,
    lambda listed: (
        select(message.c.account)
        .where(listed, message.c.state == literal_column(f"'{State.UNKNOWN}'"))
        .distinct()
    ),
)
_ACCEPTED = Among(
    part.c.message,
    lambda listed: select(part.c.message, func.count()).where(listed).group_by(part.c.message),
)


def rows(found: Iterable[Any]) -> list[Row]:
    """The rows of a query of ``selected``."""
    return [Row._make(row) for row in found]


def read(conn: Connection, ids: Iterable[int]) -> list[Row]:
    """The messages with these ids, held for this transaction; in any order."""
    return rows(_READ(conn, ids))


def hold(conn: Connection, ids: Iterable[int]) -> None:
    """Hold messages for this transaction, in an order that is always the same."""
    if is_postgresql(conn):
        _HOLD(conn, ids)


def hold_accounts(conn: Connection, ids: Sequence[int]) -> None:
    """Hold the accounts of messages, as all do before they hold messages and book for them."""
    if is_postgresql(conn):
        ledger.hold(conn, {row[0] for row in _ACCOUNTS(conn, ids)})


def hold_payers(conn: Connection, ids: Sequence[int]) -> None:
    """The same for those that are unknown: only these still cost or give back something."""
    if is_postgresql(conn):
        ledger.hold(conn, {row[0] for row in _PAYERS(conn, ids)})


def move(row: Row, state: State, status: int, note: str | None = None) -> Move:
    """A move that logs show and that leaves the credits as they are."""
    return Move(
        row.message,
        row.account,
        state,
        int(status),
        row.due,
        row.charge,
        row.attempts,
        note,
        logged=True,
        kind=None,
        amount=0,
    )


def paid(move: Move, kind: ledger.Kind, used: int) -> Move:
    """A move that ends the reservation: ``used`` of it is spent, and the rest goes back."""
    used = min(max(used, 0), move.charge)
    return Move(*move[:5], used, *move[6:9], kind, move.charge - used)


def ended(row: Row, state: State, status: Status, accepted: int, note: str | None = None) -> Move:
    """A move of a message that is not sent (again): it costs the parts that were accepted."""
    found = move(row, state, status, note=note)
    return paid(found, ledger.Kind.RETURN, share(row, accepted))


def share(row: Row, accepted: int) -> int:
    """What that many accepted parts of a message cost, in millionths of a credit."""
    return row.charge * min(accepted, row.parts) // row.parts


def write(conn: Connection, moves: Sequence[Move], now: float) -> None:
    """Make the moves: messages, events, callbacks, ledger and balances."""
    _CHANGE(
        conn,
        [
            (m.state.value, m.status, m.due, m.charge, m.attempts, now, m.note, m.message)
            for m in moves
        ],
    )
    _EVENT(conn, [(m.account, m.message, m.status, now, m.charge) for m in moves if m.logged])
    pushes.push(conn, [m.message for m in moves if m.logged and m.status in pushes.WANTING])
    entries = [ledger.Entry(m.account, m.kind, m.amount, m.message) for m in moves if m.kind]
    ledger.book(conn, entries, now)


def accepted(conn: Connection, tried: Iterable[Row]) -> dict[int, int]:
    """How many parts message centres have of the messages of which they have any."""
    found = _ACCEPTED(conn, [row.message for row in tried if row.attempts])
    return {row[0]: row[1] for row in found}

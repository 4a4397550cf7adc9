"""What a person changes about one message: it is stopped, sent again, or settled."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from smsenc.smpp.receipts import MessageState
from smsgate.gateway import content
from smsgate.gateway import credits as amounts
from smsgate.gateway.queue import ledger, moves
from smsgate.gateway.queue.moves import Row
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.states import OF_RECEIPT, State, Status
from smsgate.gateway.tables import file, message, part
from smsgate.gateway.tables import ledger as ledgers

#: Messages in one transaction.
LOT = 1000
LONGEST_DELAY = 7 * 86_400.0
_NONE = "no message has this id"
_SENT_ALREADY = "it has been sent"
_MAY_BE_SENT = "it is being sent at the moment"
_OVER = "its validity is over"
_GONE = "its text was erased when it became too old: send the file again"

_WAITS = state_is(State.WAITING, State.DELAYED)
_NOT_CANCELLED: Mapping[str, str] = MappingProxyType(
    {
        State.ANNOUNCED: _MAY_BE_SENT,
        State.UNKNOWN: "it may have been sent: the message centre has not answered",
        State.SENT: _SENT_ALREADY,
        State.DELIVERED: _SENT_ALREADY,
        State.FAILED: "it has failed",
        State.EXPIRED: _OVER,
        State.CANCELLED: "it is cancelled already",
    }
)
_NOT_RESENT: Mapping[str, str] = MappingProxyType(
    {
        State.DELAYED: "it has not been sent yet",
        State.WAITING: "it has not been sent yet",
        State.ANNOUNCED: _MAY_BE_SENT,
        State.SENT: _SENT_ALREADY,
        State.DELIVERED: _SENT_ALREADY,
        State.EXPIRED: _OVER,
        State.CANCELLED: "it is cancelled",
    }
)


def cancel(conn: Connection, uid: str, now: float) -> str:
    """Stop a message that waits, and return its credits; empty if done, else why it is not."""
    row = _row(conn, uid, lock=False)
    if row is None:
        return _NONE
    ledger.hold(conn, [row.account])  # first, as who cancels what waits for a number does
    waits = _row(conn, uid, _WAITS)
    if waits is None:
        after = _row(conn, uid, lock=False) or row
        return _NOT_CANCELLED.get(after.state, _MAY_BE_SENT)
    row = waits
    had = moves.accepted(conn, [row]).get(row.message, 0)
    moves.write(conn, [moves.ended(row, State.CANCELLED, Status.CANCELLED, had)], now)
    return ""


def delay(conn: Connection, uid: str, due: float, now: float) -> str:
    """Let a message wait until ``due``; empty if done, else why it is not.

    Its validity counts from then, as it did from the time before. A time that has come lets it go.
    """
    row = _row(conn, uid)
    if row is None:
        return _NONE
    if why := _NOT_CANCELLED.get(row.state):
        return why
    if due > now + LONGEST_DELAY:
        return "expected a time within 7 days"
    if expires := _late(conn, row, now):
        return expires
    later = due > now
    state, status = (State.DELAYED, Status.DELAYED) if later else (State.WAITING, Status.QUEUED)
    due = max(due, now)
    lasts = update(message).where(message.c.id == row.message)
    conn.execute(lasts.values(expires=message.c.expires + (due - row.due)))
    moves.write(conn, [moves.move(row, state, status, row.note)._replace(due=due)], now)
    return ""


class Cancelled(NamedTuple):
    """How many messages were stopped, and what their accounts got back (millionths)."""

    messages: int
    credits: int


class Which(NamedTuple):
    """Messages of an account that wait: all, or those of files with a name."""

    account: int
    file: str | None = None


def waiting(conn: Connection, which: Which) -> int:
    """How many messages ``cancel_some`` would stop."""
    query = select(func.count()).select_from(message).where(*_of(which))
    return conn.execute(query).scalar() or 0


def cancel_some(conn: Connection, which: Which, now: float, most: int = LOT) -> Cancelled:
    """Stop up to ``most`` of them, and return their credits; repeat it until there are none."""
    ledger.hold(conn, [which.account])
    query = moves.selected(*_of(which)).order_by(message.c.id).limit(most).with_for_update()
    found = moves.rows(conn.execute(query))
    had = moves.accepted(conn, found)
    made = [
        moves.ended(row, State.CANCELLED, Status.CANCELLED, had.get(row.message, 0))
        for row in found
    ]
    moves.write(conn, made, now)
    return Cancelled(len(made), sum(one.amount for one in made))


def _of(which: Which) -> tuple[ColumnElement[bool], ...]:
    found = (message.c.account == which.account, _WAITS)
    if which.file is None:
        return found
    files = select(file.c.id).where(file.c.account == which.account, file.c.name == which.file)
    return (*found, message.c.file.in_(files))


def resend(conn: Connection, uid: str, now: float) -> str:
    """Send an unknown or failed message again; empty if done, else why it is not.

    An unknown one continues after the parts that the message centre has accepted, and its phone
    may get it twice. A failed one is sent as a whole, and its credits are reserved once more.
    """
    if found := _row(conn, uid, lock=False):
        ledger.hold(conn, [found.account])
    row = _row(conn, uid)
    if row is None:
        return _NONE
    if why := _NOT_RESENT.get(row.state) or _late(conn, row, now) or _erased(conn, row):
        return why
    waiting = moves.move(row, State.WAITING, Status.QUEUED)._replace(due=now)
    if row.state == State.FAILED:
        charge = _reserved(conn, row)
        if charge > ledger.available(conn, row.account):
            return f"the balance does not cover it: it costs {amounts.shown(charge)} credits"
        conn.execute(delete(part).where(part.c.message == row.message))
        waiting = waiting._replace(charge=charge, kind=ledger.Kind.RESERVE, amount=-charge)
    moves.write(conn, [waiting], now)
    return ""


def settle(conn: Connection, uid: str, *, delivered: bool, now: float) -> str:
    """What somebody has learned of an unknown message; empty if done, else why it is not.

    It counts as a receipt does: one that is delivered costs what is reserved, one that has failed
    the parts that were accepted.
    """
    if found := _row(conn, uid, lock=False):
        ledger.hold(conn, [found.account])
    row = _row(conn, uid)
    if row is None:
        return _NONE
    if row.state != State.UNKNOWN:
        return f"expected one that is unknown; it is {row.state}"
    word = MessageState.DELIVERED if delivered else MessageState.UNDELIVERABLE
    state, status = OF_RECEIPT[word]
    accepted = row.parts if delivered else moves.accepted(conn, [row]).get(row.message, 0)
    found_out = moves.move(row, state, status, f"settled by hand as {state}")
    cost = moves.share(row, accepted)
    moves.write(conn, [moves.paid(found_out, ledger.Kind.SETTLE, cost)], now)
    return ""


def _row(
    conn: Connection, uid: str, *conditions: ColumnElement[bool], lock: bool = True
) -> Row | None:
    query = moves.selected(message.c.uid == uid.lower(), *conditions)
    found = moves.rows(conn.execute(query.with_for_update() if lock else query))
    return found[0] if found else None


def _late(conn: Connection, row: Row, now: float) -> str:
    query = select(message.c.expires).where(message.c.id == row.message)
    return _OVER if conn.execute(query).scalar_one() <= now else ""


def _erased(conn: Connection, row: Row) -> str:
    """Whether its text is gone; that of its file is held for this transaction."""
    mine = select(message.c.text, message.c.file).where(message.c.id == row.message)
    text, of = conn.execute(mine).one()
    stored = conn.execute(select(file.c.content).where(file.c.id == of).with_for_update()).scalar()
    gone = text == "" or (text is None and (stored or "").startswith(content.ERASED))
    return _GONE if gone else ""


def _reserved(conn: Connection, row: Row) -> int:
    """What was reserved when it was accepted, which its first row of the ledger says."""
    mine = ledgers.c.account == row.account, ledgers.c.message == row.message
    query = select(ledgers.c.amount).where(*mine, ledgers.c.kind == ledger.Kind.RESERVE)
    return -(conn.execute(query.order_by(ledgers.c.id).limit(1)).scalar() or 0)

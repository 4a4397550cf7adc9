"""Outcomes: what became of the messages that were announced to a route, in lots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, delete

from smsenc.smpp.messageids import plain
from smsgate.gateway.queue import firsttry, ledger, moves, receipts, rerouting
from smsgate.gateway.queue.moves import Move, Row
from smsgate.gateway.queue.receipts import as_kept
from smsgate.gateway.queue.rerouting import Moved
from smsgate.gateway.queue.statements import added, is_postgresql
from smsgate.gateway.states import State, Status
from smsgate.gateway.tables import part
from smsgate.masking import cleaned

#: Characters of a note.
_LONGEST = 200


class Ended(StrEnum):
    """How a try ended."""

    SENT = "sent"  # the message centre has accepted all parts
    REFUSED = "refused"  # for good
    LATER = "later"  # to be tried again
    UNKNOWN = "unknown"  # octets may have gone, and no answer came
    GIVEN_BACK = "given back"  # no octet has left


class Outcome(NamedTuple):
    """What became of a message.

    ``accepted`` are the parts that this try got accepted, with their ids. ``status`` is that of
    a message that is refused: 9 for the destination, 5 for its content or sender (also if 0).
    ``pause`` (seconds) is for ``LATER``. ``used`` is what all its parts cost by this route, in
    millionths of a credit and at most what was reserved; None: all that was reserved. With
    ``elsewhere`` another route is to have it, if one fits and no part of it is accepted. ``node``
    is the one that announced it; None: any.
    """

    message: int
    accepted: tuple[tuple[int, str], ...]
    end: Ended
    detail: str = ""
    status: int = 0
    pause: float = 0.0
    used: int | None = None
    elsewhere: bool = False
    node: int | None = None

    @property
    def may_wait(self) -> bool:
        """Whether it may wait again, which it must not if its number has been listed."""
        return self.end in {Ended.LATER, Ended.GIVEN_BACK} or self.elsewhere


#: The moves to other routes of those messages for which there is one, at a time.
Onward = Callable[[Connection, Sequence[int], float], Mapping[int, Moved]]


class _Try(NamedTuple):
    row: Row
    outcome: Outcome
    accepted: int  # parts, with those of earlier tries
    note: str | None
    now: float


_PART = added(part, "message", "number", "route", "smsc_id", "key")
_OPEN = frozenset((State.ANNOUNCED, State.UNKNOWN))


def nowhere(_conn: Connection, _messages: Sequence[int], _now: float) -> Mapping[int, Moved]:
    """There are no other routes."""
    return {}


def record(
    conn: Connection, route: str, lot: Sequence[Outcome], now: float, onward: Onward = nowhere
) -> None:
    """Record outcomes.

    Those of messages that are not with this route and the outcome's node (any more) change nothing.
    """
    _hold(conn, [one.message for one in lot if not _is_quick(one)])
    rests = [
        _quickly(conn, route, node, [one for one in lot if one.node == node], now)
        for node in {one.node: None for one in lot}
    ]
    for rest in rests:
        if rest:
            _record(conn, route, rest, now, onward)


def _hold(conn: Connection, messages: Sequence[int]) -> None:
    """Hold all accounts of messages, and then these: each of several steps may book for some."""
    if messages and is_postgresql(conn):
        moves.hold_accounts(conn, messages)
        moves.hold(conn, messages)


def _quickly(
    conn: Connection, route: str, node: int | None, lot: Sequence[Outcome], now: float
) -> Sequence[Outcome]:
    """Record what was sent at the first try, if it is so; what is left."""
    quick = {one.message: one for one in lot if _is_quick(one)}
    once = len({one.message for one in lot}) == len(lot)
    if quick and once and firsttry.are_all(conn, route, list(quick), node):
        _record_quickly(conn, route, list(quick.values()), now)
        return [one for one in lot if one.message not in quick]
    return lot


def _is_quick(one: Outcome) -> bool:
    return one.end is Ended.SENT and one.used is None and not one.detail


def _record_quickly(conn: Connection, route: str, lot: Sequence[Outcome], now: float) -> None:
    new = [(one.message, number, as_kept(ref)) for one in lot for number, ref in one.accepted]
    _add(conn, route, new)
    firsttry.settle(conn, [one.message for one in lot], now)
    receipts.conclude(conn, receipts.match(conn, route, new), now)


def _record(
    conn: Connection, route: str, lot: Sequence[Outcome], now: float, onward: Onward
) -> None:
    tried = _tried(conn, route, lot)
    new = [
        (row.message, number, as_kept(ref)) for row, one in tried for number, ref in one.accepted
    ]
    _forget(conn, [(row, one) for row, one in tried if row.attempts > 1 and one.accepted])
    _add(conn, route, new)
    again = moves.accepted(conn, [row for row, _ in tried if row.attempts > 1])
    tries = [
        _Try(row, one, again.get(row.message, len(one.accepted)), _note(one.detail), now)
        for row, one in tried
    ]
    _write(conn, tries, now, onward)
    early = receipts.match(conn, route, new)
    receipts.conclude(conn, early.union(again), now)


def _write(conn: Connection, tries: Sequence[_Try], now: float, onward: Onward) -> None:
    """Make what the tries make of their messages."""
    others = [one.row.message for one in tries if one.outcome.elsewhere and not one.accepted]
    moved = onward(conn, others, now) if others else {}
    found = [_moved(one) if one.row.message in moved else _move(one) for one in tries]
    moves.write(conn, found, now)
    rerouting.write(conn, list(moved.values()))


def _add(conn: Connection, route: str, new: Sequence[tuple[int, int, str]]) -> None:
    """Parts (message, number, id) that a message centre has accepted."""
    _PART(conn, [(message, no, route, smsc_id, plain(smsc_id)) for message, no, smsc_id in new])


def _tried(conn: Connection, route: str, lot: Sequence[Outcome]) -> list[tuple[Row, Outcome]]:
    found = {
        row.message: row
        for row in moves.read(conn, [one.message for one in lot])
        if row.route == route and row.state in _OPEN
    }
    lot = [one for one in lot if _is_of(one, found.get(one.message))]
    for one in lot:  # an unknown one that stays so is not news
        if one.end is Ended.UNKNOWN and _is_unknown(found.get(one.message)):
            del found[one.message]
    return [(row, one) for one in lot if (row := found.pop(one.message, None))]


def _is_of(one: Outcome, row: Row | None) -> bool:
    return row is not None and one.node in (None, row.node)


def _is_unknown(row: Row | None) -> bool:
    return row is not None and row.state == State.UNKNOWN


def _forget(conn: Connection, tried: Sequence[tuple[Row, Outcome]]) -> None:
    """Parts that a message centre accepts once more are known by their new ids."""
    for row, one in tried:
        numbers = [number for number, _ in one.accepted]
        conn.execute(delete(part).where(part.c.message == row.message, part.c.number.in_(numbers)))


def _note(detail: str) -> str | None:
    return cleaned(detail, _LONGEST) if detail else None


def _moved(one: _Try) -> Move:
    """It waits for another route: its status stays the same."""
    found = moves.move(one.row, State.WAITING, Status.QUEUED, one.note)
    return found._replace(logged=False, due=one.now)


def _move(one: _Try) -> Move:
    """What a try makes of a message.

    Where the message centre has some of it, or may have, no more stays reserved than it costs by
    this route: it does not move to another any more.
    """
    found, used = _MOVES[one.outcome.end](one), one.outcome.used
    is_here = one.accepted or one.outcome.end is Ended.UNKNOWN
    if used is None or found.kind or not is_here or used >= found.charge:
        return found
    kind, rest = ledger.Kind.RESERVE, found.charge - used
    return found._replace(charge=used, kind=kind, amount=rest)


def _sent(one: _Try) -> Move:
    found = moves.move(one.row, State.SENT, Status.DELIVERED_TO_GATEWAY, one.note)
    used = one.row.charge if one.outcome.used is None else one.outcome.used
    return moves.paid(found, ledger.Kind.SETTLE, used)


def _refused(one: _Try) -> Move:
    status = Status(one.outcome.status or Status.ERROR_WITH_MESSAGE)
    found = moves.move(one.row, State.FAILED, status, one.note)
    used = one.row.charge if one.outcome.used is None else one.outcome.used
    share = moves.share(one.row._replace(charge=used), one.accepted)
    return moves.paid(found, ledger.Kind.RETURN, share)


def _later(one: _Try) -> Move:
    pause = one.outcome.pause
    state = State.DELAYED if pause > 0 else State.WAITING
    return moves.move(one.row, state, Status.QUEUED, one.note)._replace(due=one.now + max(pause, 0))


def _unknown(one: _Try) -> Move:
    return moves.move(one.row, State.UNKNOWN, one.row.status, one.note)


def _given_back(one: _Try) -> Move:
    found = moves.move(one.row, State.WAITING, Status.QUEUED, one.row.note)
    return found._replace(attempts=one.row.attempts - (not one.accepted), logged=False)


_MOVES: Mapping[Ended, Callable[[_Try], Move]] = MappingProxyType(
    {
        Ended.SENT: _sent,
        Ended.REFUSED: _refused,
        Ended.LATER: _later,
        Ended.UNKNOWN: _unknown,
        Ended.GIVEN_BACK: _given_back,
    }
)

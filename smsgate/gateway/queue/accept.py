"""Acceptance: messages enter the queue and their credits are reserved, in one transaction."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Integer, bindparam, func, literal_column, select

from smsgate.gateway.queue import ledger
from smsgate.gateway.queue.statements import Query, added, is_postgresql
from smsgate.gateway.states import State, Status
from smsgate.gateway.tables import event, message


class New(NamedTuple):
    """A message for one recipient, from one line of a file.

    Times are UNIX seconds, ``charge`` is in millionths of a credit; ``text`` is None if it is
    that of the file. ``features`` are the bits of what its route must be able to carry. ``way`` is
    the route that it waits for. One that ``escalates`` has the rising ``costs`` of the routes that
    it may move to, the last of which is ``charge``: if the balance does not cover that one, the
    most expensive that it covers is reserved. ``callback`` are the bits of what is pushed;
    ``answers`` is 1 if what its phone replies is for the account.
    """

    line: int
    recipient: str
    text: str | None
    queue: int
    due: float
    expires: float
    parts: int
    charge: int
    features: int = 0
    way: str = ""
    escalates: int = 0
    costs: tuple[int, ...] = ()
    callback: int = 0
    answers: int = 0


_MESSAGE = added(
    message,
    *("id", "uid", "account", "file", "line", "recipient", "text", "state", "status", "queue"),
    *("due", "expires", "parts", "features", "charge", "attempts", "changed"),
    *("way", "routed", "escalates", "callback", "answers"),
)
_NEWEST = Query(select(func.max(message.c.id)))
_NUMBERS = Query(
    select(func.nextval(literal_column("'message_id_seq'"))).select_from(
        func.generate_series(1, bindparam("count", type_=Integer))
    ),
    "count",
)
_EVENT = added(event, "account", "message", "status", "time", "charge")
_UID = re.compile("[0-9a-f]{12}7[0-9a-f]{19}")
_LAST = 0xFFFF_FFFF_FFFF  # millisecond of a uid
_NOW = (State.WAITING.value, int(Status.QUEUED))
_LATER = (State.DELAYED.value, int(Status.DELAYED))


def accept(
    conn: Connection, account_id: int, file_id: int, lot: Sequence[New], now: float
) -> list[str | None]:
    """The uid of each message, or None for one that the balance does not cover (error 301).

    A message that is not covered does not keep a cheaper one after it from being accepted.
    """
    lot = _reduced(lot, balance := ledger.available(conn, account_id))
    covered = _covered(lot, balance)
    taken = [one for one, is_covered in zip(lot, covered, strict=True) if is_covered]
    uids = _uids(len(taken), now)
    rows = [
        (
            *(number, uid, account_id, file_id, one.line, one.recipient, one.text),
            *(_NOW if one.due <= now else _LATER),
            *(one.queue, one.due, one.expires, one.parts, one.features, one.charge, 0, now),
            *(one.way, max(one.due, now), one.escalates, one.callback, one.answers),
        )
        for number, uid, one in zip(_ids(conn, len(taken)), uids, taken, strict=True)
    ]
    _MESSAGE(conn, rows)
    _EVENT(conn, [(account_id, row[0], row[8], now, row[14]) for row in rows])
    _reserve(conn, account_id, rows, now)
    named = iter(uids)
    return [next(named) if is_covered else None for is_covered in covered]


def _reserve(
    conn: Connection, account_id: int, rows: Sequence[tuple[object, ...]], now: float
) -> None:
    kind = ledger.Kind.RESERVE
    ledger.book(conn, [ledger.Entry(account_id, kind, -row[14], row[0]) for row in rows], now)  # type: ignore[arg-type, operator]


def _reduced(lot: Sequence[New], balance: int) -> Sequence[New]:
    """With the reservations that the balance covers, of messages that may have smaller ones."""
    if sum(one.charge for one in lot) <= balance:
        return lot
    found = []
    for one in lot:
        charge = max((cost for cost in one.costs if cost <= balance), default=one.charge)
        found.append(one if one.charge <= balance else one._replace(charge=charge))
        balance -= found[-1].charge if found[-1].charge <= balance else 0
    return found


def _ids(conn: Connection, count: int) -> Iterable[int]:
    """Ids of new messages, in order."""
    if is_postgresql(conn):
        return sorted(row[0] for row in _NUMBERS.rows(conn, count))
    first = (_NEWEST.value(conn) or 0) + 1  # nobody else writes in this transaction
    return range(first, first + count)


def _covered(lot: Sequence[New], balance: int) -> list[bool]:
    found = []
    for one in lot:
        found.append(one.charge <= balance)
        balance -= one.charge if found[-1] else 0
    return found


def first_uid(moment: float) -> str:
    """What the uids of messages that were accepted from a time on are not before."""
    return f"{int(min(max(moment, 0.0) * 1000, _LAST)):012x}"


def moment_of(uid: str) -> float | None:
    """When the message with a uid was accepted; None for a uid that says no time."""
    return int(uid[:12], 16) / 1000 if _UID.fullmatch(uid) else None


def _uids(count: int, now: float) -> list[str]:
    """New ids in the order of time and of the lot: UUIDs of version 7 (RFC 9562, 5.7) as hex."""
    time = f"{int(now * 1000) & _LAST:012x}"
    random = secrets.token_hex(8 * count)
    return [
        f"{time}7{number & 0xFFF:03x}8{random[16 * number + 1 : 16 * number + 16]}"
        for number in range(count)
    ]

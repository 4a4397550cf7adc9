"""What an account used on each day: added up from its ledger, a bounded number of rows at a time.

Rows of a ledger are never changed, so what was added up once stays. What is not added up yet is
added the next time that somebody looks.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Integer, cast, func, select

from smsgate.gateway.queue.ledger import Kind
from smsgate.gateway.tables import ledger
from smsgate.web.admin.moments import first_after

if TYPE_CHECKING:
    from sqlalchemy import Connection

DAYS = 30
_DAY = 86_400
_ROWS = 50_000  # that are added up at a time
_ACCOUNTS = 1000  # that are remembered
#: Seconds in which rows of other nodes may still come in between.
_LAG = 30.0
_NOT_USED = (Kind.GRANT,)
_NO_ID = 2**63 - 1


class Day(NamedTuple):
    """A day (``2026-11-29``), charges, and millionths that were used.

    A message is charged when it is accepted, and once more when it is sent again.
    """

    date: str
    charges: int
    used: int


@dataclass(slots=True)
class _Sums:
    """By day since 1970: charges and millionths; ``seen`` is the last row that is in them."""

    seen: int = 0
    is_new: bool = True
    days: dict[int, tuple[int, int]] = field(default_factory=dict)


class Usage(NamedTuple):
    """The days up to today, the oldest first; ``is_whole``: all rows are in them."""

    days: tuple[Day, ...]
    is_whole: bool


class Usages:
    """The sums of accounts, those that were looked at lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: OrderedDict[int, _Sums] = OrderedDict()

    def of(self, conn: Connection, account: int, now: float) -> Usage:
        """What an account used; adds up some more."""
        with self._lock:  # nobody waits for anything in here
            sums = self._sums.pop(account, None) or _Sums()
            before = _Sums(sums.seen, sums.is_new, dict(sums.days))
        is_whole = _add(conn, before, account, now)
        with self._lock:
            kept = self._sums.get(account)
            if kept is None or kept.seen <= before.seen:
                self._sums[account] = before
            if len(self._sums) > _ACCOUNTS:
                self._sums.popitem(last=False)
        return Usage(tuple(_days(before, int(now) // _DAY)), is_whole)


def _days(sums: _Sums, today: int) -> Iterator[Day]:
    for day in range(today - DAYS + 1, today + 1):
        charges, used = sums.days.get(day, (0, 0))
        yield Day(datetime.fromtimestamp(day * _DAY, UTC).strftime("%Y-%m-%d"), charges, used)


def _add(conn: Connection, sums: _Sums, account: int, now: float) -> bool:
    """Add up rows that are not in the sums; whether these were all."""
    since = (int(now) // _DAY - DAYS + 1) * _DAY
    if sums.is_new:
        sums.seen, sums.is_new = first_after(conn, since) - 1, False
    sums.days = {day: one for day, one in sums.days.items() if day * _DAY >= since}
    query = select(ledger.c.id, ledger.c.time, ledger.c.kind, ledger.c.amount)
    query = query.where(ledger.c.account == account, ledger.c.id > sums.seen)
    some = query.order_by(ledger.c.id).limit(_ROWS).subquery()
    day = (cast(some.c.time, Integer) // _DAY).label("day")  # half a second more or less
    columns = day, some.c.kind, func.count(), func.sum(some.c.amount), func.max(some.c.id)
    counted = select(*columns).group_by(day, some.c.kind)
    if conn.dialect.name != "sqlite":
        young = select(func.min(some.c.id)).where(some.c.time > now - _LAG)
        counted = counted.where(some.c.id < (conn.execute(young).scalar() or _NO_ID))
    rows = conn.execute(counted).all()
    for number, kind, count, amount, last in rows:
        _count(sums, number, kind, count, int(amount))
        sums.seen = max(sums.seen, last)
    return bool(sum(row[2] for row in rows) < _ROWS)


def _count(sums: _Sums, day: int, kind: str, count: int, amount: int) -> None:
    charges, used = sums.days.get(day, (0, 0))
    charges += count if kind == Kind.RESERVE else 0
    used -= 0 if kind in _NOT_USED else amount
    sums.days[day] = charges, used

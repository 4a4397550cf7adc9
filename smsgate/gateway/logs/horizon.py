"""Up to which event the logs may go: with several writers, a lower id may be committed later.

On PostgreSQL a *mark* is the newest event that was seen, and the transactions that ran then. Once
all of these have ended, no event before it can still come: transactions get their number with
their first change of a row, and events are never the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, String, cast, func, select

from smsgate.gateway import clock
from smsgate.gateway.tables import event

_MOST = 8  # marks that wait for their transactions


class Mark(NamedTuple):
    """The transaction before whose end it is not certain, and the event."""

    transaction: int
    event: int


_SNAPSHOT = func.pg_current_snapshot()
_QUERY = select(
    cast(cast(func.pg_snapshot_xmin(_SNAPSHOT), String), BigInteger),
    cast(cast(func.pg_snapshot_xmax(_SNAPSHOT), String), BigInteger),
    select(func.coalesce(func.max(event.c.id), 0)).scalar_subquery(),
)


def look(conn: Connection, marks: Sequence[Mark]) -> tuple[int | None, tuple[Mark, ...]]:
    """The last event before which nothing is to come, and the marks for the next look.

    To be asked before the transaction changes anything. None: all events may be written.
    """
    if clock.is_alone(conn):
        return None, ()
    oldest, following, newest = conn.execute(_QUERY).one()
    return decided(oldest, (*marks, Mark(following, newest)))


def decided(oldest: int, marks: Sequence[Mark]) -> tuple[int, tuple[Mark, ...]]:
    """The same, when ``oldest`` is the first transaction that has not ended."""
    certain = max((one.event for one in marks if one.transaction <= oldest), default=0)
    left = [one for one in marks if one.transaction > oldest]
    return certain, (*left[: _MOST - 1], *left[_MOST - 1 :][-1:])

"""Long tables piece by piece: the newest rows first, by their keys, and never all at once.

A piece begins where the one before ended, so that rows which are added meanwhile change nothing.
Where a condition has no index, only so many rows are looked at for one piece; there may be more
behind them, and it says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, select

#: Rows of a piece.
PAGE = 50
#: Rows that one statement looks at, and statements for one piece.
SCANNED, STATEMENTS = 20_000, 10
_NEWEST = 2**63 - 1

Row = Mapping[str, Any]


class Piece(NamedTuple):
    """Rows, and where the next ones begin: 0 at the end. ``is_cut``: it ends before it is full."""

    rows: Sequence[Row]
    before: int = 0
    is_cut: bool = False


def newest(  # noqa: PLR0913 - what is wanted
    conn: Connection,
    query: Select[Any],
    key: ColumnElement[int],
    *conditions: ColumnElement[bool],
    by_index: Sequence[ColumnElement[bool]] = (),
    before: int = 0,
    above: int = 0,
    most: int = PAGE,
) -> Piece:
    """At most ``most`` rows with the greatest keys below ``before`` (0: all) and above ``above``.

    ``by_index`` are conditions whose rows an index has in the order of the key.
    """
    found: list[Row] = []
    before = before or _NEWEST
    for _ in range(STATEMENTS):
        top = conn.execute(select(func.max(key)).where(key < before, *by_index)).scalar()
        if top is None or top <= above:
            return Piece(found)
        low = max(top - SCANNED, above)
        where = (key <= top, key > low, *by_index, *conditions)
        found += _rows(conn, query.where(*where).order_by(key.desc()), most + 1 - len(found))
        if len(found) > most:
            return _full(found, most)
        before = low + 1
    return Piece(found, before, is_cut=True)


def indexed(
    conn: Connection,
    query: Select[Any],
    key: ColumnElement[int],
    *conditions: ColumnElement[bool],
    before: int = 0,
) -> Piece:
    """The same where an index has the rows of the conditions in the order of the key."""
    where = (key < (before or _NEWEST), *conditions)
    found = _rows(conn, query.where(*where).order_by(key.desc()), PAGE + 1)
    return _full(found, PAGE) if len(found) > PAGE else Piece(found)


def _full(found: Sequence[Row], most: int) -> Piece:
    return Piece(found[:most], int(found[most - 1]["id"]))


def _rows(conn: Connection, query: Select[Any], most: int) -> list[Row]:
    return [dict(row) for row in conn.execute(query.limit(most)).mappings()]

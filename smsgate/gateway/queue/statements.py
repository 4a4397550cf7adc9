"""Statements that are compiled once, with their values as plain tuples.

Where thousands run in a second, making them of SQLAlchemy's expressions each time, and a dictionary
of each row, costs more than the database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    literal_column,
    update,
)

from smsgate.gateway.queue import arrays
from smsgate.gateway.states import State

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

_T = TypeVar("_T")
_Statement = Insert | Update | Select[*tuple[Any, ...]]
_Values = tuple[Any, ...]
#: How many values a list has in a statement: the list is filled up to the next of these lengths,
#: so that few statements are compiled.
_LENGTHS = (1, 10, 50, 200, 1000)
#: How many rows one statement adds: of each number the connection keeps a compiled statement.
_AT_ONCE = 100


class _Compiled(NamedTuple):
    sql: str
    constants: _Values  # values that come after those of the names
    order: tuple[int, ...] | None  # of all values, if it is another

    def arranged(self, values: _Values) -> _Values:
        """Its values, of those of the names."""
        found = values + self.constants
        return found if self.order is None else tuple(found[place] for place in self.order)


class _Text:
    """A statement's SQL with values in the order of ``names``."""

    def __init__(self, statement: _Statement, names: Sequence[str]) -> None:
        self._statement, self._names = statement, tuple(names)
        self._sql: dict[str, _Compiled] = {}

    def of(self, conn: Connection) -> _Compiled:
        name = conn.dialect.name
        if name not in self._sql:
            self._sql[name] = self._compiled(conn.dialect)
        return self._sql[name]

    def _compiled(self, dialect: Dialect) -> _Compiled:
        rows = isinstance(self._statement, Insert) and self._statement.select is None
        keys = self._names if rows else None
        found: Any = self._statement.compile(dialect=dialect, column_keys=keys)
        names = tuple(found.positiontup or ())
        if missing := set(self._names).difference(names):
            raise TypeError(f"expected the values {self._names}, found none of {missing}")
        others = tuple(dict.fromkeys(name for name in names if name not in self._names))
        known = self._names + others
        constants = tuple(found.params[name] for name in others)
        order = tuple(known.index(name) for name in names)
        return _Compiled(str(found), constants, None if names == known else order)


class Cursor(Protocol):
    """What a statement has found: plain rows."""

    def fetchone(self) -> Any: ...  # noqa: D102
    def fetchmany(self, size: int) -> Sequence[Any]: ...  # noqa: D102
    def fetchall(self) -> Sequence[Any]: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


def _execute(conn: Connection, sql: str, values: _Values, *, lazily: bool = False) -> Cursor:
    """Run a statement; SQLite's own cursor costs a fraction of SQLAlchemy's result."""
    raw = conn.connection.driver_connection
    if isinstance(raw, sqlite3.Connection):
        return raw.execute(sql, values)
    cursor: Any = conn.connection.cursor(server_side=lazily)
    cursor.execute(sql, values)
    return cursor  # type: ignore[no-any-return]


def is_postgresql(conn: Connection) -> bool:
    """Whether a statement takes arrays, and others may write at the same time."""
    return conn.dialect.name == "postgresql"


class Added:
    """New rows, each a tuple of the values of ``names`` in this order.

    Many go into one statement: with one for each, Python's lock changes hands at each row.
    """

    def __init__(self, table: Table, *names: str) -> None:
        self._table, self._names = table, names
        self._text = _Text(insert(table), names)
        self._arrays = ""
        self._row = f"({', '.join('?' * len(names))})"

    def __call__(self, conn: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """Add all rows; nothing for none."""
        if not rows:
            return
        if is_postgresql(conn):
            self._arrays = self._arrays or arrays.added(self._table, self._names, conn.dialect)
            _execute(conn, self._arrays, tuple(map(list, zip(*rows, strict=True))))
            return
        sql = self._text.of(conn).sql
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            values = tuple(chain.from_iterable(some))
            _execute(conn, sql + f", {self._row}" * (len(some) - 1), values)


class Changed:
    """New ``values``, which have parameters called ``names``, for rows.

    Rows are tuples: the parameters, values of the columns ``where``, and that of the column
    ``key``. Those that differ only in the key are changed by one statement.
    """

    def __init__(
        self,
        key: Column[Any],
        values: Mapping[str, Any],
        names: Iterable[str],
        where: Sequence[Column[Any]] = (),
    ) -> None:
        self._key, self._values, self._where = key, values, where
        self._names = (*names, *(one.name for one in where))
        self._texts: dict[int, _Text] = {}

    def __call__(self, conn: Connection, rows: Iterable[tuple[object, ...]]) -> None:
        """Change all rows; nothing for none."""
        if is_postgresql(conn):
            self._change_at_once(conn, list(rows))
            return
        same: dict[tuple[object, ...], list[object]] = {}
        for row in rows:
            same.setdefault(row[:-1], []).append(row[-1])
        for values, keys in same.items():
            for some in lots(keys):
                filled = _filled(some)
                found = self._of(len(filled)).of(conn)
                _execute(conn, found.sql, found.arranged((*values, *filled)))

    def _change_at_once(self, conn: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """One statement for all, which must not have the same row twice."""
        if not rows:
            return
        if 0 not in self._texts:
            statement = arrays.changed(self._key, self._values, self._names, self._where)
            self._texts[0] = _Text(statement, (*self._names, arrays.LISTED))
        found = self._texts[0].of(conn)
        _execute(conn, found.sql, found.arranged(tuple(map(list, zip(*rows, strict=True)))))

    def _of(self, size: int) -> _Text:
        if size not in self._texts:
            listed: list[BindParameter[Any]] = [bindparam(f"key_{n}") for n in range(size)]
            conditions = [one == bindparam(one.name) for one in self._where]
            statement = update(self._key.table).where(*conditions, self._key.in_(listed))
            names = (*self._names, *(one.key for one in listed))
            self._texts[size] = _Text(statement.values(dict(self._values)), names)
        return self._texts[size]


class Query:
    """A statement with the values of ``names``, in this order."""

    def __init__(self, statement: _Statement, *names: str) -> None:
        self._text = _Text(statement, names)

    def __call__(self, conn: Connection, *values: object) -> Cursor:
        """Its result."""
        found = self._text.of(conn)
        return _execute(conn, found.sql, found.arranged(values))

    def lazily(self, conn: Connection, *values: object) -> Cursor:
        """Its result, of which the database reads (and holds) little more than is fetched."""
        found = self._text.of(conn)
        return _execute(conn, found.sql, found.arranged(values), lazily=True)

    def rows(self, conn: Connection, *values: object) -> Sequence[Any]:
        """All rows."""
        return self(conn, *values).fetchall()

    def value(self, conn: Connection, *values: object) -> Any:
        """The first value of the first row; None if there is none."""
        found = self(conn, *values)
        row = found.fetchone()
        found.close()
        return row[0] if row else None


class Among:
    """A statement for a list of values of any length; ``make`` makes it of its condition.

    ``names`` are of further values that come before the list.
    """

    def __init__(
        self,
        column: ColumnElement[Any],
        make: Callable[[ColumnElement[bool]], _Statement],
        *names: str,
    ) -> None:
        self._column, self._make, self._names = column, make, names
        self._queries: dict[int, Query] = {}

    def __call__(self, conn: Connection, values: Iterable[object], *before: object) -> list[Any]:
        """The rows for the values, which must be unique."""
        found: list[Any] = []
        if is_postgresql(conn):
            listed = list(values)
            return list(self._in_array().rows(conn, *before, listed)) if listed else found
        for some in lots(values):
            filled = _filled(some)
            found += self._of(len(filled)).rows(conn, *before, *filled)
        return found

    def _in_array(self) -> Query:
        if 0 not in self._queries:
            statement = self._make(arrays.among(self._column))
            self._queries[0] = Query(statement, *self._names, arrays.LISTED)
        return self._queries[0]

    def _of(self, size: int) -> Query:
        if size not in self._queries:
            names = [f"in_{number}" for number in range(size)]
            listed: list[BindParameter[Any]] = [bindparam(name) for name in names]
            statement = self._make(self._column.in_(listed))
            self._queries[size] = Query(statement, *self._names, *names)
        return self._queries[size]


def lots(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Values in lists that are short enough for one statement."""
    rest = iter(values)
    while some := list(islice(rest, _LENGTHS[-1])):
        yield some


def _filled(some: list[_T]) -> list[_T]:
    """A list with its last value repeated, up to a length of which there is a statement."""
    size = next(size for size in _LENGTHS if size >= len(some))
    return some + some[-1:] * (size - len(some))


def added(table: Table, *names: str) -> Added:
    """New rows with values for these columns, which are in the order of the table."""
    return Added(table, *names)


def changed(table: Table, *names: str, **fixed: ColumnElement[Any]) -> Changed:
    """New values for these columns (in the table's order); each row of values ends with its id.

    ``fixed`` are expressions for other columns.
    """
    new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return Changed(table.c.id, new | fixed, [one.key for one in new.values()])


def state_is(*states: State) -> ColumnElement[bool]:
    """The condition of a partial index of messages, word for word, without parameters."""
    values = [f"'{state}'" for state in states]
    words = f"= {values[0]}" if len(values) == 1 else f"IN ({', '.join(values)})"
    return literal_column(f"state {words}")

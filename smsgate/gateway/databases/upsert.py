"""Rows that are added, or changed if their key is there: each database says it in its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_INSERTS: Mapping[str, Callable[[Table], Any]] = MappingProxyType(
    {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
)


def add(
    conn: Connection, table: Table, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> None:
    """Add rows of the same columns; those whose primary key is there stay as they are."""
    if rows:
        conn.execute(_INSERTS[conn.dialect.name](table).on_conflict_do_nothing(), rows)


def upsert(
    conn: Connection, table: Table, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> None:
    """Add rows of the same columns; those whose primary key is there get the new values."""
    if not rows:
        return
    several = [rows] if isinstance(rows, Mapping) else rows
    query = _INSERTS[conn.dialect.name](table)
    keys = [column.name for column in table.primary_key]
    changed = {name: query.excluded[name] for name in several[0] if name not in keys}
    conn.execute(query.on_conflict_do_update(index_elements=keys, set_=changed), several)

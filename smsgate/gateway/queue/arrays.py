"""How PostgreSQL takes many values: each column is one array, so that a statement has any length.

One statement for all rows costs a fraction of one for each, and its plan is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Column,
    ColumnElement,
    Table,
    Update,
    any_,
    bindparam,
    func,
    update,
)
from sqlalchemy.sql.visitors import replacement_traverse

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

#: The name of a list's parameter.
LISTED = "listed"


def among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a column has one of the values of a list."""
    listed: BindParameter[Any] = bindparam(LISTED, type_=ARRAY(column.type))
    return column == any_(listed)


def added(table: Table, names: Sequence[str], dialect: Dialect) -> str:
    """A statement that adds rows, in their order; its values are the columns."""
    quoted = dialect.identifier_preparer
    columns = ", ".join(quoted.quote(name) for name in names)
    types = [table.c[name].type.dialect_impl(dialect) for name in names]
    arrays = ", ".join(
        f"CAST(${number} AS {dialect.type_compiler_instance.process(one)}[])"
        for number, one in enumerate(types, 1)
    )
    into = quoted.format_table(table)
    return f"INSERT INTO {into} ({columns}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names of ours


def changed(
    key: Column[Any],
    values: Mapping[str, Any],
    names: Sequence[str],
    where: Sequence[Column[Any]],
) -> Update:
    """A statement that changes rows; its parameters ``names``, and then the key, are arrays.

    ``values`` have parameters called as the first of the names; the last are of ``where``.
    """
    kinds = {one.name: one.type for one in where} | _kinds(key.table, values)
    arrays: list[BindParameter[Any]] = [bindparam(name, type_=ARRAY(kinds[name])) for name in names]
    keys: BindParameter[Any] = bindparam(LISTED, type_=ARRAY(key.type))
    new = func.unnest(*arrays, keys).table_valued(*names, LISTED, name="new").render_derived()

    def of_row(element: Any, **_: Any) -> Any:
        known = isinstance(element, BindParameter) and element.key in names
        return new.c[element.key] if known else None

    changes = {name: replacement_traverse(one, {}, of_row) for name, one in values.items()}
    conditions = [one == new.c[one.name] for one in where]
    return update(key.table).where(*conditions, key == new.c[LISTED]).values(changes)


def _kinds(table: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The types of parameters: those of their columns, or of what they are in."""
    found: dict[str, Any] = {}

    def note(element: Any, **_: Any) -> None:
        if isinstance(element, BindParameter):
            found[element.key] = element.type

    for name, one in values.items():
        if isinstance(one, BindParameter):
            found[one.key] = table.c[name].type
        else:
            replacement_traverse(one, {}, note)
    return found

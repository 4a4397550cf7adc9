"""What ``formats.json`` should hold, read from the formats themselves."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from converters import plugins
from converters.api import AnyConverter, Viewer
from converters.installed import CONVERTERS, VIEWERS, Row
from converters.known import description


def format_table() -> dict[str, dict[str, Row]]:
    """A row for each entry point of this package, by group."""
    return {group: _rows(group, row_of) for group, row_of in _ROWS.items()}


def _rows(group: str, row_of: Callable[[Any], Row]) -> dict[str, Row]:
    points = sorted(entry_points(group=group), key=lambda point: point.name)
    ours = (point for point in points if plugins.is_ours(point))
    return {f"{point.name}={point.value}": row_of(point.load()) for point in ours}


def _converter(row: AnyConverter) -> Row:
    return {**description(row), "specific": row.specific, "sniff": _place(row.sniff)}


def _viewer(row: Viewer) -> Row:
    accepts = row.accepts and _place(row.accepts)
    return {"kind": row.kind, "port": row.port, "specific": row.specific, "accepts": accepts}


def _place(function: Callable[..., object]) -> str:
    return f"{function.__module__}:{function.__qualname__}"


_ROWS: dict[str, Callable[[Any], Row]] = {CONVERTERS: _converter, VIEWERS: _viewer}

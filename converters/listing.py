"""What the formats say of themselves, without loading them.

To load every format takes longer than all the rest of the command, so what ours say stands in a
table, which ``tools/format-table`` makes and a test keeps true. Where another distribution adds a
format, or one of ours is not in the table yet, all of them are asked instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from converters.api import AnyConverter

TABLE = Path(__file__).with_name("formats.json")


def formats() -> Iterator[Mapping[str, Any]]:
    """Name, summary, suffixes and options of each format, in order of names.

    Raises RegistryError where two formats have one name, or one cannot be loaded.
    """
    table = json.loads(TABLE.read_text("utf-8"))
    found = [f"{point.name}={point.value}" for point in entry_points(group=_GROUP)]
    return iter(table.values()) if sorted(found) == sorted(table) else loaded()


_GROUP = "smsenc.converters"


def loaded() -> Iterator[Mapping[str, Any]]:
    """The same as ``formats``, asked of the formats themselves."""
    from converters import registry  # noqa: PLC0415 - heavy, wanted only here

    return map(_said, registry.converters().values())


def _said(row: AnyConverter) -> dict[str, Any]:
    return {
        "name": row.name,
        "summary": row.summary,
        "suffixes": list(row.suffixes),
        "options": {option.name: option.summary for option in row.options},
    }

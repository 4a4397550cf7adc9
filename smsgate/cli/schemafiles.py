"""The JSON Schemas of what commands print with ``--json``: files in ``smsgate/schemas``.

Each has an ``$id``, and the others refer to it by that. A URN has no folder, so that relative
references would not resolve (RFC 3986, 5.2). ``bundled`` adds what a schema refers to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "schemas"
#: Schemas that are not of one command.
SHARED = ("common", "error")
_URN = re.compile(r"urn:smsenc:schema:([a-z-]+):1")


def names() -> list[str]:
    """The names of all schemas: commands with ``-`` for a space, and ``SHARED``."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> dict[str, Any]:
    """The schema in the file of that name, which is one of ``names``."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def bundled(name: str) -> dict[str, Any]:
    """The schema with all others that it refers to, under their ``$id`` in ``$defs``.

    JSON Schema 2020-12, Core 9.3: such a compound document says the same.
    """
    found = load(name)
    needed: dict[str, Any] = {}
    _collect(found, needed, name)
    return found | {"$defs": found.get("$defs", {}) | needed} if needed else found


def _collect(schema: Mapping[str, Any], needed: dict[str, Any], own: str) -> None:
    for other in dict.fromkeys(_referred(schema)):
        if other != own and other not in needed:
            needed[other] = load(other)
            _collect(needed[other], needed, own)


def _referred(schema: object) -> Iterator[str]:
    """The names of the schemas in each ``$ref``, at any depth."""
    if isinstance(schema, Mapping):
        if found := _URN.match(str(schema.get("$ref", ""))):
            yield found[1]
        for value in schema.values():
            yield from _referred(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _referred(value)

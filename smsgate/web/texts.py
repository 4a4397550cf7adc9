"""The words of the pages: one catalogue, a folder of TOML files for each language.

[studio]                        # catalogue/en/studio.toml
drop = "Drop a file here"
parts.one = "{count} part"
parts.other = "{count} parts"

text("studio.drop")
text("studio.parts", count=2)   # the count chooses
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

LANGUAGE = "en"


def text(key: str, **given: object) -> str:
    """The text of a key with its placeholders filled; raises KeyError for a key that is not there.

    With ``count``, a key may have two texts: ``.one`` and ``.other``.
    """
    found = catalogue()
    if key not in found and "count" in given:
        key = f"{key}.one" if given["count"] == 1 else f"{key}.other"
    return found[key].format_map(given) if given else found[key]


@cache
def catalogue(language: str = LANGUAGE) -> Mapping[str, str]:
    """All texts of a language by their keys."""
    folder = files(__package__) / "catalogue" / language
    found: dict[str, str] = {}
    for one in sorted(folder.iterdir(), key=lambda path: path.name):
        found |= _flat("", tomllib.loads(one.read_text("utf-8")))
    return found


def _flat(prefix: str, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", str(value)

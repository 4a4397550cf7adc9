"""Which formats are installed: the entry points of this package and of others.

Those of this package are in ``formats.json``, with what a search needs to know of them; all formats
take longer to load than most commands take for everything else. ``importlib.metadata`` takes as
long as several formats, so that it is loaded only where another package has some.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from converters.loading import found

CONVERTERS, VIEWERS = GROUPS = "smsenc.converters", "smsenc.viewers"
#: What the formats of this package say about themselves; tools/format-table writes it.
TABLE = Path(__file__).with_name("formats.json")
#: The folders and files in which distributions are described, without regard to case.
_DISTRIBUTIONS = (".dist-info", ".egg-info", "egg-info")

#: A row of ``TABLE``; which values it has depends on its group.
Row = Mapping[str, Any]


class Point(Protocol):
    """An entry point, as ``importlib.metadata`` has them."""

    @property
    def name(self) -> str:
        """What the entry point is called."""

    @property
    def value(self) -> str:
        """Module and object, with a colon between."""

    def load(self) -> object:
        """The object; raises whatever its module raises."""


class OurPoint(NamedTuple):
    """An entry point of this package."""

    name: str
    value: str

    def load(self) -> object:
        """The object; raises ImportError or AttributeError if there is none."""
        return found(self.value)


def table() -> Mapping[str, Mapping[str, Row]]:
    """The rows of ``TABLE`` by group, and there by entry point: ``name=module:object``."""
    rows: dict[str, dict[str, Row]] = json.loads(TABLE.read_text("utf-8"))
    return rows


def ours(rows: Mapping[str, Row]) -> list[Point]:
    """The entry points of this package."""
    return [OurPoint(*key.split("=", 1)) for key in rows]


def others_may_have(known: Mapping[str, Mapping[str, Row]]) -> bool:
    """Whether any other package may have formats; ``known`` are those of this one.

    True also where only ``importlib.metadata`` can tell, as in an archive.
    """
    finders = (one for one in sys.meta_path if hasattr(one, "find_distributions"))
    if sum(1 for _ in finders) > 1:  # more than the one for folders
        return True
    return any(_has_others(folder, known) for folder in sys.path)


def _has_others(folder: str, known: Mapping[str, Mapping[str, Row]]) -> bool:
    try:
        names = os.listdir(folder or ".")
    except NotADirectoryError:
        return True
    except OSError:
        return False
    for name in names:
        if name.lower().endswith(_DISTRIBUTIONS):
            octets = _read(Path(folder, name, "entry_points.txt"))
            entries = _entries(octets.decode("utf-8", "replace")) if b"smsenc." in octets else ()
            if any(one not in known[group] for group, one in entries):
                return True
    return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Group and ``name=value`` of the entry points that are formats."""
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.strip("[] \t")
        elif group in GROUPS and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield group, f"{name.strip()}={value.strip()}"

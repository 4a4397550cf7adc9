"""What is known of converters and viewers before they are loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypedDict

from converters.api import AnyConverter, Viewer
from converters.plugins import Plugin
from smsenc import Payload


class Description(TypedDict):
    """What a format says about itself; ``options`` are summaries by name."""

    name: str
    summary: str
    suffixes: list[str]
    options: dict[str, str]


class Listed(Description):
    """A description with the package of the format: ``Plugin.record``, or None for this one."""

    plugin: dict[str, str] | None


class Known(NamedTuple):
    """What is known of a converter before it is loaded."""

    description: Description
    specific: bool
    sniff: Callable[[bytes], bool]
    load: Callable[[], AnyConverter]
    plugin: Plugin | None = None

    @property
    def name(self) -> str:
        """The converter's name."""
        return self.description["name"]

    @property
    def suffixes(self) -> list[str]:
        """The suffixes of its files."""
        return self.description["suffixes"]


class KnownViewer(NamedTuple):
    """What is known of a viewer before it is loaded."""

    kind: str
    port: int | None
    specific: bool
    accepts: Callable[[Payload], bool] | None
    load: Callable[[], Viewer]


def description(row: AnyConverter) -> Description:
    """What a converter says about itself."""
    return {
        "name": row.name,
        "summary": row.summary,
        "suffixes": list(row.suffixes),
        "options": {option.name: option.summary for option in row.options},
    }

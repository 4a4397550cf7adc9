"""Properties of a card or an event as they are written, with their importance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from converters.shared import fitting
from converters.shared.contentlines.values import unescape
from converters.shared.contentlines.writing import content_line, escape

#: The fields of a row as a plain tuple, which takes half as long to make.
RowFields = tuple[str, str, int, tuple[str, ...]]


class Row(NamedTuple):
    """A property to be written: ``text`` has its escapes, ``rank`` is that of ``fitting.Field``."""

    name: str
    text: str
    rank: int
    types: tuple[str, ...] = ()

    def line(self, charset: str) -> bytes:
        """Octets of the property."""
        return content_line(self.name, self.text, self.types, charset)

    def beginning(self, charset: str, most: int) -> bytes | None:
        """Octets of the property with its text cut to ``most`` octets; None if little is left."""

        def write(text: str) -> bytes:
            return content_line(self.name, escape(text), self.types, charset)

        return fitting.shortened(unescape(self.text), write, most)


def lines(rows: Iterable[RowFields], charset: str) -> list[bytes]:
    """Octets of each property. This loop runs for every card; a method call would slow it."""
    return [content_line(name, text, types, charset) for name, text, _rank, types in rows]

"""The map of a message's octets as lines of at most 80 columns, plain or in colours.

place  octets or bits   field: value                                 clause
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import zip_longest

from converters.received.octetmaps import Explained
from smsenc.octetmap import Field, Map
from smsenc.octetmap.messagefiles import TITLE, Places
from smsgate.masking import cleaned

_PLACE, _OCTETS, _TEXT, _CLAUSE = 6, 11, 42, 18  # columns, with a space between two of them
_MOST_OCTETS = 8  # of a field
_MOST_TEXT = 400  # characters of a value
_INDENT, _DEEPEST = 2, 6


class Style(StrEnum):
    """Sequences of a terminal (ECMA-48, 8.3.117)."""

    PLAIN = ""
    BOLD = "1"
    QUIET = "2"
    WRONG = "1;31"

    def of(self, text: str) -> str:
        """Text in this style."""
        return f"\x1b[{self.value}m{text}\x1b[0m" if self and text.strip() else text


def lines(found: Explained, *, everything: bool, colours: bool) -> Iterator[str]:
    """A heading, and a line or more for each field.

    Without ``everything`` septets are left out, and what is below a field of bits.
    """
    for style, line in _heading(found):
        yield style.of(line) if colours else line
    columns = _Columns(found.map, colours=colours)
    for depth, field, parent in _walk(found.map.fields, everything=everything):
        yield from columns.lines(depth, field, parent)


def _heading(found: Explained) -> Iterator[tuple[Style, str]]:
    count = len(found.map.octets)
    size = f"{count} octet{'' if count == 1 else 's'}"
    yield from _wrapped(Style.BOLD, f"{cleaned(found.place)}: {found.map.title}, {size}")
    for other in found.others:
        yield from _wrapped(Style.QUIET, f"  could also be {other} (--as)")
    faults = found.map.faults
    if faults:
        yield Style.WRONG, f"  {faults} fault{'' if faults == 1 else 's'}"


def _wrapped(style: Style, text: str) -> Iterator[tuple[Style, str]]:
    for line in textwrap.wrap(text, 80, subsequent_indent="  "):
        yield style, line


def _walk(
    fields: Iterable[Field], depth: int = 0, parent: Field | None = None, *, everything: bool
) -> Iterator[tuple[int, Field, Field | None]]:
    for field in fields:
        if everything or not _is_detail(field, parent):
            yield depth, field, parent
            yield from _walk(field.children, depth + 1, field, everything=everything)


def _is_detail(field: Field, parent: Field | None) -> bool:
    """Whether a field is only shown if everything is."""
    if parent and (parent.bits is not None or parent.clause == TITLE):
        return True
    return field.name == "septet"


class _Columns:
    """The columns of a map, whose places are octets, or lines and columns of a file."""

    def __init__(self, found: Map, *, colours: bool) -> None:
        self._map = found
        self._colours = colours
        self._places = Places(found.octets) if found.title == TITLE else None

    def lines(self, depth: int, field: Field, parent: Field | None) -> Iterator[str]:
        """The lines of a field."""
        margin = " " * (_INDENT * min(depth, _DEEPEST))
        is_same = self._places or (parent and parent.clause == field.clause)
        clause = "" if is_same else _short(field.clause)
        width = _TEXT + (_OCTETS + 1 + _CLAUSE + 1 if self._places else 0)
        rows = zip_longest(
            [self._place(field)],
            self._octets(field),
            textwrap.wrap(_said(field), width - len(margin), subsequent_indent="  "),
            textwrap.wrap(clause, _CLAUSE),
            fillvalue="",
        )
        for place, octets, text, words in rows:
            yield self._joined(place, octets, margin + text, words)
        if field.fault:
            for line in textwrap.wrap(cleaned(field.fault), 78 - _PLACE - len(margin)):
                yield self._styled(Style.WRONG, f"{'':{_PLACE}} {margin}^ {line}")

    def _joined(self, place: str, octets: str, text: str, clause: str) -> str:
        where = self._styled(Style.QUIET, f"{place:>{_PLACE}}")
        last = self._styled(Style.QUIET, clause)
        if self._places:
            return f"{where} {text}".rstrip()
        return f"{where} {octets:{_OCTETS}} {text:{_TEXT}} {last}".rstrip()

    def _styled(self, style: Style, text: str) -> str:
        return style.of(text) if self._colours else text

    def _place(self, field: Field) -> str:
        if self._places:
            return "{}:{}".format(*self._places.of(field.start))
        return f"{field.start}"

    def _octets(self, field: Field) -> list[str]:
        """Bits, an octet on a line; or octets, if no field below has them."""
        if self._places or any(child.bits is None for child in field.children):
            return []
        shown = self._map.shown(field, _MOST_OCTETS)
        if field.bits is not None and isinstance(field.value, int):
            return [shown[n : n + 9] for n in range(0, len(shown), 10)]
        more = field.end - field.start > _MOST_OCTETS
        return textwrap.wrap(shown + (" …" if more else ""), _OCTETS + 1)


def _said(field: Field) -> str:
    """Name and value; octets are in their own column."""
    shown = field.meaning if isinstance(field.value, bytes) else field.text
    text = cleaned(shown, _MOST_TEXT)
    return f"{cleaned(field.name)}: {text}" if text else cleaned(field.name)


def _short(clause: str) -> str:
    return clause.removeprefix("3GPP TS ")

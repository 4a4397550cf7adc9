"""A logical line to a property: name, parameters and value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from converters.shared.words import unquoted

#: Name and value of each parameter of a line.
Params = tuple[tuple[str, str], ...]
#: Name and parameters of a line may have this many octets.
MOST_HEAD_OCTETS = 4096
#: Heads of lines that are cached. A source has few different ones: parsing each only once saves a
#: sixth of the time of a card.
MOST_CACHED = 512
#: Longer heads are not cached, so that the caches stay small.
MOST_CACHED_OCTETS = 256


@dataclass(slots=True)
class Line:
    """A property: names in capitals, the value as it is in the source, but unfolded.

    A bare parameter is a TYPE, or an ENCODING if it names one. A line without a colon has no name
    and is all value. The class is not frozen, because that doubles the time to make one and
    nothing else is made so often; nevertheless nothing changes a line.
    """

    name: str
    params: Params
    raw: bytes
    number: int

    @property
    def label(self) -> str:
        """Name of the property in a loss."""
        return unquoted(self.name) or "unreadable line"

    def param(self, name: str) -> str:
        """First value of a parameter, empty if it is missing."""
        return _first(self.params, name)

    @property
    def types(self) -> tuple[str, ...]:
        """All values of TYPE, in capitals; lists are split, quoted or not."""
        return types_of(self.params)


def _first(params: Params, name: str) -> str:
    for key, value in params:
        if key == name:
            return value
    return ""


def types_of(params: Params) -> tuple[str, ...]:
    """The values of ``Line.types``."""
    values = (value for key, value in params if key == "TYPE")
    return tuple(t for v in values for t in (p.strip().upper() for p in v.split(",")) if t)


#: Encodings as they are written, and the three that matter under one name each.
_ENCODINGS = {
    "QUOTED-PRINTABLE": "QUOTED-PRINTABLE",
    "BASE64": "BASE64",
    "B": "BASE64",
    "QUOTEDPRINTABLE": "QUOTED-PRINTABLE",
    "QP": "QUOTED-PRINTABLE",
    "Q": "QUOTED-PRINTABLE",
    "8BIT": "",
    "7BIT": "",
    "8-BIT": "",
    "7-BIT": "",
    "BINARY": "",
    "UTF-8": "",  # a charset in the wrong place
    "": "",
}
#: An encoding that is none of these.
UNKNOWN = "UNKNOWN"


@lru_cache(MOST_CACHED)  # without it, cards take 4 % longer
def encoding_and_charset(params: Params) -> tuple[str, str]:
    """QUOTED-PRINTABLE, BASE64, UNKNOWN or nothing, and the charset as declared or nothing."""
    encoding = _ENCODINGS.get(_first(params, "ENCODING").upper(), UNKNOWN)
    return encoding, _first(params, "CHARSET")


_HEAD = re.compile(rb'([^;:"]*)((?:;(?:"[^"]*"|[^";:])*+)*+):')
_LOOSE_HEAD = re.compile(rb"([^;:]*)((?:;[^;:]*)*+):")  # for a quote that is not closed
_PARAM = re.compile(rb';((?:"[^"]*"|[^";])*+)')
_LOOSE_PARAM = re.compile(rb";([^;]*)")


def parse_line(number: int, octets: bytes) -> Line:
    """Parts of a logical line. A group (``item1.TEL``) is dropped: no phone knows them."""
    head, colon, raw = octets.partition(b":")
    plain = _plain_head(head) if colon and len(head) <= MOST_CACHED_OCTETS else None
    if not plain:
        return _parse_quoted(number, octets)
    name, params = plain
    return Line(name, params, raw, number)


@lru_cache(MOST_CACHED)
def _plain_head(head: bytes) -> tuple[str, Params] | None:
    """Name and parameters of a head without quotes; None for one with quotes."""
    if b'"' in head:
        return None
    name, *params = _utf_8(head).split(";")
    return _name(name), tuple(map(_parameter, params))


def _parse_quoted(number: int, octets: bytes) -> Line:
    match, param = _HEAD.match(octets, 0, MOST_HEAD_OCTETS), _PARAM
    if not match:
        match, param = _LOOSE_HEAD.match(octets, 0, MOST_HEAD_OCTETS), _LOOSE_PARAM
    if not match:
        return Line("", (), octets, number)
    params = tuple(_parameter(_utf_8(text)) for text in param.findall(match[2]))
    return Line(_name(_utf_8(match[1])), params, octets[match.end() :], number)


def _utf_8(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


def _name(text: str) -> str:
    return text.rpartition(".")[2].strip().upper()


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if equals:
        return name.strip().upper(), value.replace('"', "").strip()
    bare = text.strip()
    return ("ENCODING" if bare and bare.upper() in _ENCODINGS else "TYPE"), bare

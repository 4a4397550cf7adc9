"""The limits of one gateway: what differs from gateway to gateway.

The default is Clickatell's FTP connection, for which the format was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from smsenc.errors import OptionError, SplitError
from smsenc.messagefile.parameters import CONTROL, CREDENTIALS, KEYS, MOST_PARTS, canonical
from smsenc.model import USER_DATA_OCTETS, Coding
from smsenc.splitting import STANDARD, Limits

LINE_ENDS = MappingProxyType({"lf": "\n", "crlf": "\r\n", "cr": "\r"})
#: What a phone receives as a line break, by the septets that it takes.
LINE_BREAKS = MappingProxyType({1: "\n", 2: "\r\n"})
# The charsets of which ASCII is a part, so that we and the gateway find the same lines.
_CHARSETS = re.compile("us-ascii|utf-8|iso-8859-([1-9]|1[013-6])|windows-125[0-8]")
# ``udh:`` with the longest header must fit, and the longest credential.
_SHORTEST_LINE = 300
_MOST_MESSAGES = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One gateway's limits; raises OptionError with the name of one that is not possible.

    ``longest_line`` counts octets without the line end. ``most_messages`` is the number of
    recipients or rows in a file, ``line_break`` the septets that a further ``text:`` line takes,
    ``most_parts`` the largest ``concat``. ``limits`` say how much fits in a part.
    """

    name: str = "clickatell"
    summary: str = "Clickatell's FTP connection, specification 2.3.8"
    charset: str = "iso-8859-1"
    line_end: str = "lf"
    longest_line: int = 8192
    most_messages: int = 100_000
    line_break: int = 2
    most_parts: int = MOST_PARTS
    limits: Limits = STANDARD
    keys: tuple[str, ...] = KEYS

    def __post_init__(self) -> None:
        if not _CHARSETS.fullmatch(self.charset):
            raise _refusal("charset", "us-ascii, utf-8, iso-8859-N or windows-125N", self.charset)
        _one_of("line-end", LINE_ENDS, self.line_end)
        _one_of("line-break", LINE_BREAKS, self.line_break)
        _within("longest-line", _SHORTEST_LINE, 1_000_000, self.longest_line)
        _within("most-messages", 1, _MOST_MESSAGES, self.most_messages)
        _within("most-parts", 1, MOST_PARTS, self.most_parts)
        unknown = next((key for key in self.keys if canonical(key) != key), None)
        if unknown is not None:
            raise _refusal("keys", f"keys among {', '.join(KEYS)}", unknown)
        missing = next((key for key in (*CREDENTIALS, "text", "to") if key not in self.keys), None)
        if missing is not None:
            raise OptionError(f"expected {missing} among the keys, found none", name="keys")

    def writable(self, character: str) -> bool:
        """Whether a ``text:`` line can hold a character: in the charset and not a control."""
        if character == "\n":
            return True
        try:
            character.encode(self.charset)
        except UnicodeEncodeError:
            return False
        return not CONTROL.match(character)

    def room(self, coding: Coding) -> tuple[int, int]:
        """How many units fit in a message of one part, and in each part of a longer one."""
        header = 7 if self.limits.wide else 6  # with its length octet (23.040, 9.2.3.24.1 and .8)
        unit = 2 if coding is Coding.UCS2 else 1
        alone, part = self.limits.room(0, coding), self.limits.room(header, coding)
        return alone // unit, part // unit


def from_table(name: str, table: Mapping[str, object]) -> Profile:
    """The profile in a parsed TOML file; what the file leaves out is as in ``clickatell``.

    Raises OptionError that names the key.
    """
    unknown = next((key for key in table if key not in _TYPES), None)
    if unknown is not None:
        raise OptionError(f"expected one of {', '.join(_TYPES)}, found {unknown!r}", name=name)
    for key, value in table.items():
        kind = _TYPES[key]
        if type(value) is not kind:
            raise _refusal(key, _KINDS[kind], value)
    # The types have been checked against ``_TYPES``.
    values: dict[str, Any] = {key.replace("-", "_"): value for key, value in table.items()}
    octets = values.pop("part_octets", USER_DATA_OCTETS)
    bits = values.pop("reference_bits", 8)
    _one_of("reference-bits", (8, 16), bits)
    if "keys" in values:
        values["keys"] = tuple(map(str, values["keys"]))
    return Profile(name=name, limits=_limits(octets, wide=bits == 16), **values)


def _limits(octets: int, *, wide: bool) -> Limits:
    try:
        return Limits(octets=octets, wide=wide)
    except SplitError as error:
        raise OptionError(error.message, name="part-octets") from None


_KINDS = {str: "a text", int: "a whole number", list: "a list of keys"}
#: The keys of a profile file, and the types of their values.
_TYPES: Mapping[str, type] = MappingProxyType(
    {
        "summary": str,
        "charset": str,
        "line-end": str,
        "longest-line": int,
        "most-messages": int,
        "line-break": int,
        "most-parts": int,
        "part-octets": int,
        "reference-bits": int,
        "keys": list,
    }
)


def to_table(profile: Profile) -> dict[str, str | int | list[str]]:
    """The inverse of ``from_table``: every key of a profile file, with its value."""
    given = {f.name.replace("_", "-"): getattr(profile, f.name) for f in fields(profile)}
    limits: Limits = given.pop("limits")
    given |= {
        "keys": list(profile.keys),
        "part-octets": limits.octets,
        "reference-bits": 16 if limits.wide else 8,
    }
    return {key: given[key] for key in _TYPES}


def _refusal(name: str, expected: str, found: object) -> OptionError:
    return OptionError(f"expected {expected}, found {found!r}", name=name)


def _one_of(name: str, known: Iterable[object], found: object) -> None:
    if found not in known:
        raise _refusal(name, f"one of {', '.join(map(str, known))}", found)


def _within(name: str, low: int, high: int, found: int) -> None:
    if not low <= found <= high:
        raise _refusal(name, f"a whole number {low} to {high}", found)


#: The limits of Clickatell's FTP connection.
CLICKATELL = Profile()

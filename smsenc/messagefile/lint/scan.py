"""A message file as lines, whatever it contains, for the checks. Nothing here raises."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from smsenc.messagefile.parameters import (
    BLANKS,
    MOST_LINES,
    UTF8_MARK,
    canonical,
    line_at,
    lines_of,
)
from smsenc.messagefile.profile import CLICKATELL, Profile
from smsenc.messagefile.reader import OF_RECIPIENTS


class Line(NamedTuple):
    """A line: ``column`` is where the value begins, ``key`` the standard spelling of ``name``."""

    number: int
    text: str
    name: str
    key: str | None
    value: str
    column: int

    @property
    def trimmed(self) -> str:
        """The value without spaces and tabs at its ends."""
        return self.value.strip(BLANKS)


class Scan(NamedTuple):
    """A file as lines; a line without a colon has no name.

    A file may be all line ends, so empty lines are only counted, and so are lines beyond those that
    are checked: ``recipients`` and ``others`` say how many there are, ``ends`` how many line ends.
    """

    octets: bytes
    lines: tuple[Line, ...]
    profile: Profile
    broken_at: int | None
    recipients: int = 0
    others: int = 0
    ends: int = 0
    utf8_at: int | None = None  #: the first line that is UTF-8, where another charset is expected

    @property
    def unchecked(self) -> str:
        """How many lines are only counted, to follow another count; empty if all are checked."""
        count = self.recipients + self.others - len(self.lines)
        return f"; {count} lines are not checked" if count else ""

    def named(self, key: str) -> tuple[Line, ...]:
        """The lines of a key, in any spelling."""
        return tuple(line for line in self.lines if line.key == key)

    def value(self, key: str) -> str:
        """The trimmed value of a key's first line, or an empty text."""
        return next((line.trimmed for line in self.lines if line.key == key), "")


class Place(NamedTuple):
    """A place and what is wrong there; line and column from 1, 0 for the complete file.

    ``error`` is the number of the gateway's error if it is not that of the rule, 0 for none.
    """

    line: int
    column: int
    found: str
    error: int | None = None


def at(line: Line, found: str, offset: int = 0, error: int | None = None) -> Place:
    """A place in a line's value."""
    return Place(line.number, line.column + offset, found, error)


_MOST_SHOWN = 40


def shown(text: str) -> str:
    """A text from a file as a finding shows it."""
    return repr(text) if len(text) <= _MOST_SHOWN else f"{len(text)} characters"


def scan(octets: bytes, profile: Profile = CLICKATELL) -> Scan:
    """The lines of a file; octets that are not in the charset become U+FFFD."""
    body = octets.removeprefix(UTF8_MARK)
    text, broken = decoded(body, profile.charset)
    lines: list[Line] = []
    recipients = others = ends = 0
    for ends, one in enumerate(lines_of(text)):
        if not one.strip(BLANKS):
            continue
        line = line_of(ends + 1, one)
        if line.key in OF_RECIPIENTS:
            recipients += 1
            kept = recipients <= profile.most_messages + MOST_LINES
        else:
            others += 1
            kept = others <= MOST_LINES
        if kept:
            lines.append(line)
    utf8 = _utf8_at(body, profile.charset)
    return Scan(octets, tuple(lines), profile, broken, recipients, others, ends, utf8)


def _utf8_at(octets: bytes, charset: str) -> int | None:
    """The first line with a character of UTF-8; in another charset such octets mean nothing."""
    if octets.isascii() or codecs.lookup(charset).name == "utf-8":
        return None
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return None
    first = next(place for place, character in enumerate(text) if character > "\x7f")
    return line_at(octets, len(text[:first].encode()))


def decoded(octets: bytes, charset: str) -> tuple[str, int | None]:
    """The text, and the first line with octets that are not in the charset."""
    try:
        return octets.decode(charset), None
    except UnicodeDecodeError as error:
        return octets.decode(charset, "replace"), line_at(octets, error.start)


def line_of(index: int, text: str) -> Line:
    """A line with its number."""
    name, colon, value = text.partition(":")
    if not colon:
        return Line(index, text, "", None, text, 1)
    name = name.strip(BLANKS)
    column = len(text) - len(value) + 1 + value.startswith(" ")
    return Line(index, text, name, canonical(name), value.removeprefix(" "), column)

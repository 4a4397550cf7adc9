"""Texts as they are sent: line breaks, spaces, and no characters that a phone does not show.

``count``, ``convert`` and ``batch`` all send what ``clean_text`` returns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Treatment(StrEnum):
    """What is done with a character that cannot be sent as it is."""

    BREAK = "replaced: by a line break each"
    SPACE = "replaced: by a space each"
    LEFT_OUT = "left out: no phone shows them"
    IGNORED = "ignored: no phone shows them"


@dataclass(frozen=True, slots=True)
class Change:
    """Characters of one kind that were changed: how many, and the line of the first, from 1."""

    what: str
    treatment: Treatment
    count: int
    line: int

    @property
    def counted(self) -> str:
        """``1 tab``, ``2 tabs``."""
        return f"{self.count:,} {self.what}{'' if self.count == 1 else 's'}"

    def __str__(self) -> str:
        return f"{self.counted} {self.treatment}"


class CleanText(NamedTuple):
    """A text as it is sent, and what was changed; line breaks are line feeds."""

    text: str
    changes: tuple[Change, ...] = ()


_TAB, _LINE, _UNIT = "tab", "line separator", "unit separator"
_CONTROL, _UNSEEN = "control character", "invisible character"
_KINDS = {
    "\t": (_TAB, Treatment.SPACE),
    "\x1f": (_UNIT, Treatment.SPACE),
    **dict.fromkeys("\v\f\x1c\x1d\x1e\x85\u2028\u2029", (_LINE, Treatment.BREAK)),
    **dict.fromkeys("\u00ad\u2060\u2061\u2062\u2063\u2064\ufeff", (_UNSEEN, Treatment.IGNORED)),
}
_INSTEAD = {
    Treatment.BREAK: "\n",
    Treatment.SPACE: " ",
    Treatment.LEFT_OUT: "",
    Treatment.IGNORED: "",
}
_OTHER_CONTROL = (_CONTROL, Treatment.LEFT_OUT)
_NOT_SEEN = (_UNSEEN, Treatment.IGNORED)

# Marks that some scripts need, and the characters beside which they say something: spaces without
# width, joiners, and marks of direction.
_SPACES, _JOINERS = "\u200b", "\u200c\u200d"
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_WITHOUT_SPACES = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf\ua9e0-\uaadf]")
_LAST_LATIN = "\u02ff"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U0001efff]")

_SPECIAL = re.compile(
    "[\0-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_RETURN = re.compile("\r\n?")


def clean_text(text: str) -> CleanText:
    """The text that is sent for ``text``, and what is different about it.

    CR LF and CR are line breaks, and so are the separators of Unicode, NEL, VT and FF. A tab is a
    space. Other control characters are left out, and so are characters without width where the
    script does not need them. Line breaks at the end, and a byte order mark, are no part of a text.
    """
    if text.isprintable():
        return CleanText(text)
    text = _RETURN.sub("\n", text.removeprefix("\ufeff"))
    if _SPECIAL.search(text) is None:
        return CleanText(text.rstrip("\n"))
    return _changed(text)


def _changed(text: str) -> CleanText:
    to_left = _RIGHT_TO_LEFT.search(text) is not None
    pieces, found, end, line = list[str](), dict[str, Change](), 0, 1
    for special in _SPECIAL.finditer(text):
        start = special.start()
        if (kind := _kind(text, start, to_left=to_left)) is None:
            continue
        line += text.count("\n", end, start)
        pieces += (text[end:start], _INSTEAD.get(kind[1], ""))
        end = start + 1
        first = found.get(kind[0])
        found[kind[0]] = Change(
            *kind, first.count + 1 if first else 1, first.line if first else line
        )
    pieces.append(text[end:])
    return CleanText("".join(pieces).rstrip("\n"), tuple(found.values()))


def _kind(text: str, at: int, *, to_left: bool) -> tuple[str, Treatment] | None:
    """What a special character is and what is done with it; None if it stays."""
    character = text[at]
    if character in _DIRECTIONS:
        return None if to_left else _NOT_SEEN
    beside = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
    if character in _SPACES:
        return None if _WITHOUT_SPACES.search(beside) else _NOT_SEEN
    if character in _JOINERS:
        return None if any(map(_joins, beside)) else _NOT_SEEN
    return _KINDS.get(character, _OTHER_CONTROL)


def _joins(character: str) -> bool:
    """Whether it may look different beside a joiner."""
    return character > _LAST_LATIN and _SPECIAL.match(character) is None

"""What a text costs: its parts, its characters, and ways to send it in fewer parts."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from smsenc import Coding, Substitute
from smsenc.charactercosts import Cost, Run, costs, runs
from smsenc.messagefile.count import Count, Way, texts_of
from smsgate.masking import printable
from smsgate.web import texts
from smsgate.web.studio.made import Made

#: What a page has room for.
MOST_PARTS, MOST_CHARACTERS = 10, 50
_NAMES = {"\n": "LINE FEED", "\r": "CARRIAGE RETURN", "\f": "FORM FEED", "\x1b": "ESCAPE"}


class Character(NamedTuple):
    """A row of the table of characters."""

    shown: str
    code: str
    name: str
    cost: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A text for a page: ``parts`` are its first ones, in runs of characters of the same cost.

    ``offenders`` are the characters that need Unicode or a national table. ``room`` is None where
    the coding was chosen by hand.
    """

    is_unicode: bool
    units: int
    room: int | None
    parts: tuple[tuple[Run, ...], ...]
    total: int
    characters: tuple[Character, ...]
    others: int
    offenders: tuple[str, ...]
    extra: int
    ways: tuple[str, ...]
    in_file: str


def price(made: Made) -> Price | None:
    """What the text of a message costs; None for another message."""
    counted, payload = made.counted, made.payload
    if counted is None or payload is None:
        return None
    parts = texts_of(made.segments)
    known = costs("".join(parts), payload)
    ranked = sorted(known, key=lambda one: (one.septets is not None, -one.units))
    is_planned = payload.data == counted.plan.payload.data
    return Price(
        is_unicode=payload.coding is Coding.UCS2,
        units=sum(one.units for one in made.segments),
        room=counted.plan.room if is_planned else None,
        parts=tuple(runs(text, known) for text in parts[:MOST_PARTS]),
        total=len(parts),
        characters=tuple(map(_character, ranked[:MOST_CHARACTERS])),
        others=max(0, len(known) - MOST_CHARACTERS),
        offenders=tuple(dict.fromkeys(one.character for one in counted.offenders)),
        extra=counted.plan.extra if is_planned else 0,
        ways=tuple(_way(way) for way in counted.ways()) if is_planned else (),
        in_file=_in_file(made, counted),
    )


def _character(found: Cost) -> Character:
    character = found.character
    name = _NAMES.get(character) or unicodedata.name(character, "") or ""
    return Character(printable(character), f"U+{ord(character):04X}", name.capitalize(), found)


def _way(way: Way) -> str:
    names = ", ".join(one.name.capitalize() for one in way.languages if one)
    if names:
        return texts.text("studio.way-language", names=names, count=way.parts)
    key = "full" if way.substitute is Substitute.FULL else "typographic"
    return texts.text(f"studio.way-{key}", count=way.parts)


def _in_file(made: Made, counted: Count) -> str:
    """What is different in a message file, whose charset lacks some characters."""
    if counted.file is None or counted.plan.payload.elements:
        return ""
    parts = len(counted.file.segments)
    if parts == len(made.segments) and not counted.file.forced:
        return ""
    forced = counted.file.forced or ""
    return texts.text("studio.in-file", count=parts) + (
        " " + texts.text("studio.forced", character=forced) if forced else ""
    )

"""What each character of a text costs in the coding of its message, and in GSM 7-bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from smsenc import gsm7
from smsenc.model import Coding, Payload


class Cost(NamedTuple):
    """A character, how often a text has it, and the units that it takes each time.

    ``units`` are septets, or 16-bit units in UCS-2. ``septets`` are those of the default alphabet,
    None for a character that it lacks.
    """

    character: str
    times: int
    units: int
    septets: int | None


class Run(NamedTuple):
    """Characters in a row that cost the same; ``lacking`` ones are not in the default alphabet."""

    text: str
    units: int
    lacking: bool


def cost(character: str, payload: Payload) -> int:
    """The units that a character takes in the coding and tables of a payload."""
    if payload.coding is Coding.UCS2:
        return len(character.encode("utf-16-be", "replace")) // 2
    septets = gsm7.try_encode(character, *payload.languages)
    return 1 if septets is None else len(septets)


def costs(text: str, payload: Payload) -> tuple[Cost, ...]:
    """The different characters of a text, in the order of their first place."""
    return tuple(
        Cost(character, times, cost(character, payload), _septets(character))
        for character, times in Counter(text).items()
    )


def _septets(character: str) -> int | None:
    found = gsm7.try_encode(character)
    return None if found is None else len(found)


def runs(text: str, known: Sequence[Cost]) -> tuple[Run, ...]:
    """The text in pieces of characters that cost the same."""
    by_character = {one.character: one for one in known}

    def key(character: str) -> tuple[int, bool]:
        found = by_character[character]
        return found.units, found.septets is None

    return tuple(Run("".join(piece), *kind) for kind, piece in groupby(text, key))

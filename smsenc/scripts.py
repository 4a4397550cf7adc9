"""The script of a character, from its name in Unicode."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LATIN, EMOJI, OTHER = "Latin", "emoji", ""
#: First words of letters' names that are not the name of their script.
_NAMED_OTHERWISE = {
    "CJK": "Chinese",
    "HALFWIDTH": "half-width",
    "FULLWIDTH": "full-width",
    "KATAKANA-HIRAGANA": "Katakana",
    "MODIFIER": OTHER,
    "COMBINING": OTHER,
    "FEMININE": OTHER,
    "MASCULINE": OTHER,
    "MICRO": OTHER,
    "OHM": OTHER,
    "KELVIN": LATIN,
    "ANGSTROM": LATIN,
    "ARABIC-INDIC": "Arabic",
    "EXTENDED": "Arabic",
}
_FIRST_PICTURE = "\U0001f000"
_JOINED = "\u200d\u20e3\ufe0f"  # between and after emoji


def script_of(character: str) -> str:
    """``Ethiopic``, ``Latin``, ``emoji`` …; empty for punctuation and symbols."""
    category = unicodedata.category(character)
    if (character >= _FIRST_PICTURE and category[0] in "SC") or "\u2600" <= character <= "\u27bf":
        return EMOJI
    if character in _JOINED or (category[0] not in "LM" and category != "Nd"):
        return OTHER
    first = unicodedata.name(character, "").partition(" ")[0]
    return _NAMED_OTHERWISE.get(first, first.capitalize())


def scripts_of(characters: Iterable[str]) -> list[str]:
    """The script of each character of a text.

    A symbol or a mark is of the script that it is named after, if a letter before it is; a joiner
    beside emoji is of them.
    """
    found: list[str] = []
    known = set[str]()
    for character in characters:
        script = script_of(character)
        if script == OTHER:
            script = _beside(character, found[-1] if found else OTHER, known)
        found.append(script)
        known.add(script)
    return found


def _beside(character: str, before: str, known: set[str]) -> str:
    if before == EMOJI and character in _JOINED:
        return EMOJI
    first = unicodedata.name(character, "").partition(" ")[0].capitalize()
    return first if first in known else OTHER

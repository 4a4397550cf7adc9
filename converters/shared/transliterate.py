"""Text in fewer characters: for phones that know only ASCII or ISO-8859-1."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from converters.api import Action, Loss
from converters.shared.words import quoted

#: A character and its replacement: letters that Unicode does not decompose, and typography.
_LATIN = (
    "ßss ẞSS ÆAE æae ŒOE œoe ØO øo ĐD đd ÐD ðd ÞTh þth ŁL łl ĦH ħh ŊN ŋn ŦT ŧt \u0131i"
    ' \u2018\' \u2019\' \u201a\' \u2032\' \u201c" \u201d" \u201e" \u2033" «" »"'
    " \u2010- \u2011- \u2012- \u2013- \u2014- \u2212- \u2022* \u00d7x ·. ¿? ¡! €EUR £GBP"
)
#: As passports do it: ICAO Doc 9303-3, 6.C.
_CYRILLIC = (  # the letters are the table
    "аa бb вv гg дd еe ёe жzh зz иi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch"  # noqa: RUF001
    " ъie ыy ь эe юiu яia єie іi їi ґg ўu"  # noqa: RUF001 - as above
)
#: ISO 843, without its marks.
_GREEK = "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo"  # noqa: RUF001 - the letters are the table
_LETTERS = {word[0]: word[1:] for word in f"{_LATIN} {_CYRILLIC} {_GREEK}".split(" ")}
#: Replaces a character for which nothing similar is known.
UNKNOWN = "?"


def transliterated(text: str, charset: str) -> str:
    """Text in a charset that contains ASCII.

    A character that the charset lacks is replaced by what it looks or sounds like.
    """
    try:
        text.encode(charset)
        return text
    except UnicodeEncodeError:
        composed = unicodedata.normalize("NFC", text)
        return "".join(_similar(character, charset) for character in composed)


def _similar(character: str, charset: str) -> str:
    for found in (character, _spelled(character), _without_marks(character)):
        if found is not None and _holds(charset, found):
            return found
    return UNKNOWN


def _spelled(character: str) -> str | None:
    """Replacement of a letter, with or without its marks, in the same case."""
    for letter in (character, _without_marks(character)):
        if letter in _LETTERS:
            return _LETTERS[letter]
        if letter.lower() in _LETTERS:
            return _LETTERS[letter.lower()].capitalize()
    return None


def _without_marks(character: str) -> str:
    """Letters without their marks; empty for a mark alone."""
    parts = unicodedata.normalize("NFKD", character)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _holds(charset: str, text: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Transliteration:
    """Puts the texts of a card or an event in ``charset``; each change is added to ``losses``.

    ``places`` are the lines of the properties in the source, by name.
    """

    charset: str
    places: Mapping[str, int] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)

    def text(self, what: str, text: str) -> str:
        """The text of property ``what`` in the charset."""
        found = transliterated(text, self.charset)
        if found != text:
            why = f"{self.charset} does not hold all of {quoted(text)}"
            line = self.places.get(what)
            self.losses.append(Loss(what=what, action=Action.REPLACED, why=why, line=line))
        return found

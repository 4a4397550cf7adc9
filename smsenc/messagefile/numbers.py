"""Recipients' numbers: as people and programs write them, and in the gateway's form.

``clean`` reads a number from a cell, a card or a command line; ``normalise`` is the grammar of
message files, which have digits only.
"""

from __future__ import annotations

import re

from smsenc.errors import NumberError
from smsenc.messagefile.numberrules import LONGEST, NATIONAL_ZERO, SHORTEST, Unclean, codes

__all__ = [
    "LONGEST",
    "SHORTEST",
    "Unclean",
    "UncleanNumberError",
    "clean",
    "international",
    "normalise",
]

# People group digits with spaces, dashes and brackets; nothing else is skipped.
_GROUPING = str.maketrans("", "", " \u00a0\u202f-\u2010\u2011\u2012\u2013()[]")
_MOST_SHOWN = 40
_PREFIX = re.compile(r"\+|00")
_DIGITS = re.compile(r"[0-9]+")


def normalise(text: str) -> str:
    """The digits of the international number in ``text``, without ``+`` or ``00``.

    Raises NumberError for letters, control characters, a national number (leading 0) and lengths
    that no number has.
    """
    if NATIONAL_ZERO.search(text):
        # +44 (0)20 … means 4420… for a person, but a gateway may dial the zero.
        found = _shown(text)
        raise NumberError(f"expected an international number without '(0)', found {found}")
    return _abroad(text.translate(_GROUPING), text)


def international(text: str) -> str:
    """The digits of an international number as people write it: ``clean``, then ``normalise``."""
    return _abroad(clean(text), text)


def _abroad(number: str, text: str) -> str:
    """The digits of an international number without grouping, which stands in ``text``."""
    prefix = _PREFIX.match(number)
    digits = number[prefix.end() :] if prefix else number
    if not _DIGITS.fullmatch(digits):
        raise NumberError(f"expected a phone number in digits, found {_shown(text)}")
    if digits.startswith("0"):
        raise NumberError(f"expected a number with its country code, found {_shown(text)}")
    if not SHORTEST <= len(digits) <= LONGEST:
        raise NumberError(f"expected {SHORTEST} to {LONGEST} digits, found {_shown(text)}")
    return digits


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _MOST_SHOWN else f"{len(text)} characters"


# What people write --------------------------------------------------------------------------------


_REASONS = {
    Unclean.NONE: "expected a number, found none",
    Unclean.SPREADSHEET: (
        "expected a number, found {}: a spreadsheet changed it (format the column as text)"
    ),
    Unclean.EXTENSION: "expected a number without an extension, found {}",
    Unclean.TWO: "expected one number, found two or more in {}",
    Unclean.LETTERS: "expected digits, found letters in {}",
    Unclean.CHARACTERS: "expected digits, found other characters in {}",
    Unclean.TOO_LONG: "expected a shorter number, found {}",
}


class UncleanNumberError(NumberError):
    """A text that is not one number; ``kind`` says why."""

    def __init__(self, kind: Unclean, text: str) -> None:
        super().__init__(_REASONS[kind].format(_shown(text)))
        self.kind = kind


#: Characters of a text with a number; no grouping or URI needs more.
_MOST_CHARACTERS = 200
_PLAIN = re.compile(r"[0-9]+|\+[1-9][0-9]*")


def clean(text: str) -> str:
    """The number in ``text``: its digits, after a ``+`` if it has one; nothing else is changed.

    Left out are invisible marks, grouping, quotes, what spreadsheets put around a number
    (``="447…"``, a leading ``'``), the schemes of ``tel:`` and ``sms:`` URIs, and the zero of
    ``+44 (0)``. Digits of all scripts are read.

    Raises UncleanNumberError for what is not one number: two of them, an extension, a number whose
    digits a spreadsheet lost.
    """
    if len(text) > _MOST_CHARACTERS:
        raise UncleanNumberError(Unclean.TOO_LONG, text)
    if _PLAIN.fullmatch(text):
        return _without_zero(text)
    from smsenc.messagefile import writtennumbers  # noqa: PLC0415 - not for digits alone

    number = writtennumbers.bare(text)
    if kind := writtennumbers.wrong(number):
        raise UncleanNumberError(kind, text)
    return _without_zero(writtennumbers.digits(number))


# The zero that is dialled only inside a country ---------------------------------------------------


#: Country codes whose numbers never begin with 0, although 0 is dialled before them inside.
_ZERO_GOES = codes(
    "20 27 31 32 33 40 41 43 44 46 49 51 53 54 55 57 58 60 61 63 64 84 86 90 92 93 94 95 98"
    " 211 212 213 218 231 232 233 234 243 249 251 252 254 255 256 260 261 262 263 264 265 291"
    " 353 355 358 370 373 374 377 380 381 382 383 385 386 387 389 421 423 508 590 591 593 594"
    " 595 596 686 850 855 856 880 886 961 962 963 964 966 967 970 971 972 976 977 994 995 996"
)
_TRUNK_ZERO = re.compile(r"(\+|00)([1-9][0-9]{1,2}?)0")


def _without_zero(number: str) -> str:
    """``+4407700…`` as ``+447700…``: there is no such number, so that nothing is guessed."""
    found = _TRUNK_ZERO.match(number)
    if found is None or found[2] not in _ZERO_GOES:
        return number
    return found[1] + found[2] + number[found.end() :]

"""What readers of numbers have in common: how long one is, and why a text is none."""

from __future__ import annotations

import re
from enum import StrEnum

#: E.164 allows 15 digits; no country has full numbers of fewer than 7.
SHORTEST, LONGEST = 7, 15
#: The zero of ``+44 (0)20``, which is dialled only inside the country.
NATIONAL_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")


class Unclean(StrEnum):
    """Why a text is not one number."""

    NONE = "no-number"
    SPREADSHEET = "spreadsheet"
    EXTENSION = "extension"
    TWO = "two-numbers"
    LETTERS = "letters"
    CHARACTERS = "characters"
    TOO_LONG = "too-long"


def codes(text: str) -> frozenset[str]:
    """Country codes, from a line of them."""
    return frozenset(text.split())

"""Recipients' numbers in the gateway's form: digits only, international."""

from __future__ import annotations

import re

from smsenc.errors import NumberError

# People group digits with spaces, dashes and brackets; nothing else is skipped.
_GROUPING = str.maketrans("", "", " \u00a0\u202f-\u2010\u2011\u2012\u2013()[]")
_NATIONAL_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")
_MOST_SHOWN = 40
_PREFIX = re.compile(r"\+|00")
_DIGITS = re.compile(r"[0-9]+")

#: E.164 allows 15 digits; no country has full numbers of fewer than 7.
SHORTEST, LONGEST = 7, 15


def normalise(text: str) -> str:
    """The digits of the international number in ``text``, without ``+`` or ``00``.

    Raises NumberError for letters, control characters, a national number (leading 0) and lengths
    that no number has.
    """
    found = repr(text) if len(text) <= _MOST_SHOWN else f"{len(text)} characters"
    if _NATIONAL_ZERO.search(text):
        # +44 (0)20 … usually means 4420…, but whether the zero is dialled would be a guess.
        raise NumberError(f"expected an international number without '(0)', found {found}")
    digits = text.translate(_GROUPING)
    prefix = _PREFIX.match(digits)
    digits = digits[prefix.end() :] if prefix else digits
    if not _DIGITS.fullmatch(digits):
        raise NumberError(f"expected a phone number in digits, found {found}")
    if digits.startswith("0"):
        raise NumberError(f"expected a number with its country code, found {found}")
    if not SHORTEST <= len(digits) <= LONGEST:
        raise NumberError(f"expected {SHORTEST} to {LONGEST} digits, found {found}")
    return digits

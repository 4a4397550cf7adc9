"""Phone numbers, short codes and names as SMPP addresses (SMPP 3.4, 5.2.5 and 5.2.6).

==================================  ===  ===  =====================
text                                TON  NPI  digits
==================================  ===  ===  =====================
``+`` or ``00``, 1 to 15 digits     1    1    without ``+``, ``00``
9 to 15 digits                      1    1    the same
the same, beginning with 0          2    1    the same
3 to 8 digits (a short code)        3    0    the same
letters, 1 to 11 septets (a name)   5    0    the same
==================================  ===  ===  =====================
"""

from __future__ import annotations

import re

from smsenc.gsm7 import try_encode
from smsenc.smpp.errors import SmppError
from smsenc.smpp.pdus import Address
from smsenc.smpp.status import Status

#: Type of number (5.2.5).
INTERNATIONAL, NATIONAL, NETWORK_SPECIFIC, ALPHANUMERIC = 1, 2, 3, 5
#: Numbering plan (5.2.6): E.164.
E164 = 1

_LONGEST_NAME = 11  # septets that fit in an address of a TPDU (3GPP TS 23.040, 9.1.2.5)
_PLUS = re.compile(r"(?:\+|00)([1-9][0-9]{0,14})")
_PREFIX = re.compile(r"\+|00")
_INTERNATIONAL = re.compile("[1-9][0-9]{8,14}")
_NATIONAL = re.compile("0[0-9]{8,14}")
_SHORT_CODE = re.compile("[0-9]{3,8}")
_MOST_SHOWN = 40


def address(text: str) -> Address:
    """The address of a number, short code or name; raises SmppError.

    ``+`` or ``00`` and 1 to 15 digits, or 9 to 15 digits, are an international number (TON 1, NPI
    1), without ``+`` or ``00``; 9 to 15 digits that begin with one 0 a national one (2, 1). 3 to 8
    digits are a short code (3, 0), and a text of 1 to 11 septets with a letter is a name (5, 0).
    """
    if match := _PLUS.fullmatch(text):
        return Address(match[1], INTERNATIONAL, E164)
    if _INTERNATIONAL.fullmatch(text):
        return Address(text, INTERNATIONAL, E164)
    if _SHORT_CODE.fullmatch(text):
        return Address(text, NETWORK_SPECIFIC, 0)
    if _NATIONAL.fullmatch(text) and not text.startswith("00"):
        return Address(text, NATIONAL, E164)
    if _is_name(text):
        return Address(text, ALPHANUMERIC, 0)
    found = repr(text) if len(text) <= _MOST_SHOWN else f"{len(text)} characters"
    what = (
        "expected a number of at most 15 digits, a short code of 3 to 8, "
        f"or a name of 1 to {_LONGEST_NAME} characters of GSM 7-bit and Latin-1, "
        f"found {found}"
    )
    raise SmppError(what, status=Status.ESME_RINVDSTADR)


def _is_name(text: str) -> bool:
    # The octets of an address are read as Latin-1, and reach a phone as septets.
    if len(text) > _LONGEST_NAME or not any(map(str.isalpha, text)) or max(text) > "\xff":
        return False
    septets = try_encode(text) if text.isprintable() else None
    return septets is not None and len(septets) <= _LONGEST_NAME


def number_of(found: Address) -> str:
    """The number, short code or name of an address: ``address(number_of(a)) == a`` for its values.

    An international number is its digits, as in message files; it has a ``+`` only where its digits
    alone would mean something else.
    """
    digits, ton, _npi = found
    if ton != INTERNATIONAL:
        return digits
    prefix = _PREFIX.match(digits)
    digits = digits[prefix.end() :] if prefix else digits
    return digits if not digits or _INTERNATIONAL.fullmatch(digits) else f"+{digits}"

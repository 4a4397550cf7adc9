"""What a text costs in a message file, counted without making its parts.

As ``smsenc.package`` sends it: GSM 7-bit where the alphabet and the file's charset hold it all, a
line break two characters; otherwise Unicode.
"""

from __future__ import annotations

from typing import NamedTuple

from smsenc import Coding, SplitError, encode_text
from smsenc.alphabets import EXTENSION_OF, SEPTET_OF
from smsenc.messagefile import MOST_PARTS
from smsenc.model import USER_DATA_OCTETS
from smsenc.package import writable
from smsenc.split import STANDARD
from smsenc.split import count as split_count

#: Characters that leave a text GSM 7-bit in a message file, by what they cost.
ONE = frozenset(character for character in SEPTET_OF if writable(character) and character != "\n")
TWO = frozenset(character for character in EXTENSION_OF if writable(character)) | {"\n"}
PLAIN = ONE | TWO

_ONE = "".join(sorted(ONE)).encode("latin-1")
_TWO = "".join(sorted(TWO)).encode("latin-1")
_CONCATENATION_OCTETS = 6  # of a header with the short reference (23.040, 9.2.3.24.1)
#: Septets of a text alone, and of each of several parts.
ALONE = USER_DATA_OCTETS * 8 // 7
EACH = STANDARD.room(_CONCATENATION_OCTETS, Coding.GSM7)


class Cost(NamedTuple):
    """A text's coding, its length in septets or 16-bit units, and its parts."""

    coding: Coding
    units: int
    parts: int


def parts_of(text: str) -> Cost:
    """What a text costs; raises SplitError for more parts than a message file may ask for."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    dear = dear_in(text)
    if dear is None:
        return _split(text, Coding.UCS2)
    units = len(text) + dear
    if dear and units > ALONE:  # a pair is never cut in two
        return _split(text.replace("\n", "\r\n"), Coding.GSM7)
    return of_septets(units)


def of_septets(units: int) -> Cost:
    """What so many septets cost, where a cut may be made between any two; raises SplitError."""
    return Cost(_GSM7, units, 1 if units <= ALONE else _checked(-(-units // EACH)))


_GSM7 = Coding.GSM7


def dear_in(text: str) -> int | None:
    """How many characters take two septets; None where one makes the text Unicode."""
    try:
        rest = text.encode("latin-1").translate(None, _ONE)
    except UnicodeEncodeError:
        return None
    return None if rest and rest.translate(None, _TWO) else len(rest)


def _split(text: str, coding: Coding) -> Cost:
    payload = encode_text(text, coding=coding)
    units = len(payload.data) // (2 if coding is Coding.UCS2 else 1)
    return Cost(coding, units, _checked(split_count(payload)[0]))


def _checked(parts: int) -> int:
    if parts > MOST_PARTS:
        raise SplitError(f"expected at most {MOST_PARTS} parts of text, found {parts}")
    return parts

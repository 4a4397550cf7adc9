"""What a text costs in a message file, counted without making its parts.

As ``smsenc.package`` sends it: GSM 7-bit where the alphabet and the file's charset hold it all, a
line break two characters; otherwise Unicode.
"""

from __future__ import annotations

from typing import NamedTuple, NoReturn

from smsenc import Coding, SplitError, encode_text
from smsenc.alphabets import EXTENSION_OF, SEPTET_OF
from smsenc.messagefile.parameters import MOST_PARTS
from smsenc.messagefile.profile import CLICKATELL
from smsenc.model import USER_DATA_OCTETS
from smsenc.splitting import STANDARD
from smsenc.splitting import count as split_count

#: Characters that leave a text GSM 7-bit in a message file, by what they cost.
ONE = frozenset(
    character for character in SEPTET_OF if CLICKATELL.writable(character) and character != "\n"
)
TWO = frozenset(character for character in EXTENSION_OF if CLICKATELL.writable(character)) | {"\n"}
PLAIN = ONE | TWO

_ONE = "".join(sorted(ONE)).encode("latin-1")
_TWO = "".join(sorted(TWO)).encode("latin-1")
_CONCATENATION_OCTETS = 6  # of a header with the short reference (23.040, 9.2.3.24.1)
#: Septets of a text alone, and of each of several parts.
ALONE = USER_DATA_OCTETS * 8 // 7
EACH = STANDARD.room(_CONCATENATION_OCTETS, Coding.GSM7)
_EACH_UNIT = STANDARD.room(_CONCATENATION_OCTETS, Coding.UCS2) // 2


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
        return of_units(len(text)) if is_latin(text) else _split(text, Coding.UCS2)
    units = len(text) + dear
    if dear and units > ALONE:  # a pair is never cut in two
        return _split(text.replace("\n", "\r\n"), Coding.GSM7)
    return of_septets(units)


def dear_in(text: str) -> int | None:
    """How many characters take two septets; None where one makes the text Unicode."""
    try:
        rest = text.encode("latin-1").translate(None, _ONE)
    except UnicodeEncodeError:
        return None
    return None if rest and rest.translate(None, _TWO) else len(rest)


def is_latin(text: str) -> bool:
    """Whether a text is of characters between any two of which a part of Unicode may end."""
    return text.isprintable() and (text.isascii() or max(text) <= "\xff")


def of_septets(units: int) -> Cost:
    """What so many septets cost, where a part may end between any two; raises SplitError."""
    return _SEPTETS[units] if 0 < units < len(_SEPTETS) else _refused(-(-units // EACH))


def of_units(units: int) -> Cost:
    """What so many 16-bit units cost, where a part may end between any two; raises SplitError."""
    return _UNITS[units] if units < len(_UNITS) else _refused(-(-units // _EACH_UNIT))


def _refused(parts: int) -> NoReturn:
    if not parts:
        raise SplitError("expected a text, found an empty one")
    raise SplitError(f"expected at most {MOST_PARTS} parts of text, found {parts}")


def _costs(coding: Coding, alone: int, each: int) -> list[Cost]:
    """What any length costs: there are few, and a row of a million then makes no value."""
    most = MOST_PARTS * each
    return [Cost(coding, n, 1 if n <= alone else -(-n // each)) for n in range(most + 1)]


_SEPTETS = _costs(Coding.GSM7, ALONE, EACH)
_UNITS = _costs(Coding.UCS2, STANDARD.room(0, Coding.UCS2) // 2, _EACH_UNIT)


def _split(text: str, coding: Coding) -> Cost:
    payload = encode_text(text, coding=coding)
    parts = split_count(payload)[0]
    if parts > MOST_PARTS:
        _refused(parts)
    return Cost(coding, len(payload.data) // (2 if coding is Coding.UCS2 else 1), parts)

"""What a text costs in a message file, counted without making its parts.

The rules are those of ``smsenc.messagefile.packing``: GSM 7-bit if the alphabet and the file's
charset have all characters, with a line break as two characters; otherwise Unicode.
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

#: Characters with which a text stays GSM 7-bit in a message file, by the septets that they take.
ONE_SEPTET = frozenset(
    character for character in SEPTET_OF if CLICKATELL.writable(character) and character != "\n"
)
TWO_SEPTETS = frozenset(c for c in EXTENSION_OF if CLICKATELL.writable(c)) | {"\n"}
GSM_CHARACTERS = ONE_SEPTET | TWO_SEPTETS

_ONE = "".join(sorted(ONE_SEPTET)).encode("latin-1")
_TWO = "".join(sorted(TWO_SEPTETS)).encode("latin-1")
_CONCATENATION_OCTETS = 6  # of a header with the short reference (23.040, 9.2.3.24.1)
#: Septets of a text in one part, and of each part of a longer one.
MOST_SINGLE = USER_DATA_OCTETS * 8 // 7
PER_PART = STANDARD.room(_CONCATENATION_OCTETS, Coding.GSM7)
_UNITS_PER_PART = STANDARD.room(_CONCATENATION_OCTETS, Coding.UCS2) // 2


class Cost(NamedTuple):
    """A text's coding, its length in septets or 16-bit units, and its parts."""

    coding: Coding
    units: int
    parts: int


def cost_of(text: str) -> Cost:
    """What a text costs; raises SplitError for more parts than a message file may ask for."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    expensive = expensive_in(text)
    if expensive is None:
        return cost_of_units(len(text)) if is_latin(text) else _split(text, Coding.UCS2)
    septets = len(text) + expensive
    if expensive and septets > MOST_SINGLE:  # the septets of one character stay in one part
        return _split(text.replace("\n", "\r\n"), Coding.GSM7)
    return cost_of_septets(septets)


def expensive_in(text: str) -> int | None:
    """How many characters take two septets; None if one of them makes the text Unicode."""
    try:
        rest = text.encode("latin-1").translate(None, _ONE)
    except UnicodeEncodeError:
        return None
    return None if rest and rest.translate(None, _TWO) else len(rest)


def is_latin(text: str) -> bool:
    """Whether a Unicode text may be cut between any two of its characters."""
    return text.isprintable() and (text.isascii() or max(text) <= "\xff")


def cost_of_septets(septets: int) -> Cost:
    """What septets cost that may be cut anywhere; raises SplitError."""
    return _SEPTETS[septets] if 0 < septets < len(_SEPTETS) else _refuse(-(-septets // PER_PART))


def cost_of_units(units: int) -> Cost:
    """What 16-bit units cost that may be cut anywhere; raises SplitError."""
    return _UNITS[units] if units < len(_UNITS) else _refuse(-(-units // _UNITS_PER_PART))


def _refuse(parts: int) -> NoReturn:
    if not parts:
        raise SplitError("expected a text, found an empty one")
    raise SplitError(f"expected at most {MOST_PARTS} parts of text, found {parts}")


def _costs(coding: Coding, single: int, per_part: int) -> list[Cost]:
    """The cost of every possible length: a campaign then makes no Cost for each of its rows."""
    most = MOST_PARTS * per_part
    return [Cost(coding, n, 1 if n <= single else -(-n // per_part)) for n in range(most + 1)]


_SEPTETS = _costs(Coding.GSM7, MOST_SINGLE, PER_PART)
_UNITS = _costs(Coding.UCS2, STANDARD.room(0, Coding.UCS2) // 2, _UNITS_PER_PART)


def _split(text: str, coding: Coding) -> Cost:
    payload = encode_text(text, coding=coding)
    parts = split_count(payload)[0]
    if parts > MOST_PARTS:
        _refuse(parts)
    return Cost(coding, len(payload.data) // (2 if coding is Coding.UCS2 else 1), parts)

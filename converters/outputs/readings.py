"""The octets of one PDU read with and without the address of a service centre before the TPDU.

Modems and phones write that address, other programs leave it out, and nothing says which it is. So
both readings are tried, and one is right only if every length in it leads exactly to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from converters.errors import SourceError
from smsenc import SmsencError, tpdu

Tpdu = tpdu.Submit | tpdu.Deliver | tpdu.StatusReport


class _Type(NamedTuple):
    """A type of TPDU: its name, its reader, and which of its octets is the type of its number."""

    name: str
    read: Callable[[bytes], Tpdu]
    number: int


#: The types that phones send and keep, by the lowest bits (3GPP TS 23.040, 9.2.3.1).
_TYPES: tuple[_Type | None, ...] = (
    _Type("SMS-DELIVER", tpdu.decode, 2),
    _Type("SMS-SUBMIT", tpdu.decode, 3),
    _Type("SMS-STATUS-REPORT", tpdu.decode_report, 3),
    None,
)
_LONGEST_CENTRE = 11  # octets: the type of the number, and 20 digits (24.011, 8.2.5.2)
_ADDRESS = 0x80  # this bit is set in every octet that is the type of a number
_FILLER = 0xF


@dataclass(frozen=True, slots=True)
class Reading:
    """A TPDU, its name, its length, and the centre: its number, "", or None without an address.

    It is ``doubtful`` if its number has a type that no network writes.
    """

    tpdu: Tpdu
    name: str
    length: int
    centre: str | None
    doubtful: bool

    def __str__(self) -> str:
        if self.centre is None:
            return f"{self.name} without a service centre"
        return f"{self.name} with service centre {self.centre or '00'}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The reading that was chosen, and what is to be said about the choice."""

    reading: Reading
    warnings: tuple[str, ...] = ()


def choose(octets: bytes, length: int | None = None) -> Chosen:
    """The reading of a PDU; ``length`` is what a modem says of its TPDU.

    Of two possible readings that of this length is chosen, otherwise the one that is not doubtful,
    otherwise the one with a service centre, and that is said. Raises SourceError with the reason of
    the reading that gets further.
    """
    found: list[Reading] = []
    refused: list[tuple[int, SmsencError]] = []
    for read in (_with_centre, _without_centre):
        try:
            found.append(read(octets))
        except SmsencError as error:
            refused.append((error.offset or 0, error))
    if not found:
        offset, further = max(refused, key=lambda pair: pair[0])
        raise SourceError(f"expected a PDU: {further.message} (at octet {offset})")
    found = [one for one in found if not one.doubtful] or found
    best = next((one for one in found if one.length == length), found[0])
    return Chosen(best, tuple(_warnings(best, found, length)))


def _warnings(best: Reading, found: list[Reading], length: int | None) -> Iterator[str]:
    if length is not None and best.length != length:
        yield f"expected a TPDU of {length} octets, as the modem says, found {best.length}"
    elif length is None:
        for other in found:
            if other is not best:
                yield f"read as {best}; it could also be {other}"


def _without_centre(octets: bytes) -> Reading:
    return _reading(octets, 0, None)


def _with_centre(octets: bytes) -> Reading:
    size = octets[0] if octets else 0
    address = octets[1 : size + 1]
    if size and (size > _LONGEST_CENTRE or len(address) < size or not address[0] & _ADDRESS):
        raise SourceError("expected the address of a service centre, found none", offset=0)
    return _reading(octets, size + 1, _number(address[1:]))


def _number(octets: bytes) -> str:
    """The digits of a service centre; F is only the last one of an odd number."""
    digits = [half for octet in octets for half in (octet & 15, octet >> 4)]
    if digits and digits[-1] == _FILLER:
        digits.pop()
    if any(digit > 9 for digit in digits):
        raise SourceError("expected the digits of a service centre, found others", offset=0)
    return "".join(map(str, digits))


def _reading(octets: bytes, start: int, centre: str | None) -> Reading:
    rest = octets[start:]
    row = _TYPES[rest[0] & 3] if rest else None
    if row is None:
        raise SourceError("expected a type of TPDU, found none", offset=start)
    try:
        found = row.read(rest)
    except SmsencError as error:
        place = start + (error.offset or 0)
        raise SourceError(f"{row.name}: {error.message}", offset=place) from None
    return Reading(found, row.name, len(rest), centre, not rest[row.number] & _ADDRESS)

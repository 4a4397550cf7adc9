"""Addresses, time stamps and validity periods (3GPP TS 23.040, 9.1.2 and 9.2.3.11 to 9.2.3.12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from smsenc import gsm7
from smsenc.octetmap.model import Bits, Cursor, Field
from smsenc.tpdu.model import ALPHANUMERIC, DIGITS, LONGEST_ADDRESS, Relative, full_year, swapped

_ADDRESS = "3GPP TS 23.040, 9.1.2.5"
_CENTRE = "3GPP TS 24.011, 8.2.5.2"
_TIME = "3GPP TS 23.040, 9.2.3.11"
_VALIDITY = "3GPP TS 23.040, 9.2.3.12"
_FILLER = 0xF
_LONGEST_CENTRE = 11  # octets with the type of the number

_TON = (
    *("unknown", "international", "national", "network specific", "subscriber"),
    *("alphanumeric", "abbreviated", "reserved"),
)
_NPI = {
    0: "unknown",
    1: "E.164",
    3: "X.121",
    4: "telex",
    5: "service centre's own",
    6: "service centre's own",
    8: "national",
    9: "private",
    10: "ERMES",
    15: "reserved",
}
TYPE_OF_NUMBER = (
    Bits(0x80, "extension", ("another octet follows", "none")),
    Bits(0x70, "type of number", _TON),
    Bits(0x0F, "numbering plan", _NPI),
)

# Addresses ----------------------------------------------------------------------------------------


def address(at: Cursor, name: str, clause: str) -> Iterator[Field]:
    """Length, type of number and digits, as one field with children."""
    if not at.has(2):
        yield from at.cut(name, 2, clause)
        return
    start, count = at.at, at.peek()[0]
    size = 2 + (count + 1) // 2
    if not at.has(size):
        yield from at.cut(name, size, clause)
        return
    inner = Cursor.over(at.octets, start, start + size)
    children = (
        *inner.number(1, "length", _ADDRESS, unit="semi-octets"),
        *_type_of_number(inner),
        *_number(inner, count),
    )
    children = (_too_long(children[0]), *children[1:])
    value = children[-1].value if len(children) > 2 else ""
    yield at.field(size, name, value, clause, children=children)


def _too_long(length: Field) -> Field:
    if isinstance(length.value, int) and length.value > LONGEST_ADDRESS:
        what = f"expected at most {LONGEST_ADDRESS} semi-octets, found {length.value}"
        return replace(length, fault=what)
    return length


def _type_of_number(at: Cursor) -> Iterator[Field]:
    (found,) = at.number(1, "type of address", _ADDRESS, bits=TYPE_OF_NUMBER)
    fault = "" if at.octets[found.start] & 0x80 else "expected bit 7 set, found an extension"
    ton, npi = (child.meaning for child in found.children[1:])
    yield replace(found, meaning=f"{ton or 'reserved'}, {npi or 'reserved'}", fault=fault)


def _number(at: Cursor, count: int) -> Iterator[Field]:
    octets = at.peek(at.left)
    if not octets:
        return
    if at.octets[at.at - 1] >> 4 & 7 == ALPHANUMERIC:
        septets = gsm7.unpack(octets, count * 4 // 7)
        yield at.field(len(octets), "name", gsm7.decode(septets), _ADDRESS)
        return
    digits, fault = _digits(octets, count)
    yield at.field(len(octets), "digits", digits, _ADDRESS, fault=fault)


def _digits(octets: bytes, count: int) -> tuple[str, str]:
    """The digits, and what is wrong with them."""
    halves = [half for octet in octets for half in (octet & 15, octet >> 4)]
    text = "".join(DIGITS[half] if half < _FILLER else "F" for half in halves[:count])
    if "F" in text:
        return text, "expected a digit, found the filler F"
    if len(halves) > count and halves[count] != _FILLER:
        return text, f"expected the filler F after the last digit, found {halves[count]:X}"
    return text, ""


def centre(at: Cursor) -> Iterator[Field]:
    """The address of a service centre, whose length is in octets; 0 if there is none."""
    if not at.has(1):
        yield from at.cut("service centre", 1, _CENTRE)
        return
    start, size = at.at, 1 + at.peek()[0]
    if not at.has(size):
        yield from at.cut("service centre", size, _CENTRE)
        return
    inner = Cursor.over(at.octets, start, start + size)
    children = tuple(inner.number(1, "length", _CENTRE, {0: "none"}, unit="octets"))
    value = ""
    if size > 1:
        children += tuple(_type_of_number(inner))
    if inner.left:
        value, fault = _centre_digits(inner.peek(inner.left))
        children += (inner.field(inner.left, "digits", value, _CENTRE, fault=fault),)
    fault = "" if size <= 1 + _LONGEST_CENTRE else f"expected at most {_LONGEST_CENTRE} octets"
    meaning = "" if value else "the phone's own"
    yield at.field(
        size, "service centre", value, _CENTRE, meaning=meaning, fault=fault, children=children
    )


def _centre_digits(octets: bytes) -> tuple[str, str]:
    count = len(octets) * 2 - (octets[-1] >> 4 == _FILLER)
    text, fault = _digits(octets, count)
    wrong = next((digit for digit in text if not digit.isdigit()), "")
    return text, fault or (f"expected a decimal digit, found {wrong}" if wrong else "")


# Times --------------------------------------------------------------------------------------------

_PARTS = ("year", "month", "day", "hour", "minute", "second")
_LEAST_MOST = ((0, 99), (1, 12), (1, 31), (0, 23), (0, 59), (0, 59))
_NEGATIVE = 0x08


def timestamp(at: Cursor, name: str, clause: str = _TIME) -> Iterator[Field]:
    """Seven octets of two semi-octets each: a time and its zone."""
    if not at.has(7):
        yield from at.cut(name, 7, clause)
        return
    octets = at.peek(7)
    inner = Cursor.over(at.octets, at.at, at.at + 7)
    children = tuple(
        _part(inner, part, *limits) for part, limits in zip(_PARTS, _LEAST_MOST, strict=True)
    )
    zone = _zone(inner, octets[6])
    year = full_year(children[0].number)
    month, day, hour, minute, second = (f"{child.number:02}" for child in children[1:])
    value = f"{year}-{month}-{day} {hour}:{minute}:{second} {zone.meaning}"
    yield at.field(7, name, value, clause, children=(*children, zone))


def _part(at: Cursor, name: str, least: int, most: int) -> Field:
    octet = at.peek()[0]
    value = swapped(octet)
    fault = ""
    if octet & 15 > 9 or octet >> 4 > 9:
        fault = f"expected decimal semi-octets, found {octet:02X}"
    elif not least <= value <= most:
        fault = f"expected {least} to {most}, found {value}"
    return at.field(1, name, value, _TIME, fault=fault)


def _zone(at: Cursor, octet: int) -> Field:
    """Quarters of an hour from UTC; bit 3 is the sign."""
    quarters = swapped(octet & ~_NEGATIVE)
    sign = "-" if octet & _NEGATIVE else "+"
    fault = "" if octet >> 4 <= 9 else f"expected decimal semi-octets, found {octet:02X}"
    hours, rest = divmod(quarters, 4)
    value = -quarters if octet & _NEGATIVE else quarters
    shown = f"{sign}{hours:02}:{rest * 15:02}"
    return at.field(1, "zone", value, _TIME, meaning=shown, fault=fault)


# Validity -----------------------------------------------------------------------------------------

_MINUTES = ((7 * 24 * 60, "week"), (24 * 60, "day"), (60, "hour"), (1, "minute"))
_ENHANCED = (
    Bits(0x80, "extension", ("none", "another octet follows")),
    Bits(0x40, "single shot", ("no", "tried once")),
    Bits(0x38, "reserved"),
    Bits(0x07, "format", ("none", "relative", "seconds", "hours, minutes, seconds")),
)


def validity(form: int, at: Cursor) -> Iterator[Field]:
    """TP-VP in the form that TP-VPF says: none, enhanced, relative or absolute."""
    if form == 2:
        yield from _relative(at, "TP-VP")
    elif form == 3:
        yield from timestamp(at, "TP-VP", f"{_VALIDITY}.2")
    elif form == 1:
        yield from _enhanced(at)


def _relative(at: Cursor, name: str) -> Iterator[Field]:
    octet = at.peek()[0] if at.has(1) else 0
    meanings = {octet: _lasting(Relative(octet).minutes)}
    yield from at.number(1, name, f"{_VALIDITY}.1", meanings)


def _lasting(minutes: int) -> str:
    """Minutes in the largest units that have no rest, such as ``12 hours 30 minutes``."""
    words = []
    for size, unit in _MINUTES:
        count, rest = divmod(minutes, size)
        if count and (not rest or unit in ("hour", "minute")):
            words.append(f"{count} {unit}{'s' if count > 1 else ''}")
            minutes = rest
    return " ".join(words)


def _enhanced(at: Cursor) -> Iterator[Field]:
    clause = f"{_VALIDITY}.3"
    if not at.has(7):
        yield from at.cut("TP-VP", 7, clause)
        return
    octets = at.peek(7)
    inner = Cursor.over(at.octets, at.at, at.at + 7)
    children = list(inner.number(1, "functionality", clause, bits=_ENHANCED))
    if octets[0] & 0x80:
        children += inner.number(1, "extension", clause)
    children += _period(octets[0] & 7, inner, clause)
    children += inner.rest("not used", clause)
    yield at.field(7, "TP-VP", octets, clause, children=tuple(children))


def _period(form: int, at: Cursor, clause: str) -> Iterator[Field]:
    if form == 1:
        yield from _relative(at, "validity")
    elif form == 2:
        yield from at.number(1, "seconds", clause)
    elif form == 3:
        for part, most in (("hour", 99), ("minute", 59), ("second", 59)):
            yield _part(at, part, 0, most)

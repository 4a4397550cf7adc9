"""User data headers, element by element (3GPP TS 23.040, 9.2.3.24)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from smsenc import elements
from smsenc.errors import HeaderError
from smsenc.model import IEI, USER_DATA_OCTETS, Element, port_text
from smsenc.octetmap.elementbits import BITS, MEANINGS
from smsenc.octetmap.model import Cursor, Field, counted, named
from smsenc.udh import Concatenation, find_concatenation, is_concatenation

UDH = "3GPP TS 23.040, 9.2.3.24"
#: Subclauses; other elements that have a name are of EMS.
_CLAUSES: dict[int, str] = {
    IEI.CONCATENATION_8: ".1",
    IEI.SPECIAL_MESSAGE: ".2",
    IEI.PORTS_8: ".3",
    IEI.PORTS_16: ".4",
    IEI.SMSC_CONTROL: ".5",
    IEI.SOURCE_INDICATOR: ".6",
    IEI.CONCATENATION_16: ".8",
    IEI.WIRELESS_CONTROL: ".9",
    IEI.EMAIL_HEADER: ".11",
    IEI.HYPERLINK: ".12",
    IEI.VOICE_MAIL: ".13",
    IEI.REPLY_ADDRESS: ".14",
    IEI.SINGLE_SHIFT: ".15",
    IEI.LOCKING_SHIFT: ".16",
}
_EMS = range(IEI.TEXT_FORMATTING, IEI.OBJECT_REQUEST + 1)
_LONGEST = USER_DATA_OCTETS - 3  # octets of an element
#: The name of the field of a header, and of its first octet.
HEADER, LENGTH = "user data header", "header length"


class Header(NamedTuple):
    """The field of a header, and the elements that could be read."""

    field: Field
    elements: tuple[Element, ...]


def header(at: Cursor) -> Header | None:
    """The header that begins at the cursor, with its length octet; None if no octet is left."""
    if not at.has(1):
        return None
    start, size = at.at, 1 + at.peek()[0]
    found = min(size, at.left)
    inner = Cursor.over(at.octets, start, start + found)
    fault = "" if found == size else f"expected {size - 1} octets of header, found {found - 1}"
    children = list(inner.number(1, LENGTH, UDH, unit="octets"))
    known: list[Element] = []
    while inner.left:
        children.append(_element(inner, known))
    value = counted(len(known), "elements")
    field = at.field(found, HEADER, value, UDH, fault=fault, children=tuple(children))
    return Header(field, tuple(known))


def clause_of(iei: int) -> str:
    """Where the specification has an element."""
    if iei in _CLAUSES:
        return UDH + _CLAUSES[iei]
    return f"{UDH}.10" if iei in _EMS else UDH


def _element(at: Cursor, known: list[Element]) -> Field:
    """The next element: identifier, length, and the fields in its data."""
    start, iei = at.at, at.peek()[0]
    name, clause = elements.name(iei), clause_of(iei)
    children = list(at.number(1, "identifier", UDH, {iei: name}))
    if not at.left:
        fault = "expected an element's length, found the header's end"
        return Field(start, at.at, name, "", clause, fault=fault, children=tuple(children))
    size = at.peek()[0]
    children += at.number(1, "length", UDH, unit="octets")
    if size > at.left:
        fault = f"expected {size} octets in element {iei:02X}, found {at.left}"
        children += at.rest("data", clause)
        return Field(start, at.at, name, "", clause, fault=fault, children=tuple(children))
    data = at.peek(size)
    values, fault = _values(iei, data)
    children += _fields(iei, Cursor.over(at.octets, at.at, at.at + size), values, clause)
    at.at += size
    if size <= _LONGEST:
        known.append(Element(iei, data))
    value = ", ".join(f"{field} {_short(iei, value)}" for field, value in values.items())
    return Field(start, at.at, name, value, clause, fault=fault, children=tuple(children))


def _values(iei: int, data: bytes) -> tuple[dict[str, int | bytes], str]:
    """The fields in the data of an element, and what is wrong with it."""
    if len(data) > _LONGEST:
        return {"data": data}, f"expected at most {_LONGEST} octets, found {len(data)}"
    element = Element(iei, data)
    try:
        values = elements.fields(element)
    except HeaderError as error:  # receivers ignore such an element
        return {"data": data}, error.message
    if is_concatenation(element) and find_concatenation((element,)) is None:
        place = Concatenation(*(int(str(value)) for value in values.values()))
        return values, f"expected part 1 to {place.total}, found {place.sequence}"
    return values, ""


def _short(iei: int, value: int | bytes) -> str:
    if iei == IEI.PORTS_16 and isinstance(value, int):
        return port_text(value)
    return str(value) if isinstance(value, int) else f"of {len(value)} octets"


def _fields(iei: int, at: Cursor, values: dict[str, int | bytes], clause: str) -> Iterator[Field]:
    """The fields in the order of the table of elements."""
    row = elements.TABLE.get(IEI(iei)) if iei in elements.TABLE else None
    sizes = dict((*row.fields, *row.optional)) if row else {}
    for name, value in values.items():
        octets = sizes.get(name) or at.left
        if isinstance(value, int):
            key = (iei, name)
            meanings = {value: _meaning(iei, name, value)}
            yield from at.number(octets, name, clause, meanings, bits=BITS.get(key, ()))
        elif octets:
            yield at.field(octets, name, value, clause)


def _meaning(iei: int, name: str, value: int) -> str:
    """What a number means; a port of 16 bits is also in hex, as it is known."""
    known = named(MEANINGS.get((iei, name), ()), value)
    if iei == IEI.PORTS_16:
        return f"0x{value:04X}, {known}" if known else f"0x{value:04X}"
    return known

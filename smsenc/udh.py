"""User data headers: a length octet and information elements (3GPP TS 23.040, 9.2.3.24)."""

from __future__ import annotations

from typing import NamedTuple

from smsenc.errors import HeaderError
from smsenc.model import IEI, USER_DATA_OCTETS, Element

_CONCATENATION = (IEI.CONCATENATION_8, IEI.CONCATENATION_16)


class Concatenation(NamedTuple):
    """The fields of the elements 00 and 08 (9.2.3.24.1 and 9.2.3.24.8)."""

    reference: int
    total: int
    sequence: int


def encode(elements: tuple[Element, ...]) -> bytes:
    """Octets of the complete header, length octet first; empty without elements."""
    if not elements:
        return b""
    body = b"".join(bytes((e.iei, len(e.data))) + e.data for e in elements)
    if len(body) >= USER_DATA_OCTETS:
        raise HeaderError(
            f"expected a header of at most {USER_DATA_OCTETS} octets, found {len(body) + 1}"
        )
    return bytes((len(body),)) + body


def decode(udh: bytes) -> tuple[Element, ...]:
    """Elements of a complete header; unknown ones are kept. Raises HeaderError for bad lengths."""
    if not udh:
        return ()
    if udh[0] != len(udh) - 1:
        raise HeaderError(f"expected {udh[0]} octets of header, found {len(udh) - 1}", offset=0)
    elements = []
    position = 1
    while position < len(udh):
        start, position = position, position + 2
        if position > len(udh):
            raise HeaderError("expected an element's length, found the header's end", offset=start)
        length = udh[start + 1]
        data = udh[position : position + length]
        if len(data) < length:
            raise HeaderError(
                f"expected {length} octets in element {udh[start]:02X}, found {len(data)}",
                offset=start,
            )
        elements.append(Element(udh[start], data))
        position += length
    return tuple(elements)


def concatenation(reference: int, total: int, sequence: int, *, wide: bool = False) -> Element:
    """The element of one part of ``total``; ``wide`` uses a 16-bit reference."""
    octets = 2 if wide else 1
    if not 0 <= reference < 1 << 8 * octets:
        raise HeaderError(f"expected a reference 0..{(1 << 8 * octets) - 1}, found {reference}")
    return Element(
        IEI.CONCATENATION_16 if wide else IEI.CONCATENATION_8,
        reference.to_bytes(octets, "big") + bytes((total, sequence)),
    )


def with_concatenation(header: bytes, reference: int, *, wide: bool = False) -> bytes:
    """A header with a concatenation element after its others, except for total and sequence.

    Its lengths already count these two octets, which the caller appends.
    """
    length = (header[0] if header else 0) + 5 + wide
    if length >= USER_DATA_OCTETS:
        raise HeaderError(
            f"expected room for a concatenation element, found a header of {len(header)} octets"
        )
    try:
        if wide:
            return bytes((length, *header[1:], 8, 4, reference >> 8, reference & 0xFF))
        if not header:
            return bytes((length, 0, 3, reference))  # most headers; the line below takes longer
        return bytes((length, *header[1:], 0, 3, reference))
    except ValueError:
        most = 0xFFFF if wide else 0xFF
        raise HeaderError(f"expected a reference 0..{most}, found {reference}") from None


def is_concatenation(element: Element) -> bool:
    """Whether the element is one of the two concatenation elements."""
    return element.iei in _CONCATENATION


def find_concatenation(elements: tuple[Element, ...]) -> Concatenation | None:
    """The last valid concatenation element, or None.

    One with a wrong length, total 0, sequence 0 or sequence beyond total is ignored, as receivers
    ignore it (9.2.3.24.1).
    """
    for element in reversed(elements):
        size = (
            {IEI.CONCATENATION_8: 3, IEI.CONCATENATION_16: 4}.get(IEI(element.iei))
            if (is_concatenation(element))
            else None
        )
        if size != len(element.data):
            continue
        *reference, total, sequence = element.data
        if 1 <= sequence <= total:
            return Concatenation(int.from_bytes(bytes(reference), "big"), total, sequence)
    return None

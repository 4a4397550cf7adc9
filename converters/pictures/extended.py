"""Extended objects of EMS (3GPP TS 23.040, 9.2.3.24.10.1.11), which may be longer than one part.

Element 14 begins with a head: reference, length in two octets, control, type, and in two octets the
position in the whole text. An object that does not fit in one part continues in the next part's
element 14, which has no head.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from converters.pictures.bitmap import Bitmap
from smsenc import DecodeError, Element, SplitError
from smsenc.model import IEI, USER_DATA_OCTETS

_HEAD = 7
#: Octets of an element that is alone in a header, and of one with a concatenation element: all but
#: the header's length octet and the element's own identifier and length.
_ALONE = USER_DATA_OCTETS - 3
_CONCATENATED = _ALONE - 5
_NO_FORWARDING, _PROMPT = 1, 2


class Kind(IntEnum):
    """What an object is (9.2.3.24.10.1.11, octet 5)."""

    PREDEFINED_SOUND = 0x00
    IMELODY = 0x01
    BITMAP = 0x02
    GREY_BITMAP = 0x03
    COLOUR_BITMAP = 0x04
    PREDEFINED_ANIMATION = 0x05
    BITMAP_ANIMATION = 0x06
    GREY_ANIMATION = 0x07
    COLOUR_ANIMATION = 0x08
    VCARD = 0x09
    VCALENDAR = 0x0A
    VECTOR_GRAPHICS = 0x0B
    POLYPHONIC_MELODY = 0x0C
    FORMAT_REQUEST = 0xFF


class Extended(NamedTuple):
    """An object after ``position`` characters of the whole text; ``kind`` may be unknown."""

    kind: int
    data: bytes
    position: int = 0
    reference: int = 0
    forwardable: bool = True
    prompt: bool = False  #: whether the user is asked what to do with it

    def __str__(self) -> str:
        known = self.kind in set(Kind)
        name = Kind(self.kind).name.lower().replace("_", " ") if known else f"type {self.kind:02X}"
        return f"{name}, {len(self.data)} octets"


def encode(thing: Extended) -> tuple[Element, ...]:
    """The object's elements, one for each part that it needs.

    Raises SplitError for a value that is too large for its octets.
    """
    control = _NO_FORWARDING * (not thing.forwardable) | _PROMPT * thing.prompt
    try:
        head = (
            bytes((thing.reference,))
            + len(thing.data).to_bytes(2, "big")
            + bytes((control, thing.kind))
            + thing.position.to_bytes(2, "big")
        )
    except (ValueError, OverflowError):
        raise SplitError(
            "expected reference and type of one octet, length and position of two, "
            f"found {thing.reference}, {thing.kind}, {len(thing.data)}, {thing.position}"
        ) from None
    octets = head + thing.data
    each = _ALONE if len(octets) <= _ALONE else _CONCATENATED
    starts = range(0, len(octets), each)
    return tuple(Element(IEI.EXTENDED_OBJECT, octets[at : at + each]) for at in starts)


def read(elements: Iterable[Element]) -> tuple[Extended, ...]:
    """The objects in the headers of all parts, in order. Raises DecodeError."""
    fragments = (e.data for e in elements if e.iei == IEI.EXTENDED_OBJECT)
    return tuple(_object(first, fragments) for first in fragments)


def _object(first: bytes, others: Iterator[bytes]) -> Extended:
    if len(first) < _HEAD:
        raise DecodeError(f"expected {_HEAD} octets before an extended object, found {len(first)}")
    length, data = int.from_bytes(first[1:3], "big"), first[_HEAD:]
    while len(data) < length and (more := next(others, b"")):
        data += more
    if len(data) != length:
        raise DecodeError(f"expected {length} octets of an extended object, found {len(data)}")
    return Extended(
        kind=first[4],
        data=data,
        position=int.from_bytes(first[5:_HEAD], "big"),
        reference=first[0],
        forwardable=not first[3] & _NO_FORWARDING,
        prompt=bool(first[3] & _PROMPT),
    )


# Black and white bitmaps: width, height, and rows of pixels without padding


def encode_bitmap(bitmap: Bitmap) -> bytes:
    """The data of an object that is a bitmap. Raises SplitError for a side over 255 pixels."""
    if max(bitmap.width, bitmap.height) > 0xFF:
        raise SplitError(
            f"expected at most 255 pixels per side, found {bitmap.width}x{bitmap.height}"
        )
    return bytes((bitmap.width, bitmap.height)) + bitmap.bits


def decode_bitmap(data: bytes) -> Bitmap:
    """The picture in the data of an object that is a bitmap. Raises DecodeError."""
    width, height = data[:2].ljust(2, b"\0")
    octets = -(-width * height // 8)
    if not octets or len(data) != 2 + octets:
        raise DecodeError(
            f"expected {octets} octets of {width}x{height} pixels, found {max(0, len(data) - 2)}"
        )
    return Bitmap.from_packed(width, height, data[2:])

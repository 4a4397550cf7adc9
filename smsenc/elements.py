"""Information elements by name, and the fields in their octets (3GPP TS 23.040, 9.2.3.24).

One table has the fields of each element; ``build`` writes them and ``fields`` reads them.
``effective`` applies the rules for elements that come twice or exclude each other.
"""

from __future__ import annotations

from typing import NamedTuple

from smsenc.errors import HeaderError
from smsenc.model import IEI, Element

#: The size of a field that takes the rest of the element.
REST = 0


class Row(NamedTuple):
    """The fields of an element as (name, octets), in order; numbers are big endian.

    ``optional`` fields may follow them. ``repeatable`` elements may come more than once in a header
    (9.2.3.24, table); of the others the last one counts.
    """

    fields: tuple[tuple[str, int], ...]
    optional: tuple[tuple[str, int], ...] = ()
    repeatable: bool = False


_OPAQUE = (("data", REST),)
_POSITION = ("position", 1)

TABLE: dict[IEI, Row] = {
    IEI.CONCATENATION_8: Row((("reference", 1), ("total", 1), ("sequence", 1))),
    IEI.SPECIAL_MESSAGE: Row((("kind", 1), ("count", 1)), repeatable=True),
    IEI.PORTS_8: Row((("destination", 1), ("originator", 1))),
    IEI.PORTS_16: Row((("destination", 2), ("originator", 2))),
    IEI.SMSC_CONTROL: Row((("bits", 1),)),
    IEI.SOURCE_INDICATOR: Row((("source", 1),), repeatable=True),
    IEI.CONCATENATION_16: Row((("reference", 2), ("total", 1), ("sequence", 1))),
    IEI.WIRELESS_CONTROL: Row(_OPAQUE),
    IEI.TEXT_FORMATTING: Row(
        (("start", 1), ("length", 1), ("mode", 1)), (("colour", 1),), repeatable=True
    ),
    IEI.PREDEFINED_SOUND: Row((_POSITION, ("number", 1)), repeatable=True),
    IEI.USER_SOUND: Row((_POSITION, ("melody", REST)), repeatable=True),
    IEI.PREDEFINED_ANIMATION: Row((_POSITION, ("number", 1)), repeatable=True),
    IEI.LARGE_ANIMATION: Row((_POSITION, ("frames", 4 * 32)), repeatable=True),
    IEI.SMALL_ANIMATION: Row((_POSITION, ("frames", 4 * 8)), repeatable=True),
    IEI.LARGE_PICTURE: Row((_POSITION, ("pixels", 128)), repeatable=True),
    IEI.SMALL_PICTURE: Row((_POSITION, ("pixels", 32)), repeatable=True),
    IEI.VARIABLE_PICTURE: Row(
        (_POSITION, ("width", 1), ("height", 1), ("pixels", REST)), repeatable=True
    ),
    IEI.USER_PROMPT: Row((("objects", 1),), repeatable=True),
    IEI.EXTENDED_OBJECT: Row(_OPAQUE, repeatable=True),
    IEI.REUSED_OBJECT: Row((("reference", 1), ("position", 2)), repeatable=True),
    IEI.COMPRESSION_CONTROL: Row(_OPAQUE),
    IEI.OBJECT_DISTRIBUTION: Row((("objects", 1), ("status", 1)), repeatable=True),
    IEI.WVG_OBJECT: Row(_OPAQUE, repeatable=True),
    IEI.WVG_CHARACTER: Row(_OPAQUE, repeatable=True),
    IEI.OBJECT_REQUEST: Row(_OPAQUE),
    IEI.EMAIL_HEADER: Row((("length", 1),)),
    IEI.HYPERLINK: Row((("position", 2), ("title", 1), ("url", 1)), repeatable=True),
    IEI.REPLY_ADDRESS: Row(_OPAQUE),
    IEI.VOICE_MAIL: Row(_OPAQUE),
    IEI.SINGLE_SHIFT: Row((("language", 1),)),
    IEI.LOCKING_SHIFT: Row((("language", 1),)),
}

#: Elements that are two forms of the same thing: the last one counts here, too.
EXCLUSIVE = (
    frozenset((IEI.CONCATENATION_8, IEI.CONCATENATION_16)),
    frozenset((IEI.PORTS_8, IEI.PORTS_16)),
)
#: Fields of this many octets or more are pictures, not numbers.
_NUMBER = 4


def name(iei: int) -> str:
    """The element's name in lower case with dashes, or its range for one without a name."""
    if iei in TABLE:
        return IEI(iei).name.lower().replace("_", "-")
    for first, last, use in _RANGES:
        if first <= iei <= last:
            return use
    return "reserved"


_RANGES = (
    (0x1B, 0x1F, "reserved-ems"),
    (0x70, 0x7F, "sim-toolkit"),
    (0x80, 0x9F, "sme-specific"),
    (0xC0, 0xDF, "sc-specific"),
)


def build(iei: IEI, **values: int | bytes) -> Element:
    """The element with these fields; raises HeaderError for one that is missing or out of range."""
    row = TABLE[iei]
    layout = row.fields + tuple(field for field in row.optional if field[0] in values)
    unknown = set(values).difference(field for field, _ in layout)
    missing = [field for field, _ in layout if field not in values]
    if unknown or missing:
        expected = ", ".join(field for field, _ in row.fields)
        found = ", ".join(sorted(values)) or "none"
        raise HeaderError(f"expected fields {expected} of {name(iei)}, found {found}")
    return Element(iei, b"".join(_octets(iei, f, size, values[f]) for f, size in layout))


def _octets(iei: IEI, field: str, size: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        if size == REST or size >= _NUMBER or not 0 <= value < 1 << 8 * size:
            raise HeaderError(
                f"expected {field} of {name(iei)} to fit {size} octets, found {value}"
            )
        return value.to_bytes(size, "big")
    if size not in (REST, len(value)):
        raise HeaderError(f"expected {size} octets of {field}, found {len(value)}")
    return value


def fields(element: Element) -> dict[str, int | bytes]:
    """The fields of an element by name; an element without a row has only ``data``.

    Raises HeaderError if the element has a wrong length.
    """
    row = TABLE.get(IEI(element.iei)) if element.iei in TABLE else None
    if row is None:
        return {"data": element.data}
    layout = row.fields
    least = sum(size for _, size in layout)
    if len(element.data) == least + sum(size for _, size in row.optional):
        layout += row.optional
    found: dict[str, int | bytes] = {}
    position = 0
    for field, size in layout:
        octets = element.data[position:] if size == REST else element.data[position:][:size]
        found[field] = octets if size == REST or size >= _NUMBER else int.from_bytes(octets, "big")
        position += len(octets)
    if position != len(element.data) or position < least:
        raise HeaderError(
            f"expected {least} octets in {name(element.iei)}, found {len(element.data)}"
        )
    return found


def effective(elements: tuple[Element, ...]) -> tuple[Element, ...]:
    """The elements that count: the last one of those that may come only once (9.2.3.24)."""
    kept: list[Element] = []
    seen: set[frozenset[int]] = set()
    for element in reversed(elements):
        group = _group(element.iei)
        if group and group in seen:
            continue
        if group:
            seen.add(group)
        kept.append(element)
    return tuple(reversed(kept))


def _group(iei: int) -> frozenset[int] | None:
    """The identifiers of which only one may count; None if all may, as for unknown elements."""
    if iei not in TABLE or TABLE[IEI(iei)].repeatable:
        return None
    return next((group for group in EXCLUSIVE if iei in group), frozenset((iei,)))

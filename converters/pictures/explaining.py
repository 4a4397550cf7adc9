"""The octets of logos and picture messages, field by field. Damaged ones are explained as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from converters.pictures.operators import NO_NETWORK, Network, decode_network
from smsenc import SmsencError
from smsenc.logos import LINE_FEED, VERSION, bitmap_at, network_at
from smsenc.octetmap import Bits, Cursor, Field

_SPEC = "Smart Messaging 3.0.0"
_BITMAP, _LOGO = f"{_SPEC}, OTA bitmap", f"{_SPEC}, operator logo"
_ICON, _MULTIPART = f"{_SPEC}, caller icon", f"{_SPEC}, multipart message"
#: The items of a multipart message by type.
_ITEMS = (
    "text",
    "text in Unicode",
    "picture",
    "ringing tone",
    "profile",
    "reserved",
    "screen saver",
)
_BITMAPS = (2, 6)
_NO_YES = ("no", "yes")
_INFO = (
    Bits(0x80, "concatenation", _NO_YES),
    Bits(0x40, "compression", _NO_YES),
    Bits(0x20, "external palette", _NO_YES),
    Bits(0x10, "sizes", ("of 8 bits", "of 16 bits")),
    Bits(0x0F, "animated pictures"),
)


def bitmap(at: Cursor) -> Iterator[Field]:
    """The fields of the plain OTA bitmap up to the end of the cursor."""
    width, height = (*at.peek(3)[1:], 0, 0)[:2]
    yield from at.number(1, "infofield", _BITMAP, bits=_INFO)
    yield from at.number(1, "width", _BITMAP, unit="pixels")
    yield from at.number(1, "height", _BITMAP, unit="pixels")
    yield from at.number(1, "depth", _BITMAP, {1: "black and white"})
    expected = -(-width * height // 8)
    for field in at.rest("pixels", _BITMAP):
        found = field.end - field.start
        what = "" if found >= expected else f"expected {expected} octets of pixels, found {found}"
        yield replace(field, meaning="a bit for each pixel", fault=what)


def _version(at: Cursor, clause: str) -> Iterator[Field]:
    if at.peek() == VERSION:
        yield from at.number(1, "version", clause, {VERSION[0]: "version 0"})


def _codes(network: Network) -> str:
    return "removes the logo" if network == NO_NETWORK else "MCC and MNC"


def operator_logo(data: bytes) -> Iterator[Field]:
    """The fields of an operator logo in either form."""
    at = Cursor.over(data)
    try:
        network, start = decode_network(data, network_at(data)), bitmap_at(data)
    except SmsencError:
        return
    yield from _version(at, _LOGO)
    yield at.field(3, "network", f"{network}", _LOGO, meaning=_codes(network))
    if start > at.at:
        name = "line feed" if start - at.at == len(LINE_FEED) else "expiry date and line feed"
        yield at.field(start - at.at, name, data[at.at : start], _LOGO)
    yield from bitmap(at)


def caller_icon(data: bytes) -> Iterator[Field]:
    """The fields of a caller icon; some senders leave its version out."""
    at = Cursor.over(data)
    yield from _version(at, _ICON)
    yield from bitmap(at)


def multipart(data: bytes) -> Iterator[Field]:
    """The version, and the items of a multipart message."""
    at = Cursor.over(data)
    if not data.startswith(VERSION):
        return
    yield from _version(at, _MULTIPART)
    while at.has(3):
        yield _item(at)
    yield from at.rest("item", _MULTIPART, "expected a type and a length of two octets")


def _item(at: Cursor) -> Field:
    start, kind = at.at, at.peek()[0]
    name = _ITEMS[kind] if kind < len(_ITEMS) else "unknown"
    children = list(at.number(1, "item type", _MULTIPART, _ITEMS))
    length = int.from_bytes(at.peek(2), "big")
    children += at.number(2, "length", _MULTIPART, unit="octets")
    inner = Cursor.over(at.octets, at.at, at.at + min(length, at.left))
    fault = "" if length <= at.left else f"expected {length} octets of {name}, found {at.left}"
    octets = inner.peek(inner.left)
    at.at = inner.end
    if kind in _BITMAPS:
        children += bitmap(inner)
    elif octets:
        children.append(inner.field(len(octets), name, _content(kind, octets), _MULTIPART))
    return Field(start, at.at, name, "", _MULTIPART, fault=fault, children=tuple(children))


def _content(kind: int, octets: bytes) -> str | bytes:
    if kind == 0:
        return octets.decode("latin-1")
    return octets.decode("utf-16-be", "replace") if kind in (1, 4) else octets

"""Items of multipart messages, and logos whose picture is cut."""

from __future__ import annotations

from converters.pictures.explaining import bitmap, caller_icon, multipart, operator_logo
from smsenc.octetmap import Cursor, walk

PICTURE = bytes((0, 8, 2, 1, 0xF0, 0x0F))


def said(fields):
    return [(field.name, field.text, field.fault) for _, field in walk(fields)]


def item(kind, octets, length=None):
    size = len(octets) if length is None else length
    return bytes((kind,)) + size.to_bytes(2, "big") + octets


def test_the_items_of_a_multipart_message():
    data = b"\x30" + item(0, b"Hi") + item(1, b"\0H") + item(2, PICTURE) + item(9, b"\1")
    found = said(multipart(data))
    assert [one for one in found if one[0] in ("text", "text in Unicode", "unknown")] == [
        ("text", "", ""),
        ("text", "Hi", ""),
        ("text in Unicode", "", ""),
        ("text in Unicode", "H", ""),
        ("unknown", "", ""),
        ("unknown", "01", ""),
    ]
    assert ("width", "8 pixels", "") in found
    assert not [fault for *_, fault in found if fault]


def test_items_that_are_cut_or_empty():
    found = said(multipart(b"\x30" + item(0, b"") + item(0, b"Hi", 5)))
    assert ("text", "", "expected 5 octets of text, found 2") in found
    (*_, last) = said(multipart(b"\x30" + item(0, b"") + b"\0\0"))
    assert last == ("item", "00 00", "expected a type and a length of two octets")
    assert said(multipart(b"\x31")) == []


def test_logos_whose_picture_is_cut():
    (*_, last) = said(caller_icon(b"\x30" + PICTURE[:-1]))
    assert last == ("pixels", "F0 (a bit for each pixel)", "expected 2 octets of pixels, found 1")
    (*_, last) = said(bitmap(Cursor.over(PICTURE[:1])))
    assert last == ("width", "", "expected 1 octet (width), found 0")
    found = said(operator_logo(bytes((0x62, 0xF2, 0x70)) + PICTURE))
    assert found[0] == ("network", "262-07 (MCC and MNC)", "")
    assert said(operator_logo(b"\xff" * 3)) == []

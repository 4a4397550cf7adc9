"""Extended objects, dealt out to parts and shown, alone and beside the older elements."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.pictures import ems, extended
from converters.pictures.bitmap import Bitmap
from converters.pictures.ems import EMS_PICTURE
from converters.pictures.extended import Extended, Kind
from converters.received.ems import EMS_MESSAGE
from converters.registry import viewer_of
from converters.tunes.viewer import EMS_SOUND
from smsenc import (
    Coding,
    DecodeError,
    Element,
    Payload,
    SplitError,
    encode_text,
    join,
    split,
    tpdu,
    udh,
)

CARD = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Example;Ann\r\nEND:VCARD\r\n"

things = st.builds(
    Extended,
    kind=st.integers(0, 255),
    data=st.binary(max_size=400),
    position=st.integers(0, 0xFFFF),
    reference=st.integers(0, 255),
    forwardable=st.booleans(),
    prompt=st.booleans(),
)


def message(*elements):
    return Payload(data=b"", coding=Coding.GSM7, elements=elements)


def test_octets_are_those_of_the_clause():
    thing = Extended(kind=Kind.VCARD, data=b"abc", position=0x102, reference=7, prompt=True)
    (element,) = extended.encode(thing)
    assert (element.iei, element.data.hex()) == (0x14, "07000302090102616263")


@given(things)
def test_an_object_of_any_length_comes_back_through_parts(thing):
    payload = message(*extended.encode(thing))
    parts = split(payload, reference=9)
    for part in parts:
        assert tpdu.decode(tpdu.encode(tpdu.submit(part, "447700900123"))).segment == part
    assert join(parts[::-1]) == payload
    assert extended.read(payload.elements) == (thing,)


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_bitmap_has_no_bits_between_its_rows(width, height):
    bitmap = Bitmap.from_rows([("#." * 20)[:width]] * height)
    octets = extended.encode_bitmap(bitmap)
    assert len(octets) == 2 + -(-width * height // 8)
    assert extended.decode_bitmap(octets) == bitmap


def test_type_and_size_are_shown_and_a_bitmap_is_drawn():
    bitmap = Bitmap.from_rows(["#.#", ".#."])
    picture = Extended(kind=Kind.BITMAP, data=extended.encode_bitmap(bitmap), position=2)
    card = Extended(kind=Kind.VCARD, data=CARD)
    elements = (*extended.encode(picture), *extended.encode(card))
    payload = replace(encode_text("hi"), elements=elements)
    assert viewer_of(payload) is EMS_PICTURE
    lines = EMS_PICTURE.view(payload).lines
    assert lines[:2] == ("(extended object: vcard, 52 octets)", "hi")
    assert lines[-2:] == ("3x2 pixels", "(extended object: bitmap, 3 octets)")
    assert str(Extended(kind=0x42, data=b"")) == "type 42, 0 octets"


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        ("070003", "expected 7 octets before an extended object, found 3"),
        ("07000300090000aa", "expected 3 octets of an extended object, found 1"),
        ("07000000090000aa", "expected 0 octets of an extended object, found 1"),
    ],
)
def test_damage_is_named(octets, said):
    with pytest.raises(DecodeError) as caught:
        extended.read([Element(0x14, bytes.fromhex(octets))])
    assert str(caught.value) == said


@given(st.lists(st.binary(max_size=140), max_size=4))
def test_any_elements_are_shown_or_our_error(fragments):
    elements = tuple(Element(0x14, octets) for octets in fragments)
    with suppress(DecodeError):
        EMS_PICTURE.view(replace(encode_text("hi"), elements=elements))


@pytest.mark.parametrize("change", [{"kind": 256}, {"data": bytes(65536)}, {"position": -1}])
def test_what_its_octets_do_not_hold_is_refused(change):
    with pytest.raises(SplitError, match="expected reference and type of one octet"):
        extended.encode(Extended(**{"kind": 9, "data": b""} | change))


SOUND = Element(0x0C, b"\0BEGIN:IMELODY\r\nMELODY:c2d2\r\nEND:IMELODY\r\n")


def test_pictures_and_sounds_of_one_message_are_both_shown_and_either_kept():
    picture = ems.encode([Bitmap.from_rows(["#" * 16] * 16)], "ems-small")
    parts = split(message(picture, SOUND, picture, picture, picture), reference=4)
    assert len(parts) == 5
    whole = join(parts)
    assert viewer_of(whole) is EMS_MESSAGE
    view = EMS_MESSAGE.view(whole)
    assert view.lines.count("16x16 pixels") == 4
    assert view.content["notes"] == EMS_SOUND.view(whole).content["notes"] == ["4c5", "4d5"]
    lost = {w.suffix: [str(loss) for loss in w.losses(whole)] for w in EMS_MESSAGE.writers}
    assert "sounds left out: not possible in a .png file" in lost[".png"]
    assert "3 further pictures left out: only the first is written" in lost[".png"]
    assert "pictures left out: not possible in a .mid file" in lost[".mid"]


def test_a_prompt_of_sounds_does_not_join_the_pictures_after_them():
    strip = Element(0x12, bytes((0, 1, 2, 0, 0)))
    found = ems.objects([Element(0x13, b"\2"), SOUND, SOUND, strip, strip])
    assert [bool(thing.frames) for thing in found] == [False, False, True, True]


def test_a_message_of_sounds_alone_is_a_tune():
    assert viewer_of(message(SOUND)) is EMS_SOUND


def test_strips_are_whole_tpdus():
    bitmap = Bitmap.from_rows(["#.." * 30] * 28)
    for part in ems.segments(bitmap, reference=1):
        octets = tpdu.encode(tpdu.submit(part, "447700900123"))
        assert tpdu.decode(octets).segment == part
        # A header that ends inside a septet is filled up to the next (9.2.3.24).
        assert len(part.data) == (len(part.udh) * 8 % 7 != 0)
        assert udh.decode(part.udh)[-1].iei == 0x12

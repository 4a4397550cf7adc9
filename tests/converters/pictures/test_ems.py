from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import GuardError
from converters.pictures import ems
from converters.pictures.bitmap import Bitmap
from converters.pictures.ems import EMS_PICTURE, SHAPES, Object, decode, encode, message
from smsenc import (
    DecodeError,
    Element,
    join,
    split,
    udh,
)


def diagonal(side):
    return Bitmap.from_rows(["." * n + "#" + "." * (side - n - 1) for n in range(side)])


#: Headers that gammu 1.42 wrote.
SMALL = "8000400020001000080004000200010000800040002000100008000400020001"
LARGE = "".join(f"{1 << 31 - n:08X}" for n in range(32))
VECTORS = {
    "E05": ("ems-small", 16, "23112100" + SMALL),
    "E06": ("ems-large", 32, "83108100" + LARGE),
    "E07": ("ems-variable", 16, "251223000210" + SMALL),
}
vectors = pytest.mark.parametrize(("kind", "side", "header"), VECTORS.values(), ids=VECTORS)


@vectors
def test_we_send_what_gammu_sent(kind, side, header):
    (part,) = split(message(encode([diagonal(side)], kind)), reference=0)
    assert part.udh == bytes.fromhex(header)
    assert not any(part.data)  # fill bits up to a septet


@vectors
def test_what_gammu_sent_is_shown(kind, side, header):
    (element,) = udh.decode(bytes.fromhex(header))
    assert element.iei == SHAPES[kind].iei
    assert decode(element) == Object((diagonal(side),))


def test_a_picture_that_is_not_to_be_forwarded_is_found():  # E08: 17, then the picture
    elements = udh.decode(bytes.fromhex("27170201011121 00" + SMALL))
    assert [found for element in elements if (found := decode(element))] == [
        Object((diagonal(16),))
    ]


@pytest.mark.parametrize(
    ("kind", "side", "octets"), [("ems-small-animation", 8, 33), ("ems-large-animation", 16, 129)]
)
def test_an_animation_has_four_frames(kind, side, octets):
    frames = (diagonal(side), Bitmap.from_rows(["#" * side] * side))
    element = encode(frames, kind)
    assert len(element.data) == octets
    assert decode(element) == Object(frames * 2)


def test_one_frame_as_gammu_writes_it_is_read():
    assert decode(Element(0x0F, bytes(1) + diagonal(8).bits)) == Object((diagonal(8),))


@given(st.integers(1, 8), st.integers(1, 16), st.sampled_from([0, 7]))
def test_a_variable_picture_comes_back(eights, height, position):
    bitmap = Bitmap.from_rows(["#." * 4 * eights] * height)
    assert decode(encode([bitmap], "ems-variable", position)) == Object((bitmap,), position)


def test_text_goes_beside_a_picture():
    payload = message(encode([diagonal(32)], "ems-large"), "9 septets")
    (part,) = split(payload, reference=0)
    assert len(part.udh) + len(part.data) == 140
    view = EMS_PICTURE.view(join([part]))
    assert view.content["text"] == "9 septets"
    assert view.lines[-2:] == ("32x32 pixels", "9 septets")


def test_too_much_text_is_refused():
    with pytest.raises(GuardError) as caught:
        message(encode([diagonal(32)], "ems-large"), "ten octets")
    assert str(caught.value) == (
        "text: expected a text that fits in one part with the picture, found a longer one"
    )


@pytest.mark.parametrize(
    ("kind", "size", "error"),
    [
        ("ems-small", (8, 8), "expected 16x16 pixels, found 8x8"),
        (
            "ems-variable",
            (12, 4),
            "expected a width that is a multiple of 8 and at most 1072 pixels, found 12x4",
        ),
        (
            "ems-variable",
            (72, 28),
            "expected a width that is a multiple of 8 and at most 1072 pixels, found 72x28",
        ),
    ],
)
def test_sizes_are_checked(kind, size, error):
    with pytest.raises(DecodeError) as caught:
        encode([Bitmap.from_rows(["#" * size[0]] * size[1])], kind)
    assert str(caught.value) == error


@given(st.sampled_from(sorted(shape.iei for shape in SHAPES.values())), st.binary(max_size=130))
def test_any_element_is_a_picture_or_our_error(iei, octets):
    with suppress(DecodeError):
        ems.decode(Element(iei, octets))


def test_damage_is_named():
    with pytest.raises(DecodeError) as caught:
        decode(Element(0x11, bytes(10)))
    assert str(caught.value) == "expected 1 x 32 octets of pixels in element 11, found 9"


def strip(width):
    return Element(0x12, bytes((0, width // 8, 4)) + bytes(width // 8 * 4))


def test_a_user_prompt_joins_pictures_side_by_side():
    prompt = Element(0x13, b"\x02")
    (found,) = ems.objects([prompt, strip(16), strip(8)])
    assert (found.frames[0].width, found.frames[0].height) == (24, 4)


def test_what_a_prompt_cannot_join_stays_apart():
    prompt = Element(0x13, b"\x02")
    sound = ems.predefined(0x0B, "ding")
    assert len(ems.objects([prompt, strip(16), sound])) == 2
    assert len(ems.objects([prompt, strip(16)])) == 1


def test_a_picture_too_large_for_a_part_goes_in_strips():
    bitmap = Bitmap.from_rows(["#.." * 30] * 28)
    parts = ems.segments(bitmap, reference=1)
    assert all(len(part.udh) <= 140 for part in parts)
    (found,) = ems.objects([e for part in parts for e in udh.decode(part.udh)])
    assert [row[:90] for row in found.frames[0].rows] == list(bitmap.rows)


def test_a_picture_too_high_for_strips_is_refused():
    with pytest.raises(GuardError) as caught:
        ems.segments(Bitmap.from_rows(["#"] * 135), reference=1)
    assert str(caught.value) == "expected at most 126 rows of pixels, found 135"


def test_what_phones_have_by_number_is_named():
    seen = EMS_PICTURE.view(message(ems.predefined(0x0D, "devil", 3), "ani"))
    assert seen.lines == ("ani", "(animation: devil)")
    assert decode(Element(0x0B, b"\x00\x63")).name == "sound: number 99, which no phone has"
    with pytest.raises(DecodeError):
        decode(Element(0x0B, b"\x00"))
    with pytest.raises(DecodeError):
        ems.predefined(0x0B, "bang")

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from converters.pictures import logofiles
from converters.pictures.bitmap import Bitmap
from converters.pictures.multipart import (
    PICTURE_MESSAGE,
    decode,
    encode_picture,
    encode_screen_saver,
    text_item,
)
from smsenc import DecodeError, Payload, Port, split


def pattern():
    """Rows 0 and 2 black; row 4 has x=3 and x=8..11; row 13 has x=71."""
    black = {(x, y) for x in range(72) for y in (0, 2)}
    black |= {(x, 4) for x in (3, 8, 9, 10, 11)} | {(71, 13)}
    return Bitmap.from_rows(
        ["".join("#" if (x, y) in black else "." for x in range(72)) for y in range(28)]
    )


PICTURE = pattern()
HEAD = bytes.fromhex("30 02 0100 00481C01") + PICTURE.bits
#: Messages that gammu 1.42 wrote.
VECTORS = {
    "D08 latin": (HEAD + bytes.fromhex("00 0005 48656C6C6F"), "Hello"),
    "D09 unicode": (HEAD + bytes.fromhex("01 000A 00480065006C006C006F"), "Hello"),
}


def payload(data):
    return Payload.to_port(Port.MULTIPART, data)


@pytest.mark.parametrize(("octets", "text"), VECTORS.values(), ids=VECTORS)
def test_what_gammu_sent_is_shown(octets, text):
    found = decode(octets)
    assert (found.picture, found.text) == (PICTURE, text)


def test_we_send_what_gammu_sent():
    assert encode_picture(PICTURE, "Hello") == VECTORS["D08 latin"][0]
    parts = split(payload(encode_picture(PICTURE, "Hello")), reference=0x0D)
    assert [part.udh.hex() for part in parts] == [f"0b0504158a000000030d030{n}" for n in (1, 2, 3)]
    assert [len(part.data) for part in parts] == [128, 128, 12]


def test_three_parts_hold_121_characters():
    assert len(split(payload(encode_picture(PICTURE, "x" * 121)), reference=0)) == 3
    assert len(split(payload(encode_picture(PICTURE, "x" * 122)), reference=0)) == 4


def test_other_scripts_take_ucs2():
    assert text_item("Да") == bytes.fromhex("01 0004 04140430")
    assert decode(encode_picture(PICTURE, "Да")).text == "Да"


def test_a_profile_is_shown():  # the shape of D10: a name and a tone
    name = bytes.fromhex("04 0008 0054006500730074")
    view = PICTURE_MESSAGE.view(payload(b"\x30" + name + bytes.fromhex("03 0002 024A")))
    assert view.content == {"profile": "Test", "tone": "024A"}
    assert view.lines == ("profile Test", "ringing tone of 2 octets")


def test_a_screen_saver_is_shown():
    view = PICTURE_MESSAGE.view(payload(encode_screen_saver(PICTURE)))
    assert view.content["screen-saver"]["rows"] == list(PICTURE.rows)
    assert view.lines[-1] == "screen saver, 72x28 pixels"


def test_unknown_items_are_passed_over():
    assert decode(b"\x30\x09\x00\x01x" + HEAD[1:]).picture == PICTURE


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"", "offset 0: expected version 30 of a multipart message, found other octets"),
        (b"\x30\x00\x00\x05ab", "offset 1: expected a complete item, found the end of the message"),
        (
            b"\x30\x02\x00\x04\x00\x48\x0e\x01",
            "offset 4: expected 126 octets for 72x14 pixels, found 0",
        ),
    ],
)
def test_damage_is_named(octets, error):
    with pytest.raises(DecodeError) as caught:
        decode(octets)
    assert str(caught.value) == error


def test_an_item_one_octet_short_is_an_error():  # D07, as one sender wrote it
    with pytest.raises(DecodeError):
        decode(HEAD.replace(b"\x02\x01\x00", b"\x02\x00\xff", 1) + b"\0")


def test_a_message_without_picture_has_no_file():
    with pytest.raises(DecodeError) as caught:
        PICTURE_MESSAGE.writers[0].write(payload(b"\x30" + text_item("x")))
    assert str(caught.value) == "expected a picture or a screen saver, found none"


def test_it_is_kept_as_every_format():
    octets = payload(encode_picture(PICTURE, "Hello"))
    for writer in PICTURE_MESSAGE.writers:
        written = writer.write(octets)
        if writer.suffix in {".png", ".bmp", ".gif"}:
            with Image.open(BytesIO(written)) as image:
                assert image.size == (72, 28)
        elif writer.suffix == ".nsl":
            assert logofiles.read(written).images[0].rows[10][6:78] == PICTURE.rows[0]
        else:
            assert logofiles.read(written).images == (PICTURE,)


def test_it_is_previewed_with_its_text():
    (preview,) = PICTURE_MESSAGE.previews
    with Image.open(BytesIO(preview.write(payload(encode_picture(PICTURE, "Hello"))))) as image:
        assert image.size == (84 * 4 + 24, 48 * 5 + 24)


@given(st.text(max_size=80).filter(lambda text: "\r" not in text))
def test_a_text_comes_back(text):
    with suppress(UnicodeEncodeError):
        text.encode("utf-16-be")
        assert decode(encode_picture(PICTURE, text)).text == text


@given(st.binary(max_size=100))
def test_any_octets_are_a_message_or_our_error(octets):
    with suppress(DecodeError):
        PICTURE_MESSAGE.view(payload(b"\x30" + octets))

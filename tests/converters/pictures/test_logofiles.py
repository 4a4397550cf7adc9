"""F vectors are files that gammu 1.42 wrote (copybitmap); WBMP is by WAP-237, gammu's is wrong."""

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import SourceError
from converters.pictures import logofiles
from converters.pictures.bitmap import Bitmap
from converters.pictures.logofiles import FORMATS, USES, LogoFile
from converters.pictures.operators import Network
from smsenc import DecodeError, SmsencError


def pattern(width, height):
    """Rows 0 and 2 black; row 4 has x=3 and x=8..11; row 13 its last pixel of 72."""
    black = {(x, y) for x in range(width) for y in (0, 2)}
    black |= {(x, 4) for x in (3, 8, 9, 10, 11)} | {(71, 13)}
    return drawn(width, height, black)


def drawn(width, height, black):
    return Bitmap.from_rows(
        ["".join("#" if (x, y) in black else "." for x in range(width)) for y in range(height)]
    )


def digits(bitmap):
    return "".join(bitmap.rows).replace("#", "1").replace(".", "0").encode()


CHECKERS = drawn(10, 3, {(x, y) for x in range(10) for y in range(3) if (x + y) % 2 == 0})
START_UP = drawn(84, 48, {(0, 0), (1, 9), (83, 47)})
LOGO, PICTURE = pattern(72, 14), pattern(72, 28)
BANDS = bytearray(504)
BANDS[0], BANDS[84 + 1], BANDS[503] = 1, 2, 0x80

VECTORS = {
    "F01 NOL": (
        ".nol",
        LogoFile((LOGO,), "operator"),
        bytes.fromhex("4E4F4C0001000000000048000E00010001000000") + digits(LOGO),
    ),
    "F02 NGG": (
        ".ngg",
        LogoFile((LOGO,), "caller"),
        bytes.fromhex("4E4747000100 48000E00 01000100 0000") + digits(LOGO),
    ),
    "F03 NLM operator": (
        ".nlm",
        LogoFile((LOGO,), "operator"),
        bytes.fromhex("4E4C4D2001 00 00 480E01") + LOGO.bits,
    ),
    "F04 NLM picture": (
        ".nlm",
        LogoFile((PICTURE,), "picture"),
        bytes.fromhex("4E4C4D2001 03 00 481C01") + PICTURE.bits,
    ),
    "F05 NSL": (
        ".nsl",
        LogoFile((START_UP,), "start-up"),
        bytes.fromhex("464F524D01FE 4E534C4401F8") + BANDS,
    ),
    "F06 NLM padded": (
        ".nlm",
        LogoFile((CHECKERS,), "picture"),
        bytes.fromhex("4E4C4D200103000A0301 AA80 5540 AA80"),
    ),
    "WBMP padded": (".wbmp", LogoFile((CHECKERS,)), bytes.fromhex("00000A03 5540 AA80 5540")),
}
vectors = pytest.mark.parametrize(
    ("suffix", "logo", "octets"), [pytest.param(*row, id=name) for name, row in VECTORS.items()]
)


@vectors
def test_what_others_wrote_is_read(suffix, logo, octets):
    assert FORMATS[suffix].matches(octets)
    assert logofiles.read(octets) == logo


@vectors
def test_we_write_what_others_wrote(suffix, logo, octets):
    assert logofiles.write(logo, suffix) == octets


def test_gammus_wbmp_has_the_colours_of_nlm():  # F07: not to be copied
    assert logofiles.write(LogoFile((CHECKERS,)), ".wbmp") != bytes.fromhex("00000A03AA805540AA80")


def test_padding_of_ones_is_ignored():
    octets = bytes.fromhex("00000A03 557F AABF 557F")
    assert logofiles.read(octets) == LogoFile((CHECKERS,))


# --- laws ----------------------------------------------------------------------------------------


def noise(width, height, seed):
    chosen = random.Random(seed)
    return Bitmap.from_rows(["".join(chosen.choices("#.", k=width)) for _ in range(height)])


bitmaps = st.builds(noise, st.integers(1, 90), st.integers(1, 40), st.integers(0, 999))


@given(bitmaps, st.sampled_from([".nol", ".ngg", ".nlm", ".otb", ".wbmp"]))
def test_a_picture_comes_back(bitmap, suffix):
    octets = logofiles.write(LogoFile((bitmap,)), suffix)
    assert FORMATS[suffix].matches(octets)
    assert logofiles.read(octets).images == (bitmap,)


@given(st.sampled_from([(84, 48), (96, 60), (96, 65)]), st.integers(0, 999))
def test_a_start_up_screen_comes_back(size, seed):
    logo = LogoFile((noise(*size, seed),), "start-up")
    assert logofiles.read(logofiles.write(logo, ".nsl")) == logo


@given(st.integers(1, 90), st.integers(1, 5), st.sampled_from(USES))
def test_several_images_of_an_nlm_come_back(width, count, use):
    logo = LogoFile(tuple(noise(width, 14, seed) for seed in range(count)), use)
    assert logofiles.read(logofiles.write(logo, ".nlm")) == logo


@pytest.mark.parametrize("network", [Network("262", "07"), Network("310", "260"), None])
def test_the_network_of_an_operator_logo_comes_back(network):
    logo = LogoFile((LOGO,), "operator", network)
    assert logofiles.read(logofiles.write(logo, ".nol")) == logo


def test_a_wide_wbmp_comes_back():
    logo = LogoFile((noise(300, 129, 1),))
    octets = logofiles.write(logo, ".wbmp")
    assert octets[:6].hex() == "0000822c8101"
    assert logofiles.read(octets) == logo


def test_rows_that_imagemagick_padded_are_told_by_length():
    bitmap = noise(78, 21, 1)
    assert logofiles.read(bytes((0, 78, 21, 1)) + bitmap.padded).images == (bitmap,)


@given(
    st.sampled_from([row[2] for row in VECTORS.values()]),
    st.integers(0, 40),
    st.binary(max_size=8),
    st.integers(0, 600),
)
def test_any_octets_are_a_logo_or_our_error(octets, at, damage, end):
    with suppress(SmsencError):
        logofiles.read((octets[:at] + damage + octets[at + len(damage) :])[:end])


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (
            VECTORS["F01 NOL"][2][:-1],
            "offset 1027: NOL: expected 1008 octets of pixels, found 1007",
        ),
        (
            VECTORS["WBMP padded"][2][:-1],
            "offset 9: WBMP: expected 6 octets of pixels, found 5",
        ),
        (bytes.fromhex("00000A03"), "offset 4: WBMP: expected 6 octets of pixels, found 0"),
        (bytes.fromhex("0000810A03"), "offset 5: WBMP: expected 54 octets of pixels, found 0"),
        (
            bytes.fromhex("00480E01 FF"),
            "offset 5: OTB: expected 126 octets of pixels, found 1",
        ),
        (
            bytes.fromhex("00480E01") + bytes(128),
            "offset 132: OTB: expected 126 octets of pixels, found 128",
        ),
        (bytes.fromhex("01480E01"), "offset 4: OTB: expected 126 octets of pixels, found 0"),
        (VECTORS["F01 NOL"][2][:9], "offset 9: NOL: expected 4 octets of a network, found 3"),
        (VECTORS["F02 NGG"][2][:8], "offset 8: NGG: expected 4 octets of a size, found 2"),
        (
            VECTORS["F02 NGG"][2][:100],
            "offset 100: NGG: expected 1008 octets of pixels, found 84",
        ),
        (
            VECTORS["F04 NLM picture"][2][:100],
            "offset 100: NLM: expected 252 octets of pixels, found 90",
        ),
        (
            VECTORS["F04 NLM picture"][2][:7],
            "offset 7: NLM: expected 5 octets of a header, found 2",
        ),
        (
            VECTORS["F05 NSL"][2][:500],
            "offset 500: NSL: expected 504 octets of a block, found 488",
        ),
        (
            VECTORS["F02 NGG"][2][:-1] + b"x",
            "offset 16: NGG: expected pixels of 0 and 1, found others",
        ),
        (
            b"NLM \x01\x05\x00\x48\x0e\x01",
            "offset 5: NLM: expected use 0..3 and depth 1, found 5 and 1",
        ),
        (
            b"NLM \x01\x00\x00\x00\x0e\x01",
            "NLM: expected a picture of 1 to 4000000 pixels, found 0x14",
        ),
        (b"FORM\x00\x06COMM\x00\x00", "offset 12: NSL: expected a block NSLD, found none"),
        (
            b"FORM\x00\x07NSLD\x00\x01x",
            "offset 12: NSL: expected pixels in 504, 768, 864 octets, found 1",
        ),
    ],
)
def test_damage_is_named(octets, error):
    with pytest.raises(SourceError) as caught:
        logofiles.read(octets)
    assert str(caught.value) == error


@pytest.mark.parametrize("octets", [b"", b"\0", b"\0\0", b"NO", b"FORMAT", b"\0\x48\x0e\x02"])
def test_other_files_are_none(octets):
    assert logofiles.read(octets) is None


def test_sides_that_a_format_cannot_say():
    with pytest.raises(DecodeError) as caught:
        logofiles.write(LogoFile((noise(300, 2, 1),)), ".nlm")
    assert str(caught.value) == "expected at most 255x255 pixels, found 300x2"
    with pytest.raises(DecodeError) as caught:
        logofiles.write(LogoFile((LOGO,)), ".nsl")
    assert str(caught.value) == "expected 84x48, 96x60, 96x65 pixels, found 72x14"

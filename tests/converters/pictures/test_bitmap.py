import json
import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectorfiles import paths

from converters.pictures.bitmap import Bitmap, decode_bitmap, draw, encode_bitmap
from converters.pictures.logos import (
    CALLER_ICON,
    FORMS,
    OPERATOR_LOGO,
    decode_caller_icon,
    decode_operator_logo,
    encode_caller_icon,
    encode_operator_logo,
)
from converters.pictures.operators import Network, decode_network, encode_network, parse_network
from smsenc import USER_DATA_OCTETS, DecodeError, Payload, Port, split

VIEWERS = {viewer.kind: viewer for viewer in (OPERATOR_LOGO, CALLER_ICON)}


def cases(folder):
    found = paths("bitmap", folder, ".json")
    return [pytest.param(json.loads(path.read_text()), id=path.stem) for path in found]


@st.composite
def bitmaps(draw, longest=255):
    sides = st.integers(1, longest)
    width, height = draw(sides), draw(sides)
    octets = -(-width * height // 8)
    bits = draw(st.binary(min_size=min(octets, 16), max_size=min(octets, 64)))
    value = int.from_bytes((bits * (octets // len(bits) + 1))[:octets], "big")
    spare = -width * height % 8
    return Bitmap(width, height, (value >> spare << spare).to_bytes(octets, "big"))


networks = st.from_regex(r"([1-9][0-9]|0[0-24-9])[0-9]-[0-9]{2,3}", fullmatch=True).map(
    parse_network
)


def noise(width, height, seed):
    chosen = random.Random(seed)
    pixels = chosen.choices("#.", k=width * height)
    return ["".join(pixels[at : at + width]) for at in range(0, len(pixels), width)]


# --- vectors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", cases("valid"))
def test_what_others_sent_is_shown(vector):
    payload = Payload.to_port(VIEWERS[vector["kind"]].port, bytes.fromhex(vector["hex"]))
    content = VIEWERS[vector["kind"]].view(payload).content
    assert content["rows"] == vector["rows"]
    assert content.get("mcc-mnc") == vector.get("mcc-mnc")


@pytest.mark.parametrize("vector", cases("valid"))
def test_we_send_what_others_sent(vector):
    bitmap = Bitmap.from_rows(vector["rows"])
    if vector["kind"] == "operator-logo":
        network = parse_network(vector["mcc-mnc"])
        assert encode_operator_logo(bitmap, network, vector["form"]).hex().upper() == vector["hex"]
    else:  # with the version octet, which some leave out
        assert encode_caller_icon(bitmap).hex().upper() == "30" + vector["hex"].removeprefix("30")


@pytest.mark.parametrize("vector", cases("invalid"))
def test_damage_is_named(vector):
    payload = Payload.to_port(VIEWERS[vector["kind"]].port, bytes.fromhex(vector["hex"]))
    with pytest.raises(DecodeError) as caught:
        VIEWERS[vector["kind"]].view(payload)
    assert str(caught.value) == vector["error"]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("kind", "octets"), [("NokiaOperatorLogo", 133), ("NokiaCallerLogo", 130)])
def test_gammu_packs_the_same_pixels(kind, octets, seed):
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    rows = noise(72, 14, seed)
    xpm = ["72 14 2 1", "# c Black", ". c None", *rows]
    logo = {"Type": "OperatorLogo", "NetworkCode": "262 07", "XPM": [row.encode() for row in xpm]}
    (part,) = gammu.EncodeSMS({"Class": 1, "Entries": [{"ID": kind, "Bitmap": [logo]}]})
    bitmap = Bitmap.from_rows(rows)
    ours = {
        "NokiaOperatorLogo": encode_operator_logo(bitmap, Network("262", "07")),
        "NokiaCallerLogo": encode_caller_icon(bitmap)[1:],
    }
    assert len(part["Text"]) == octets
    assert part["Text"] == ours[kind]


# --- laws ----------------------------------------------------------------------------------------


@given(bitmaps())
def test_a_bitmap_comes_back(bitmap):
    assert decode_bitmap(encode_bitmap(bitmap)) == bitmap


@given(bitmaps(40))
def test_rows_come_back(bitmap):
    assert Bitmap.from_rows(bitmap.rows) == bitmap
    assert len(bitmap.rows) == bitmap.height
    assert {len(row) for row in bitmap.rows} == {bitmap.width}


@given(bitmaps(80), networks, st.sampled_from(sorted(FORMS)))
def test_an_operator_logo_comes_back(bitmap, network, form):
    assert decode_operator_logo(encode_operator_logo(bitmap, network, form)) == (network, bitmap)


@given(bitmaps(80))
def test_a_caller_icon_comes_back(bitmap):
    assert decode_caller_icon(encode_caller_icon(bitmap)) == bitmap
    assert decode_caller_icon(encode_bitmap(bitmap)) == bitmap


@given(bitmaps(), st.binary(max_size=20))
def test_octets_behind_the_picture_are_ignored(bitmap, rest):
    assert decode_bitmap(encode_bitmap(bitmap) + rest) == bitmap


@given(
    st.sampled_from([b"", b"\x30", b"\x62\xf2\x70", b"\x30\x62\xf2\x70\x0a", b"\x00\x02\x03\x01"]),
    st.binary(max_size=300),
    st.sampled_from([OPERATOR_LOGO, CALLER_ICON]),
)
def test_any_octets_are_a_picture_or_our_error(start, octets, viewer):
    with suppress(DecodeError):
        viewer.view(Payload.to_port(viewer.port, start + octets))


# --- Bitmap --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0, 1, b""), "expected a picture of 1 to 4000000 pixels, found 0x1"),
        ((2001, 2000, b""), "expected a picture of 1 to 4000000 pixels, found 2001x2000"),
        ((72, 14, bytes(125)), "expected 126 octets for 72x14 pixels, found 125"),
        ((3, 1, b"\x10"), "expected zeros after the last pixel, found ones"),
    ],
)
def test_a_bitmap_checks_itself(arguments, error):
    with pytest.raises(DecodeError) as caught:
        Bitmap(*arguments)
    assert str(caught.value) == error


@pytest.mark.parametrize("rows", [[], [""], ["#.", "#"], ["#x"], ["#", "", "."]])
def test_rows_of_another_shape_are_refused(rows):
    with pytest.raises(DecodeError) as caught:
        Bitmap.from_rows(rows)
    assert str(caught.value) == "expected rows of # and ., all of one length, found others"


def test_rows_run_on_without_padding():
    assert Bitmap.from_rows(["#.#", "##."]).bits == bytes((0b10111000,))


# --- what is read besides ------------------------------------------------------------------------

PICTURE = Bitmap.from_rows(["#.#", "##."])


@pytest.mark.parametrize(
    "header",
    [
        "00 03 02 01",
        "01 03 02 01",  # a misreading of the specification
        "80 00 03 02 01",  # an extension field
        "80" + "80" * 15 + "00 03 02 01",  # as many of them as there may be
        "10 0300 0200 01",  # sizes of two octets, as Nokia's decoder reads them
        "10 0003 0002 01",  # and as other programs write them
    ],
)
def test_headers_that_are_read(header):
    assert decode_bitmap(bytes.fromhex(header) + PICTURE.bits) == PICTURE


def test_spare_bits_are_ignored():
    assert decode_bitmap(bytes.fromhex("00 03 02 01 BB")) == PICTURE


@pytest.mark.parametrize(
    "start",
    [
        "62F270",
        "62F270 0A",  # a line feed without version
        "30 62F270 0A",
        "30 62F270 991231235959 0A",  # an expiry date
    ],
)
def test_operator_logos_that_are_read(start):
    data = bytes.fromhex(start) + encode_bitmap(PICTURE)
    assert decode_operator_logo(data) == (Network("262", "07"), PICTURE)


# --- networks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("262-07", "62F270"),
        ("123-45", "21F354"),
        ("206-01", "02F610"),
        ("000-00", "00F000"),
        ("310-260", "130062"),  # 3GPP TS 24.008: the third digit of the MNC above that of the MCC
    ],
)
def test_networks_are_swapped_digits(text, octets):
    assert encode_network(parse_network(text)).hex().upper() == octets
    assert str(decode_network(bytes.fromhex(octets))) == text


@pytest.mark.parametrize("text", ["26207", "262-07"])
def test_the_dash_may_be_left_out(text):
    assert parse_network(text) == Network("262", "07")


@pytest.mark.parametrize("text", ["", "262", "262-7", "26-207", "262-0777", "٢٦٢-07", "031-01"])
def test_no_networks(text):
    with pytest.raises(ValueError, match=r"^expected MCC and MNC such as 262-07$"):
        parse_network(text)


def test_a_network_checks_itself():
    with pytest.raises(DecodeError) as caught:
        Network("262", "7")
    assert str(caught.value) == "expected the MCC and MNC of a network, found 262-7"


# --- size and sight ------------------------------------------------------------------------------

LOGO = Bitmap.from_rows(noise(72, 14, seed=0))


@pytest.mark.parametrize(("form", "octets"), [("short", [140]), ("spec", [140, 19])])
def test_the_short_form_fills_one_sms(form, octets):
    data = encode_operator_logo(LOGO, Network("262", "07"), form)
    segments = split(Payload.to_port(Port.OPERATOR_LOGO, data), reference=1)
    assert [len(segment.udh) + len(segment.data) for segment in segments] == octets
    assert max(octets) == USER_DATA_OCTETS


def test_a_caller_icon_fits_one_sms():
    (segment,) = split(Payload.to_port(Port.CALLER_ICON, encode_caller_icon(LOGO)), reference=1)
    assert len(segment.udh) + len(segment.data) == 138


def test_two_rows_are_drawn_in_a_line():
    assert draw(Bitmap.from_rows(["##..", "#.#.", "#..."])) == (
        "+----+",
        "|█▀▄ |",
        "|▀   |",
        "+----+",
    )


@pytest.mark.parametrize("width", [72, 78])
def test_a_drawing_fits_a_terminal(width):
    assert {len(line) for line in draw(Bitmap.from_rows(noise(width, 21, seed=1)))} == {width + 2}


def test_views_say_size_and_network():
    logo = encode_operator_logo(PICTURE, Network("262", "07"))
    view = OPERATOR_LOGO.view(Payload.to_port(Port.OPERATOR_LOGO, logo))
    assert view.content == {"width": 3, "height": 2, "rows": ["#.#", "##."], "mcc-mnc": "262-07"}
    assert view.lines == ("+---+", "|█▄▀|", "+---+", "3x2 pixels, network 262-07")
    view = CALLER_ICON.view(Payload.to_port(Port.CALLER_ICON, encode_caller_icon(PICTURE)))
    assert view.content == {"width": 3, "height": 2, "rows": ["#.#", "##."]}
    assert view.lines == ("+---+", "|█▄▀|", "+---+", "3x2 pixels")

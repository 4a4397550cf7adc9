import subprocess
import sys
from contextlib import suppress
from io import BytesIO

import places
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from places import ROOT

from converters.errors import GuardError, SourceError
from converters.pictures.bitmap import draw
from converters.pictures.convert import CONVERTER, LOGO_FILE, contact_sheet
from converters.pictures.dither import is_line_art, otsu
from converters.pictures.drawing import fit
from converters.pictures.ems import EMS_PICTURE
from converters.pictures.logos import (
    CALLER_ICON,
    OPERATOR_LOGO,
    decode_caller_icon,
    decode_operator_logo,
)
from converters.pictures.multipart import PICTURE_MESSAGE
from converters.pictures.operators import Network
from converters.pictures.targets import TARGETS
from smsenc import OptionError, Port, SmsencError, split

SCREEN = (72, 14)
VECTORS = places.VECTORS / "image"
ARROW = (VECTORS / "valid" / "arrow.txt").read_text().splitlines()


def pictures(folder):
    found = [path for path in sorted((VECTORS / folder).iterdir()) if path.suffix != ".txt"]
    assert found
    return [pytest.param(path, id=path.name) for path in found]


def convert(source, **given):
    (item,) = CONVERTER.convert(source, CONVERTER.settings(named(given)))
    return item


def named(given):
    return {name.replace("_", "-"): value for name, value in given.items()}


def rows(source, **given):
    return list(decode_caller_icon(convert(source, **given).payload.data).rows)


def losses(source, **given):
    return [str(loss) for loss in convert(source, **given).losses]


def png(image):
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def drawn(lines):
    text = "".join(lines)
    return Image.frombytes("L", (len(lines[0]), len(lines)), bytes(255 * (c == ".") for c in text))


def inverted(lines):
    return [line.translate(str.maketrans("#.", ".#")) for line in lines]


# --- vectors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", pictures("valid"))
def test_the_same_arrow_in_every_format(path):
    assert rows(path.read_bytes()) == ARROW


@pytest.mark.parametrize("path", pictures("invalid"))
def test_damage_is_named(path):
    expected = path.with_name(f"{path.name}.txt").read_text().rstrip("\n")
    with pytest.raises(SourceError) as caught:
        convert(path.read_bytes())
    assert str(caught.value) == expected


@pytest.mark.parametrize("path", pictures("valid"))
def test_pictures_are_recognised(path):
    assert path.suffix in CONVERTER.suffixes
    assert CONVERTER.sniff(path.read_bytes()[:4096])


@pytest.mark.parametrize(
    "first", [b"", b"BMW: sold", b"GIF", b"BEGIN:VCARD\r\n", b"\x00\x48\x0e\x01"]
)
def test_other_files_are_not(first):
    assert not CONVERTER.sniff(first)


# --- samples -------------------------------------------------------------------------------------


def test_the_logo_passes_pixel_for_pixel():
    source = (ROOT / "samples" / "logo.png").read_bytes()
    with Image.open(BytesIO(source)) as image:
        assert (image.mode, image.size) == ("1", SCREEN)
        assert drawn(rows(source)).tobytes() == image.convert("L").tobytes()
    assert losses(source) == []


def test_the_photograph_is_scaled_and_dithered():
    source = (ROOT / "samples" / "photo.jpg").read_bytes()
    assert losses(source) == ["size 200x150 scaled: to 19x14: the caller icon holds 72x14 pixels"]
    assert rows(source) == rows(source, dither="search") != rows(source, dither="threshold")


# --- laws ----------------------------------------------------------------------------------------

black_and_white = st.lists(
    st.text("#.", min_size=SCREEN[0], max_size=SCREEN[0]), min_size=SCREEN[1], max_size=SCREEN[1]
)


@given(black_and_white)
@settings(max_examples=30)
def test_black_and_white_of_the_right_size_passes_as_it_is(lines):
    source = png(drawn(lines))
    assert rows(source) == rows(source, dither="floyd-steinberg") == lines
    assert rows(source, invert="yes") == inverted(lines)


@given(st.binary(max_size=200), st.sampled_from(pictures("valid")), st.data())
@settings(max_examples=200)
def test_any_octets_are_an_item_or_our_error(octets, vector, data):
    source = vector.values[0].read_bytes()
    start = data.draw(st.integers(0, len(source)))
    length = data.draw(st.sampled_from([0, len(octets)]))
    with suppress(SmsencError):
        convert(source[:start] + octets + source[start + length :])


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_every_size_fits(width, height):
    fitted = fit((width, height), SCREEN)
    assert 1 <= fitted[0] <= SCREEN[0]
    assert 1 <= fitted[1] <= SCREEN[1]
    if width <= SCREEN[0] and height <= SCREEN[1]:
        assert fitted == (width, height)
    else:
        assert fitted[0] == SCREEN[0] or fitted[1] == SCREEN[1]


@given(st.lists(st.integers(0, 9), min_size=256, max_size=256).filter(any))
def test_otsu_is_a_shade(histogram):
    assert 0 <= otsu(histogram) <= 255


# --- targets -------------------------------------------------------------------------------------

PNG = (VECTORS / "valid" / "arrow-1bit.png").read_bytes()


def test_a_caller_icon_without_a_network():
    item = convert(PNG)
    assert (item.kind, item.payload.port) == ("caller-icon", Port.CALLER_ICON)
    assert len(item.payload.data) == 131


@pytest.mark.parametrize(("form", "octets"), [("short", 133), ("spec", 135)])
def test_an_operator_logo_with_one(form, octets):
    item = convert(PNG, mcc_mnc="26207", form=form)
    assert (item.kind, item.payload.port) == ("operator-logo", Port.OPERATOR_LOGO)
    assert len(item.payload.data) == octets
    network, bitmap = decode_operator_logo(item.payload.data)
    assert (network, list(bitmap.rows)) == (Network("262", "07"), ARROW)


def test_a_caller_icon_where_it_is_asked_for():
    assert convert(PNG, mcc_mnc="262-07", target="caller-icon").kind == "caller-icon"


def test_an_operator_logo_needs_a_network():
    with pytest.raises(OptionError) as caught:
        convert(PNG, target="operator-logo")
    assert str(caught.value) == (
        "mcc-mnc: expected MCC and MNC of the network that an operator logo is for, "
        "such as 262-07, found none"
    )


DITHER = (
    "dither: expected threshold, floyd-steinberg, atkinson, ordered, search or auto, found 'yes'"
)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("place", "tile", "place: expected fit, fill or crop, found 'tile'"),
        ("size", "0x3", "size: expected a size such as 72x14, up to 255, or source, found '0x3'"),
        ("mcc-mnc", "262", "mcc-mnc: expected MCC and MNC such as 262-07, found '262'"),
        ("form", "long", "form: expected short or spec, found 'long'"),
        ("threshold", "256", "threshold: expected a shade of 0..255, found '256'"),
        ("threshold", "-1", "threshold: expected a shade of 0..255, found '-1'"),
        ("threshold", "٣", "threshold: expected a shade of 0..255, found '٣'"),
        ("dither", "yes", DITHER),
        ("invert", "1", "invert: expected yes, no or auto, found '1'"),
    ],
)
def test_options_are_checked(name, value, error):
    with pytest.raises(OptionError) as caught:
        CONVERTER.settings({name: value})
    assert str(caught.value) == error


# --- one bit -------------------------------------------------------------------------------------


def test_a_small_picture_is_centred_and_not_enlarged():
    lines = rows(png(Image.new("L", (2, 3))))
    blank = "." * 72
    assert lines == [blank] * 5 + ["." * 35 + "##" + "." * 35] * 3 + [blank] * 6


def test_the_border_stays_white_when_inverted():
    lines = rows(png(Image.new("L", (2, 3), 255)), invert="yes")
    assert "".join(lines).count("#") == 6


@pytest.mark.parametrize(("threshold", "black"), [("0", 0), ("100", 100), ("255", 255)])
def test_shades_below_the_threshold_are_black(threshold, black):
    shades = Image.frombytes("L", (64, 4), bytes(range(256)))
    assert "".join(rows(png(shades), threshold=threshold)).count("#") == black


def test_the_threshold_makes_dithering_lighter_or_darker():
    shades = Image.frombytes("L", (64, 4), bytes(range(256)))
    counts = [
        "".join(rows(png(shades), dither="floyd-steinberg", threshold=threshold)).count("#")
        for threshold in ("0", "64", "128", "192", "255")
    ]
    assert counts == sorted(counts)
    assert len(set(counts)) == 5


@pytest.mark.parametrize(
    ("pixels", "threshold"),
    [
        ({0: 1, 255: 1}, 128),
        ({0: 1, 100: 9, 200: 9}, 151),
        ({226: 50, 255: 50}, 128),  # too little contrast to be drawn on purpose
        ({120: 50, 255: 50}, 188),
    ],
)
def test_otsu_separates_the_shades(pixels, threshold):
    assert otsu([pixels.get(shade, 0) for shade in range(256)]) == threshold


def test_line_art_has_few_shades():
    assert is_line_art([50] + [1] * 50 + [0] * 155 + [50])
    assert not is_line_art([1] * 256)


# --- losses --------------------------------------------------------------------------------------


def test_further_frames_are_left_out():
    source = (VECTORS / "valid" / "arrow-animated.gif").read_bytes()
    assert losses(source, mcc_mnc="26207") == [
        "further frames left out: the operator logo holds 1 frame"
    ]


@pytest.mark.parametrize(("threshold", "colour"), [("0", "white"), ("255", "black")])
def test_a_picture_that_vanished_is_reported(threshold, colour):
    source = png(Image.frombytes("L", (16, 8), bytes(range(100, 228))))
    assert losses(source, threshold=threshold) == [f"shades lost: every pixel became {colour}"]


def test_pillow_is_loaded_only_when_needed():
    code = "import sys, converters.pictures.convert; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- every target, place and suffix --------------------------------------------------------------

PHOTO = (ROOT / "samples" / "photo.jpg").read_bytes()
VIEWERS = {v.kind: v for v in (CALLER_ICON, OPERATOR_LOGO, PICTURE_MESSAGE, EMS_PICTURE)}


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_made_kept_and_previewed(target):
    item = convert(PHOTO, target=target, mcc_mnc="262-07", place="fill", text="Hi")
    viewer = VIEWERS[item.kind]
    assert viewer.view(item.payload).lines
    for writer in viewer.writers:
        assert writer.write(item.payload)
    for preview in viewer.previews:
        with Image.open(BytesIO(preview.write(item.payload))) as image:
            assert image.format == "PNG"


@pytest.mark.parametrize(
    "suffix", [writer.suffix for writer in CALLER_ICON.writers if writer.suffix != ".nsl"]
)
def test_what_is_kept_is_read_again(suffix):
    item = convert(PNG)
    (writer,) = (row for row in CALLER_ICON.writers if row.suffix == suffix)
    assert suffix in (*CONVERTER.suffixes, *LOGO_FILE.suffixes)
    assert rows(writer.write(item.payload), size="source") == ARROW


def test_an_operator_logo_keeps_its_network_in_a_nol():
    (writer,) = (row for row in OPERATOR_LOGO.writers if row.suffix == ".nol")
    written = writer.write(convert(PNG, mcc_mnc="262-07").payload)
    item = convert(written)
    assert (item.kind, decode_operator_logo(item.payload.data)[0]) == (
        "operator-logo",
        Network("262", "07"),
    )


def test_the_logo_of_a_message_file_comes_back_to_the_same_octets():
    # The word "Clickatell", 72x14: an OTA bitmap as a gateway's documentation has it.
    otb = bytes.fromhex(
        "00480e010FC0000000000000003FF00000000000000070380F9B006000001B601818DB006000C01BCF0C305800"
        "6000C01BDF8C301B3E66F9EF9BDF8C301B626C8CD8DBDF8C301B60787CDFDBCF0C305B6078CCD81B601818DB62"
        "6C8CD8DB70380F9B3E66FCEF9B3FF0000000000000000FC000000000000000000000000000000000"
    )
    item = convert(otb)
    assert item.payload.data == b"\x30" + otb
    (writer,) = (row for row in CALLER_ICON.writers if row.suffix == ".otb")
    assert writer.write(item.payload) == otb
    assert draw(decode_caller_icon(item.payload.data)) == (
        "+------------------------------------------------------------------------+",
        "|  ▄▄██████▄▄                                                            |",
        "| ██▀      ▀██      ▄█▀▀▀█▄ ██ ██         ██             ▄▄         ██ ██|",
        "|██ ▄████▄   ██    ██     ▀ ██ ▄▄  ▄▄▄▄▄  ██  ▄▄ ▄▄▄▄▄  ▄██▄ ▄▄▄▄▄  ██ ██|",
        "|██ ██████   ██    ██       ██ ██ ██   ▀  ██▄█▀  ▀▄▄▄██  ██ ██▄▄▄██ ██ ██|",
        "|▀█▄ ▀▀▀▀   ▄█▀    ▀█▄   ▄█ ██ ██ ██   ▄  ██▀█▄  █▀  ██  ██ ██   ▄▄ ██ ██|",
        "| ▀██▄▄▄▄▄▄██▀       ▀▀▀▀▀  ▀▀ ▀▀  ▀▀▀▀▀  ▀▀  ▀▀ ▀▀▀▀▀▀  ▀▀▀ ▀▀▀▀▀  ▀▀ ▀▀|",
        "|    ▀▀▀▀▀▀                                                              |",
        "+------------------------------------------------------------------------+",
    )


def test_removal_is_a_blank_logo_of_no_network():
    data = convert(PNG, target="operator-logo-removal").payload.data
    assert data[:7] == bytes.fromhex("00F000 00480E01")
    assert not any(data[7:])


@pytest.mark.parametrize(("size", "parts"), [("72x13", 1), ("78x21", 2)])
def test_other_sizes_of_operator_logos(size, parts):
    payload = convert(PNG, mcc_mnc="262-07", form="spec", size=size).payload
    assert len(split(payload, reference=0)) == parts


def test_fill_and_crop_cut_edges():
    assert losses(PHOTO, place="fill") == [
        "edges of 200x150 cut: the caller icon holds 72x14 pixels"
    ]
    assert losses(PHOTO, place="crop") == losses(PHOTO, place="fill")


def test_auto_invert_makes_most_of_it_white():
    black = png(Image.new("L", (72, 14)))
    assert "#" not in "".join(rows(black, invert="auto"))
    assert rows(PNG, invert="auto") == rows(PNG)


def test_sharpening_changes_a_photograph_only():
    assert rows(PHOTO, sharpen="yes") != rows(PHOTO)
    assert rows(PNG, sharpen="yes") == rows(PNG)


def test_a_text_too_long_is_cut_to_the_parts():
    text = "Wish you were here with us on this long and sandy beach. " * 4
    item = convert(PNG, target="picture-message", text=text)
    assert len(split(item.payload, reference=0)) == 3
    assert [str(loss) for loss in item.losses] == [
        "text cut: the picture leaves 124 octets in 3 parts"
    ]
    with pytest.raises(GuardError) as caught:
        convert(PNG, target="picture-message", text=text, strict="yes")
    assert str(caught.value) == "text: expected a text of at most 124 octets, found 231"


def test_parts_are_kept_to():
    with pytest.raises(GuardError) as caught:
        convert(PNG, mcc_mnc="262-07", form="spec", max_parts="1")
    assert str(caught.value) == "max-parts: expected at most 1 part, found 2"


def test_an_animation_takes_four_frames():
    source = (VECTORS / "valid" / "arrow-animated.gif").read_bytes()
    assert losses(source, target="ems-large-animation") == [
        "size 72x14 scaled: to 16x3: the EMS animation holds 16x16 pixels"
    ]


def test_a_source_is_described():
    view = CONVERTER.describe(PHOTO, CONVERTER.settings({}))
    assert view.lines[-1] == "JPEG of 200x150 pixels; as caller icon 72x14 pixels"
    assert (view.content["format"], view.content["size"]) == ("JPEG", "200x150")


def test_a_contact_sheet_has_every_method():
    with Image.open(BytesIO(contact_sheet(PHOTO, CONVERTER.settings({})))) as image:
        assert (image.format, image.size) == ("PNG", (736, 864))


@pytest.mark.parametrize(
    ("name", "options"), [("WEBP", {"lossless": True}), ("PPM", {})], ids=["webp", "ppm"]
)
def test_other_formats_of_pillow_are_read(name, options):
    file = BytesIO()
    drawn(ARROW).convert("RGB").save(file, name, **options)
    assert CONVERTER.sniff(file.getvalue())
    assert rows(file.getvalue()) == ARROW


def test_xpm_is_read():
    lines = ['"72 14 2 1",', '"# c #000000",', '". c #FFFFFF",', *(f'"{r}",' for r in ARROW)]
    source = "\n".join(["/* XPM */", "static char *a[] = {", *lines, "};"]).encode()
    assert CONVERTER.sniff(source)
    assert rows(source) == ARROW


def test_a_webp_that_claims_much_is_refused_before_it_is_opened():
    source = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0"
    with pytest.raises(SourceError) as caught:
        convert(source)
    assert str(caught.value) == ("expected a picture of 1 to 4000000 pixels, found 16384x16384")


def test_a_plain_ppm_that_takes_long_is_refused():
    with pytest.raises(SourceError) as caught:
        convert(b"P2\n2000 2000\n255\n" + b"9 " * 2_000_000)
    assert str(caught.value) == "expected at most 4000000 octets of plain PPM, found 4000017"

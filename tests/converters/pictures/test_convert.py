"""The picture converters as a whole."""

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picturesources import ARROW, PHOTO, SCREEN, convert, drawn, losses, pictures, rows
from PIL import Image
from places import ROOT

from converters.pictures import screen
from converters.pictures.bitmap import Bitmap
from converters.pictures.convert import CONVERTER, contact_sheet
from smsenc import OptionError, SmsencError

DITHER = (
    "dither: expected threshold, floyd-steinberg, atkinson, ordered, search or auto, found 'yes'"
)


@pytest.mark.parametrize("path", pictures("valid"))
def test_the_same_arrow_in_every_format(path):
    assert rows(path.read_bytes()) == ARROW


def test_the_logo_passes_pixel_for_pixel():
    source = (ROOT / "samples" / "logo.png").read_bytes()
    with Image.open(BytesIO(source)) as image:
        assert (image.mode, image.size) == ("1", SCREEN)
        assert drawn(rows(source)).tobytes() == image.convert("L").tobytes()
    assert losses(source) == []


def test_the_photograph_is_scaled_and_dithered():
    source = (ROOT / "samples" / "photo.jpg").read_bytes()
    chosen = "shades replaced: dither=search was chosen, for pictures with shades"
    assert losses(source) == ["edges of 200x150 cut: the caller icon holds 72x14 pixels", chosen]
    assert losses(source, place="fit") == [
        (
            "size 200x150 scaled: to 19x14: the caller icon holds 72x14 pixels"
            " (-O place=half or fill uses more of the screen)"
        ),
        chosen,
    ]
    assert rows(source) == rows(source, dither="search") != rows(source, dither="threshold")


@given(st.binary(max_size=200), st.sampled_from(pictures("valid")), st.data())
@settings(max_examples=200)
def test_any_octets_are_an_item_or_our_error(octets, vector, data):
    source = vector.values[0].read_bytes()
    start = data.draw(st.integers(0, len(source)))
    length = data.draw(st.sampled_from([0, len(octets)]))
    with suppress(SmsencError):
        convert(source[:start] + octets + source[start + length :])


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("place", "tile", "place: expected fit, half, fill, crop or auto, found 'tile'"),
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


def test_a_source_is_described():
    view = CONVERTER.describe(PHOTO, CONVERTER.settings({}))
    assert view.lines[-1] == "JPEG of 200x150 pixels; as caller icon 72x14 pixels"
    assert (view.content["format"], view.content["size"]) == ("JPEG", "200x150")


def test_a_contact_sheet_has_every_method():
    with Image.open(BytesIO(contact_sheet(PHOTO, CONVERTER.settings({})))) as image:
        assert (image.format, image.size) == ("PNG", (1472, 1440))


def test_a_contact_sheet_of_a_ready_logo_has_one_place():
    source = (ROOT / "samples" / "logo.png").read_bytes()
    with Image.open(BytesIO(contact_sheet(source, CONVERTER.settings({})))) as image:
        assert image.size == (736, 864)
        assert image.getpixel((1, 1)) == (120, 220, 120)  # the threshold, which leaves it alone
        assert image.getpixel((370, 1)) == (255, 255, 255)


def test_a_contact_sheet_says_what_is_refused_and_names_the_default(monkeypatch):
    source = BytesIO()
    Image.new("L", (72, 14), 255).save(source, "PNG")
    found = []
    monkeypatch.setattr(screen, "contact_sheet", lambda tiles, _columns: found.extend(tiles))
    contact_sheet(source.getvalue(), CONVERTER.settings({}))
    assert [tile.caption for tile in found if tile.default] == [
        "default: fit, threshold: refused, every pixel white"
    ]
    assert all(tile.caption.endswith("refused, every pixel white") for tile in found)


def test_a_preview_has_room_for_the_last_line_of_a_text():
    picture = Bitmap.from_rows(["." * 72] * 28)
    two, three = (screen.shown([picture], text) for text in ("villa\nvgy", "villa\nvgy\n.\n"))
    same = (0, 0, two.width, two.height - 12)  # without the case
    assert two.crop(same).tobytes() == three.crop(same).tobytes()
    assert two.height == (28 + 2 + 2 * 11) * 5 + 2 * 12

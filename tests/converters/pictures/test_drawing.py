"""Frames on the screen: placed, inverted, in black and white."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picturesources import PHOTO, PNG, SCREEN, convert, drawn, inverted, losses, png, rows
from PIL import Image

from converters.errors import GuardError
from converters.pictures.convert import CONVERTER
from converters.pictures.drawing import PLACES, fit, place_for
from converters.pictures.tones import Tones

#: Lets a picture of one colour pass.
PLAIN = {"plain": "yes"}
black_and_white = st.lists(
    st.text("#.", min_size=SCREEN[0], max_size=SCREEN[0]), min_size=SCREEN[1], max_size=SCREEN[1]
)


@given(black_and_white)
@settings(max_examples=30)
def test_black_and_white_of_the_right_size_passes_as_it_is(lines):
    source = png(drawn(lines))
    assert rows(source, **PLAIN) == rows(source, dither="floyd-steinberg", **PLAIN) == lines
    assert rows(source, invert="yes", **PLAIN) == inverted(lines)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_every_size_fits(width, height):
    fitted = fit((width, height), SCREEN)
    assert 1 <= fitted[0] <= SCREEN[0]
    assert 1 <= fitted[1] <= SCREEN[1]
    if width <= SCREEN[0] and height <= SCREEN[1]:
        assert fitted == (width, height)
    else:
        assert fitted[0] == SCREEN[0] or fitted[1] == SCREEN[1]


def test_a_small_picture_is_centred_and_not_enlarged():
    lines = rows(png(Image.new("L", (2, 3))), **PLAIN)
    blank = "." * 72
    assert lines == [blank] * 5 + ["." * 35 + "##" + "." * 35] * 3 + [blank] * 6


def test_the_border_stays_white_when_inverted():
    lines = rows(png(Image.new("L", (2, 3), 255)), invert="yes", **PLAIN)
    assert "".join(lines).count("#") == 6


@pytest.mark.parametrize(("threshold", "black"), [("0", 0), ("100", 100), ("255", 255)])
def test_shades_below_the_threshold_are_black(threshold, black):
    shades = Image.frombytes("L", (64, 4), bytes(range(256)))
    assert "".join(rows(png(shades), threshold=threshold, **PLAIN)).count("#") == black


def test_the_threshold_makes_dithering_lighter_or_darker():
    shades = Image.frombytes("L", (64, 4), bytes(range(256)))
    counts = [
        "".join(rows(png(shades), dither="floyd-steinberg", threshold=threshold)).count("#")
        for threshold in ("0", "64", "128", "192", "255")
    ]
    assert counts == sorted(counts)
    assert len(set(counts)) == 5


@pytest.mark.parametrize(("threshold", "colour"), [("0", "white"), ("255", "black")])
def test_a_picture_of_one_colour_is_reported(threshold, colour):
    source = png(Image.frombytes("L", (16, 8), bytes(range(100, 228))))
    assert losses(source, threshold=threshold, **PLAIN) == [
        f"shades lost: every pixel became {colour}"
    ]


def test_fill_and_crop_cut_edges():
    assert losses(PHOTO, place="fill") == [
        "edges of 200x150 cut: the caller icon holds 72x14 pixels",
        "shades replaced: dither=search was chosen, for pictures with shades",
    ]
    assert losses(PHOTO, place="fill", dither="ordered") == losses(PHOTO, place="fill")[:1]
    assert losses(PHOTO, place="crop") == losses(PHOTO, place="fill")


def test_auto_invert_makes_most_of_it_white():
    black = png(Image.new("L", (72, 14)))
    assert "#" not in "".join(rows(black, invert="auto", **PLAIN))
    assert rows(PNG, invert="auto") == rows(PNG)


def test_sharpening_changes_a_photograph_only():
    assert rows(PHOTO, sharpen="yes") != rows(PHOTO)
    assert rows(PNG, sharpen="yes") == rows(PNG)


# --- One colour ----------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [{}, {"threshold": "0"}, {"dither": "search"}])
def test_a_picture_of_one_colour_is_not_sent(given):
    with pytest.raises(GuardError) as caught:
        rows(png(Image.new("L", (30, 14), 255)), **given)
    assert str(caught.value) == (
        "plain: every pixel became white: choose another threshold, dither or place, "
        "or -O plain=yes to send it"
    )


def test_a_removal_needs_no_picture():
    source = png(Image.new("L", (30, 14), 255))
    assert convert(source, target="operator-logo-removal", mcc_mnc="262-07").payload


def test_a_blank_picture_may_become_a_file():
    source = png(Image.new("L", (30, 14), 255))
    assert convert(source, **{**CONVERTER.whole, "max_parts": "255"}).payload


# --- Places --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "size", "part", "scaled"),
    [
        ((200, 150), (72, 14), (200, 75), (37, 14)),
        ((150, 200), (72, 28), (150, 100), (42, 28)),
        ((400, 100), (72, 14), (400, 78), (72, 14)),
        ((600, 100), (16, 16), (300, 100), (16, 5)),
    ],
)
def test_half_keeps_half_of_the_picture(was, size, part, scaled):
    found, to, cut = PLACES["half"](Image.new("L", was), size)
    assert (found.size, to, cut) == (part, scaled, True)


def test_auto_is_half_for_photographs_that_would_be_small():
    photograph, drawing = Tones([4] * 256), Tones([900, *[0] * 254, 100])
    assert place_for((200, 150), (72, 14), photograph) == "half"
    assert place_for((200, 150), (72, 14), drawing) == "fit"
    assert place_for((200, 150), (72, 28), photograph) == "fit"
    assert place_for((720, 140), (72, 14), photograph) == "fit"
    assert place_for((100, 100), (72, 14), photograph) == "fit"
    assert rows(PHOTO) == rows(PHOTO, place="half") != rows(PHOTO, place="fit")
    with Image.open(BytesIO(PHOTO)) as image:
        other = png(image)
    assert rows(other) == rows(other, place="fit") != rows(other, place="half")

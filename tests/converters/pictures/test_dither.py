import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from converters.pictures.dither import (
    METHODS,
    between,
    black_and_white,
    chosen,
    is_line_art,
    otsu,
)
from converters.pictures.tones import Tones


def ramp(width=72, height=28):
    shades = [x * 255 // (width - 1) for x in range(width)] * height
    return Image.frombytes("L", (width, height), bytes(shades))


def dark(image):
    return image.histogram()[0]


greys = st.builds(
    lambda width, octets: Image.frombytes(
        "L", (width, len(octets) // width), octets[: len(octets) // width * width]
    ),
    st.integers(1, 20),
    st.binary(min_size=20, max_size=300),
)


def error(grey, image):
    """Square distance as an eye sees it that blurs by 1 4 6 4 1 both ways, white all around."""
    blur = ImageFilter.Kernel((5, 5), [a * b for a in (1, 4, 6, 4, 1) for b in (1, 4, 6, 4, 1)])
    pictures = []
    for picture in (grey, image.convert("L")):
        page = Image.new("L", (picture.width + 8, picture.height + 8))
        page.paste(picture, (4, 4))
        pictures.append(page.filter(blur).tobytes())
    return sum((a - b) ** 2 for a, b in zip(*pictures, strict=True))


@given(greys, st.sampled_from(sorted(METHODS)))
def test_every_method_gives_one_bit_of_the_same_size(grey, method):
    image = METHODS[method](grey, None)
    assert (image.mode, image.size) == ("1", grey.size)


@given(greys, st.sampled_from(sorted(METHODS)))
def test_black_and_white_stays_as_it_is(grey, method):
    plain = grey.point([255 * (level > 127) for level in range(256)])
    image = METHODS[method](plain, None).convert("L")
    assert image.tobytes() == plain.tobytes()


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"threshold"}))
def test_shades_stay_as_dark_as_they_were(method):
    assert dark(METHODS[method](ramp(), None)) == pytest.approx(72 * 28 / 2, rel=0.05)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_higher_threshold_is_darker(method):
    counts = [dark(METHODS[method](ramp(), threshold)) for threshold in (64, 128, 192)]
    assert counts == sorted(set(counts))


def test_search_comes_nearer_than_what_it_starts_from():
    grey = ramp()
    assert error(grey, METHODS["search"](grey, None)) < error(grey, grey.convert("1"))


def test_the_ordered_grid_has_sixteen_steps():
    grid = METHODS["ordered"](Image.new("L", (4, 4), 128), None)
    assert dark(grid) == 8


def test_auto_tells_line_art_from_photographs():
    grey = ramp()
    drawing, photograph = [900, *[0] * 254, 100], [4] * 256
    assert is_line_art(drawing)
    assert not is_line_art(photograph)
    by_auto = black_and_white(grey, "auto", None, Tones(drawing))
    assert by_auto.tobytes() == METHODS["threshold"](grey, 128).tobytes()
    by_auto = black_and_white(grey, "auto", None, Tones(photograph))
    assert by_auto.tobytes() == METHODS["search"](grey, None).tobytes()


def sketch(*shapes):
    """Shapes on white, with smooth edges: drawn four times as large."""
    page = Image.new("L", (4 * 144, 4 * 56), 255)
    for draw in shapes:
        draw(page, ImageDraw.Draw(page))
    return page.resize((144, 56), Image.Resampling.LANCZOS)


def outline(_page, pen):
    pen.ellipse((180, 10, 390, 214), outline=0, width=16)


def slope(page, _pen):
    ball = Image.linear_gradient("L").resize((210, 204))
    mask = Image.new("L", ball.size)
    ImageDraw.Draw(mask).ellipse((0, 0, 210, 204), fill=255)
    page.paste(ball, (180, 10), mask)


def bars(page, _pen):
    for number, shade in enumerate((0, 85, 170)):
        page.paste(shade, (number * 144, 0, number * 144 + 144, 224))


def lines(_page, pen):
    for x in range(0, 500, 60):
        pen.line((x, 220, x + 80, 4), fill=0, width=12)


def letters(_page, pen):
    pen.text((20, 20), "SALE", font=ImageFont.load_default(size=160), fill=40)


@pytest.mark.parametrize(
    ("shapes", "method"),
    [
        ((lines,), "threshold"),
        ((letters,), "threshold"),
        ((outline,), "threshold"),
        ((slope,), "search"),
        ((slope, outline), "search"),  # a gradient within a black line
        ((bars,), "search"),  # few shades, which a threshold would join
    ],
    ids=["lines", "letters", "outline", "gradient", "gradient with an outline", "greys"],
)
def test_drawings_with_gradients_or_greys_are_dithered(shapes, method):
    picture = sketch(*shapes)
    assert chosen(Tones.of(picture), None) == method
    assert chosen(Tones.of(ImageOps.invert(picture)).inverted(), None) == method


@given(greys)
def test_any_picture_has_tones(grey):
    tones = Tones.of(grey)
    assert sum(tones.counts) == grey.width * grey.height
    assert chosen(tones, None) in METHODS


def test_a_photograph_on_a_plain_ground_is_no_line_art():
    assert not is_line_art([1000, *[4] * 255])


def test_the_threshold_lies_between_the_two_shades():
    histogram = [0] * 256
    histogram[20], histogram[120] = 50, 50
    assert between(histogram) == 70  # half covered is white
    assert between([9, *[0] * 255]) == 128


@given(st.lists(st.integers(0, 9), min_size=256, max_size=256).filter(any))
def test_otsu_is_a_shade(histogram):
    assert 0 <= otsu(histogram) <= 255


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

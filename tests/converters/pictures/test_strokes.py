"""Line art keeps strokes that are thinner than a pixel of the screen."""

import pytest
from damagedpictures import saved
from picturesources import convert, rows
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from converters.pictures.multipart import decode

SIZE = (720, 280)


def page(width=1, size=SIZE):
    """A frame, a circle and a cross, drawn with strokes so many pixels wide."""
    image = Image.new("L", size, 255)
    pen = ImageDraw.Draw(image)
    across, down = size
    pen.rectangle((20, 20, across - 20, down - 20), outline=0, width=width)
    pen.ellipse((down // 4, down // 4, down * 3 // 4, down * 3 // 4), outline=0, width=width)
    pen.line((across // 2, down // 4, across * 3 // 4, down * 3 // 4), fill=0, width=width)
    return image


def drawn(image, **given):
    item = convert(saved(image, "PNG"), target="picture-message", **given)
    return list(decode(item.payload.data).picture.rows)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_every_stroke_is_there_one_pixel_wide(width):
    lines = drawn(page(width))
    assert lines[2][3:69].count("#") > 60
    assert max(line[3:69].count("#") for line in lines[25:27]) > 60
    assert all(line[2] == "#" and "#" in line[69:71] for line in lines[4:24])
    across = lines[14]
    assert 5 <= across.count("#") <= 8  # the frame twice, the circle twice, the cross
    ink = "".join(lines).count("#")
    assert 220 <= ink <= 290


def test_light_strokes_on_a_dark_ground_too():
    dark = drawn(ImageOps.invert(page()))
    light = drawn(page())
    assert dark == [line.translate(str.maketrans("#.", ".#")) for line in light]
    assert drawn(page(), invert="yes") == dark


def test_grey_strokes_too():
    assert drawn(page().point([200] + [255] * 255)) == drawn(page())


def test_a_scan_of_a_page_keeps_its_strokes():
    scan = page(3, (2480, 3508)).filter(ImageFilter.GaussianBlur(1))
    assert "".join(rows(saved(scan, "PNG"))).count("#") > 30


def test_thick_strokes_are_left_as_they_are():
    assert drawn(page(20)) == drawn(page(20), dither="threshold")


def test_a_threshold_of_the_sender_is_kept():
    lines = drawn(page(), threshold="128", plain="yes")
    assert "#" not in "".join(lines)


def test_a_plain_area_has_no_strokes():
    image = Image.new("L", SIZE, 255)
    image.paste(200, (0, 0, 60, 280))  # too small for a picture with shades
    image.paste(0, (400, 50, 600, 200))
    lines = drawn(image)
    assert all("#" not in line[:38] for line in lines)


@pytest.mark.parametrize("size", [(1, 900), (900, 1), (2, 700)])
def test_narrow_pictures_are_drawn(size):
    image = Image.new("L", size, 255)
    image.putpixel((0, 0), 0)
    drawn(image, plain="yes")

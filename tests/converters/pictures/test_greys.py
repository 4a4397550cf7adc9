"""Pictures on a ground: transparency of every kind, colours, and depths."""

import struct
import zlib

import pytest
from damagedpictures import black_square, chunk, saved, sixteen_bits
from picturesources import convert, losses, rows
from PIL import Image, ImageChops

BLACK_SQUARE = rows(saved(black_square(), "PNG"))
#: Where the square is.
MASK = ImageChops.invert(black_square())
INVERTED = (
    "ground inverted: all that is opaque is lighter than mid-grey, so what is transparent became"
    " black"
)


def on_transparency(shade, mode="RGBA"):
    """The square in that shade, transparent around it."""
    picture = Image.new(mode, MASK.size, 0)
    picture.paste((*((shade,) * (len(picture.getbands()) - 1)), 255), mask=MASK)
    return picture


def in_palette(shade):
    """The same with a palette: 0 is transparent, 1 is the shade."""
    picture = MASK.point([0] * 128 + [1] * 128).convert("P")
    picture.putpalette((255, 0, 255, shade, shade, shade))
    picture.info["transparency"] = 0
    return picture


def inverse(lines):
    return [line.translate(str.maketrans("#.", ".#")) for line in lines]


FORMS = {
    "RGBA": lambda shade: saved(on_transparency(shade), "PNG"),
    "LA": lambda shade: saved(on_transparency(shade, "LA"), "PNG"),
    "palette": lambda shade: saved(in_palette(shade), "PNG"),
    "GIF": lambda shade: saved(in_palette(shade), "GIF", transparency=0),
    "WebP": lambda shade: saved(on_transparency(shade), "WEBP", lossless=True),
    "grey": lambda shade: saved(MASK.point([0] * 128 + [shade] * 128), "PNG", transparency=0),
    "16 bits": lambda shade: sixteen_bits(
        [[257 * shade if MASK.getpixel((x, y)) else 1000 for x in range(72)] for y in range(14)],
        clear=1000,
    ),
}
forms = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@forms
@pytest.mark.parametrize("shade", [255, 200, 140])
def test_light_drawings_get_a_black_ground(form, shade):
    source = form(shade)
    assert rows(source) == inverse(BLACK_SQUARE)
    assert losses(source) == [INVERTED]
    assert rows(source, invert="yes") == BLACK_SQUARE


@forms
@pytest.mark.parametrize("shade", [1, 90])
def test_dark_drawings_get_a_white_ground(form, shade):
    assert rows(form(shade)) == BLACK_SQUARE
    assert losses(form(shade)) == []


def test_a_drawing_with_dark_parts_stays_on_white():
    picture = on_transparency(255)
    picture.paste((0, 0, 0, 255), (12, 4, 16, 8))
    lines = rows(saved(picture, "PNG"))
    assert "".join(lines).count("#") == 16
    assert losses(saved(picture, "PNG")) == []


def test_half_transparent_light_drawings_are_light():
    picture = Image.new("RGBA", MASK.size, (0, 0, 0, 0))
    picture.paste((255, 255, 255, 120), mask=MASK)
    assert losses(saved(picture, "PNG")) == [INVERTED]


def test_an_opaque_alpha_channel_changes_nothing():
    picture = black_square("RGBA")
    assert rows(saved(picture, "PNG")) == BLACK_SQUARE
    light = Image.new("RGBA", (72, 14), "white")
    light.paste((200, 200, 200, 255), (3, 3, 60, 10))
    assert losses(saved(light, "PNG"), plain="yes", threshold="220") == []


def test_a_picture_without_opaque_pixels_is_white():
    source = saved(Image.new("RGBA", (72, 14), (255, 255, 255, 0)), "PNG")
    assert "#" not in "".join(rows(source, plain="yes"))


# --- Depths and colours --------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_the_transparent_shade_of_a_shallow_png_is_found(bits):
    clear = 0 if bits == 1 else 1
    cells = [
        [(1 << bits) - 1 if MASK.getpixel((x, y)) else clear for x in range(72)] for y in range(14)
    ]
    lines = ["".join(f"{n:0{bits}b}" for n in row) for row in cells]
    packed = b"".join(b"\0" + int(line, 2).to_bytes(9 * bits, "big") for line in lines)
    header = struct.pack(">IIBBBBB", 72, 14, bits, 0, 0, 0, 0)
    source = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    source += chunk(b"tRNS", struct.pack(">H", clear)) + chunk(b"IDAT", zlib.compress(packed))
    source += chunk(b"IEND", b"")
    assert rows(source) == inverse(BLACK_SQUARE)
    assert losses(source) == [INVERTED]


@pytest.mark.parametrize(
    "source",
    [
        saved(black_square("CMYK"), "JPEG", quality=95),  # Pillow writes it inverted, as Adobe does
        saved(black_square("RGB"), "JPEG", quality=95),
        saved(black_square("L"), "JPEG", quality=95, progressive=True),
        sixteen_bits(
            [[257 * black_square().getpixel((x, y)) for x in range(72)] for y in range(14)]
        ),
        saved(black_square("1"), "PNG"),
        saved(black_square("1"), "BMP"),
        saved(black_square("1"), "GIF"),
        saved(black_square("RGB"), "WEBP"),
    ],
    ids=["CMYK", "RGB", "progressive", "16 bits", "png 1", "bmp 1", "gif 1", "webp"],
)
def test_every_depth_has_the_same_square(source):
    assert rows(source) == BLACK_SQUARE


@pytest.mark.parametrize("white", [0, 1])
@pytest.mark.parametrize("name", ["PNG", "GIF", "BMP"])
def test_white_may_be_either_index_of_a_palette(white, name):
    picture = black_square().point([1 - white] * 128 + [white] * 128).convert("P")
    shades = (255, 255, 255, 0, 0, 0) if white == 0 else (0, 0, 0, 255, 255, 255)
    picture.putpalette(shades)
    assert rows(saved(picture, name, **({"bits": 1} if name == "PNG" else {}))) == BLACK_SQUARE


# --- Animations ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP"])
def test_the_first_frame_that_shows_something_is_drawn(name):
    blank = Image.new("L", (72, 14), 255)
    grey = Image.new("L", (72, 14), 250)
    frames = [blank.convert("RGB"), grey.convert("RGB"), black_square("RGB"), blank.convert("RGB")]
    options = {"lossless": True} if name == "WEBP" else {}
    source = saved(frames[0], name, save_all=True, append_images=frames[1:], duration=99, **options)
    assert rows(source) == BLACK_SQUARE
    assert losses(source) == [
        "frames 1 to 2 left out: of one colour; frame 3 is drawn",
        "further frames left out: the caller icon holds 1 frame",
    ]


def test_an_animation_keeps_its_blank_frames():
    frames = [Image.new("L", (8, 8), 255), Image.new("L", (8, 8), 0)]
    source = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=99)
    item = convert(source, target="ems-small-animation")
    assert item.losses == ()

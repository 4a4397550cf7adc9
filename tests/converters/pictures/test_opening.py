"""Large pictures within bounds of memory and time, and files that end early."""

import subprocess
import sys
from pathlib import Path

import pytest
from damagedpictures import black_square, claiming, saved
from picturesources import convert, losses, rows
from PIL import Image

from converters.errors import SourceError
from converters.pictures import cutoff, files, opening

#: Reads a picture from standard input; prints its losses, CPU time and memory.
MEASURED = """
import sys, time
from pathlib import Path
from converters.pictures.convert import CONVERTER
(item,) = CONVERTER.convert(sys.stdin.buffer.read(), CONVERTER.settings({}))
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
kilobytes = status["VmHWM"].split()[0]
print(item.losses[0], time.process_time(), int(kilobytes) * 1024, sep="|")
"""
SMALLER = "save a smaller one, or a baseline JPEG"
#: As many times the time on a machine that does other things as well.
PATIENCE = 2


def measured(source):
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], input=source, capture_output=True, check=True
    )
    told, seconds, octets = done.stdout.decode().strip().split("|")
    return told, float(seconds), float(octets)


def scene(width, height, mode="RGB"):
    small = Image.linear_gradient("L").rotate(30, fillcolor=90)
    return small.resize((width, height)).convert(mode)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(
    ("source", "size"),
    [
        pytest.param(lambda: saved(scene(12000, 9000, "L"), "JPEG"), "12000x9000", id="108 MP"),
        pytest.param(lambda: saved(scene(16000, 12500, "L"), "JPEG"), "16000x12500", id="200 MP"),
        pytest.param(
            lambda: saved(scene(7000, 5000), "JPEG", progressive=True),
            "7000x5000",
            id="progressive",
        ),
        pytest.param(lambda: saved(scene(2480, 3508), "PNG"), "2480x3508", id="A4"),
        pytest.param(
            lambda: saved(scene(4000, 3000), "WEBP", method=0), "4000x3000", id="12 MP WebP"
        ),
    ],
)
def test_large_pictures_take_little_time_and_memory(source, size):
    told, seconds, octets = measured(source())
    assert size in told
    assert seconds < 2 * PATIENCE
    assert octets < 300e6


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (claiming(20000, 10001), "a picture of 201 megapixels; at most 200"),
        (
            claiming(10000, 10000),
            f"a picture of 100 megapixels; at most 63 as PNG: {SMALLER}",
        ),
        (
            b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (4999).to_bytes(3, "little") * 2,
            f"a picture of 25 megapixels; at most 16 as WebP: {SMALLER}",
        ),
    ],
)
def test_larger_ones_are_refused(source, error, monkeypatch):
    monkeypatch.setattr(opening, "_LIKELY", 10**9)  # not because the file is short
    with pytest.raises(SourceError) as caught:
        convert(source)
    assert str(caught.value) == error


def test_a_png_cannot_claim_more_than_it_may_hold():
    with pytest.raises(SourceError) as caught:
        convert(claiming(6000, 6000))
    assert str(caught.value).endswith("PNG: expected 108000000 octets of pixels, found 8")


def test_a_large_jpeg_is_read_reduced():
    picture = files.read(saved(scene(6000, 4000), "JPEG"))
    assert picture.size == (6000, 4000)
    assert picture.frames[0].size == (3000, 2000)
    cut = losses(saved(scene(6000, 4000), "JPEG"), place="crop")
    assert cut == [
        "edges of 6000x4000 cut: the caller icon holds 72x14 pixels",
        "size 6000x4000 scaled: to 3000x2000 before it was cut, because it is so large",
        "shades replaced: dither=search was chosen, for pictures with shades",
    ]


def test_a_large_picture_is_made_grey_in_bands():
    image = black_square("RGB").resize((5040, 980), 0)
    assert rows(saved(image, "PNG")) == rows(saved(black_square(), "PNG"))


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (3, 40000), (2, 2)])
def test_every_shape_is_read(size):
    lines = rows(saved(Image.new("L", size), "PNG"), plain="yes")
    assert "#" in "".join(lines)


# --- Files that end early ------------------------------------------------------------------------

SQUARE = black_square()


@pytest.mark.parametrize(
    ("name", "source", "octets"),
    [
        ("BMP", saved(SQUARE.convert("RGB"), "BMP"), 72 * 3 * 14),
        ("BMP", saved(SQUARE.convert("1"), "BMP"), 12 * 14),
        ("PNG", saved(SQUARE, "PNG"), 72 * 14),
        ("PNG", saved(SQUARE.convert("RGBA"), "PNG"), 72 * 14 * 4),
        ("PNG", saved(SQUARE.convert("1"), "PNG"), 9 * 14),
        ("GIF", saved(SQUARE, "GIF"), 72 * 14),
        ("PPM", saved(SQUARE.convert("RGB"), "PPM"), 72 * 14 * 3),
        ("PPM", saved(SQUARE.convert("1"), "PPM"), 9 * 14),
    ],
)
def test_missing_pixels_are_counted(name, source, octets):
    cutoff.check(name, source)
    found = len(source) * 2 // 3
    with pytest.raises(SourceError) as caught:
        convert(source[:found])
    before, _, rest = str(caught.value).partition(f"{name}: expected {octets} octets of pixels")
    assert before == f"offset {found}: "
    assert 0 <= int(rest.removeprefix(", found ")) < octets


def test_pixels_of_a_gif_are_counted_to_the_last():
    image = Image.effect_noise((200, 150), 80)
    source = saved(image, "GIF")
    assert cutoff._gif(source) == (30000, 30000)


def test_pixels_of_an_interlaced_png_are_counted():
    assert cutoff._png_rows(claiming(1, 1)[:28] + b"\1") == [(3, 1)]
    assert sum(w * h for w, h in cutoff._png_rows(claiming(9, 7, 0)[:28] + b"\1")) == 63

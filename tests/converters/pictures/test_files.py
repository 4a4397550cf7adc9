"""Picture files in all formats, damaged ones too."""

import subprocess
import sys
from io import BytesIO

import pytest
from picturesources import (
    ARROW,
    convert,
    drawn,
    pictures,
    rows,
)

from converters.errors import SourceError
from converters.pictures.convert import CONVERTER


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


def test_octets_behind_a_wbmp_are_told():
    (item,) = CONVERTER.convert(b"\0\0\x08\x02\xaa\x55\0\0\0", CONVERTER.settings({}))
    assert [str(loss) for loss in item.losses] == ["3 octets left out: behind the picture"]


@pytest.mark.parametrize(
    "first", [b"", b"BMW: sold", b"GIF", b"BEGIN:VCARD\r\n", b"\x00\x48\x0e\x01"]
)
def test_other_files_are_not(first):
    assert not CONVERTER.sniff(first)


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


def test_a_webp_with_a_huge_canvas_is_refused_before_it_is_opened():
    source = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0"
    with pytest.raises(SourceError) as caught:
        convert(source)
    assert str(caught.value) == ("a picture of 269 megapixels; at most 200")


def test_a_plain_ppm_that_takes_long_is_refused():
    with pytest.raises(SourceError) as caught:
        convert(b"P2\n2000 2000\n255\n" + b"9 " * 2_000_000)
    assert str(caught.value) == "expected at most 4000000 octets of plain PPM, found 4000017"


def test_pillow_is_loaded_only_when_needed():
    code = "import sys, converters.pictures.convert; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

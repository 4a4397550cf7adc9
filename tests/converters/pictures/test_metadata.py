"""Metadata may be damaged: the picture is read, and the damage told."""

import pytest
from damagedpictures import (
    black_square,
    chunk,
    exif,
    saved,
    with_chunk,
    with_riff,
    with_segment,
)
from picturesources import losses, rows
from PIL import Image

from converters.errors import SourceError

SQUARE = black_square()
PNG = saved(SQUARE, "PNG")
JPEG = saved(SQUARE, "JPEG", quality=95)
WEBP = saved(SQUARE, "WEBP", lossless=True)
ROWS = rows(PNG)

NOT_TIFF = "expected a TIFF header, found 'not a ti'"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            with_chunk(PNG, chunk(b"eXIf", b"not a tiff")),
            [f"EXIF data ignored: damaged ({NOT_TIFF})"],
        ),
        (
            with_chunk(PNG, chunk(b"tEXt", b"Title\0a square", checksum=1)),
            [
                "chunk tEXt ignored: damaged (broken PNG file (bad header checksum in b'tEXt'))",
            ],
        ),
        (
            with_chunk(
                PNG,
                chunk(b"pHYs", bytes(9)) + chunk(b"zTXt", b"Title\0\7x") + chunk(b"gAMA", b"12"),
            ),
            ["metadata ignored: damaged (Unknown compression method 7 in zTXt chunk)"],
        ),
        (
            with_chunk(PNG, chunk(b"pHYs", bytes(9)) + chunk(b"iCCP", b"RGB\0\5xx")),
            ["chunk iCCP ignored: damaged (Unknown compression method 5 in iCCP chunk)"],
        ),
        (
            with_chunk(PNG, chunk(b"iCCP", b"RGB\0\0xx")),
            ["colour profile ignored: damaged (expected an ICC profile, found none)"],
        ),
        (
            saved(SQUARE, "PNG", icc_profile=b"no profile at all"),
            ["colour profile ignored: damaged (expected an ICC profile, found 'no profi')"],
        ),
        (
            saved(SQUARE, "JPEG", quality=95, icc_profile=b"no profile at all"),
            ["colour profile ignored: damaged (expected an ICC profile, found 'no profi')"],
        ),
        (
            with_segment(JPEG, 0xE1, b"Exif\0\0not a tiff"),
            [f"EXIF data ignored: damaged ({NOT_TIFF})"],
        ),
        (
            saved(SQUARE, "WEBP", lossless=True, exif=b"Exif\0\0not a tiff"),
            [f"EXIF data ignored: damaged ({NOT_TIFF})"],
        ),
        (
            saved(SQUARE, "WEBP", lossless=True, icc_profile=b"no profile at all"),
            ["colour profile ignored: damaged (expected an ICC profile, found 'no profi')"],
        ),
    ],
)
def test_the_picture_is_read_and_the_damage_told(source, told):
    assert rows(source) == ROWS
    assert losses(source) == told


@pytest.mark.parametrize(
    "source",
    [
        with_segment(JPEG, 0xE1, b"Exif\0\0" + bytes(40), length=200),
        with_segment(JPEG, 0xED, b"Photoshop 3.0\0" + bytes(9), length=150),
        with_segment(JPEG, 0xFE, b"a comment", length=170),
    ],
    ids=["APP1", "APP13", "comment"],
)
def test_a_segment_with_a_wrong_length_costs_no_picture(source):
    assert rows(source) == ROWS
    (told,) = losses(source)
    assert "ignored: damaged" in told


def test_a_chunk_with_a_wrong_length_costs_no_picture():
    text = chunk(b"tEXt", b"Title\0a square")
    source = with_chunk(PNG, (9999).to_bytes(4, "big") + text[4:])
    assert rows(source) == ROWS
    (told,) = losses(source)
    assert told.startswith("chunk tEXt ignored: damaged (")


def test_a_webp_with_a_wrong_length_after_its_pixels_is_read():
    source = with_riff(saved(SQUARE, "WEBP", lossless=True, exif=exif(1)), b"XMP ", b"<x/>", 4000)
    assert rows(source) == ROWS


@pytest.mark.parametrize("orientation", range(1, 9))
def test_whole_exif_data_turn_the_picture(orientation):
    picture = Image.new("L", (14, 14), 255)
    picture.paste(0, (1, 2, 4, 12))
    picture.paste(0, (1, 10, 9, 12))
    source = saved(picture, "PNG", exif=exif(orientation))
    methods = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    upright = picture.transpose(methods[orientation]) if orientation > 1 else picture
    assert rows(source) == rows(saved(upright, "PNG"))
    assert losses(source) == []


def test_exif_data_that_end_early_are_told():
    source = with_segment(JPEG, 0xE1, exif(1)[:20])
    assert rows(source) == ROWS
    (told,) = losses(source)
    assert told.startswith("metadata ignored: damaged (Corrupt EXIF data.")


def test_damaged_pixels_are_no_metadata():
    source = with_chunk(PNG, chunk(b"tEXt", b"Title\0a square"))
    at = source.index(b"IDAT") + 8
    with pytest.raises(SourceError):
        rows(source[:at] + b"\0\0\0\0" + source[at + 4 :])

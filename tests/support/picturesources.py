"""Pictures for tests, and what the converters make of them."""

from io import BytesIO

import places
import pytest
from PIL import Image

from converters.pictures.convert import CONVERTER
from converters.pictures.logos import decode_caller_icon

SCREEN = (72, 14)
VECTORS = places.VECTORS / "image"
#: An arrow of 72x14 pixels, as rows and as a PNG file.
ARROW = (VECTORS / "valid" / "arrow.txt").read_text().splitlines()
PNG = (VECTORS / "valid" / "arrow-1bit.png").read_bytes()
PHOTO = (places.SAMPLES / "photo.jpg").read_bytes()


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

"""Pictures as the phone shows them: separate pixels on a grey-green screen without light."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from converters.pictures import files
from converters.pictures.bitmap import Bitmap
from converters.shared.glass import LINE, SCREEN, glass, png, wrapped, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

#: Pixels between a picture and what is under it.
_SPACE = 2


def preview(images: Sequence[Bitmap], text: str = "") -> bytes:
    """A PNG of the screen with a picture, or with the frames of an animation one under another."""
    return png(shown(images, text))


def shown(images: Sequence[Bitmap], text: str = "") -> Image:
    """The screen; it is higher than the phone's if there is more to show than fits."""
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    width = max(SCREEN[0], *(bitmap.width for bitmap in images))
    lines = list(wrapped(text, width))
    tall = sum(bitmap.height + _SPACE for bitmap in images) + LINE * len(lines)
    tall -= 0 if lines else _SPACE
    page = Image.new("L", (width, max(SCREEN[1], tall)), 255)
    at = 0 if lines else (page.height - tall) // 2
    for bitmap in images:
        page.paste(files.to_image(bitmap), ((width - bitmap.width) // 2, at))
        at += bitmap.height + _SPACE
    write(page, lines, at)
    return glass(page)


def centred(bitmap: Bitmap, width: int, height: int) -> Bitmap:
    """The picture in the middle of a white one, which must not be smaller."""
    above = (height - bitmap.height) // 2
    left = (width - bitmap.width) // 2
    empty = "." * width
    rows = [f"{'.' * left}{row}".ljust(width, ".") for row in bitmap.rows]
    return Bitmap.from_rows([empty] * above + rows + [empty] * (height - bitmap.height - above))


class Tile(NamedTuple):
    """A picture of a contact sheet; one of them is the ``default``."""

    caption: str
    bitmap: Bitmap
    default: bool = False


def contact_sheet(tiles: Sequence[Tile], columns: int = 2) -> bytes:
    """A PNG of several screens, each under its caption, by rows; the default has a green frame."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - heavy, wanted only here

    screens = [shown([tile.bitmap]) for tile in tiles]
    wide, tall = max(s.width for s in screens) + 8, max(s.height for s in screens) + 24
    sheet = Image.new("RGB", (wide * columns, tall * -(-len(tiles) // columns)), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default_imagefont()
    for n, (tile, picture) in enumerate(zip(tiles, screens, strict=True)):
        left, top = n % columns * wide, n // columns * tall
        if tile.default:
            pen.rectangle((left, top, left + wide - 1, top + tall - 1), fill=_GREEN)
        pen.text((left + 8, top + 4), tile.caption, fill="black", font=font)
        sheet.paste(picture, (left + 4, top + 20))
    return png(sheet)


_GREEN = (120, 220, 120)

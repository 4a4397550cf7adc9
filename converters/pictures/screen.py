"""Pictures as the phone shows them: separate pixels on a grey-green screen without light."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from converters.pictures import files
from converters.pictures.bitmap import Bitmap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.Image import Image

#: Pixels of the most common screen, and the size of each of them in the preview. They are taller
#: than wide, because 84x48 of them filled 30 x 22 mm.
SCREEN = (84, 48)
CELL = (4, 5)
_GAP = 1
_BEZEL = 12

_GLASS, _UNLIT, _LIT, _CASE = (155, 176, 124), (147, 168, 117), (30, 38, 24), (38, 42, 48)

#: Pixels between a picture and what is under it.
_SPACE = 2
#: A line of text, in Pillow's built-in font of fixed width.
_LINE, _CHARACTER = 11, 6


def preview(images: Sequence[Bitmap], text: str = "") -> bytes:
    """A PNG of the screen with a picture, or with the frames of an animation one under another."""
    return png(shown(images, text))


def shown(images: Sequence[Bitmap], text: str = "") -> Image:
    """The screen; it is higher than the phone's if there is more to show than fits."""
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    width = max(SCREEN[0], *(bitmap.width for bitmap in images))
    lines = list(_lines(text, (width - _SPACE) // _CHARACTER))
    tall = sum(bitmap.height + _SPACE for bitmap in images) - _SPACE + _LINE * len(lines)
    page = Image.new("L", (width, max(SCREEN[1], tall)), 255)
    at = 0 if lines else (page.height - tall) // 2
    for bitmap in images:
        page.paste(files.to_image(bitmap), ((width - bitmap.width) // 2, at))
        at += bitmap.height + _SPACE
    _write_lines(page, lines, at)
    return _cells(page.point(lambda level: 255 * (level > 127)))


def _lines(text: str, most: int) -> Iterator[str]:
    import textwrap  # noqa: PLC0415 - wanted only here

    for line in text.splitlines():
        yield from textwrap.wrap(line, most) or [""]


def _write_lines(page: Image, lines: Sequence[str], top: int) -> None:
    from PIL import ImageDraw, ImageFont  # noqa: PLC0415 - heavy, wanted only here

    font = ImageFont.load_default_imagefont()
    pen = ImageDraw.Draw(page)
    pen.fontmode = "1"
    for n, line in enumerate(lines):
        known = line.encode("latin-1", "replace").decode("latin-1")
        # Pillow cuts off the first column of a text's first letter, so that must be a space.
        pen.text((_SPACE - _CHARACTER, top + n * _LINE), f" {known}", fill=0, font=font)


def _cells(page: Image) -> Image:
    """Each pixel as a cell with a gap, dark if the pixel is black, inside the phone's case."""
    from PIL import Image, ImageChops  # noqa: PLC0415 - heavy, wanted only here

    size = (page.width * CELL[0], page.height * CELL[1])
    glass = Image.new("RGB", size, _GLASS)
    cell = Image.new("L", CELL)
    cell.paste(255, (0, 0, CELL[0] - _GAP, CELL[1] - _GAP))
    grid = tiled(cell, size)
    lit = page.point(lambda level: 255 - level).resize(size, Image.Resampling.NEAREST)
    glass.paste(_UNLIT, mask=grid)
    glass.paste(_LIT, mask=ImageChops.multiply(lit, grid))
    case = Image.new("RGB", (size[0] + 2 * _BEZEL, size[1] + 2 * _BEZEL), _CASE)
    case.paste(glass, (_BEZEL, _BEZEL))
    return case


def tiled(tile: Image, size: tuple[int, int]) -> Image:
    """An image of that size filled with the tile, from the top left."""
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    row = Image.frombytes(
        tile.mode, (size[0], tile.height), _repeated(tile.tobytes(), tile.width, size[0])
    )
    return Image.frombytes(
        tile.mode, size, (row.tobytes() * -(-size[1] // tile.height))[: size[0] * size[1]]
    )


def _repeated(rows: bytes, width: int, length: int) -> bytes:
    starts = range(0, len(rows), width)
    return b"".join((rows[n : n + width] * -(-length // width))[:length] for n in starts)


def centred(bitmap: Bitmap, width: int, height: int) -> Bitmap:
    """The picture in the middle of a white one, which must not be smaller."""
    above = (height - bitmap.height) // 2
    left = (width - bitmap.width) // 2
    empty = "." * width
    rows = [f"{'.' * left}{row}".ljust(width, ".") for row in bitmap.rows]
    return Bitmap.from_rows([empty] * above + rows + [empty] * (height - bitmap.height - above))


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture of a contact sheet; one of them is ``best``."""

    caption: str
    bitmap: Bitmap
    best: bool = False


def contact_sheet(tiles: Sequence[Tile], columns: int = 2) -> bytes:
    """A PNG of several screens, each under its caption, by rows; the best one has a green frame."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - heavy, wanted only here

    screens = [shown([tile.bitmap]) for tile in tiles]
    wide, tall = max(s.width for s in screens) + 8, max(s.height for s in screens) + 24
    sheet = Image.new("RGB", (wide * columns, tall * -(-len(tiles) // columns)), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default_imagefont()
    for n, (tile, picture) in enumerate(zip(tiles, screens, strict=True)):
        left, top = n % columns * wide, n // columns * tall
        if tile.best:
            pen.rectangle((left, top, left + wide - 1, top + tall - 1), fill=_BEST)
        pen.text((left + 8, top + 4), tile.caption, fill="black", font=font)
        sheet.paste(picture, (left + 4, top + 20))
    return png(sheet)


_BEST = (120, 220, 120)


def png(image: Image) -> bytes:
    """The octets of a PNG file."""
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()

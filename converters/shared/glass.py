"""A phone's screen: separate pixels on grey-green glass without light, with pictures and text."""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from converters.api import Action, Loss, Writer
from converters.shared.words import counted
from smsenc import Payload
from smsenc.substitute import TYPOGRAPHIC

if TYPE_CHECKING:
    from PIL.Image import Image

#: Pixels of the most common screen, and the size of each of them in the preview. They are taller
#: than wide, because 84x48 of them filled 30 x 22 mm.
SCREEN = (84, 48)
CELL = (4, 5)
_GAP = 1
_BEZEL = 12

_GLASS, _UNLIT, _LIT, _CASE = (155, 176, 124), (147, 168, 117), (30, 38, 24), (38, 42, 48)

#: A line of text, in Pillow's built-in font of fixed width, and the pixels beside it.
LINE, _CHARACTER, MARGIN = 11, 6, 2

# Text ---------------------------------------------------------------------------------------------

#: What phones have and Pillow's font lacks: rows of pixels, under the top of a capital letter.
_GLYPHS = MappingProxyType(
    {
        "€": "..##. .#..# ###.. ###.. .#..# ..##.",
        "Δ": "..#.. ..#.. .#.#. .#.#. #...# #####",
        "Φ": "..#.. .###. #.#.# #.#.# .###. ..#..",
        "Γ": "##### #...# #.... #.... #.... #....",
        "Λ": "..#.. ..#.. .#.#. .#.#. #...# #...#",
        "Ω": ".###. #...# #...# #...# .#.#. ##.##",
        "Π": "##### .#.#. .#.#. .#.#. .#.#. .#.#.",
        "Ψ": "#.#.# #.#.# #.#.# .###. ..#.. ..#..",
        "Σ": "##### #.... .##.. .##.. #.... #####",
        "Θ": ".###. #...# ##### #...# #...# .###.",
        "Ξ": "##### ..... .###. ..... ..... #####",
        "□": "##### #...# #...# #...# #...# #####",
    }
)
_NO_LETTER, _TOP = "□", 3
#: How many characters a loss names.
_MOST_NAMED = 5
#: Lines of a preview; a text of 255 parts has thousands.
_MOST_LINES = 300


def drawable(text: str) -> str:
    """A text with the letters of the screen's font: without accents or as a box where it has none.

    Quotation marks and dashes are plain ones.
    """
    return "".join(map(_letter, _plain(text)))


def _plain(text: str) -> str:
    return "".join(TYPOGRAPHIC.get(c, c) for c in unicodedata.normalize("NFC", text))


def _letter(character: str) -> str:
    if _has(character):
        return character
    plain = unicodedata.normalize("NFD", character)[0]
    return plain if plain.isalpha() and _has(plain) else _NO_LETTER


def _has(character: str) -> bool:
    return character in _GLYPHS or " " <= character <= "~" or "\xa0" <= character <= "\xff"


def _lacking(text: str) -> Iterator[Loss]:
    """Letters that the font of the screen lacks."""
    lacking = Counter(c for c in _plain(text) if not _has(c) and c != "\n")
    if lacking:
        names = ", ".join(map(repr, list(lacking)[:_MOST_NAMED]))
        more = ", …" if len(lacking) > _MOST_NAMED else ""
        what = f"{counted(lacking.total(), 'character')} ({names}{more})"
        why = "the preview has no such letters; the message has them"
        yield Loss(what=what, action=Action.REPLACED, why=why)


def wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of a text on a screen of ``width`` pixels."""
    for line in text.splitlines():
        yield from textwrap.wrap(drawable(line), (width - MARGIN) // _CHARACTER) or [""]


def write(
    page: Image, lines: Sequence[str], top: int, *, fill: int = 0, left: int = MARGIN
) -> None:
    """Write lines of ``drawable`` text on a page of black and white."""
    from PIL import ImageDraw, ImageFont  # noqa: PLC0415 - heavy, wanted only here

    font = ImageFont.load_default_imagefont()
    pen = ImageDraw.Draw(page)
    pen.fontmode = "1"
    for n, line in enumerate(lines):
        known = "".join(" " if character in _GLYPHS else character for character in line)
        # Pillow cuts off the first column of a text's first letter, so that must be a space.
        pen.text((left - _CHARACTER, top + n * LINE), f" {known}", fill=fill, font=font)
        pen.point(list(_pixels(line, left, top + n * LINE + _TOP)), fill=fill)


def _pixels(line: str, left: int, top: int) -> Iterator[tuple[int, int]]:
    for place, character in enumerate(line):
        for y, row in enumerate(_GLYPHS.get(character, "").split()):
            for x, pixel in enumerate(row):
                if pixel == "#":
                    yield left + place * _CHARACTER + x, top + y


class TextScreen(NamedTuple):
    """A text under a dark title, and the word of the key at the bottom.

    The screen is higher than the phone's if there is more to show than fits.
    """

    text: str
    title: str = ""
    key: str = "Options"

    def png(self) -> bytes:
        """A PNG file."""
        from PIL import Image, ImageDraw  # noqa: PLC0415 - heavy, wanted only here

        width, height = SCREEN
        lines = self._lines()[:_MOST_LINES]
        top = LINE + 1 if self.title else 0
        page = Image.new("L", (width, max(height, top + LINE * (len(lines) + 1))), 255)
        if self.title:
            ImageDraw.Draw(page).rectangle((0, 0, width, LINE - 1), fill=0)
            write(page, [self.title], 0, fill=255)
        write(page, lines, top)
        middle = (width - _CHARACTER * len(self.key)) // 2
        write(page, [self.key], page.height - LINE, left=middle)
        return png(glass(page))

    def losses(self) -> tuple[Loss, ...]:
        """What the PNG does not show as the phone does."""
        left = len(self._lines()) - _MOST_LINES
        why = f"a preview has at most {_MOST_LINES} lines"
        cut = (
            [Loss(what=counted(left, "line"), action=Action.LEFT_OUT, why=why)] if left > 0 else []
        )
        return (*_lacking(self.text), *cut)

    def _lines(self) -> list[str]:
        return list(wrapped(self.text, SCREEN[0]))


def screen_of(read: Callable[[Payload], TextScreen]) -> Writer:
    """The writer of a PNG with the screen that ``read`` gives."""
    return Writer(
        ".png",
        lambda payload: read(payload).png(),
        losses=lambda payload: read(payload).losses(),
    )


# Glass --------------------------------------------------------------------------------------------


def glass(page: Image) -> Image:
    """Each pixel as a cell with a gap, dark if the pixel is black, inside the phone's case."""
    from PIL import Image, ImageChops  # noqa: PLC0415 - heavy, wanted only here

    size = (page.width * CELL[0], page.height * CELL[1])
    screen = Image.new("RGB", size, _GLASS)
    cell = Image.new("L", CELL)
    cell.paste(255, (0, 0, CELL[0] - _GAP, CELL[1] - _GAP))
    grid = _tiled(cell, size)
    lit = page.point(lambda level: 255 * (level <= 127)).resize(size, Image.Resampling.NEAREST)
    screen.paste(_UNLIT, mask=grid)
    screen.paste(_LIT, mask=ImageChops.multiply(lit, grid))
    case = Image.new("RGB", (size[0] + 2 * _BEZEL, size[1] + 2 * _BEZEL), _CASE)
    case.paste(screen, (_BEZEL, _BEZEL))
    return case


def _tiled(tile: Image, size: tuple[int, int]) -> Image:
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


def png(image: Image) -> bytes:
    """The octets of a PNG file."""
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()

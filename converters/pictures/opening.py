"""Picture files opened with Pillow, within bounds of memory.

A large JPEG is decoded at a half, a quarter or an eighth of its size, which costs little. Other
large pictures are read whole where memory allows.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from converters.errors import SourceError
from converters.loading import found
from converters.pictures import cutoff, metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

#: No phone's camera makes larger pictures.
MOST_MEGAPIXELS = 200
#: A frame that is kept has at most so many pixels.
KEPT_PIXELS = 16_000_000
#: The most octets for a source and its decoded pixels.
_MOST_OCTETS = 255_000_000
_MEGA = 1_000_000

#: Octets of a PPM whose pixels are numbers in ASCII: Pillow needs about a second for these.
_MOST_PLAIN = 4_000_000

#: Octets of memory for a pixel by mode of Pillow; four for all other modes.
_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2}
_COLOUR = 4
#: Octets for a pixel of a WebP, of which its library keeps several copies, and of an XPM, for which
#: Pillow makes an object.
_COSTLY = {"WEBP": 15, "XPM": 56}


class Opened(NamedTuple):
    """A picture that is not decoded yet, and its ``size`` in the file: a large JPEG is reduced."""

    image: Image
    size: tuple[int, int]


def opened(name: str, source: bytes) -> Opened:
    """The picture, not decoded yet. Raises SourceError if it is too large, or cut off early."""
    if name == "WEBP":  # its library allocates memory for all pixels on opening
        _check_cost("WebP", _webp_size(source), _COSTLY[name], source)
    if name == "PPM" and source[1:2] in b"123" and len(source) > _MOST_PLAIN:
        raise SourceError(
            f"expected at most {_MOST_PLAIN} octets of plain PPM, found {len(source)}"
        )
    image = _image(name, source)
    size = image.size
    _check_megapixels(size)
    if name == "JPEG":
        _reduce(image, source)
        return Opened(image, size)
    if name == "PNG" and size[0] * size[1] > len(source) * _LIKELY:
        cutoff.check_claim(source)
    _check_cost(name, size, _COSTLY.get(name) or _PIXEL.get(image.mode, _COLOUR), source)
    return Opened(image, size)


def _image(name: str, source: bytes) -> Image:
    """The picture as Pillow opens it, with what it misunderstands put right."""
    image = _class(name)(BytesIO(source), "")
    if name == "BMP" and image.mode == "1" and source[28:29] != b"\1":
        return _class(name)(BytesIO(_not_grey(source)), "")
    if name == "PNG":
        _scale_transparency(image)
    return image


def _not_grey(source: bytes) -> bytes:
    """The BMP with hardly visible red in its black: of two shades, Pillow takes pixels for bits."""
    red = 14 + int.from_bytes(source[14:18], "little") + 2
    return source[:red] + b"\1" + source[red + 1 :]


#: Only a PNG with more pixels for each octet may claim more than it can hold: an octet inflates to
#: at most 1,032, and a pixel takes up to eight of them.
_LIKELY = 100


#: What makes an image of Pillow from a file. Image.open() has other limits, and loads them all.
_CLASSES = {
    "PNG": "PIL.PngImagePlugin:PngImageFile",
    "GIF": "PIL.GifImagePlugin:GifImageFile",
    "BMP": "PIL.BmpImagePlugin:BmpImageFile",
    "JPEG": "PIL.JpegImagePlugin:jpeg_factory",
    "WEBP": "PIL.WebPImagePlugin:WebPImageFile",
    "XPM": "PIL.XpmImagePlugin:XpmImageFile",
    "PPM": "PIL.PpmImagePlugin:PpmImageFile",
}


def _class(name: str) -> Callable[[BytesIO, str], Image]:
    made: Callable[[BytesIO, str], Image] = found(_CLASSES[name])
    return made


#: What Pillow multiplies or divides shades by, by the mode in the file; it forgets the shade that
#: is transparent.
_FACTORS = {"L;2": 85.0, "L;4": 17.0, "RGB;16B": 1 / 256}


def _scale_transparency(image: Image) -> None:
    """Make the transparent shade of a PNG one of those that Pillow will read."""
    clear = image.info.get("transparency")
    tiles = getattr(image, "tile", ())
    factor = _FACTORS.get(str(tiles[0].args)) if tiles else None
    if factor and isinstance(clear, int):
        image.info["transparency"] = min(int(clear * factor), 255)
    elif factor and isinstance(clear, tuple):
        image.info["transparency"] = tuple(int(shade * factor) for shade in clear)


def _reduce(image: Image, source: bytes) -> None:
    """Have the decoder of a JPEG reduce it if it is large."""
    size, pixels = image.size, image.width * image.height
    layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
    several = "progressive" in image.info or metadata.colours_of_scan(source) < len(layers)
    if pixels > KEPT_PIXELS:
        scale = next(n for n in (2, 4, 8) if pixels <= KEPT_PIXELS * n * n)
        image.draft("L", (size[0] // scale, size[1] // scale))
    cost = _PIXEL.get(image.mode, _COLOUR) * image.width * image.height / pixels
    if several:  # all coefficients are kept until the last scan, in two octets each
        cost += 2 * _samples(layers)
    _check_cost("a JPEG in several scans" if several else "JPEG", size, cost, source)


def _samples(layers: list[tuple[int, int, int, int]]) -> float:
    """How many samples of all colours there are for a pixel: 1.5 if colours are halved twice."""
    areas = [across * down for _name, across, down, _table in layers]
    most = max(row[1] for row in layers) * max(row[2] for row in layers)
    return sum(areas) / (most or 1)


def _check_megapixels(size: tuple[int, int]) -> None:
    """Raise SourceError for a picture without pixels, or with far too many."""
    pixels = size[0] * size[1]
    if pixels < 1:
        raise SourceError(f"expected a picture of at least 1 pixel, found {size[0]}x{size[1]}")
    if pixels > MOST_MEGAPIXELS * _MEGA:
        raise SourceError(
            f"a picture of {-(-pixels // _MEGA)} megapixels; at most {MOST_MEGAPIXELS}"
        )


def _check_cost(form: str, size: tuple[int, int], octets: float, source: bytes) -> None:
    """Raise SourceError if so many octets for each pixel would need too much memory."""
    _check_megapixels(size)
    most = max(0, int((_MOST_OCTETS - len(source)) / octets))
    pixels = size[0] * size[1]
    if pixels > most and pixels > _ALWAYS:
        raise SourceError(
            f"a picture of {-(-pixels // _MEGA)} megapixels; at most {most // _MEGA} as {form}: "
            "save a smaller one, or a baseline JPEG"
        )


#: So many pixels are read whatever they cost.
_ALWAYS = 4_000_000


def _webp_size(source: bytes) -> tuple[int, int]:
    """Width and height of the canvas (RFC 9649, 2.5 to 2.7), 0 if the header is cut short."""
    head = source[:30].ljust(30, b"\0")
    if head[12:16] == b"VP8X":
        width, height = (int.from_bytes(head[n : n + 3], "little") + 1 for n in (24, 27))
    elif head[12:16] == b"VP8L":
        sides = int.from_bytes(head[21:25], "little")
        width, height = (sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(head[n : n + 2], "little") & 0x3FFF for n in (26, 28))
    return width, height

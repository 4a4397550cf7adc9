"""Picture files read as grey on white with Pillow, and written with one bit per pixel.

The format is recognised from the octets, and Pillow may try no other; sizes are checked before
memory is allocated.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from converters.errors import SourceError
from converters.pictures import logofiles
from converters.pictures.bitmap import MOST_PIXELS, Bitmap
from converters.pictures.operators import Network

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file as read: ``frames`` on white, all of one size, from ``count`` in the file.

    They are grey (mode L), or unchanged if the file has one bit per pixel (mode 1). ``network`` is
    that of an operator logo's file.
    """

    format: str
    frames: tuple[Image, ...]
    count: int
    network: Network | None = None


#: The first octets of the formats that Pillow reads. After BM of a BMP file are its size and zeros.
_SIGNATURES = {
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "GIF": rb"GIF8",
    "BMP": rb"BM",
    "JPEG": rb"\xff\xd8\xff",
    "WEBP": rb"RIFF.{4}WEBP",
    "XPM": rb"\s*/\* XPM \*/",
    "PPM": rb"P[1-6]\s+[#0-9]",
}
_FORMAT = re.compile(
    "|".join(f"(?P<{n}>{p.decode('ascii')})" for n, p in _SIGNATURES.items()).encode(), re.DOTALL
)

#: Suffixes of the files that Pillow reads.
SUFFIXES = (
    *(".png", ".gif", ".bmp", ".jpg", ".jpeg", ".webp"),
    *(".xpm", ".ppm", ".pgm", ".pbm", ".pnm"),
)


def _format(source: bytes) -> str | None:
    match = _FORMAT.match(source)
    return match and match.lastgroup


def sniff(first: bytes) -> bool:
    """Whether a file with these first octets can be a picture that Pillow reads."""
    name = _format(first)
    if name == "BMP":
        return first[6:10] == bytes(4)  # text may begin with BM
    return name is not None


def read(source: bytes, most: int = 1) -> Picture:
    """The picture, with at most ``most`` of its frames. Raises SourceError."""
    name = _format(source)
    if name is not None:
        return _by_pillow(name, source, most)
    logo = logofiles.read(source)
    if logo is None:
        found = f"octets {source[:4].hex(' ').upper()}" if source else "an empty file"
        raise SourceError(f"expected a picture or logo file, found {found}")
    frames = tuple(to_image(bitmap) for bitmap in logo.images[:most])
    return Picture("logo", frames, len(logo.images), logo.network)


def to_image(bitmap: Bitmap) -> Image:
    """The pixels as an image of mode 1, in which black is 0."""
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    size = (bitmap.width, bitmap.height)
    return Image.frombytes("1", size, bitmap.padded.translate(_INVERTED))


def from_image(image: Image) -> Bitmap:
    """The pixels of an image of mode 1, in which black is 0."""
    return Bitmap.from_padded(*image.size, image.tobytes().translate(_INVERTED))


_INVERTED = bytes(range(255, -1, -1))


def write(bitmap: Bitmap, format_name: str) -> bytes:
    """A PNG, BMP or GIF with one bit per pixel."""
    file = BytesIO()
    to_image(bitmap).save(file, format_name)
    return file.getvalue()


# --- Pillow --------------------------------------------------------------------------------------


def _by_pillow(name: str, source: bytes, most: int) -> Picture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the problems that matter are raised
        try:
            image = _open(source, name)
            first = _grey_on_white(image)
            count = _frame_count(image)
            rest = (_frame(image, n) for n in range(1, min(count, most)))
            return Picture(name, (first, *rest), count)
        except SourceError:
            raise
        except Exception as error:  # plugins of Pillow raise errors of many kinds
            raise _unreadable(name, source, error) from error


#: Octets of a PPM whose pixels are numbers in ASCII: Pillow needs about a second for these.
_MOST_PLAIN = 4_000_000


def _open(source: bytes, name: str) -> Image:
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    if name == "WEBP":
        _check(*_webp_size(source))  # its library allocates memory for all pixels on opening
    if name == "PPM" and source[1:2] in b"123" and len(source) > _MOST_PLAIN:
        raise SourceError(
            f"expected at most {_MOST_PLAIN} octets of plain PPM, found {len(source)}"
        )
    # Pillow allocates memory for the first frame on opening a GIF: stop at its lower limit.
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    image = Image.open(BytesIO(source), formats=(name,))
    _check(image.width, image.height)
    return image


def _check(width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise SourceError(
            f"expected a picture of 1 to {MOST_PIXELS} pixels, found {width}x{height}"
        )


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


#: Where a picture may say which side is up. Asking Pillow is as slow as reading a small picture.
_ORIENTING = frozenset(("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"))


def _grey_on_white(image: Image) -> Image:
    """Return the luma of BT.601, with the picture upright and white where it is transparent."""
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    image.load()
    if image.mode.startswith("I"):  # grey of 16 bits, which Pillow's convert() would clip
        return image.point(lambda level: level / 256).convert("L")
    if not _ORIENTING.isdisjoint(image.info):
        from PIL import ImageOps  # noqa: PLC0415 - as above

        ImageOps.exif_transpose(image, in_place=True)
    if not image.has_transparency_data:
        return image if image.mode == "1" else image.convert("L")
    picture = image.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("L")


def _frame(image: Image, number: int) -> Image:
    image.seek(number)
    return _grey_on_white(image.copy())


def _frame_count(image: Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # noqa: BLE001 - as in _by_pillow; the first frame has been read
        return 2


#: Words of Pillow's errors for files that end too early.
_CUT_SHORT = ("truncated", "not enough image data")


def _unreadable(name: str, source: bytes, error: Exception) -> SourceError:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - heavy, wanted only here

    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return SourceError(f"expected a picture of 1 to {MOST_PIXELS} pixels, found far more")
    if isinstance(error, UnidentifiedImageError):
        return SourceError(f"expected a {name} picture, found an incomplete header")
    if any(words in str(error).lower() for words in _CUT_SHORT):
        return SourceError(f"expected more of a {name} picture, found its end", offset=len(source))
    reason = str(error) or type(error).__name__
    return SourceError(f"expected a {name} picture, found one that cannot be read ({reason})")

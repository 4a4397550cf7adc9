"""Picture files read as grey on white with Pillow, and written with one bit per pixel.

The format is recognised from the octets, and Pillow may try no other; sizes are checked before
memory is allocated.
"""

from __future__ import annotations

import re
import warnings
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING

from converters.api import Action, Loss
from converters.errors import SourceError
from converters.pictures import cutoff, logofiles
from converters.pictures.bitmap import Bitmap
from converters.pictures.greys import BLACK, grey, ground_of
from converters.pictures.metadata import colour_profile_lost, exif_data_lost, ignored, without
from converters.pictures.opening import opened
from converters.pictures.operators import Network
from converters.pictures.sniffing import format_of
from converters.shared.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file as read: ``frames`` on a plain ground, from ``count`` in the file.

    They are grey (mode L), or unchanged if the file has one bit per pixel (mode 1), and all of one
    size: ``size``, that in the file, or reduced if that is very large. ``network`` is that of an
    operator logo's file; ``losses`` are what was not read.
    """

    format: str
    frames: tuple[Image, ...]
    count: int
    size: tuple[int, int]
    network: Network | None = None
    losses: tuple[Loss, ...] = ()

    @property
    def camera(self) -> bool:
        """Whether cameras write this format; logos are seldom in it."""
        return self.format == "JPEG"


#: Suffixes of the files that Pillow reads.
SUFFIXES = (
    *(".png", ".gif", ".bmp", ".jpg", ".jpeg", ".webp"),
    *(".xpm", ".ppm", ".pgm", ".pbm", ".pnm"),
)


def read(source: bytes, most: int = 1) -> Picture:
    """The picture, with at most ``most`` of its frames. Raises SourceError.

    Of an animation read as one picture, it is the first frame that is not of one colour.
    """
    name = format_of(source)
    if name is not None:
        return _by_pillow(name, source, most)
    logo = logofiles.read(source)
    if logo is None:
        found = f"octets {source[:4].hex(' ').upper()}" if source else "an empty file"
        raise SourceError(f"expected a picture or logo file, found {found}")
    frames = tuple(to_image(bitmap) for bitmap in logo.images[:most])
    losses = (_behind(logo.behind),) if logo.behind else ()
    return Picture("logo", frames, len(logo.images), frames[0].size, logo.network, losses)


def _behind(octets: int) -> Loss:
    return Loss(what=counted(octets, "octet"), action=Action.LEFT_OUT, why="behind the picture")


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
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        if name == "GIF":  # Pillow allocates memory for the first frame on opening it
            from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

            warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = _decoded(name, source, most)
        except SourceError:
            raise
        except Exception as error:  # noqa: BLE001 - plugins of Pillow raise errors of many kinds
            picture = _without_metadata(name, source, most, error)
    if not seen:
        return picture
    told = dict.fromkeys(str(one.message) for one in seen)
    lost = (ignored("metadata", why) for why in told if _METADATA.search(why))
    return replace(picture, losses=(*picture.losses, *islice(lost, 1)))


#: Warnings of Pillow about what is not pixels.
_METADATA = re.compile(r"(?i)exif|metadata|MPO|APNG|file read")


def _without_metadata(name: str, source: bytes, most: int, error: Exception) -> Picture:
    """The picture from what is left without its metadata, or the error put in our words."""
    for what, rest in without(name, source):
        try:
            picture = _decoded(name, rest, most)
        except Exception:  # noqa: BLE001, S112 - as above; the first error is told
            continue
        lost = ignored(what, _reason(error))
        return replace(picture, losses=(lost, *picture.losses))
    cutoff.check(name, source)
    raise _unreadable(name, source, error) from error


def _decoded(name: str, source: bytes, most: int) -> Picture:
    found = opened(name, source)
    image = found.image
    image.load()
    method, lost = _turn(image)
    ground = ground_of(image)
    losses = [loss for loss in (lost, colour_profile_lost(image)) if loss]
    if ground == BLACK:
        losses.append(_INVERTED_GROUND)
    shown: tuple[Image, ...] = (_upright(grey(image, ground), method),)
    count = _frame_count(image)
    if count > 1:
        frames = (_upright(frame, method) for frame in _frames(image, ground, count))
        shown, skipped = _chosen(shown[0], frames, most)
        losses += skipped
    turned = found.size[::-1] if method in _ON_ITS_SIDE else found.size
    return Picture(name, shown, count, turned, losses=tuple(losses))


_INVERTED_GROUND = Loss(
    what="ground",
    action=Action.INVERTED,
    why="all that is opaque is lighter than mid-grey, so what is transparent became black",
)


# --- Which side is up ----------------------------------------------------------------------------

#: Where a picture may say which side is up. Asking Pillow is as slow as reading a small picture.
_ORIENTING = frozenset(("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"))
_ORIENTATION = 0x0112  # EXIF 2.3, 4.6.4
#: Numbers of Pillow's ways of transposing, by the orientation in EXIF.
_METHODS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
_ON_ITS_SIDE = frozenset(_METHODS[n] for n in (5, 6, 7, 8))


def _turn(image: Image) -> tuple[int | None, Loss | None]:
    """How the picture must be transposed, and the loss of EXIF data that cannot be read."""
    if _ORIENTING.isdisjoint(image.info):
        return None, None
    if lost := exif_data_lost(image):
        return None, lost
    try:
        return _METHODS.get(image.getexif().get(_ORIENTATION, 1)), None
    except Exception as error:  # noqa: BLE001 - Pillow raises errors of many kinds
        return None, ignored("EXIF data", _reason(error))


def _upright(image: Image, method: int | None) -> Image:
    return image if method is None else image.transpose(method)  # type: ignore[arg-type]


# --- Frames --------------------------------------------------------------------------------------

#: Further frames are read of pictures with at most so many pixels: Pillow needs much memory.
_MOST_OF_FRAMES = 4_000_000
#: How many frames are looked at for one that is not of one colour.
_LOOKED_AT = 24


def _frames(image: Image, ground: int, count: int) -> Iterator[Image]:
    """The frames after the first."""
    if image.width * image.height <= _MOST_OF_FRAMES:
        for number in range(1, count):
            image.seek(number)
            yield grey(image.copy(), ground)


def _chosen(
    first: Image, others: Iterator[Image], most: int
) -> tuple[tuple[Image, ...], tuple[Loss, ...]]:
    """The first frames; or, if only one is wanted, the first that is not of one colour."""
    if most > 1:
        return (first, *islice(others, most - 1)), ()
    if not _is_plain(first):
        return (first,), ()
    for skipped, frame in enumerate(islice(_readable(others), _LOOKED_AT), 1):
        if not _is_plain(frame):
            return (frame,), (_skipped(skipped),)
    return (first,), ()


def _readable(frames: Iterator[Image]) -> Iterator[Image]:
    """The frames up to one that cannot be read."""
    with suppress(Exception):  # as in _by_pillow; the first frame has been read
        yield from frames


def _is_plain(frame: Image) -> bool:
    darkest, lightest = frame.getextrema()
    return darkest == lightest


def _skipped(count: int) -> Loss:
    what = "frame 1" if count == 1 else f"frames 1 to {count}"
    return Loss(what=what, action=Action.LEFT_OUT, why=f"of one colour; frame {count + 1} is drawn")


def _frame_count(image: Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # noqa: BLE001 - as in _by_pillow; the first frame has been read
        return 2


# --- Errors --------------------------------------------------------------------------------------

#: Words of Pillow's errors for files that end too early.
_CUT_SHORT = ("truncated", "not enough image data")


#: How many pixels Pillow found too many.
_PIXELS = re.compile(r"\((\d{1,18}) pixels\)")


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _unreadable(name: str, source: bytes, error: Exception) -> SourceError:
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        pixels = _PIXELS.search(str(error))
        size = f"{-(-int(pixels[1]) // 1_000_000)}" if pixels else "too many"
        return SourceError(
            f"a picture of {size} megapixels; at most 89 as {name}"
        )  # Pillow's limit
    if isinstance(error, SyntaxError) and "broken" not in str(error):
        return SourceError(f"expected a {name} picture, found an incomplete header")
    if any(words in str(error).lower() for words in _CUT_SHORT):
        return SourceError(f"expected more of a {name} picture, found its end", offset=len(source))
    reason = _reason(error)
    return SourceError(f"expected a {name} picture, found one that cannot be read ({reason})")

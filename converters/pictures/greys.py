"""Pictures in colour made grey, on a plain ground where they are transparent."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING

from converters.pictures.opening import KEPT_PIXELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

WHITE, BLACK = 255, 0
#: The first shade that is lighter than mid-grey.
_MIDDLE = 128
#: The ground is black if no more than this share of what is opaque is dark.
_DARK = 0.01
#: Enough of a large picture's pixels to choose its ground.
_SAMPLE = 512


def ground_of(image: Image) -> int:
    """``BLACK`` for a light drawing on transparency, of which a white ground would show nothing."""
    if not image.has_transparency_data:
        return WHITE
    if max(image.size) > _SAMPLE:
        from PIL import Image as images  # noqa: N813, PLC0415 - heavy, wanted only here

        size = (min(image.width, _SAMPLE), min(image.height, _SAMPLE))
        image = image.resize(size, images.Resampling.NEAREST)
    picture = _with_alpha(image)
    alpha = picture.getchannel("A")
    most = max(level for level, count in enumerate(alpha.histogram()) if count)
    opaque = alpha.point([255 * (level > most // 2) for level in range(256)])
    clear, shown = opaque.histogram()[0], opaque.histogram()[255]
    if not shown or clear < _CLEAR * (clear + shown):
        return WHITE
    shades = picture.convert("RGB").convert("L").histogram(opaque)
    return BLACK if sum(shades[:_MIDDLE]) <= _DARK * shown else WHITE


#: A picture with a smaller share of transparent pixels has no ground to speak of.
_CLEAR = 0.01


def grey(image: Image, ground: int) -> Image:
    """The luma of BT.601 on that ground, reduced to ``KEPT_PIXELS``; mode 1 stays if opaque."""
    pixels = image.width * image.height
    if pixels <= _BAND or (image.mode == "1" and pixels <= KEPT_PIXELS):
        return _grey(image, ground)
    from PIL import Image as images  # noqa: N813, PLC0415 - heavy, wanted only here

    factor = max(1, ceil(sqrt(pixels / KEPT_PIXELS)))
    reduced = images.new("L", (-(-image.width // factor), -(-image.height // factor)))
    for top, band in _bands(image, factor):
        shades = _grey(band, ground).convert("L")
        reduced.paste(shades.reduce(factor) if factor > 1 else shades, (0, top // factor))
    return reduced


#: Pixels that are made grey at once.
_BAND = 2_000_000


def _bands(image: Image, factor: int) -> Iterator[tuple[int, Image]]:
    """The picture in bands from the top, with where each begins: a multiple of ``factor``."""
    rows = max(1, _BAND // image.width // factor) * factor
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(image.height, top + rows)))


def _grey(image: Image, ground: int) -> Image:
    if not image.has_transparency_data:
        return image if image.mode == "1" else _luma(image)
    from PIL import Image as images  # noqa: N813, PLC0415 - heavy, wanted only here

    picture = _with_alpha(image)
    paper = images.new("RGBA", picture.size, (ground, ground, ground, 255))
    return images.alpha_composite(paper, picture).convert("L")


def _luma(image: Image) -> Image:
    if image.mode.startswith("I"):  # grey of 16 bits, which Pillow's convert() would clip
        return image.point(lambda level: level / 256).convert("L")
    return image if image.mode == "L" else image.convert("L")


def _with_alpha(image: Image) -> Image:
    """The picture in mode RGBA."""
    if not image.mode.startswith("I"):
        return image.convert("RGBA")
    from PIL import ImageMath  # noqa: PLC0415 - heavy, wanted only here

    clear = image.info["transparency"]
    level = image.convert("I")
    opaque = ImageMath.lambda_eval(lambda given: (given["level"] != clear) * 255, level=level)
    picture = _luma(image).convert("RGBA")
    picture.putalpha(opaque.convert("L"))
    return picture

"""Grey to black and white: thresholds, error diffusion, an ordered grid, and a search.

Every method takes a grey image and a threshold (the first shade that counts as white, or None) and
returns an image of mode 1. ``auto`` uses ``threshold`` for line art, and ``search`` for photographs
and drawings with shades.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from converters.pictures.tones import Tones

_MIDDLE = 128


def black_and_white(grey: Image, method: str, threshold: int | None, tones: Tones) -> Image:
    """Return the picture in mode 1 by one of ``METHODS``, or ``auto``.

    ``tones`` are those before the picture was scaled, which blends them.
    """
    if method == "auto":
        method = chosen(tones, threshold)
    if method == "threshold" and threshold is None:
        threshold = limit_of(tones)
    return METHODS[method](grey, threshold)


def chosen(tones: Tones, threshold: int | None) -> str:
    """The method that ``auto`` stands for."""
    return "threshold" if threshold is not None or is_drawing(tones) else "search"


def is_drawing(tones: Tones) -> bool:
    """Whether ``auto`` uses a threshold: for line art without shades, and for black on white."""
    if tones.are_black_and_white:
        return True
    return is_line_art(tones.counts) and not tones.is_shaded(otsu(tones.counts))


def limit_of(tones: Tones) -> int:
    """The first shade that counts as white, if none is given."""
    return _MIDDLE if tones.are_black_and_white else between(tones.counts)


# --- Thresholds ----------------------------------------------------------------------------------

#: Pictures with less between their darkest and lightest shade count as evenly coloured.
_LEAST_CONTRAST = 32
#: Two bands of sixteen shades hold this share of the pixels of simple line art.
_TWO_BANDS = 0.9
#: The share of the variance that is between black and white; it is lower for photographs.
_TWO_SIDES = 0.89


#: In line art with smooth edges, paper and ink have these shares of the pixels: together, and each.
_PAPER_AND_INK, _INK = 0.5, 0.02


def is_line_art(histogram: Sequence[int]) -> bool:
    """Whether a picture with that many pixels of each of 256 shades looks better undithered."""
    pixels = sum(histogram)
    bands = sorted(sum(histogram[level : level + 16]) for level in range(0, 256, 16))
    if sum(bands[-2:]) >= _TWO_BANDS * pixels:
        return True
    limit = otsu(histogram)
    peaks = max(histogram[:limit], default=0), max(histogram[limit:], default=0)
    if sum(peaks) >= _PAPER_AND_INK * pixels and min(peaks) >= _INK * pixels:
        return True
    _, mean, spread = _moments(histogram)
    below, mean_below, _ = _moments(histogram[:limit])
    between = below * (mean - mean_below) ** 2 * pixels / ((pixels - below) or 1)
    return between >= _TWO_SIDES * spread


def _moments(histogram: Sequence[int]) -> tuple[int, float, float]:
    """Number of pixels, mean shade, and the sum of squared distances from it."""
    pixels = sum(histogram)
    mean = sum(map(int.__mul__, histogram, range(256))) / (pixels or 1)
    return pixels, mean, sum((n - mean) ** 2 * count for n, count in enumerate(histogram))


def otsu(histogram: Sequence[int]) -> int:
    """Return the first shade, of 256, that counts as white: Otsu's threshold.

    It maximises the variance between the two sides; of equally good ones it is the middle.
    """
    shades = [level for level, pixels in enumerate(histogram) if pixels]
    if shades[-1] - shades[0] < _LEAST_CONTRAST:
        return _MIDDLE
    total, weight = sum(histogram), sum(map(int.__mul__, histogram, range(256)))
    scores = []
    below = weight_below = 0
    for level, pixels in enumerate(histogram):
        apart = weight_below * total - weight * below
        scores.append(apart * apart / (below * (total - below) or 1))
        below += pixels
        weight_below += pixels * level
    highest = max(scores)
    best = [level for level, score in enumerate(scores) if score == highest]
    return (best[0] + best[-1] + 1) // 2


#: A threshold this near the middle is replaced by the middle, which smooth edges can shift it from.
_NEAR = 4
#: A shade with this share of the pixels of its side is the colour of that side.
_PLAIN = 0.35
#: Otherwise its colour is the outermost shade but for this share, because thin strokes rarely
#: cover a pixel completely.
_OUTLIERS = 0.01


def between(histogram: Sequence[int]) -> int:
    """Return the shade in the middle between ink and paper, which Otsu's threshold separates.

    Smooth edges have all shades, and Otsu's threshold may be any of them; lines keep their width
    with the middle one. A pixel that is half covered counts as white.
    """
    limit = otsu(histogram)
    if not any(histogram[:limit]) or not any(histogram[limit:]):
        return limit
    dark = _drawn_with(histogram[:limit])
    light = 255 - _drawn_with(histogram[: limit - 1 : -1])
    found = (dark + light + 1) // 2
    return _MIDDLE if abs(found - _MIDDLE) <= _NEAR else found


def _drawn_with(side: Sequence[int]) -> int:
    """The shade that is the colour of one side of the threshold, counted from the outermost."""
    pixels, most = sum(side), max(side)
    if most >= _PLAIN * pixels:
        return side.index(most)
    return next(n for n, seen in enumerate(accumulate(side)) if seen > _OUTLIERS * pixels)


def _by_threshold(grey: Image, threshold: int | None) -> Image:
    limit = between(grey.histogram()) if threshold is None else threshold
    if limit == _MIDDLE:
        from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

        return grey.convert("1", dither=Image.Dither.NONE)  # has the same threshold and is faster
    return grey.point([255 * (level >= limit) for level in range(256)], "1")


# --- Error diffusion and the ordered grid --------------------------------------------------------


def _shifted(grey: Image, threshold: int | None) -> Image:
    """The picture for methods with a fixed threshold: it becomes lighter or darker instead."""
    if threshold is None:
        return grey
    return grey.point([min(max(level + _MIDDLE - threshold, 0), 255) for level in range(256)])


def _by_floyd_steinberg(grey: Image, threshold: int | None) -> Image:
    return _shifted(grey, threshold).convert("1")


#: Where Atkinson adds eighths of an error, as (right, down); two eighths are dropped for contrast.
_EIGHTHS = ((1, 0), (2, 0), (-1, 1), (0, 1), (1, 1), (0, 2))
_MARGIN = 2


def _by_atkinson(grey: Image, threshold: int | None) -> Image:
    width, height = grey.size
    wide = width + 2 * _MARGIN
    shades = _with_margin(_shifted(grey, threshold), _MARGIN)
    steps = [right + down * wide for right, down in _EIGHTHS]
    for start in range(_MARGIN * wide + _MARGIN, (height + _MARGIN) * wide, wide):
        for at in range(start, start + width):
            white = 255 * (shades[at] >= _MIDDLE)
            error = (shades[at] - white) / 8
            shades[at] = white
            for step in steps:
                shades[at + step] += error
    return _image(shades, grey.size, _MARGIN)


#: Bayer's grid of 4 x 4: the order in which the pixels of a square turn white.
_BAYER = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))


def _by_ordered_grid(grey: Image, threshold: int | None) -> Image:
    pixels = _shifted(grey, threshold).tobytes()
    side = len(_BAYER)
    limits = [[(order + 0.5) / side**2 * 255 for order in row] for row in _BAYER]
    shades: list[float] = [
        255 * (level > limits[n // grey.width % side][n % grey.width % side])
        for n, level in enumerate(pixels)
    ]
    return _image(shades, grey.size, 0)


def _by_search(grey: Image, threshold: int | None) -> Image:
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    from converters.pictures import directsearch  # noqa: PLC0415 - wanted only here

    grey = _shifted(grey, threshold)
    start = grey.convert("1").convert("L")
    pixels = directsearch.improved(grey.tobytes(), start.tobytes(), grey.width)
    return Image.frombytes("L", grey.size, pixels).convert("1")


# --- Pixels as numbers ---------------------------------------------------------------------------


def _with_margin(grey: Image, margin: int) -> list[float]:
    """The shades row by row, in a frame of zeros."""
    pixels, width = grey.tobytes(), grey.width
    side = [0.0] * margin
    empty = [0.0] * (width + 2 * margin) * margin
    found = list(empty)
    for start in range(0, len(pixels), width):
        found += side
        found += pixels[start : start + width]
        found += side
    return found + empty


def _image(shades: Sequence[float], size: tuple[int, int], margin: int) -> Image:
    """An image of mode 1 from shades of 0 and 255 in a frame."""
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    wide = size[0] + 2 * margin
    starts = range(margin * wide + margin, (size[1] + margin) * wide, wide)
    rows = (bytes(255 * (s > 0) for s in shades[n : n + size[0]]) for n in starts)
    return Image.frombytes("L", size, b"".join(rows)).convert("1")


#: By the names that the option takes.
METHODS: dict[str, Callable[[Image, int | None], Image]] = {
    "threshold": _by_threshold,
    "floyd-steinberg": _by_floyd_steinberg,
    "atkinson": _by_atkinson,
    "ordered": _by_ordered_grid,
    "search": _by_search,
}

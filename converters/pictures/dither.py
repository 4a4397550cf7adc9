"""Grey to black and white: thresholds, error diffusion, an ordered grid, and a search.

Every method takes a grey image and a threshold (the first shade that counts as white, or None) and
gives an image of mode 1. Threshold and search are for what ``auto`` finds to be line art and
photographs.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

_MIDDLE = 128


def black_and_white(
    grey: Image, method: str, threshold: int | None, histogram: Sequence[int]
) -> Image:
    """Return the picture in mode 1 by one of ``METHODS``, or ``auto``.

    ``histogram`` counts the shades before the picture was scaled: what it was drawn with, not how
    they blend.
    """
    black_on_white = not any(histogram[1:-1])  # most pictures made for phones: at once
    if method == "auto":
        plain = threshold is not None or black_on_white or is_line_art(histogram)
        method = "threshold" if plain else "search"
    if method == "threshold" and threshold is None:
        threshold = _MIDDLE if black_on_white else between(histogram)
    return METHODS[method](grey, threshold)


# --- Thresholds ----------------------------------------------------------------------------------

#: Pictures with less between their darkest and lightest shade are taken for evenly coloured.
_LEAST_CONTRAST = 32
#: Two bands of sixteen shades hold this share of plain line art's pixels.
_TWO_BANDS = 0.9
#: Of line art's variance, black against white explains this share; of photographs' less.
_TWO_SIDES = 0.89


#: Smooth edges leave paper and ink these shares of the pixels, together and each.
_PAPER_AND_INK, _INK = 0.5, 0.02


def is_line_art(histogram: Sequence[int]) -> bool:
    """Say whether a picture with that many pixels of each of 256 shades is better not dithered."""
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
    """Pixels, mean shade, and the sum of squares about it."""
    pixels = sum(histogram)
    mean = sum(map(int.__mul__, histogram, range(256))) / (pixels or 1)
    return pixels, mean, sum((n - mean) ** 2 * count for n, count in enumerate(histogram))


def otsu(histogram: Sequence[int]) -> int:
    """Return the first shade, of 256, that counts as white: Otsu's threshold.

    It makes the variance between the two sides greatest; of equally good ones it is the middle.
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


#: So near the middle smooth edges bring it; the middle leaves pixels that are half covered alike.
_NEAR = 4
#: A shade with this share of its side is what that side was drawn with.
_PLAIN = 0.35
#: Else it is the outermost but for this share: thin strokes are covered whole in few places.
_OUTLIERS = 0.01


def between(histogram: Sequence[int]) -> int:
    """Return the shade in the middle of ink and paper, which Otsu's threshold parts.

    Smooth edges have all shades, of which Otsu's may be any; lines come out as wide as they are
    when it is the middle one. What is half covered counts as white.
    """
    limit = otsu(histogram)
    if not any(histogram[:limit]) or not any(histogram[limit:]):
        return limit
    dark = _drawn_with(histogram[:limit])
    light = 255 - _drawn_with(histogram[: limit - 1 : -1])
    found = (dark + light + 1) // 2
    return _MIDDLE if abs(found - _MIDDLE) <= _NEAR else found


def _drawn_with(side: Sequence[int]) -> int:
    """The shade of one side of the threshold that is its colour, counted from the outermost."""
    pixels, most = sum(side), max(side)
    if most >= _PLAIN * pixels:
        return side.index(most)
    return next(n for n, seen in enumerate(accumulate(side)) if seen > _OUTLIERS * pixels)


def _by_threshold(grey: Image, threshold: int | None) -> Image:
    limit = between(grey.histogram()) if threshold is None else threshold
    if limit == _MIDDLE:
        from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

        return grey.convert("1", dither=Image.Dither.NONE)  # its own threshold, and faster
    return grey.point([255 * (level >= limit) for level in range(256)], "1")


# --- Error diffusion and the ordered grid --------------------------------------------------------


def _shifted(grey: Image, threshold: int | None) -> Image:
    """The picture for methods about the middle: another threshold is a lighter or darker one."""
    if threshold is None:
        return grey
    return grey.point([min(max(level + _MIDDLE - threshold, 0), 255) for level in range(256)])


def _by_floyd_steinberg(grey: Image, threshold: int | None) -> Image:
    return _shifted(grey, threshold).convert("1")


#: Where Atkinson's eighths of an error go, as (right, down); two eighths are given up for contrast.
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
    blank = [0.0] * (width + 2 * margin) * margin
    found = list(blank)
    for start in range(0, len(pixels), width):
        found += side
        found += pixels[start : start + width]
        found += side
    return found + blank


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

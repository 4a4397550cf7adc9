"""Thin strokes that scaling would lose: they are found as ridges of ink and drawn one pixel wide.

A stroke of one pixel covers little of a pixel that stands for twenty, and the threshold makes that
white. Where much of the ink would be lost so, each pixel with more ink than those beside it becomes
black, unless a black one touches it.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

#: Smaller reductions keep strokes.
_LEAST_SCALE = 1.5
#: Strokes are looked for if this share of the ink is away from all black pixels.
_LOST = 0.2
#: With a larger share of ink a picture is no drawing of strokes.
_MOST_INK = 0.2
#: A stroke of one pixel has this share of its ink at least, where it is thin or grey.
_THIN = 0.4
#: How much more ink than the two pixels beside it a pixel of a stroke has.
_RIDGE = 1.25
#: The colour of the ink is the outermost shade but for this share of the ink.
_OUTLIERS = 0.01


class Inks(NamedTuple):
    """The shades of ``ground`` and ``ink`` of a drawing."""

    ground: int
    ink: int

    @classmethod
    def of(cls, histogram: Sequence[int], limit: int) -> Inks | None:
        """The shades on each side of ``limit``, ground on the larger; None if one is empty."""
        sides = histogram[:limit], histogram[limit:]
        if not any(sides[0]) or not any(sides[1]):
            return None
        dark = _outermost(sides[0])
        light = 255 - _outermost(sides[1][::-1])
        if sum(sides[0]) > sum(sides[1]):
            return cls(sides[0].index(max(sides[0])), light)
        return cls(limit + sides[1].index(max(sides[1])), dark)


def _outermost(side: Sequence[int]) -> int:
    seen = accumulate(side)
    limit = _OUTLIERS * sum(side)
    return next(n for n, count in enumerate(seen) if count > limit)


def kept(drawing: Image, ink: Image, inks: Inks) -> Image:
    """``ink``, the drawing scaled and in mode 1, with the strokes that scaling has lost."""
    scale = max(drawing.width / ink.width, drawing.height / ink.height)
    if scale < _LEAST_SCALE or inks.ground == inks.ink:
        return ink
    cover = _coverage(drawing, ink.size, inks)
    wide = ink.width + 2
    colour = 255 * (inks.ink > inks.ground)
    drawn = [level == colour for level in _framed(ink.convert("L").tobytes(), ink.width)]
    if not _is_much_lost(cover, drawn, wide):
        return ink
    least = _THIN / scale
    inside = (range(n + 1, n + wide - 1) for n in range(wide, len(cover) - wide, wide))
    octets = bytes(
        colour
        if drawn[at] or (cover[at] >= least and _is_stroke(cover, drawn, at, wide))
        else 255 - colour
        for row in inside
        for at in row
    )
    from PIL import Image as images  # noqa: N813, PLC0415 - heavy, wanted only here

    return images.frombytes("L", ink.size, octets).convert("1")


def _coverage(drawing: Image, size: tuple[int, int], inks: Inks) -> list[float]:
    """How much of each pixel ink covers, 0 to 1, in a frame that mirrors the rows inside."""
    from PIL import Image as images  # noqa: N813, PLC0415 - heavy, wanted only here

    span = inks.ink - inks.ground
    shares = [min(max((level - inks.ground) / span, 0.0), 1.0) for level in range(256)]
    amount = drawing.point([round(255 * share) for share in shares]).convert("F")
    scaled = amount.resize(size, images.Resampling.BOX)
    values = [value / 255 for value in memoryview(scaled.tobytes()).cast("f")]
    return _mirrored(values, size[0])


def _mirrored(pixels: list[float], width: int) -> list[float]:
    rows = [pixels[n : n + width] for n in range(0, len(pixels), width)]
    rows = [rows[min(1, len(rows) - 1)], *rows, rows[max(len(rows) - 2, 0)]]
    sides = min(1, width - 1), max(width - 2, 0)
    return [pixel for row in rows for pixel in (row[sides[0]], *row, row[sides[1]])]


def _framed(pixels: bytes, width: int) -> bytes:
    """The pixels by rows, in a frame one pixel wide that is neither black nor white."""
    edge = b"\1" * (width + 2)
    rows = (b"\1" + pixels[n : n + width] + b"\1" for n in range(0, len(pixels), width))
    return edge + b"".join(rows) + edge


def _is_much_lost(cover: list[float], drawn: list[bool], wide: int) -> bool:
    """Whether a drawing with little ink has much of it away from all drawn pixels."""
    steps = [down * wide + right for down in (-1, 0, 1) for right in (-1, 0, 1)]
    inside = [at for at in range(wide, len(cover) - wide) if 0 < at % wide < wide - 1]
    lost = sum(cover[at] for at in inside if not any(drawn[at + n] for n in steps))
    total = sum(cover[at] for at in inside)
    return 0 < total <= _MOST_INK * len(inside) and lost >= _LOST * total


def _is_stroke(cover: list[float], drawn: list[bool], at: int, wide: int) -> bool:
    """Whether a pixel has more ink than its neighbours across or down, and touches no drawn one."""
    if drawn[at - 1] or drawn[at + 1] or drawn[at - wide] or drawn[at + wide]:
        return False
    here = cover[at]
    return any(
        cover[at - step] <= here > cover[at + step]
        and here * 2 >= _RIDGE * (cover[at - step] + cover[at + step])
        for step in (1, wide)
    )

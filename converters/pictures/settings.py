"""What the sender of a picture may choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from converters.pictures.bitmap import LONGEST_SIDE
from converters.pictures.operators import Network

#: Width and height in pixels.
Size = tuple[int, int]

#: The size that leaves the picture as large as its source has it.
AS_SOURCE: Literal["source"] = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSettings:
    """The settings of the picture converters; a field for each of their options.

    ``target``, ``mcc_mnc``, ``size`` and ``threshold`` are None where the picture decides.
    """

    target: str | None
    mcc_mnc: Network | None
    form: str
    size: Size | Literal["source"] | None
    text: str
    place: str
    threshold: int | None
    dither: str
    invert: str
    sharpen: bool
    plain: bool
    max_parts: int
    strict: bool


def parse_size(text: str) -> Size | Literal["source"]:
    """The size of ``72x14`` or ``source``; ValueError for anything else."""
    if text == AS_SOURCE:
        return AS_SOURCE
    sides = text.split("x")
    numbers = all(side.isascii() and side.isdigit() and len(side) <= 3 for side in sides)
    if len(sides) != 2 or not numbers or not all(1 <= int(s) <= LONGEST_SIDE for s in sides):
        raise ValueError(f"expected a size such as 72x14, up to {LONGEST_SIDE}, or {AS_SOURCE}")
    return int(sides[0]), int(sides[1])

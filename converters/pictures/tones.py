"""The shades of a picture: how many pixels have each, and how many of those lie in even areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

#: Pixels whose neighbours differ by less lie in an even area or a gradient, not on an edge.
_EVEN = 24


@dataclass(frozen=True, slots=True)
class Tones:
    """Pixels by their shade, 0 to 255: of all the picture, and of its ``even`` areas.

    Smooth edges of line art have all shades. What lies in even areas was painted in its shade.
    """

    counts: Sequence[int]
    even: Sequence[int] = ()

    @classmethod
    def of(cls, grey: Image) -> Tones:
        """The tones of an image of mode L."""
        counts = grey.histogram()
        return cls(counts, _even(grey) if any(counts[1:-1]) else ())

    @property
    def are_black_and_white(self) -> bool:
        """Whether there is no other shade, as in most pictures made for phones."""
        return not any(self.counts[1:-1])

    def inverted(self) -> Tones:
        """Those of the picture with black and white exchanged."""
        return Tones(self.counts[::-1], self.even[::-1])

    def is_shaded(self, limit: int) -> bool:
        """Whether a threshold would lose shades that were painted: gradients and several greys.

        That is so if a good share of the picture lies in even areas whose shade is far from that of
        the others on its side of ``limit``. Drawings with thin lines only are never shaded.
        """
        pixels, far = sum(self.counts), 0
        for side in (self.even[:limit], self.even[limit:]):
            some = sum(side)
            if some < _PAINTED * pixels:
                return False
            mean = sum(level * count for level, count in enumerate(side)) / some
            far += sum(count for level, count in enumerate(side) if abs(level - mean) > _FAR)
        return far >= _SHARE * pixels


#: Shades that people tell apart; the least share of both sides; and the share that would be lost.
_FAR, _PAINTED, _SHARE = 32, 0.02, 0.1


def _even(grey: Image) -> list[int]:
    from PIL import ImageChops, ImageFilter  # noqa: PLC0415 - heavy, wanted only here

    most, least = grey.filter(ImageFilter.MaxFilter(3)), grey.filter(ImageFilter.MinFilter(3))
    step = ImageChops.subtract(most, least)
    return grey.histogram(step.point([255 * (level < _EVEN) for level in range(256)]))

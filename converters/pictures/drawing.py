"""A frame of a picture placed on the screen of its target and made black and white."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from converters.api import Action, Loss
from converters.pictures import dither, files, screen
from converters.pictures.bitmap import Bitmap
from converters.pictures.settings import PictureSettings, Size
from converters.pictures.strokes import Inks, kept
from converters.pictures.tones import Tones

if TYPE_CHECKING:
    from PIL.Image import Image


class Drawing(NamedTuple):
    """A frame in all stages: as read, placed, in black and white, and on the whole screen.

    ``cut`` says that edges of the source are not in the placed picture; ``colour`` is black or
    white if all its pixels came out so; ``method`` is how shades were drawn, if nobody chose it.
    """

    source: Image
    placed: Image
    ink: Image
    bitmap: Bitmap
    cut: bool
    colour: str | None
    method: str = ""

    def losses(self, target: str, size: Size, was: Size) -> Iterator[Loss]:
        """What of the frame, whose size in the file ``was``, the screen does not show."""
        now = self.placed.size
        if self.cut or was != now:
            why = f"the {target} holds {size[0]}x{size[1]} pixels"
            if self.cut:
                yield Loss(what="edges of {}x{}".format(*was), action=Action.CUT, why=why)
                yield from self._reduced(was)
            else:
                why = "to {}x{}: {}".format(*now, why)
                if _is_small(now, size):
                    why += " (-O place=half or fill uses more of the screen)"
                yield Loss(what="size {}x{}".format(*was), action=Action.SCALED, why=why)
        if self.colour and len(set(self.placed.tobytes())) > 1:
            yield Loss(what="shades", action=Action.LOST, why=f"every pixel became {self.colour}")
        elif self.method:
            why = f"dither={self.method} was chosen, for pictures with shades"
            yield Loss(what="shades", action=Action.REPLACED, why=why)

    def _reduced(self, was: Size) -> Iterator[Loss]:
        """A loss if the picture is so large that its pixels were not all read before it was cut."""
        if self.source.size != was:
            why = "to {}x{} before it was cut, because it is so large".format(*self.source.size)
            yield Loss(what="size {}x{}".format(*was), action=Action.SCALED, why=why)


#: The colour of all pixels, by the darkest and the lightest.
_ONE_COLOUR: dict[object, str] = {(0, 0): "black", (255, 255): "white"}


def _colour(ink: Image) -> str | None:
    return _ONE_COLOUR.get(ink.getextrema())


def draw_frame(
    frame: Image, size: Size, settings: PictureSettings, *, camera: bool = False
) -> Drawing:
    """The frame in black and white on a screen of that size; ``camera`` as for ``place_for``."""
    if _is_ready(frame, size, settings):
        return Drawing(frame, frame, frame, files.from_image(frame), False, _colour(frame))
    frame = frame.convert("L")
    tones = Tones.of(frame)
    name = settings.place
    if name == "auto":
        name = place_for(frame.size, size, tones) if camera else "fit"
    part, scaled, cut = PLACES[name](frame, size)
    placed = part if part.size == scaled else _scaled(part, scaled)
    ink = _ink(part, placed, tones, settings)
    if settings.invert == "auto" and ink.histogram()[0] * 2 > ink.width * ink.height:
        ink = ink.convert("L").point(_INVERTED).convert("1")
    bitmap = _centred(files.from_image(ink), size)
    return Drawing(frame, placed, ink, bitmap, cut, _colour(ink), _method(tones, settings))


def _method(tones: Tones, settings: PictureSettings) -> str:
    """The method that was chosen for shades; empty for line art, or if somebody chose it."""
    if settings.dither != "auto" or settings.threshold is not None or dither.is_drawing(tones):
        return ""
    return dither.chosen(tones, None)


def _ink(part: Image, placed: Image, tones: Tones, settings: PictureSettings) -> Image:
    """The placed picture in black and white."""
    grey = placed
    if settings.sharpen:
        from PIL import ImageFilter  # noqa: PLC0415 - heavy, not always used

        grey = grey.filter(ImageFilter.UnsharpMask(radius=1, percent=100, threshold=0))
    if settings.invert == "yes":
        grey, part = grey.point(_INVERTED), part.point(_INVERTED)
        tones = tones.inverted()
    if settings.dither != "auto" or settings.threshold is not None:
        return dither.black_and_white(grey, settings.dither, settings.threshold, tones)
    ink = dither.black_and_white(grey, "auto", None, tones)
    if part.size == placed.size or not dither.is_drawing(tones):
        return ink
    inks = Inks.of(tones.counts, dither.limit_of(tones))
    return kept(part, ink, inks) if inks else ink


def _is_ready(frame: Image, size: Size, settings: PictureSettings) -> bool:
    """Whether the picture is already as the target wants it, so that nothing changes a pixel."""
    unchanged = settings.threshold is None and settings.invert == "no"
    return frame.mode == "1" and frame.size == size and unchanged


_INVERTED = [255 - level for level in range(256)]


def _centred(bitmap: Bitmap, size: Size) -> Bitmap:
    if (bitmap.width, bitmap.height) == size:
        return bitmap
    return screen.centred(bitmap, *size)


# --- Places --------------------------------------------------------------------------------------


def fit(size: Size, limit: Size) -> Size:
    """``size`` reduced in proportion until it fits in ``limit``; a smaller one is not enlarged."""
    scale = max(size[0] / limit[0], size[1] / limit[1], 1)
    return max(1, round(size[0] / scale)), max(1, round(size[1] / scale))


#: A picture with fewer pixels is an icon.
_LEAST_OF_PHOTO = 20_000


def place_for(was: Size, size: Size, tones: Tones) -> str:
    """The place that ``auto`` stands for, if the file is of a camera's format.

    It is half for photographs that fit leaves small. Icons, and logos in other formats, stay whole.
    """
    now = fit(was, size)
    small = was[0] * was[1] >= _LEAST_OF_PHOTO and _is_small(now, size)
    return "half" if small and not dither.is_drawing(tones) else "fit"


def _is_small(now: Size, size: Size) -> bool:
    """Whether a picture leaves more than half of the screen empty."""
    return now[0] * now[1] * 2 < size[0] * size[1]


def _fit(frame: Image, size: Size) -> Placing:
    """The whole picture, scaled down if it is too large."""
    return frame, fit(frame.size, size), False


def _fill(frame: Image, size: Size) -> Placing:
    """The largest part of the middle with the screen's proportions, scaled to fill the screen."""
    scale = min(frame.width / size[0], frame.height / size[1])
    part = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    return _middle(frame, part), size, part != frame.size


def _half(frame: Image, size: Size) -> Placing:
    """The middle, scaled: at least half of the picture, and more if that fills the screen."""
    width = max(frame.width / 2, min(frame.width, frame.height * size[0] / size[1]))
    height = max(frame.height / 2, min(frame.height, frame.width * size[1] / size[0]))
    part = (max(1, round(width)), max(1, round(height)))
    return _middle(frame, part), fit(part, size), part != frame.size


def _crop(frame: Image, size: Size) -> Placing:
    """The middle of the picture, not scaled."""
    part = (min(frame.width, size[0]), min(frame.height, size[1]))
    return _middle(frame, part), part, part != frame.size


def _scaled(frame: Image, size: Size) -> Image:
    from PIL import Image  # noqa: PLC0415 - heavy, not always used

    return frame.resize(size, Image.Resampling.BOX)


def _middle(frame: Image, size: Size) -> Image:
    left, top = (frame.width - size[0]) // 2, (frame.height - size[1]) // 2
    return frame.crop((left, top, left + size[0], top + size[1]))


#: The part of the picture that is shown, the size it is scaled to, and whether edges were cut.
Placing = tuple["Image", Size, bool]
#: By the names that the option takes.
PLACES: dict[str, Callable[[Image, Size], Placing]] = {
    "fit": _fit,
    "half": _half,
    "fill": _fill,
    "crop": _crop,
}

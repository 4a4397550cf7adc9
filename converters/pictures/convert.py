"""Pictures to what phones show: logos, icons, picture messages, screen savers, EMS pictures.

The path: octets, grey on white, fitted into the target, black and white, centred, payload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from converters.api import Action, Converter, Item, Loss, Option, View
from converters.errors import GuardError
from converters.pictures import dither, ems, files, logofiles, screen
from converters.pictures.bitmap import LONGEST_SIDE, Bitmap
from converters.pictures.bitmap import size as in_words
from converters.pictures.logos import (
    CALLER_ICON,
    FORMS,
    OPERATOR_LOGO,
    encode_caller_icon,
    encode_operator_logo,
)
from converters.pictures.multipart import (
    PICTURE_MESSAGE,
    encode_picture,
    encode_profile,
    encode_screen_saver,
    text_item,
)
from converters.pictures.operators import Network, parse_network
from converters.shared.fitting import OPTIONS, room, shortened
from smsenc import OptionError, Payload, Port, split

if TYPE_CHECKING:
    from PIL.Image import Image

    from converters.api import Settings
    from converters.pictures.files import Picture

Size = tuple[int, int]


def _convert(source: bytes, settings: Settings) -> Iterator[Item]:
    picture = files.read(source, ems.FRAMES)
    settings = _with_network(settings, picture)
    row = TARGETS[_target(settings)]
    size = _size(settings, row, picture)
    frames = [_drawn(frame, size, settings) for frame in picture.frames[: row.frames]]
    payload, text_losses = row.payload([frame.bitmap for frame in frames], settings)
    _check_parts(payload, settings)
    losses = (
        *_frames_lost(picture, row),
        *(loss for frame in frames[:1] for loss in frame.losses(row.name, size)),
        *text_losses,
    )
    yield Item(kind=row.kind, payload=payload, losses=losses)


# --- Targets -------------------------------------------------------------------------------------

_Made = tuple[Payload, tuple[Loss, ...]]


@dataclass(frozen=True, slots=True)
class Target:
    """A row: what a picture becomes, of which pixels, and how its payload is made."""

    name: str
    kind: str
    size: Size
    payload: Callable[[list[Bitmap], Settings], _Made]
    frames: int = 1


def _operator_logo(bitmaps: list[Bitmap], settings: Settings) -> _Made:
    data = encode_operator_logo(bitmaps[0], settings["mcc-mnc"], settings["form"])
    return Payload.to_port(Port.OPERATOR_LOGO, data), ()


def _removal(_bitmaps: list[Bitmap], settings: Settings) -> _Made:
    blank = Bitmap.from_rows(["." * _LOGO[0]] * _LOGO[1])
    data = encode_operator_logo(blank, _NO_NETWORK, settings["form"])
    return Payload.to_port(Port.OPERATOR_LOGO, data), ()


def _caller_icon(bitmaps: list[Bitmap], _settings: Settings) -> _Made:
    return Payload.to_port(Port.CALLER_ICON, encode_caller_icon(bitmaps[0])), ()


def _picture_message(bitmaps: list[Bitmap], settings: Settings) -> _Made:
    left = room(settings["max-parts"], port=Port.MULTIPART) - len(encode_picture(bitmaps[0]))
    text, losses = _fitting(settings["text"], left, settings)
    return Payload.to_port(Port.MULTIPART, encode_picture(bitmaps[0], text)), losses


def _fitting(text: str, left: int, settings: Settings) -> tuple[str, tuple[Loss, ...]]:
    """The text as far as its item fits in ``left`` octets."""
    if not text or len(text_item(text)) <= left:
        return text, ()
    if settings["strict"]:
        raise GuardError(
            f"expected a text of at most {max(left, 0)} octets, found {len(text_item(text))}",
            name="text",
        )
    item = shortened(text, text_item, left)
    why = f"the picture leaves {max(left, 0)} octets in {settings['max-parts']} parts"
    loss = Loss(what="text", action=Action.CUT if item else Action.LEFT_OUT, why=why)
    if not item:
        return "", (loss,)
    coding = "utf-16-be" if item[0] else "latin-1"
    return item[3:].decode(coding), (loss,)


def _screen_saver(bitmaps: list[Bitmap], _settings: Settings) -> _Made:
    return Payload.to_port(Port.MULTIPART, encode_screen_saver(bitmaps[0])), ()


def _ems(kind: str, bitmaps: list[Bitmap], settings: Settings) -> _Made:
    return ems.message(ems.encode(bitmaps, kind), settings["text"]), ()


def _ems_variable(bitmaps: list[Bitmap], settings: Settings) -> _Made:
    """A picture beside a text is one part; alone it may be of any size."""
    if settings["text"]:
        return _ems("ems-variable", bitmaps, settings)
    return ems.in_strips(bitmaps[0]), ()


def _profile(bitmaps: list[Bitmap], settings: Settings) -> _Made:
    if not settings["text"]:
        raise OptionError("expected the name of the profile, found none", name="text")
    data = encode_profile(settings["text"], screen_saver=bitmaps[0])
    return Payload.to_port(Port.MULTIPART, data), ()


#: Pixels that every phone of the kind takes, width and height.
_LOGO, _PICTURE = (72, 14), (72, 28)
#: As many pixels as fit an element of one part, about as wide as a screen.
_VARIABLE = (64, 16)
#: The network of a logo that removes the one that is shown; phones differ in heeding it.
_NO_NETWORK = Network("000", "00")

TARGETS = {
    "operator-logo": Target("operator logo", OPERATOR_LOGO.kind, _LOGO, _operator_logo),
    "operator-logo-removal": Target("operator logo", OPERATOR_LOGO.kind, _LOGO, _removal),
    "caller-icon": Target("caller icon", CALLER_ICON.kind, _LOGO, _caller_icon),
    "picture-message": Target("picture message", PICTURE_MESSAGE.kind, _PICTURE, _picture_message),
    "screen-saver": Target("screen saver", PICTURE_MESSAGE.kind, _PICTURE, _screen_saver),
    "profile": Target("profile", PICTURE_MESSAGE.kind, _PICTURE, _profile),
    **{
        kind: Target(
            "EMS animation" if shape.frames > 1 else "EMS picture",
            ems.EMS_PICTURE.kind,
            shape.size or _VARIABLE,
            _ems_variable if shape.size is None else partial(_ems, kind),
            shape.frames,
        )
        for kind, shape in ems.SHAPES.items()
    },
}


def _with_network(settings: Settings, picture: Picture) -> Settings:
    """The settings with the network that the source names, unless another was asked for."""
    return {**settings, "mcc-mnc": settings["mcc-mnc"] or picture.network}


def _target(settings: Settings) -> str:
    network = settings["mcc-mnc"]
    target: str = settings["target"] or (OPERATOR_LOGO if network else CALLER_ICON).kind
    if target == OPERATOR_LOGO.kind and not network:
        raise OptionError(
            "expected MCC and MNC of the network that an operator logo is for, such as 262-07, "
            "found none",
            name="mcc-mnc",
        )
    return target


def _size(settings: Settings, row: Target, picture: Picture) -> Size:
    chosen: Size | str | None = settings["size"]
    if chosen == _SOURCE:
        return fit(picture.frames[0].size, (LONGEST_SIDE, LONGEST_SIDE))
    return row.size if chosen is None or isinstance(chosen, str) else chosen


def _check_parts(payload: Payload, settings: Settings) -> None:
    parts, most = len(split(payload, reference=0)), settings["max-parts"]
    if parts > most:
        words = "part" if most == 1 else "parts"
        raise GuardError(f"expected at most {most} {words}, found {parts}", name="max-parts")


# --- Drawing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawn:
    """A frame on its way: as it was, placed, in black and white, and on the whole screen."""

    source: Image
    placed: Image
    ink: Image
    bitmap: Bitmap
    cut: bool

    def losses(self, target: str, size: Size) -> Iterator[Loss]:
        """What of the frame the screen does not show."""
        was, now = self.source.size, self.placed.size
        if self.cut or was != now:
            why = f"the {target} holds {size[0]}x{size[1]} pixels"
            if self.cut:
                yield Loss(what="edges of {}x{}".format(*was), action=Action.CUT, why=why)
            else:
                why = "to {}x{}: {}".format(*now, why)
                yield Loss(what="size {}x{}".format(*was), action=Action.SCALED, why=why)
        colour = next((name for shade, name in _ONLY if self.ink.getextrema() == shade), None)
        if colour and len(set(self.placed.tobytes())) > 1:
            yield Loss(what="shades", action=Action.LOST, why=f"every pixel came out {colour}")


#: The colour that all pixels have, by the darkest and lightest.
_ONLY = (((0, 0), "black"), ((255, 255), "white"))


def _drawn(frame: Image, size: Size, settings: Settings) -> Drawn:
    if _is_ready(frame, size, settings):
        return Drawn(frame, frame, frame, files.from_image(frame), cut=False)
    frame = frame.convert("L")
    placed, cut = _PLACES[settings["place"]](frame, size)
    grey, shades = placed, frame.histogram()
    if settings["sharpen"]:
        from PIL import ImageFilter  # noqa: PLC0415 - heavy, wanted only here

        grey = grey.filter(ImageFilter.UnsharpMask(radius=1, percent=100, threshold=0))
    if settings["invert"] == "yes":
        grey = grey.point(_INVERTED)
        shades.reverse()
    ink = dither.black_and_white(grey, settings["dither"], settings["threshold"], shades)
    if settings["invert"] == "auto" and ink.histogram()[0] * 2 > ink.width * ink.height:
        ink = ink.convert("L").point(_INVERTED).convert("1")
    return Drawn(frame, placed, ink, _centred(files.from_image(ink), size), cut)


def _is_ready(frame: Image, size: Size, settings: Settings) -> bool:
    """Whether the picture is drawn already, so that no method would change a pixel."""
    as_it_is = settings["threshold"] is None and settings["invert"] == "no"
    return frame.mode == "1" and frame.size == size and as_it_is


_INVERTED = [255 - level for level in range(256)]


def _centred(bitmap: Bitmap, size: Size) -> Bitmap:
    if (bitmap.width, bitmap.height) == size:
        return bitmap
    return screen.centred(bitmap, *size)


def fit(size: Size, room: Size) -> Size:
    """Return ``size`` brought down into ``room`` in its proportions; a small one stays as it is."""
    scale = max(size[0] / room[0], size[1] / room[1], 1)
    return max(1, round(size[0] / scale)), max(1, round(size[1] / scale))


def _fit(frame: Image, size: Size) -> tuple[Image, bool]:
    """The whole picture, scaled down where it is too large."""
    fitted = fit(frame.size, size)
    return (frame if fitted == frame.size else _scaled(frame, fitted)), False


def _fill(frame: Image, size: Size) -> tuple[Image, bool]:
    """As much of the middle as has the screen's proportions, scaled to fill it."""
    scale = min(frame.width / size[0], frame.height / size[1])
    part = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    return _scaled(_middle(frame, part), size), part != frame.size


def _crop(frame: Image, size: Size) -> tuple[Image, bool]:
    """The middle as it is, not scaled."""
    part = (min(frame.width, size[0]), min(frame.height, size[1]))
    return _middle(frame, part), part != frame.size


def _scaled(frame: Image, size: Size) -> Image:
    from PIL import Image  # noqa: PLC0415 - heavy, wanted only here

    return frame.resize(size, Image.Resampling.BOX)


def _middle(frame: Image, size: Size) -> Image:
    left, top = (frame.width - size[0]) // 2, (frame.height - size[1]) // 2
    return frame.crop((left, top, left + size[0], top + size[1]))


_PLACES = {"fit": _fit, "fill": _fill, "crop": _crop}


def _frames_lost(picture: Picture, row: Target) -> Iterator[Loss]:
    if picture.count > row.frames:
        still = "one still picture" if row.frames == 1 else f"{row.frames} frames"
        yield Loss(what="further frames", action=Action.LEFT_OUT, why=f"the {row.name} is {still}")


# --- What a source holds -------------------------------------------------------------------------


def _describe(source: bytes, settings: Settings) -> View:
    """The picture as the target would have it, with its sizes."""
    picture = files.read(source)
    row = TARGETS[settings["target"] or CALLER_ICON.kind]
    size = _size(settings, row, picture)
    drawn = _drawn(picture.frames[0], size, settings)
    was = "{}x{}".format(*picture.frames[0].size)
    content: dict[str, Any] = {
        "format": picture.format,
        "size": was,
        "frames": picture.count,
        "target": row.name,
        "rows": list(drawn.bitmap.rows),
    }
    frames = f", {picture.count} frames" if picture.count > 1 else ""
    about = f"{picture.format} of {was} pixels{frames}; as {row.name} {in_words(drawn.bitmap)}"
    return View(content=content, lines=(about,))


def contact_sheet(source: bytes, settings: Settings) -> bytes:
    """A PNG that shows the picture by every method, with the parts and octets each would take."""
    tiles = []
    picture = files.read(source)
    settings = _with_network(settings, picture)
    row = TARGETS[_target(settings)]
    for method in dither.METHODS:
        given = {**settings, "dither": method}
        bitmap = _drawn(picture.frames[0], _size(settings, row, picture), given).bitmap
        payload, _losses = row.payload([bitmap], given)
        parts = split(payload, reference=0)
        octets = sum(len(part.udh) + len(part.data) for part in parts)
        words = "part" if len(parts) == 1 else "parts"
        tiles.append((f"{method}: {len(parts)} {words}, {octets} octets", bitmap))
    return screen.contact_sheet(tiles)


# --- Options -------------------------------------------------------------------------------------

_SOURCE = "source"


def _one_of(choices: tuple[str, ...], text: str) -> str:
    if text not in choices:
        raise ValueError(f"expected {', '.join(choices[:-1])} or {choices[-1]}")
    return text


def _yes(text: str) -> bool:
    return _one_of(("yes", "no"), text) == "yes"


def _shade(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 255):
        raise ValueError("expected a shade of 0..255")
    return int(text)


def _sides(text: str) -> Size | str:
    if text == _SOURCE:
        return text
    sides = text.split("x")
    known = all(side.isascii() and side.isdigit() and len(side) <= 3 for side in sides)
    if len(sides) != 2 or not known or not all(1 <= int(s) <= LONGEST_SIDE for s in sides):
        raise ValueError(f"expected a size such as 72x14, up to {LONGEST_SIDE}, or {_SOURCE}")
    return int(sides[0]), int(sides[1])


def _choice(name: str, summary: str, choices: tuple[str, ...], default: str | None) -> Option:
    return Option(name=name, summary=summary, parse=partial(_one_of, choices), default=default)


CONVERTER = Converter(
    name="picture",
    summary="pictures to logos, icons, picture messages and EMS pictures",
    suffixes=files.SUFFIXES,
    sniff=files.sniff,
    convert=_convert,
    describe=_describe,
    sheet=contact_sheet,
    whole={"size": _SOURCE, "max-parts": "255"},
    options=(
        _choice(
            "target",
            "what the picture becomes; operator-logo where a network is known, else caller-icon",
            tuple(TARGETS),
            None,
        ),
        Option(
            name="mcc-mnc",
            summary="network that an operator logo is for, such as 262-07",
            parse=parse_network,
        ),
        _choice(
            "form",
            "short (one SMS) or spec (with version octet, two SMS), for operator logos",
            tuple(FORMS),
            "short",
        ),
        Option(
            name="size",
            summary="width and height such as 72x13 or 78x21; source leaves the picture as it is",
            parse=_sides,
        ),
        Option(
            name="text",
            summary="text under a picture message or an EMS picture; name of a profile",
            default="",
        ),
        _choice(
            "place",
            "fit: the whole picture; fill: cut to the screen's shape; crop: not scaled",
            tuple(_PLACES),
            "fit",
        ),
        Option(
            name="threshold",
            summary="first shade that counts as white, 0..255; found from the picture if not given",
            parse=_shade,
        ),
        _choice(
            "dither",
            "how shades are drawn; auto: threshold for line art, search for photographs",
            (*dither.METHODS, "auto"),
            "auto",
        ),
        _choice(
            "invert",
            "yes or no: exchange black and white; auto: where most of the picture is black",
            ("yes", "no", "auto"),
            "no",
        ),
        Option(
            name="sharpen",
            summary="yes or no: bring out edges after scaling",
            parse=_yes,
            default=False,
        ),
        *OPTIONS,
    ),
)

#: The phones' own files, which Pillow does not read.
LOGO_FILE = replace(
    CONVERTER,
    name="logo-file",
    summary="logo files of the phones' own programs, to what pictures become",
    suffixes=tuple(logofiles.FORMATS),
    sniff=logofiles.sniff,
)

"""Pictures to what phones show: logos, icons, picture messages, screen savers, EMS pictures.

The steps: octets, grey on white, fitted into the target, black and white, centred, payload.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from converters.api import Action, Converter, Item, Loss, Option, View
from converters.errors import GuardError
from converters.pictures import dither, files, logofiles, screen, sniffing
from converters.pictures.bitmap import LONGEST_SIDE, dimensions
from converters.pictures.drawing import PLACES, Drawing, draw_frame, fit, place_for
from converters.pictures.files import Picture
from converters.pictures.logos import FORMS, OPERATOR_LOGO
from converters.pictures.operators import parse_network
from converters.pictures.screen import Tile
from converters.pictures.settings import AS_SOURCE, PictureSettings, Size, parse_size
from converters.pictures.targets import TARGETS, Target, target_name
from converters.pictures.tones import Tones
from converters.shared.fitting import OPTIONS
from converters.shared.parsers import flag, one_of, whole_number
from converters.shared.words import counted
from smsenc import Payload, split

if TYPE_CHECKING:
    from PIL.Image import Image


def _convert(source: bytes, settings: PictureSettings) -> Iterator[Item]:
    frames = TARGETS[settings.target].frames if settings.target else 1
    picture = files.read(source, frames)
    asked, settings = settings, _with_network(settings, picture)
    target = TARGETS[target_name(settings)]
    size = _size(settings, target, picture)
    drawings = [
        draw_frame(frame, size, settings, camera=picture.camera)
        for frame in picture.frames[: target.frames]
    ]
    _check_colours(drawings, settings, target)
    payload, text_losses = target.encode([drawing.bitmap for drawing in drawings], settings)
    _check_parts(payload, settings.max_parts)
    if target.ignores_picture:
        yield Item(kind=target.kind, name=target.name, payload=payload, losses=(_ignored(target),))
        return
    losses = (
        *picture.losses,
        *_network_replaced(asked, picture, target),
        *_frames_lost(picture, target),
        *drawings[0].losses(target.name, size, picture.size),
        *text_losses,
    )
    yield Item(kind=target.kind, payload=payload, losses=losses)


def _ignored(target: Target) -> Loss:
    why = f"{target.name} sends an empty one, for all networks"
    return Loss(what="picture", action=Action.IGNORED, why=why)


def _with_network(settings: PictureSettings, picture: Picture) -> PictureSettings:
    """The settings with the network of a logo file, unless they name one."""
    if settings.mcc_mnc or not picture.network:
        return settings
    return replace(settings, mcc_mnc=picture.network)


def _network_replaced(
    settings: PictureSettings, picture: Picture, target: Target
) -> Iterator[Loss]:
    """That the settings name another network for a logo than its file."""
    found = picture.network if target.kind == OPERATOR_LOGO.kind else None
    if settings.mcc_mnc and found and settings.mcc_mnc != found:
        what, why = f"network {found}", f"sent for {settings.mcc_mnc}, as asked"
        yield Loss(what=what, action=Action.REPLACED, why=why)


def _size(settings: PictureSettings, target: Target, picture: Picture) -> Size:
    if settings.size is None:
        return target.size
    if settings.size == AS_SOURCE:
        return fit(picture.frames[0].size, (LONGEST_SIDE, LONGEST_SIDE))
    return settings.size


def _check_colours(drawings: list[Drawing], settings: PictureSettings, target: Target) -> None:
    """Raise GuardError if every pixel of a picture that is sent has one colour."""
    colours = {drawing.colour for drawing in drawings}
    if settings.plain or target.ignores_picture or len(colours) > 1 or None in colours:
        return
    raise GuardError(
        f"every pixel became {colours.pop()}: choose another threshold, dither or place, "
        "or -O plain=yes to send it",
        name="plain",
    )


def _check_parts(payload: Payload, most: int) -> None:
    parts = len(split(payload, reference=0))
    if parts > most:
        raise GuardError(
            f"expected at most {counted(most, 'part')}, found {parts}", name="max-parts"
        )


def _frames_lost(picture: Picture, target: Target) -> Iterator[Loss]:
    if picture.count > target.frames or len(picture.frames) < min(picture.count, target.frames):
        why = f"the {target.name} holds {counted(target.frames, 'frame')}"
        yield Loss(what="further frames", action=Action.LEFT_OUT, why=why)


# --- What a source holds -------------------------------------------------------------------------


def _describe(source: bytes, settings: PictureSettings) -> View:
    """Format and size of the picture, and its pixels as the target shows them."""
    picture = files.read(source)
    target = TARGETS[target_name(_with_network(settings, picture))]
    size = _size(settings, target, picture)
    bitmap = draw_frame(picture.frames[0], size, settings, camera=picture.camera).bitmap
    was = "{}x{}".format(*picture.size)
    content = {
        "format": picture.format,
        "size": was,
        "frames": picture.count,
        "target": target.name,
        "rows": list(bitmap.rows),
    }
    frames = f", {picture.count} frames" if picture.count > 1 else ""
    about = f"{picture.format} of {was} pixels{frames}; as {target.name} {dimensions(bitmap)}"
    return View(content=content, lines=(about,))


def contact_sheet(source: bytes, settings: PictureSettings) -> bytes:
    """A PNG of the picture by every method (down) in every place (across), the default marked.

    A place that shows the same as one before it is left out. Each caption has parts and octets.
    """
    picture = files.read(source)
    settings = _with_network(settings, picture)
    target = TARGETS[target_name(settings)]
    size = _size(settings, target, picture)
    frame = picture.frames[0]
    tones = Tones.of(frame.convert("L"))
    places = _different_places(frame, size)
    place = place_for(frame.size, size, tones) if picture.camera else "fit"
    default = place, dither.chosen(tones, settings.threshold)
    tiles = []
    for method in dither.METHODS:
        for place in places:
            is_default = (place, method) == default
            chosen = replace(settings, dither="auto" if is_default else method, place=place)
            drawing = draw_frame(frame, size, chosen)
            caption = f"{place}, {method}: {_cost(target, drawing, chosen)}"
            tiles.append(
                Tile(f"default: {caption}" if is_default else caption, drawing.bitmap, is_default)
            )
    return screen.contact_sheet(tiles, max(2, len(places)))


def _different_places(frame: Image, size: Size) -> list[str]:
    """The places that show different parts of the picture or show them in different sizes."""
    found: dict[tuple[object, ...], str] = {}
    for name, place in PLACES.items():
        part, scaled, _cut = place(frame, size)
        found.setdefault((part.size, scaled), name)
    return list(found.values())


def _cost(target: Target, drawing: Drawing, settings: PictureSettings) -> str:
    """``1 part, 137 octets``, or why it is refused."""
    try:
        _check_colours([drawing], settings, target)
    except GuardError:
        return f"refused, every pixel {drawing.colour}"
    payload, _losses = target.encode([drawing.bitmap], settings)
    parts = split(payload, reference=0)
    octets = sum(len(part.udh) + len(part.data) for part in parts)
    return f"{counted(len(parts), 'part')}, {octets} octets"


# --- The converters ------------------------------------------------------------------------------

_OPTIONS = (
    Option(
        "target",
        "what the picture becomes; default operator-logo if a network is given, otherwise"
        " caller-icon; see smsenc docs, Pictures",
        one_of(*TARGETS),
    ),
    Option("mcc-mnc", "network that an operator logo is for, such as 262-07", parse_network),
    Option(
        "form",
        "short (one SMS) or spec (with version octet, two SMS), for operator logos",
        one_of(*FORMS),
        "short",
    ),
    Option(
        "size",
        "width and height such as 72x13 or 78x21; source: leave the picture as it is",
        parse_size,
    ),
    Option(
        "text",
        "text under a picture message or an EMS picture; for target=profile, its name",
        default="",
    ),
    Option(
        "place",
        "fit: scale the whole picture; half: scale it and cut up to half; fill: scale it and cut"
        " edges; crop: cut without scaling; auto: half for a JPEG photograph that fit leaves small"
        ", otherwise fit",
        one_of(*PLACES, "auto"),
        "auto",
    ),
    Option(
        "threshold",
        "lowest shade that becomes white, 0 to 255; computed from the picture if not given",
        whole_number(0, 255, "a shade of"),
    ),
    Option(
        "dither",
        "how shades are drawn; auto: threshold for line art, search for pictures with shades",
        one_of(*dither.METHODS, "auto"),
        "auto",
    ),
    Option(
        "invert",
        "yes or no: exchange black and white; auto: where most of the picture is black",
        one_of("yes", "no", "auto"),
        "no",
    ),
    Option("sharpen", "yes or no: bring out edges after scaling", flag, default=False),
    Option("plain", "yes: send a picture even if every pixel is one colour", flag, default=False),
    *OPTIONS,
)

CONVERTER = Converter(
    name="picture",
    summary="pictures to logos, icons, picture messages and EMS pictures",
    suffixes=files.SUFFIXES,
    sniff=sniffing.sniff,
    convert=_convert,
    options=_OPTIONS,
    settings_class=PictureSettings,
    describe=_describe,
    sheet=contact_sheet,
    whole={"size": AS_SOURCE, "max-parts": "255", "plain": "yes"},
)

#: The phones' own files, which Pillow does not read.
LOGO_FILE = replace(
    CONVERTER,
    name="logo-file",
    summary="logo files of phone makers' programs; targets as for picture",
    suffixes=tuple(logofiles.FORMATS),
    sniff=sniffing.logo_file,
)

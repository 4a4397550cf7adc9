"""What a picture can become: the size of each target in pixels, and its payload."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from converters.api import Action, Loss
from converters.errors import GuardError
from converters.pictures import ems
from converters.pictures.bitmap import Bitmap
from converters.pictures.logos import (
    CALLER_ICON,
    LOGO_SIZE,
    OPERATOR_LOGO,
    REMOVAL,
    encode_caller_icon,
    encode_operator_logo,
    encode_removal,
)
from converters.pictures.multipart import (
    PICTURE_MESSAGE,
    decode_text_item,
    encode_picture,
    encode_profile,
    encode_screen_saver,
    text_item,
)
from converters.pictures.settings import PictureSettings, Size
from converters.shared.fitting import room, shortened
from smsenc import OptionError, Payload, Port

Encoded = tuple[Payload, tuple[Loss, ...]]


class Target(NamedTuple):
    """What a picture can become; ``name`` is for people, ``kind`` that of the payload's viewer.

    ``encode`` makes the payload from at most ``frames`` bitmaps of ``size``, or from none of them
    if the target ``ignores_picture``.
    """

    name: str
    kind: str
    size: Size
    encode: Callable[[list[Bitmap], PictureSettings], Encoded]
    frames: int = 1
    ignores_picture: bool = False


def target_name(settings: PictureSettings) -> str:
    """The key in ``TARGETS`` that the settings ask for; OptionError if a network is missing."""
    default = (OPERATOR_LOGO if settings.mcc_mnc else CALLER_ICON).kind
    target = settings.target or default
    if target == OPERATOR_LOGO.kind and not settings.mcc_mnc:
        raise OptionError(
            "expected MCC and MNC of the network that an operator logo is for, such as 262-07, "
            "found none",
            name="mcc-mnc",
        )
    return target


# --- Smart Messaging -----------------------------------------------------------------------------


def _operator_logo(bitmaps: list[Bitmap], settings: PictureSettings) -> Encoded:
    network = settings.mcc_mnc
    if network is None:
        raise ValueError("an operator logo has a network")  # target_name has made sure
    data = encode_operator_logo(bitmaps[0], network, settings.form)
    return Payload.to_port(Port.OPERATOR_LOGO, data), ()


def _removal(_bitmaps: list[Bitmap], settings: PictureSettings) -> Encoded:
    return Payload.to_port(Port.OPERATOR_LOGO, encode_removal(settings.form)), ()


def _caller_icon(bitmaps: list[Bitmap], _settings: PictureSettings) -> Encoded:
    return Payload.to_port(Port.CALLER_ICON, encode_caller_icon(bitmaps[0])), ()


def _picture_message(bitmaps: list[Bitmap], settings: PictureSettings) -> Encoded:
    left = room(settings.max_parts, port=Port.MULTIPART) - len(encode_picture(bitmaps[0]))
    text, losses = _fitting(settings, left)
    return Payload.to_port(Port.MULTIPART, encode_picture(bitmaps[0], text)), losses


def _fitting(settings: PictureSettings, left: int) -> tuple[str, tuple[Loss, ...]]:
    """The text, shortened until its item fits in ``left`` octets."""
    text = settings.text
    if not text or len(text_item(text)) <= left:
        return text, ()
    if settings.strict:
        raise GuardError(
            f"expected a text of at most {max(left, 0)} octets, found {len(text_item(text))}",
            name="text",
        )
    item = shortened(text, text_item, left)
    why = f"the picture leaves {max(left, 0)} octets in {settings.max_parts} parts"
    loss = Loss(what="text", action=Action.CUT if item else Action.LEFT_OUT, why=why)
    return (decode_text_item(item) if item else ""), (loss,)


def _screen_saver(bitmaps: list[Bitmap], _settings: PictureSettings) -> Encoded:
    return Payload.to_port(Port.MULTIPART, encode_screen_saver(bitmaps[0])), ()


def _profile(bitmaps: list[Bitmap], settings: PictureSettings) -> Encoded:
    if not settings.text:
        raise OptionError("expected the name of the profile, found none", name="text")
    data = encode_profile(settings.text, screen_saver=bitmaps[0])
    return Payload.to_port(Port.MULTIPART, data), ()


# --- EMS -----------------------------------------------------------------------------------------


def _ems(kind: str, bitmaps: list[Bitmap], settings: PictureSettings) -> Encoded:
    return ems.message(ems.encode(bitmaps, kind), settings.text), ()


def _ems_variable(bitmaps: list[Bitmap], settings: PictureSettings) -> Encoded:
    """A picture of any size; with a text it must fit in one part."""
    if settings.text:
        return _ems("ems-variable", bitmaps, settings)
    return ems.in_strips(bitmaps[0]), ()


# --- All -----------------------------------------------------------------------------------------

#: Pixels that all phones with picture messages show.
_PICTURE = (72, 28)
#: The most pixels that fit an element of one part, about as wide as a screen.
_VARIABLE = (64, 16)

TARGETS = {
    "operator-logo": Target("operator logo", OPERATOR_LOGO.kind, LOGO_SIZE, _operator_logo),
    REMOVAL: Target(REMOVAL, OPERATOR_LOGO.kind, LOGO_SIZE, _removal, ignores_picture=True),
    "caller-icon": Target("caller icon", CALLER_ICON.kind, LOGO_SIZE, _caller_icon),
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

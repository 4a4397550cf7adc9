"""Multipart messages of Smart Messaging 3.0: a picture with text, a screen saver, a profile.

``30``, then items: type, length in two octets (big endian), data. Items are in any order, and
those of unknown types are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from converters.api import View, Viewer
from converters.loading import later
from converters.pictures.bitmap import (
    Bitmap,
    content,
    decode_bitmap,
    dimensions,
    draw,
    encode_bitmap,
)
from converters.pictures.export import previews, writers
from converters.pictures.logofiles import LogoFile
from smsenc import DecodeError, Payload, Port

_VERSION = b"\x30"
_TEXT, _UNICODE, _PICTURE, _TONE, _PROFILE, _SCREEN_SAVER = 0, 1, 2, 3, 4, 6


class Multipart(NamedTuple):
    """The content of a multipart message; ``tone`` is as for the ringtone port."""

    text: str = ""
    picture: Bitmap | None = None
    screen_saver: Bitmap | None = None
    profile: str = ""
    tone: bytes = b""


def encode_picture(bitmap: Bitmap, text: str = "", *, unicode: bool = False) -> bytes:
    """Return data of a picture message: the picture, then the text if there is any.

    ``unicode`` as for ``text_item``.
    """
    item = text_item(text, unicode=unicode) if text else b""
    return _VERSION + _item(_PICTURE, encode_bitmap(bitmap)) + item


def encode_profile(name: str, tone: bytes = b"", screen_saver: Bitmap | None = None) -> bytes:
    """Return data of a profile: a name, a screen saver, a tone as for the ringtone port."""
    items = [_item(_PROFILE, name.encode("utf-16-be", "replace"))]
    if screen_saver:
        items.append(_item(_SCREEN_SAVER, encode_bitmap(screen_saver)))
    if tone:
        items.append(_item(_TONE, tone))
    return _VERSION + b"".join(items)


def encode_screen_saver(bitmap: Bitmap) -> bytes:
    """Return data of a message that sets the screen saver."""
    return _VERSION + _item(_SCREEN_SAVER, encode_bitmap(bitmap))


def text_item(text: str, *, unicode: bool = False) -> bytes:
    """The item of a text: in UCS-2 with ``unicode`` or if ISO-8859-1 lacks a character."""
    plain = text.replace("\r\n", "\n")
    if not unicode and max(plain, default="") <= "\xff":
        return _item(_TEXT, plain.encode("latin-1"))
    return _item(_UNICODE, plain.encode("utf-16-be", "replace"))


def decode_text_item(item: bytes) -> str:
    """The text of what ``text_item`` returns."""
    return item[_ITEM_HEAD:].decode("utf-16-be" if item[0] == _UNICODE else "latin-1")


#: Octets of type and length.
_ITEM_HEAD = 3


def _item(kind: int, data: bytes) -> bytes:
    return bytes((kind,)) + len(data).to_bytes(2, "big") + data


def decode(data: bytes) -> Multipart:
    """The items of a multipart message; the last of two items of one type. Raises DecodeError."""
    found: dict[int, tuple[int, bytes]] = {kind: (at, item) for at, kind, item in _items(data)}
    return Multipart(
        text=_latin(found) or _wide(found, _UNICODE),
        picture=_picture(found, _PICTURE),
        screen_saver=_picture(found, _SCREEN_SAVER),
        profile=_wide(found, _PROFILE),
        tone=found.get(_TONE, (0, b""))[1],
    )


def _items(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    if not data.startswith(_VERSION):
        raise DecodeError(
            "expected version 30 of a multipart message, found other octets", offset=0
        )
    at = 1
    while at < len(data):
        octets = int.from_bytes(data[at + 1 : at + 3], "big")
        item = data[at + 3 : at + 3 + octets]
        if len(data) < at + 3 or len(item) < octets:
            raise DecodeError("expected a complete item, found the end of the message", offset=at)
        yield at + 3, data[at], item
        at += 3 + octets


def _latin(found: dict[int, tuple[int, bytes]]) -> str:
    return found.get(_TEXT, (0, b""))[1].decode("latin-1")


def _wide(found: dict[int, tuple[int, bytes]], kind: int) -> str:
    return found.get(kind, (0, b""))[1].decode("utf-16-be", "replace")


def _picture(found: dict[int, tuple[int, bytes]], kind: int) -> Bitmap | None:
    if kind not in found:
        return None
    at, item = found[kind]
    try:
        return decode_bitmap(item)
    except DecodeError as error:
        raise DecodeError(error.message, offset=at + (error.offset or 0)) from None


# --- What the phone shows ------------------------------------------------------------------------


def _view(payload: Payload) -> View:
    found = decode(payload.data)
    seen: dict[str, object] = {"text": found.text} if found.text else {}
    lines: list[str] = []
    for name, bitmap in (("picture", found.picture), ("screen-saver", found.screen_saver)):
        if bitmap:
            seen[name] = content(bitmap)
            lines += [*draw(bitmap), f"{name.replace('-', ' ')}, {dimensions(bitmap)}"]
    lines += found.text.split("\n") if found.text else []
    if found.profile:
        seen["profile"] = found.profile
        lines.append(f"profile {found.profile}")
    if found.tone:
        seen["tone"] = found.tone.hex().upper()
        lines.append(f"ringing tone of {len(found.tone)} octets")
    return View(content=seen, lines=tuple(lines))


def _read(payload: Payload) -> LogoFile:
    found = decode(payload.data)
    bitmap = found.picture or found.screen_saver
    if bitmap is None:
        raise DecodeError("expected a picture or a screen saver, found none")
    return LogoFile((bitmap,))


def _text(payload: Payload) -> str:
    return decode(payload.data).text


PICTURE_MESSAGE = Viewer(
    kind="picture-message",
    port=Port.MULTIPART,
    view=_view,
    writers=writers(_read, _text),
    previews=previews(_read, _text),
    explain=later("converters.pictures.explaining:multipart"),
)

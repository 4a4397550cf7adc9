"""Text messages as the phone shows them."""

from __future__ import annotations

from converters.api import View, Viewer, Writer
from converters.shared.ems import object_kinds
from converters.shared.glass import TextScreen, screen_of
from smsenc import Coding, MessageClass, Payload, decode_text


def _accepts(payload: Payload) -> bool:
    """Whether it is text for no port, without EMS objects."""
    plain = payload.port is None and not object_kinds(payload)
    return plain and payload.coding is not Coding.OCTETS


def _view(payload: Payload) -> View:
    text = _text(payload)
    flash = payload.message_class is MessageClass.FLASH
    content = {"text": text, "coding": payload.coding.value, "flash": flash}
    return View(content=content, lines=tuple(text.split("\n")))


def _text(payload: Payload) -> str:
    return decode_text(payload).replace("\r\n", "\n")


def _screen(payload: Payload) -> TextScreen:
    """A flash message appears by itself, and can only be dismissed."""
    flash = payload.message_class is MessageClass.FLASH
    return TextScreen(_text(payload), key="Back" if flash else "Options")


def _write(payload: Payload) -> bytes:
    return f"{_text(payload)}\n".encode()


VIEWER = Viewer(
    kind="text",
    accepts=_accepts,
    specific=False,
    view=_view,
    writers=(Writer(".txt", _write, joins=True),),
    previews=(screen_of(_screen),),
)

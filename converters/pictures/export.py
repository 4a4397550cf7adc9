"""Received pictures written to logo files and picture files, and a preview of the screen."""

from __future__ import annotations

from collections.abc import Callable

from converters.api import Action, Loss, Writer
from converters.errors import SourceError
from converters.pictures import files, logofiles, screen
from converters.pictures.bitmap import Bitmap
from converters.pictures.logofiles import LogoFile
from smsenc import Payload

#: Finds the pictures of a payload.
Read = Callable[[Payload], LogoFile]
#: Finds the text that comes with them.
Text = Callable[[Payload], str]

#: The formats that Pillow writes, by suffix.
_PICTURES = {".png": "PNG", ".bmp": "BMP", ".gif": "GIF"}
#: Start-up screens, smallest first.
_SCREENS = ((84, 48), (96, 65))


def _no_text(_payload: Payload) -> str:
    return ""


def writers(read: Read, text: Text = _no_text) -> tuple[Writer, ...]:
    """A writer for each format of picture files; none of them can hold the ``text``."""
    suffixes = (*logofiles.FORMATS, *_PICTURES)
    return tuple(
        Writer(suffix, _writer(read, suffix), losses=_losses(read, text, suffix))
        for suffix in suffixes
    )


def previews(read: Read, text: Text = _no_text) -> tuple[Writer, ...]:
    """The writer of a PNG that shows a picture, and text under it, as the phone does."""

    def preview(payload: Payload) -> bytes:
        return screen.preview(read(payload).images, text(payload))

    return (Writer(".png", preview),)


def _writer(read: Read, suffix: str) -> Callable[[Payload], bytes]:
    def write(payload: Payload) -> bytes:
        logo = read(payload)
        if suffix in _PICTURES:
            return files.write(logo.images[0], _PICTURES[suffix])
        if suffix == ".nsl":
            logo = logo._replace(images=tuple(map(_on_start_up_screen, logo.images)))
        return logofiles.write(logo, suffix)

    return write


def _losses(read: Read, text: Text, suffix: str) -> Callable[[Payload], tuple[Loss, ...]]:
    def losses(payload: Payload) -> tuple[Loss, ...]:
        logo = read(payload)
        lost = {
            "further frames": len(logo.images) > 1 and suffix not in _SEVERAL,
            "network": logo.network is not None and suffix not in _NETWORKS,
            "text": text(payload) != "",
        }
        why = f"not possible in a {suffix} file"
        return tuple(
            Loss(what=what, action=Action.LEFT_OUT, why=why)
            for what, is_lost in lost.items()
            if is_lost
        )

    return losses


#: Formats that hold several pictures, and those that name a network.
_SEVERAL, _NETWORKS = frozenset((".nlm",)), frozenset((".nol",))


def _on_start_up_screen(bitmap: Bitmap) -> Bitmap:
    for width, height in _SCREENS:
        if bitmap.width <= width and bitmap.height <= height:
            return screen.centred(bitmap, width, height)
    raise SourceError(
        f"expected at most {width}x{height} pixels for a start-up screen, "
        f"found {bitmap.width}x{bitmap.height}"
    )

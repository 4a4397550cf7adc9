"""What a received picture is kept as: logo files, picture files, and a preview of the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from converters import logofile, picturefile, screen
from converters.api import Writer
from converters.bitmap import Bitmap
from converters.logofile import LogoFile
from smsenc import Payload, SourceError

#: Finds the pictures of a payload.
Read = Callable[[Payload], LogoFile]

#: What Pillow writes, by suffix.
_PICTURES = {".png": "PNG", ".bmp": "BMP", ".gif": "GIF"}
#: Start-up screens, smallest first.
_SCREENS = ((84, 48), (96, 65))


def writers(read: Read) -> tuple[Writer, ...]:
    """A row for each format that a picture is written back to."""
    logos = (Writer(suffix, _logo_writer(read, suffix)) for suffix in logofile.FORMATS)
    pictures = (Writer(suffix, _picture_writer(read, name)) for suffix, name in _PICTURES.items())
    return (*logos, *pictures)


def previews(
    read: Read, text: Callable[[Payload], str] = lambda _payload: ""
) -> tuple[Writer, ...]:
    """The row that shows a picture, and text under it, as the phone does."""

    def preview(payload: Payload) -> bytes:
        return screen.preview(read(payload).images, text(payload))

    return (Writer(".png", preview),)


def _logo_writer(read: Read, suffix: str) -> Callable[[Payload], bytes]:
    def write(payload: Payload) -> bytes:
        logo = read(payload)
        if suffix == ".nsl":
            logo = replace(logo, images=tuple(map(_on_start_up_screen, logo.images)))
        return logofile.write(logo, suffix)

    return write


def _picture_writer(read: Read, name: str) -> Callable[[Payload], bytes]:
    def write(payload: Payload) -> bytes:
        return picturefile.write(read(payload).images[0], name)

    return write


def _on_start_up_screen(bitmap: Bitmap) -> Bitmap:
    for width, height in _SCREENS:
        if bitmap.width <= width and bitmap.height <= height:
            return screen.centred(bitmap, width, height)
    raise SourceError(
        f"expected at most {width}x{height} pixels for a start-up screen, "
        f"found {bitmap.width}x{bitmap.height}"
    )

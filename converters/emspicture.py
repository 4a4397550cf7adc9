"""EMS pictures and animations: information elements beside a text (3GPP TS 23.040, 9.2.3.24.10).

Each begins with its position: after how many characters of its part's text it stands. None may be
cut, so that a picture and its text are one part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from converters.api import View, Viewer
from converters.bitmap import Bitmap, content, draw, size
from converters.keep import previews, writers
from converters.logofile import LogoFile
from smsenc import DecodeError, Element, GuardError, Payload, decode_text, encode_text, split
from smsenc.model import IEI

#: Pictures of an animation, whatever its size.
FRAMES = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """A row: the element of a picture, its sides in pixels (None: any), and its frames."""

    iei: IEI
    size: tuple[int, int] | None
    frames: int = 1


SHAPES = {
    "ems-small": Shape(IEI.SMALL_PICTURE, (16, 16)),
    "ems-large": Shape(IEI.LARGE_PICTURE, (32, 32)),
    "ems-variable": Shape(IEI.VARIABLE_PICTURE, None),
    "ems-small-animation": Shape(IEI.SMALL_ANIMATION, (8, 8), FRAMES),
    "ems-large-animation": Shape(IEI.LARGE_ANIMATION, (16, 16), FRAMES),
}
_BY_IEI = {shape.iei: shape for shape in SHAPES.values()}

#: Octets of pixels that fit one part with the heads of the header, element and picture.
_MOST_VARIABLE = 134


@dataclass(frozen=True, slots=True)
class Object:
    """A picture, or the frames of an animation, and the characters of text before it."""

    frames: tuple[Bitmap, ...]
    position: int = 0


def encode(frames: Sequence[Bitmap], kind: str, position: int = 0) -> Element:
    """The element of one of ``SHAPES``; an animation with too few frames begins again.

    Raises DecodeError for sides that the element cannot have.
    """
    shape = SHAPES[kind]
    for bitmap in frames:
        _check(bitmap, shape)
    cycle = [frames[n % len(frames)] for n in range(shape.frames)]
    sides = b"" if shape.size else bytes((frames[0].width // 8, frames[0].height))
    return Element(shape.iei, bytes((position,)) + sides + b"".join(b.bits for b in cycle))


def _check(bitmap: Bitmap, shape: Shape) -> None:
    found = f"{bitmap.width}x{bitmap.height}"
    if shape.size and (bitmap.width, bitmap.height) != shape.size:
        raise DecodeError(f"expected {shape.size[0]}x{shape.size[1]} pixels, found {found}")
    if bitmap.width % 8 or bitmap.height > 0xFF or len(bitmap.bits) > _MOST_VARIABLE:
        raise DecodeError(
            f"expected a width in eights and at most {_MOST_VARIABLE * 8} pixels, found {found}"
        )


def decode(element: Element) -> Object | None:
    """The picture or animation in an element; None for other elements. Raises DecodeError.

    An animation may have fewer frames than four, as some senders write it.
    """
    shape = next((row for iei, row in _BY_IEI.items() if iei == element.iei), None)
    if shape is None:
        return None
    head, data = element.data[:1], element.data[1:]
    if shape.size:
        (width, height), octets = shape.size, shape.size[0] * shape.size[1] // 8
        frames = max(1, min(shape.frames, len(data) // octets))
    else:
        sides, data, frames = data[:2].ljust(2, b"\0"), data[2:], 1
        width, height = sides[0] * 8, sides[1]
        octets = sides[0] * height
    if not head or not octets or len(data) != frames * octets:
        raise DecodeError(
            f"expected {frames} x {octets} octets of pixels in element {element.iei:02X}, "
            f"found {len(data)}"
        )
    images = (data[n * octets : (n + 1) * octets] for n in range(frames))
    return Object(tuple(Bitmap(width, height, bits) for bits in images), head[0])


def objects(payload: Payload) -> tuple[Object, ...]:
    """The pictures and animations of a message, in order. Raises DecodeError."""
    return tuple(found for element in payload.elements if (found := decode(element)))


def message(element: Element, text: str = "") -> Payload:
    """A message of one part with a picture, and a text under it.

    Raises GuardError where the text does not fit beside the picture.
    """
    written = encode_text(text)
    payload = written._replace(elements=(element, *written.elements))
    if len(split(payload, reference=0)) > 1:
        raise GuardError(
            "expected a text that fits one part with the picture, found a longer one", name="text"
        )
    return payload


# --- What the phone shows ------------------------------------------------------------------------


def view(payload: Payload) -> View:
    """The pictures where they stand in the text."""
    found = objects(payload)
    text = decode_text(payload)
    lines: list[str] = []
    at = 0
    for thing in found:
        lines += [line for line in text[at : thing.position].splitlines() if line]
        for frame in thing.frames:
            lines += draw(frame)
        count = f", {len(thing.frames)} frames" if len(thing.frames) > 1 else ""
        lines.append(f"{size(thing.frames[0])}{count}")
        at = max(at, thing.position)
    pictures = [
        {"position": thing.position, "frames": [content(frame) for frame in thing.frames]}
        for thing in found
    ]
    return View(
        content={"text": text, "pictures": pictures}, lines=(*lines, *text[at:].splitlines())
    )


def _read(payload: Payload) -> LogoFile:
    found = objects(payload)
    if not found:
        raise DecodeError("expected a picture among the elements, found none")
    return LogoFile(found[0].frames)


#: Pictures travel in a text's header, to no port.
NO_PORT = -1
EMS_PICTURE = Viewer(
    kind="ems-picture",
    port=NO_PORT,
    view=view,
    writers=writers(_read, decode_text),
    previews=previews(_read, decode_text),
)

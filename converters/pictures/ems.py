"""EMS pictures and animations: information elements of a text (3GPP TS 23.040, 9.2.3.24.10).

Each begins with its position: the number of characters of its part's text before it. None may be
cut, so a picture and its text must fit in one part. A larger picture is sent as vertical strips,
one in each part, which a user prompt joins. Predefined sounds and animations have numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from converters.api import Action, Loss, View, Viewer, Writer
from converters.errors import GuardError
from converters.pictures import extended
from converters.pictures.bitmap import Bitmap, content, dimensions, draw
from converters.pictures.export import previews, writers
from converters.pictures.logofiles import LogoFile
from converters.shared.ems import has_no_sounds
from converters.shared.words import counted
from smsenc import (
    Coding,
    DecodeError,
    Element,
    Payload,
    Segment,
    decode_text,
    encode_text,
    split,
)
from smsenc.model import IEI, USER_DATA_OCTETS
from smsenc.splitting import MOST_PARTS

#: Pictures of an animation of either size.
FRAMES = 4


class Shape(NamedTuple):
    """The element of a picture, its sides in pixels (None: any), and its number of frames."""

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

#: By number: 9.2.3.24.10.1.2 and 9.2.3.24.10.1.5.
SOUNDS = (
    *("chimes high", "chimes low", "ding", "ta-da", "notify"),
    *("drum", "claps", "fanfare", "chord high", "chord low"),
)
ANIMATIONS = (
    *("ironic", "glad", "sceptic", "sad", "wow", "crying", "winking", "laughing"),
    *("indifferent", "in love", "confused", "tongue out", "angry", "glasses", "devil"),
)

#: Octets of pixels that fit in one part, with the heads of header, element and picture.
_MOST_VARIABLE = 134


class Object(NamedTuple):
    """A picture, animation, sound or other object after ``position`` characters of text.

    ``frames`` are those of a picture or animation; ``name`` describes all other objects.
    """

    frames: tuple[Bitmap, ...] = ()
    position: int = 0
    name: str = ""


def encode(frames: Sequence[Bitmap], kind: str, position: int = 0) -> Element:
    """The element of one of ``SHAPES``; an animation with too few frames repeats them.

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
            f"expected a width that is a multiple of 8 and at most {_MOST_VARIABLE * 8} pixels, "
            f"found {found}"
        )


def predefined(iei: IEI, name: str, position: int = 0) -> Element:
    """The element of one of ``SOUNDS`` or ``ANIMATIONS``; DecodeError for another name."""
    _what, names = _PREDEFINED[iei]
    if name not in names:
        raise DecodeError(f"expected {', '.join(names)}, found {name}")
    return Element(iei, bytes((position, names.index(name))))


_PREDEFINED = {
    IEI.PREDEFINED_SOUND: ("sound", SOUNDS),
    IEI.PREDEFINED_ANIMATION: ("animation", ANIMATIONS),
}


def decode(element: Element) -> Object | None:
    """The object in an element that holds a complete one; None for others. Raises DecodeError.

    An animation may have fewer frames than four, as some senders write it.
    """
    reader = _READERS.get(element.iei)
    if reader is None:
        return None
    if not element.data:
        raise DecodeError(f"expected a position in element {element.iei:02X}, found none")
    return reader(element)


def _read_shape(shape: Shape, element: Element) -> Object:
    data = element.data[1:]
    if shape.size:
        (width, height), octets = shape.size, shape.size[0] * shape.size[1] // 8
        frames = max(1, min(shape.frames, len(data) // octets))
    else:
        sides, data, frames = data[:2].ljust(2, b"\0"), data[2:], 1
        width, height = sides[0] * 8, sides[1]
        octets = sides[0] * height
    if not octets or len(data) != frames * octets:
        raise DecodeError(
            f"expected {frames} x {octets} octets of pixels in element {element.iei:02X}, "
            f"found {len(data)}"
        )
    images = (data[n * octets : (n + 1) * octets] for n in range(frames))
    return Object(tuple(Bitmap(width, height, bits) for bits in images), element.data[0])


def _read_predefined(element: Element) -> Object:
    what, names = _PREDEFINED[IEI(element.iei)]
    if len(element.data) != 2:
        raise DecodeError(
            f"expected position and number in element {element.iei:02X}, "
            f"found {len(element.data)} octets"
        )
    position, number = element.data
    name = names[number] if number < len(names) else f"number {number}, which no phone has"
    return Object(position=position, name=f"{what}: {name}")


def _read_sound(element: Element) -> Object:
    name = f"sound: iMelody, {len(element.data) - 1} octets"
    return Object(position=element.data[0], name=name)


def _extended(thing: extended.Extended) -> Object:
    picture = thing.kind == extended.Kind.BITMAP
    frames = (extended.decode_bitmap(thing.data),) if picture else ()
    return Object(frames, thing.position, f"extended object: {thing}")


_READERS: dict[int, Callable[[Element], Object]] = {
    **{shape.iei: partial(_read_shape, shape) for shape in SHAPES.values()},
    **dict.fromkeys(_PREDEFINED, _read_predefined),
    IEI.USER_SOUND: _read_sound,
}


def objects(elements: Iterable[Element]) -> tuple[Object, ...]:
    """The objects in the headers of a message, in order; strips joined by a user prompt are one.

    Raises DecodeError.
    """
    given = tuple(elements)
    return (*_prompted(iter(given)), *map(_extended, extended.read(given)))


def _prompted(elements: Iterator[Element]) -> Iterator[Object]:
    waiting: list[Object] = []
    count = 0
    for element in elements:
        if element.iei == IEI.USER_PROMPT and not waiting:
            count = int.from_bytes(element.data[:1], "big")
        elif found := decode(element):
            waiting.append(found)
            if len(waiting) >= count:
                yield from _strips_joined(waiting)
                waiting, count = [], 0
    yield from waiting  # fewer than the prompt said


def _strips_joined(found: list[Object]) -> list[Object]:
    """Pictures of one height as one picture (9.2.3.24.10.1.10); other objects as they are."""
    strips = [thing.frames[0] for thing in found if len(thing.frames) == 1]
    if len(strips) < len(found) or len({strip.height for strip in strips}) > 1:
        return found
    rows = ["".join(row) for row in zip(*(strip.rows for strip in strips), strict=True)]
    return [Object((Bitmap.from_rows(rows),), found[0].position)]


def in_strips(bitmap: Bitmap) -> Payload:
    """A message that is a picture of any size and no text: a strip in each of its parts.

    A width that is not a multiple of 8 is padded with white. Raises GuardError for a picture so
    high that a column of eight pixels does not fit in a part, or so wide that it needs over 255
    parts.
    """
    strips = [encode([strip], "ems-variable") for strip in _strips(bitmap)]
    if len(strips) > MOST_PARTS:
        raise GuardError(f"expected at most {MOST_PARTS} strips, found {len(strips)}")
    prompt = [Element(IEI.USER_PROMPT, bytes((len(strips),)))] if len(strips) > 1 else []
    return Payload(data=b"", coding=Coding.GSM7, elements=(*prompt, *strips))


def segments(bitmap: Bitmap, *, reference: int) -> tuple[Segment, ...]:
    """The parts of ``in_strips``; raises what it raises."""
    return split(in_strips(bitmap), reference=reference)


#: Octets of the header's length, a concatenation, a user prompt and the head of a variable picture.
_HEADS = 1 + 5 + 3 + 5


def _strips(bitmap: Bitmap) -> list[Bitmap]:
    columns = -(-bitmap.width // 8)
    if columns * bitmap.height <= _MOST_VARIABLE and bitmap.height <= 0xFF:
        wide = columns * 8
    else:
        wide = (USER_DATA_OCTETS - _HEADS) // bitmap.height * 8
    if not wide:
        most = USER_DATA_OCTETS - _HEADS
        raise GuardError(f"expected at most {most} rows of pixels, found {bitmap.height}")
    rows = [row.ljust(columns * 8, ".") for row in bitmap.rows]
    starts = range(0, columns * 8, wide)
    return [Bitmap.from_rows([row[n : n + wide] for row in rows]) for n in starts]


def message(element: Element, text: str = "") -> Payload:
    """A message of one part with a picture, and a text under it.

    Raises GuardError if the text does not fit in one part with the picture.
    """
    written = encode_text(text)
    payload = replace(written, elements=(element, *written.elements))
    if len(split(payload, reference=0)) > 1:
        raise GuardError(
            "expected a text that fits in one part with the picture, found a longer one",
            name="text",
        )
    return payload


# --- What the phone shows ------------------------------------------------------------------------


def view(payload: Payload) -> View:
    """The objects at their positions in the text."""
    found = sorted(objects(payload.elements), key=lambda thing: thing.position)
    text = decode_text(payload)
    lines: list[str] = []
    at = 0
    for thing in found:
        lines += [line for line in text[at : thing.position].splitlines() if line]
        lines += _lines(thing)
        at = max(at, thing.position)
    return View(
        content={"text": text, "pictures": [_content(thing) for thing in found]},
        lines=(*lines, *text[at:].splitlines()),
    )


def _lines(thing: Object) -> Iterator[str]:
    for frame in thing.frames:
        yield from draw(frame)
    if thing.frames:
        count = f", {len(thing.frames)} frames" if len(thing.frames) > 1 else ""
        yield f"{dimensions(thing.frames[0])}{count}"
    if thing.name:
        yield f"({thing.name})"


def _content(thing: Object) -> dict[str, object]:
    seen: dict[str, object] = {"position": thing.position}
    seen |= {"name": thing.name} if thing.name else {}
    return seen | {"frames": [content(frame) for frame in thing.frames]}


def _pictures(payload: Payload) -> list[Object]:
    return [thing for thing in objects(payload.elements) if thing.frames]


def _read(payload: Payload) -> LogoFile:
    pictures = _pictures(payload)
    if not pictures:
        raise DecodeError("expected a picture among the elements, found none")
    return LogoFile(pictures[0].frames)


def _first_only(writer: Writer) -> Writer:
    """A writer that also reports as lost all pictures but the first."""

    def losses(payload: Payload) -> tuple[Loss, ...]:
        found = writer.losses(payload)
        further = len(_pictures(payload)) - 1
        if not further:
            return found
        what = counted(further, "further picture")
        return (*found, Loss(what=what, action=Action.LEFT_OUT, why="only the first is written"))

    return replace(writer, losses=losses)


EMS_PICTURE = Viewer(
    kind="ems-picture",
    accepts=has_no_sounds,
    view=view,
    writers=tuple(map(_first_only, writers(_read, decode_text))),
    previews=previews(_read, decode_text),
)

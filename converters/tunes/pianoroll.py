"""A melody as a picture: time from left to right, pitch upwards, a bar for each note.

Above it are the title, the length and the tempo; on the left the names of the notes, and under it
the numbers of the bars and the seconds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from converters.shared.glass import drawable
from converters.shared.words import counted
from converters.tunes.melody import Melody

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_SECOND, _SEMITONE, _MARGIN = 40, 6, 8  # pixels
#: Pixels for the names of notes: a tune begins there.
LEFT = 36
_HEAD, _FOOT = 32, 28  # for the title, and for bars and seconds
_WIDEST = 8_000  # pixels; the seconds of a longer tune are narrower
_NARROWEST = 320  # as wide as the title needs
_APART = 28  # pixels between two numbers
_PAPER, _LINE, _BAR, _INK, _TEXT = (
    (255, 255, 255),
    (224, 224, 232),
    (196, 196, 212),
    (32, 64, 128),
    (64, 64, 72),
)
_NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
#: Those with a name at their side, without B, which is too near to C.
_BESIDE = frozenset((0, 2, 4, 5, 7, 9))
#: With more semitones than this, only every C has a name.
_MOST_NAMED = 24


class _Scale(NamedTuple):
    """How seconds and pitches become pixels; ``high`` is the highest pitch of the picture."""

    second: float
    high: int

    def x(self, seconds: float) -> int:
        """The pixel of a moment."""
        return LEFT + int(seconds * self.second)

    def y(self, pitch: int) -> int:
        """The top pixel of a pitch."""
        return _HEAD + (self.high - pitch) * _SEMITONE


def per_second(seconds: float) -> float:
    """The pixels of a second in the picture of a tune that is so long."""
    return min(_SECOND, (_WIDEST - LEFT - _MARGIN) / max(seconds, 0.1))


def draw(melody: Melody) -> bytes:
    """A PNG file."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - heavy, needed only here

    pitches = [note.pitch for note in melody.notes if note.pitch is not None] or [72]
    low, high = min(pitches) - 1, max(pitches) + 1
    scale = _Scale(per_second(melody.seconds), high)
    width = max(scale.x(melody.seconds) + _MARGIN, _NARROWEST)
    bottom = scale.y(low) + _SEMITONE
    image = Image.new("RGB", (width, bottom + _FOOT), _PAPER)
    pen = ImageDraw.Draw(image)
    _draw_pitches(pen, range(low, high + 1), scale, width)
    _draw_times(pen, melody, scale, bottom)
    for box in _boxes(melody, scale):
        pen.rectangle(box, fill=_INK)
    _write(pen, _MARGIN, 2, melody.title or "without a title")
    _write(pen, _MARGIN, 14, _summary(melody))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _summary(melody: Melody) -> str:
    bars = -(-_beginnings(melody)[-1][0] // 1)
    return (
        f"{counted(len(melody.notes), 'note')}, {counted(bars, 'bar')} of 4/4, "
        f"{melody.seconds:.1f} s, tempo {melody.tempo}"
    )


def _draw_pitches(pen: ImageDraw, pitches: range, scale: _Scale, width: int) -> None:
    """A line at every C, and the names of notes."""
    for pitch in pitches:
        bottom = scale.y(pitch) + _SEMITONE - 1
        if pitch % 12 == 0:
            pen.line((LEFT, bottom, width, bottom), fill=_LINE)
    for pitch in _named(pitches):
        _write(pen, 4, scale.y(pitch) - 3, name(pitch))


def _named(pitches: range) -> Iterator[int]:
    """The pitches with a name at their side, which is as high as two semitones."""
    few, last = len(pitches) <= _MOST_NAMED, 0
    for pitch in pitches:
        if pitch % 12 == 0 or (few and pitch % 12 in _BESIDE and pitch - last > 1):
            last = pitch
            yield pitch


def name(pitch: int) -> str:
    """The name of a note, such as ``C#5``; middle C is C4."""
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def _draw_times(pen: ImageDraw, melody: Melody, scale: _Scale, bottom: int) -> None:
    """A line at every bar of four quarters with its number, and the seconds."""
    last = -_APART
    for number, seconds in enumerate(_bars(melody), start=1):
        x = scale.x(seconds)
        if x - last >= _APART:
            pen.line((x, _HEAD, x, bottom), fill=_BAR)
            _write(pen, x, bottom, str(number))
            last = x
    step = next((n for n in (1, 2, 5, 10, 30, 60) if n * scale.second >= _APART), 300)
    for seconds in range(0, int(melody.seconds) + 1, step):
        x = scale.x(seconds)
        pen.line((x, bottom + 12, x, bottom + 14), fill=_TEXT)
        _write(pen, x, bottom + 14, f"{seconds} s" if seconds == 0 else str(seconds))


def _beginnings(melody: Melody) -> list[tuple[Fraction, float]]:
    """Where each note begins, in whole notes and in seconds; at last the end of the tune."""
    places, seconds = Fraction(0), 0.0
    found = [(places, seconds)]
    for note in melody.notes:
        places, seconds = places + note.duration, seconds + note.seconds
        found.append((places, seconds))
    return found


def _bars(melody: Melody) -> Iterator[float]:
    """The second at which each bar begins; the tempo may change from note to note."""
    number, beginnings = 0, _beginnings(melody)
    for note, (place, seconds) in zip(melody.notes, beginnings, strict=False):
        while number < place + note.duration:
            yield seconds + float(number - place) * 240 / note.tempo
            number += 1


def _boxes(melody: Melody, scale: _Scale) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right and bottom pixels of each note."""
    for note, (_place, start) in zip(melody.notes, _beginnings(melody), strict=False):
        if note.pitch is not None:
            left, top = scale.x(start), scale.y(note.pitch)
            right = max(left, scale.x(start + note.seconds) - 2)
            yield left, top, right, top + _SEMITONE - 2


def _write(pen: ImageDraw, left: int, top: int, text: str) -> None:
    from PIL import ImageFont  # noqa: PLC0415 - heavy, needed only here

    known = drawable(text).encode("latin-1", "replace").decode("latin-1")
    font = ImageFont.load_default_imagefont()
    # Pillow cuts off the first column of a text's first letter, so that must be a space.
    pen.text((left - 6, top), f" {known}", fill=_TEXT, font=font)

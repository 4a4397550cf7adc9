"""A melody as a picture: time from left to right, pitch upwards, a bar for each note."""

from __future__ import annotations

import io
from collections.abc import Iterator

from converters.tunes.melody import Melody

_SECOND, _SEMITONE, _MARGIN = 40, 6, 8  # pixels
_WIDEST = 8_000  # pixels; the seconds of a longer tune are narrower
_PAPER, _LINE, _INK = (255, 255, 255), (224, 224, 232), (32, 64, 128)


def draw(melody: Melody) -> bytes:
    """A PNG file with a line at every C."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - heavy, needed only here

    pitches = [note.pitch for note in melody.notes if note.pitch is not None] or [72]
    low, high = min(pitches) - 1, max(pitches) + 1
    scale = min(_SECOND, (_WIDEST - 2 * _MARGIN) / max(melody.seconds, 0.1))
    width = int(melody.seconds * scale) + 2 * _MARGIN
    image = Image.new("RGB", (width, (high - low + 1) * _SEMITONE + 2 * _MARGIN), _PAPER)
    pen = ImageDraw.Draw(image)
    for pitch in range(-(-low // 12) * 12, high + 1, 12):
        bottom = _top(pitch, high) + _SEMITONE - 1
        pen.line((0, bottom, width, bottom), fill=_LINE)
    for box in _bars(melody, scale, high):
        pen.rectangle(box, fill=_INK)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _bars(melody: Melody, scale: float, high: int) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right and bottom pixels of each note; a second has ``scale`` pixels."""
    end = 0.0
    for note in melody.notes:
        start, end = end, end + note.seconds
        if note.pitch is not None:
            left, top = _MARGIN + int(start * scale), _top(note.pitch, high)
            right = max(left, _MARGIN + int(end * scale) - 2)
            yield left, top, right, top + _SEMITONE - 2


def _top(pitch: int, high: int) -> int:
    """The top pixel of a pitch, where ``high`` is the highest of the picture."""
    return _MARGIN + (high - pitch) * _SEMITONE

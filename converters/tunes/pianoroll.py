"""A melody to be seen: time from left to right, pitch upwards, a bar of ink for each note."""

from __future__ import annotations

import io

from converters.tunes.melody import Melody

_SECOND, _SEMITONE, _MARGIN = 40, 6, 8  # pixels
_WIDEST = 8_000
_PAPER, _LINE, _INK = (255, 255, 255), (224, 224, 232), (32, 64, 128)


def draw(melody: Melody) -> bytes:
    """A PNG file; lines stand at every C. A long tune is drawn narrower."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - heavy, wanted only here

    pitches = [note.pitch for note in melody.notes if note.pitch is not None] or [72]
    low, high = min(pitches) - 1, max(pitches) + 1
    scale = min(_SECOND, (_WIDEST - 2 * _MARGIN) / max(melody.seconds, 0.1))
    width = int(melody.seconds * scale) + 2 * _MARGIN
    image = Image.new("RGB", (width, (high - low + 1) * _SEMITONE + 2 * _MARGIN), _PAPER)
    pen = ImageDraw.Draw(image)

    def top(pitch: int) -> int:
        return _MARGIN + (high - pitch) * _SEMITONE

    for pitch in range(low, high + 1):
        if pitch % 12 == 0:
            bottom = top(pitch) + _SEMITONE - 1
            pen.line((0, bottom, width, bottom), fill=_LINE)
    now = 0.0
    for note in melody.notes:
        left, now = _MARGIN + int(now * scale), now + note.seconds
        right = max(left, _MARGIN + int(now * scale) - 2)
        if note.pitch is not None:
            y = top(note.pitch)
            pen.rectangle((left, y, right, y + _SEMITONE - 2), fill=_INK)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()

"""A melody to be heard: WAV with a square wave, as a phone's buzzer sounds."""

from __future__ import annotations

import io
import math
import wave
from array import array
from collections.abc import Mapping
from types import MappingProxyType

from converters.errors import SourceError
from converters.tunes.melody import Melody, Note, Style

RATE = 22_050  # samples a second
#: No ringtone plays longer; what repeats claim is not written.
MOST_SECONDS = 600
_LOUDEST = 12_000  # of 32,767: a square wave is loud
_RAMP = 0.002  # seconds in which a note rises and falls, so that it does not click
#: The share of its time that a note sounds, by style.
SOUNDING: Mapping[Style, float] = MappingProxyType(
    {Style.NATURAL: 0.95, Style.CONTINUOUS: 1.0, Style.STACCATO: 0.5}
)


def frequency(pitch: int) -> float:
    """Hertz of a MIDI note number: 69 is A = 440 Hz."""
    return 440.0 * 2 ** ((pitch - 69) / 12)


def write(melody: Melody) -> bytes:
    """A mono WAV file of 16 bits that plays the melody once."""
    if melody.seconds > MOST_SECONDS:
        found = f"{melody.seconds:.0f}"
        raise SourceError(f"expected a tune of at most {MOST_SECONDS} seconds, found {found}")
    samples = array("h")
    now = 0.0
    for note in melody.notes:
        now += note.seconds
        # Ends are rounded, not lengths, so that a long tune keeps its time.
        samples.extend(_note(note, round(now * RATE) - len(samples)))
    return _file(samples)


def _note(note: Note, length: int) -> array[int]:
    if note.pitch is None or not note.volume:
        return array("h", bytes(2 * length))
    sounding = round(length * SOUNDING[note.style])
    height = _LOUDEST * note.volume / 15
    ramp = max(1, min(int(RATE * _RAMP), sounding // 2))
    half = RATE / frequency(note.pitch) / 2
    wave_ = (
        height * min(1, (n + 1) / ramp, (sounding - n) / ramp) * (1 - 2 * (int(n / half) % 2))
        for n in range(sounding)
    )
    return array("h", map(math.trunc, wave_)) + array("h", bytes(2 * (length - sounding)))


def _file(samples: array[int]) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(_little(samples))
    return out.getvalue()


def _little(samples: array[int]) -> bytes:
    import sys  # noqa: PLC0415 - only the byte order is asked for

    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()

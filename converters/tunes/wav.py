"""A melody as sound: a WAV file with a square wave, which is what a phone's buzzer sounds like."""

from __future__ import annotations

import io
import math
import sys
import wave
from array import array
from collections.abc import Mapping
from types import MappingProxyType

from converters.errors import SourceError
from converters.tunes.melody import Melody, Note, Style

RATE = 22_050  # samples a second
#: No ringtone plays longer; repeats can claim hours, which are not written.
MOST_SECONDS = 600
_LOUDEST = 12_000  # of 32,767: a square wave is loud
_RAMP = 0.002  # seconds in which a note rises and falls, so that it does not click
#: The share of its duration that a note sounds, by style.
SOUNDING: Mapping[Style, float] = MappingProxyType(
    {Style.NATURAL: 0.95, Style.CONTINUOUS: 1.0, Style.STACCATO: 0.5}
)


def frequency(pitch: int) -> float:
    """The frequency of a MIDI note number in Hertz: 69 is A = 440 Hz."""
    return 440.0 * 2 ** ((pitch - 69) / 12)


def write(melody: Melody) -> bytes:
    """A mono WAV file of 16 bits that plays the melody once."""
    if melody.seconds > MOST_SECONDS:
        found = f"{melody.seconds:.0f}"
        raise SourceError(f"expected a tune of at most {MOST_SECONDS} seconds, found {found}")
    samples = array("h")
    end = 0.0
    for note in melody.notes:
        end += note.seconds
        # Ends are rounded, not lengths, so that errors do not add up.
        samples.extend(_note_samples(note, round(end * RATE) - len(samples)))
    return _file(samples)


def _note_samples(note: Note, length: int) -> array[int]:
    """So many samples: the note, then silence."""
    if note.pitch is None or not note.volume:
        return array("h", bytes(2 * length))
    sounding = round(length * SOUNDING[note.style])
    height = _LOUDEST * note.volume / 15
    ramp = max(1, min(int(RATE * _RAMP), sounding // 2))
    half = RATE / frequency(note.pitch) / 2
    square_wave = (
        height * min(1, (n + 1) / ramp, (sounding - n) / ramp) * (1 - 2 * (int(n / half) % 2))
        for n in range(sounding)
    )
    return array("h", map(math.trunc, square_wave)) + array("h", bytes(2 * (length - sounding)))


def _file(samples: array[int]) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        if sys.byteorder == "big":
            samples.byteswap()
        file.writeframes(samples.tobytes())
    return out.getvalue()

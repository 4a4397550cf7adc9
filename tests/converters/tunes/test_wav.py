"""Three tunes as they are heard: what is measured in the sound is what the notes say."""

from __future__ import annotations

import io
import math
import wave
from itertools import accumulate, pairwise

import pytest

from converters.tunes import wav
from converters.tunes.ringtone import decode, encode
from converters.tunes.rtttl import parse

TUNES = (
    "Ode to Joy:d=4,o=5,b=125:e,e,f,g,g,f,e,d,c,c,d,e,e.,8d,2d",
    "Jacques:d=8,o=4,b=100,s=S:4c,4d,4e,4c,4p,g,a,g,f,4e,4c,4p,4c,4g,2c,16c7,16b7,32c5,32d6",
    "Clementine:d=8,o=6,b=63:16f,32p,16f.,4f,c,a.,16a,4a,12f,12f,12a,4c7,16c7.,32a#,4g..",
)
RATE = wav.RATE
#: Samples of silence that part two notes: a square wave is never so long at nothing.
SILENCE = 20


@pytest.mark.parametrize("text", TUNES, ids=lambda text: text.split(":")[0])
def test_each_note_sounds_where_it_stands(text):
    melody = decode(encode(parse(text)[0])[0])
    starts = list(accumulate((note.seconds for note in melody.notes), initial=0.0))
    written = [(at, n) for at, n in zip(starts, melody.notes, strict=False) if n.pitch is not None]
    found = list(heard(wav.write(melody)))
    assert len(found) == len(written)
    for (at, note), (begin, samples) in zip(written, found, strict=True):
        assert begin == pytest.approx(at, abs=0.010)
        sounding = note.seconds * wav.SOUNDING[note.style]
        assert len(samples) / RATE == pytest.approx(sounding, abs=0.010)
        assert hertz(samples) == pytest.approx(wav.frequency(note.pitch), rel=0.01)


def heard(octets):
    """The second at which each sound begins, and its samples."""
    with wave.open(io.BytesIO(octets)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        samples = memoryview(file.readframes(file.getnframes())).cast("h")
    loud = [n for n, sample in enumerate(samples) if sample]
    breaks = [n for n, (a, b) in enumerate(pairwise(loud), start=1) if b - a > SILENCE]
    for first, last in pairwise([0, *breaks, len(loud)]):
        begin, end = loud[first], loud[last - 1] + 1
        yield begin / RATE, samples[begin:end]


def hertz(samples):
    """The frequency that is strongest: that of a semitone first, then nearer and nearer."""
    short = samples[:2048]
    found = max((27.5 * 2 ** (n / 12) for n in range(12, 96)), key=lambda f: power(short, f))
    step = 2 ** (1 / 24)
    for _ in range(6):
        found = max((found / step, found, found * step), key=lambda f: power(samples, f))
        step = math.sqrt(step)
    return found


def power(samples, frequency):
    """How much of a frequency there is (Goertzel's algorithm)."""
    turn = 2 * math.cos(2 * math.pi * frequency / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + turn * last - before, last
    return last * last + before * before - turn * last * before


def test_the_measure_tells_a_semitone_from_the_next():
    tones = {
        name: [round(9000 * math.sin(2 * math.pi * f * n / RATE)) for n in range(4000)]
        for name, f in (("a", 440.0), ("a#", 466.16))
    }
    assert hertz(tones["a"]) == pytest.approx(440, rel=0.003)
    assert hertz(tones["a#"]) == pytest.approx(466.16, rel=0.003)

"""The voice of a score that is its melody: each channel of each track is weighed.

The features follow Rizo et al., "A pattern recognition approach for melody track selection in MIDI
files" (ISMIR 2006). Their weights were found by logistic regression on two thirds of 101 songs of
POP909; what those songs cannot tell (basses, names, words) is weighed by hand.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from converters.prominence import TOGETHER, Heard, prominent
from converters.score import Score, Sound, Track

_PERCUSSION = 9  # channel 10, counted from 0
_NAME_HINT = re.compile(r"melod|vocal|voice|lead|solo|sing|chant|theme", re.IGNORECASE)
#: Voices with more chords than this are searched note by note; others are their highest notes.
_CHORDS = 0.25
#: Notes of one voice that are searched: ten times what any ringtone plays.
_MOST_SEARCHED = 10_000


@dataclass(frozen=True, slots=True)
class Voice:
    """The sounds of one channel in one track, ordered by start, the highest first."""

    track: Track
    channel: int  # from 0
    sounds: tuple[Sound, ...]

    def __str__(self) -> str:
        name = f" {self.track.name!r}" if self.track.name else ""
        return f"track {self.track.number}{name}, channel {self.channel + 1}"


def voices_of(score: Score) -> list[Voice]:
    """Every voice with notes, percussion left out."""
    return [
        Voice(track, channel, tuple(sorted(sounds, key=lambda sound: (sound.start, -sound.pitch))))
        for track in score.tracks
        for channel, sounds in track.sounds.items()
        if channel != _PERCUSSION
    ]


def has_percussion(score: Score) -> bool:
    """Whether channel 10 sounds."""
    return any(_PERCUSSION in track.sounds for track in score.tracks)


#: Points for each unit of a feature; the sum is as log odds are, good for comparing only.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "overlap": -8.1,  # share of notes that start before the one before has ended
        "cover": 4.7,  # share of the piece in which it sounds
        "loudness": 9.6,  # mean velocity, by that of all voices
        "step": -9.2,  # mean interval in octaves, an octave at most
        "near": -5.4,  # share of intervals of one or two semitones
        "height": -1.5,  # distance of the mean pitch from C5, in octaves, squared
        "few": -4.0,  # lacking to 16 notes, as a share
        "name": 8.0,  # a track called melody, vocal, lead ...
        "words": 4.0,  # lyrics stand on the track
    }
)


def weigh(voices: Sequence[Voice], at: Callable[[float], float]) -> list[dict[str, float]]:
    """Features of each voice, by the names of ``WEIGHTS``; ``at`` turns ticks into seconds."""
    last = max(at(voice.sounds[-1].end) for voice in voices)
    loudness = statistics.fmean(sound.velocity for voice in voices for sound in voice.sounds)
    return [_features(voice, at, last, loudness) for voice in voices]


def points(features: Mapping[str, float]) -> float:
    """How much a voice is like a melody; more is likelier."""
    return sum(WEIGHTS[name] * value for name, value in features.items())


def _features(
    voice: Voice, at: Callable[[float], float], last: float, loudness: float
) -> dict[str, float]:
    spans = [(at(sound.start), at(sound.end)) for sound in voice.sounds]
    line = skyline(voice.sounds, at)
    pitches = [sound.pitch for sound in line]
    steps = [min(12, abs(b - a)) for a, b in pairwise(pitches)] or [12]
    sounding = sum(at(sound.end) - at(sound.start) for sound in line)
    height = (statistics.fmean(pitches) - 72) / 12
    velocity = statistics.fmean(sound.velocity for sound in voice.sounds)
    return {
        "overlap": sum(b[0] < a[1] - 0.05 for a, b in pairwise(spans)) / len(spans),
        "cover": min(1.0, sounding / max(last, 1e-3)),
        "loudness": velocity / loudness,
        "step": statistics.fmean(steps) / 12,
        "near": sum(1 <= step <= 2 for step in steps) / len(steps),
        "height": height * height,
        "few": max(0, 16 - len(line)) / 16,
        "name": float(bool(_NAME_HINT.search(voice.track.name))),
        "words": float(bool(voice.track.lyrics)),
    }


def line_of(voice: Voice, at: Callable[[float], float]) -> list[Sound]:
    """The melody of a voice: one sound at a time, ordered, each ended by the next."""
    line = skyline(voice.sounds, at)
    if len(line) >= len(voice.sounds) * (1 - _CHORDS):
        return line
    sounds = voice.sounds[:_MOST_SEARCHED]
    heard = [Heard(at(s.start), at(s.end), s.pitch, s.velocity) for s in sounds]
    return _one_at_a_time([sounds[index] for index in prominent(heard)]) or line


def skyline(sounds: Sequence[Sound], at: Callable[[float], float]) -> list[Sound]:
    """The highest of the sounds that start together; a later one ends the one before."""
    line: list[Sound] = []
    start = -math.inf
    for sound in sounds:
        now = at(sound.start)
        if now - start >= TOGETHER:
            line.append(sound)
            start = now
        elif sound.pitch > line[-1].pitch:
            line[-1] = sound
    return _one_at_a_time(line)


def _one_at_a_time(line: Sequence[Sound]) -> list[Sound]:
    ends = [min(a.end, b.start) for a, b in pairwise(line)] + [s.end for s in line[-1:]]
    return [
        Sound(sound.start, end, sound.pitch, sound.velocity)
        for sound, end in zip(line, ends, strict=True)
        if end > sound.start
    ]

"""The voice of a score that is its melody: each channel of each track is weighed.

The features follow Rizo et al., "A pattern recognition approach for melody track selection in MIDI
files" (ISMIR 2006). ``tools/melody-weights`` finds their weights on two thirds of 101 pop songs
(POP909) and of 21 game tunes, which count alike; names and words, hidden there, are set by hand.
"""

from __future__ import annotations

import math
import re
import statistics
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import eq
from types import MappingProxyType

from converters.tunes.midi.features import TOGETHER, Heard
from converters.tunes.midi.line import prominent
from converters.tunes.midi.reader import Score, Sound, Track

_PERCUSSION = 9  # channel 10, counted from 0
_NAME_HINT = re.compile(r"melod|vocal|voice|lead|solo|sing|chant|theme", re.IGNORECASE)
_LOW, _HIGH = 64, 76  # mean pitches that most melodies lie between
#: Voices with a larger share of notes more than an octave below the line are searched note by note;
#: the melody of others, power chords and octaves among them, is their highest notes.
_DEEP = 0.05
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
        "overlap": -6.5,  # share of notes that start before the one before has ended
        "cover": 2.9,  # square root of the share of the piece in which it sounds
        "loudness": 9.6,  # mean velocity, by that of all voices
        "repeat": 6.2,  # share of notes with the pitch of the one before
        "low": -3.5,  # octaves that the mean pitch lies below E4
        "high": 1.3,  # octaves that it lies above E5
        "few": -7.3,  # lacking to 16 notes, as a share
        "name": 12.0,  # a track called melody, vocal, lead ...
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
    line = skyline(voice.sounds, at)
    pitches = [sound.pitch for sound in line]
    middle = statistics.fmean(pitches)
    sounding = sum(at(sound.end) - at(sound.start) for sound in line)
    return {
        "overlap": _overlap(voice.sounds, at),
        "cover": math.sqrt(min(1.0, sounding / max(last, 1e-3))),
        "loudness": statistics.fmean(sound.velocity for sound in voice.sounds) / loudness,
        "repeat": sum(map(eq, pitches, pitches[1:])) / len(pitches),
        "low": max(0.0, _LOW - middle) / 12,
        "high": max(0.0, middle - _HIGH) / 12,
        "few": max(0, 16 - len(line)) / 16,
        "name": float(bool(_NAME_HINT.search(voice.track.name))),
        "words": float(bool(voice.track.lyrics)),
    }


def _overlap(sounds: Sequence[Sound], at: Callable[[float], float]) -> float:
    """Share of the sounds that start while the one before still sounds, by more than 50 ms."""
    return sum(at(b.start) < at(a.end) - 0.05 for a, b in pairwise(sounds)) / len(sounds)


def line_of(voice: Voice, at: Callable[[float], float]) -> list[Sound]:
    """The melody of a voice: one sound at a time, ordered, each ended by the next."""
    line = skyline(voice.sounds, at)
    if _below(voice.sounds, line) <= len(voice.sounds) * _DEEP:
        return line
    sounds = voice.sounds[:_MOST_SEARCHED]
    heard = [Heard(at(s.start), at(s.end), s.pitch, s.velocity) for s in sounds]
    return _one_at_a_time([sounds[index] for index in prominent(heard)]) or line


def _below(sounds: Sequence[Sound], line: Sequence[Sound]) -> int:
    """How many sounds start over an octave below what of the line was the last to start."""
    starts = [sound.start for sound in line]
    tops = (line[max(0, bisect_right(starts, sound.start) - 1)] for sound in sounds)
    return sum(top.pitch - sound.pitch > 12 for sound, top in zip(sounds, tops, strict=True))


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

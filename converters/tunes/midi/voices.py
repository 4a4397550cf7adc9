"""The voices of a score, how likely each is the melody, and the melody of a voice.

A voice is one channel of one track. The features follow Rizo et al., "A pattern recognition
approach for melody track selection in MIDI files" (ISMIR 2006). ``tools/melody-weights`` finds the
weights on two thirds of 101 pop songs (POP909) and of 21 game tunes, which count alike; those of
names and words, which are hidden there, are set by hand.
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

from converters.tunes.midi.classifier import melody_notes
from converters.tunes.midi.features import TOGETHER, TimedNote
from converters.tunes.midi.reader import MidiNote, Score, Track

_PERCUSSION = 9  # channel 10, counted from 0
_NAME_HINT = re.compile(r"melod|vocal|voice|lead|solo|sing|chant|theme", re.IGNORECASE)
_LOW, _HIGH = 64, 76  # mean pitches that most melodies lie between
#: In voices with a larger share of notes more than an octave below the highest, each note is
#: classified; the melody of others, such as power chords and octaves, is their highest notes.
_DEEP = 0.05
#: Notes of one voice that are classified: ten times what any ringtone plays.
_MOST_CLASSIFIED = 10_000


@dataclass(frozen=True, slots=True)
class Voice:
    """The notes of one channel in one track, ordered by start, the highest first."""

    track: Track
    channel: int  #: from 0
    notes: tuple[MidiNote, ...]

    def __str__(self) -> str:
        name = f" {self.track.name!r}" if self.track.name else ""
        return f"track {self.track.number}{name}, channel {self.channel + 1}"


@dataclass(frozen=True, slots=True)
class RatedVoice:
    """A voice, its features by the names of ``WEIGHTS``, and their weighted sum."""

    voice: Voice
    features: Mapping[str, float]

    @property
    def points(self) -> float:
        """How much the voice is like a melody: more is likelier."""
        return sum(WEIGHTS[name] * value for name, value in self.features.items())


def voices_of(score: Score) -> list[Voice]:
    """Every voice with notes, without percussion."""
    return [
        Voice(track, channel, tuple(sorted(notes, key=lambda note: (note.start, -note.pitch))))
        for track in score.tracks
        for channel, notes in track.notes.items()
        if channel != _PERCUSSION
    ]


def has_percussion(score: Score) -> bool:
    """Whether channel 10 has notes."""
    return any(_PERCUSSION in track.notes for track in score.tracks)


#: Points for each unit of a feature; the sum is like log odds, only good for comparing voices.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "overlap": -6.5,  # share of notes that start before the one before has ended
        "cover": 2.9,  # square root of the share of the piece in which it sounds
        "loudness": 9.6,  # mean velocity, divided by that of all voices
        "repeat": 6.2,  # share of notes with the pitch of the one before
        "low": -3.5,  # octaves that the mean pitch is below E4
        "high": 1.3,  # octaves that it is above E5
        "few": -7.3,  # notes missing to 16, as a share
        "name": 12.0,  # a track called melody, vocal, lead ...
        "words": 4.0,  # the track has lyrics
    }
)


def rate(voices: Sequence[Voice], seconds_at: Callable[[float], float]) -> list[RatedVoice]:
    """The voices with their features; ``seconds_at`` converts ticks to seconds."""
    last = max(seconds_at(voice.notes[-1].end) for voice in voices)
    loudness = statistics.fmean(note.velocity for voice in voices for note in voice.notes)
    return [RatedVoice(voice, _features(voice, seconds_at, last, loudness)) for voice in voices]


def _features(
    voice: Voice, seconds_at: Callable[[float], float], last: float, loudness: float
) -> dict[str, float]:
    line = skyline(voice.notes, seconds_at)
    pitches = [note.pitch for note in line]
    middle = statistics.fmean(pitches)
    sounding = sum(seconds_at(note.end) - seconds_at(note.start) for note in line)
    return {
        "overlap": _overlap(voice.notes, seconds_at),
        "cover": math.sqrt(min(1.0, sounding / max(last, 1e-3))),
        "loudness": statistics.fmean(note.velocity for note in voice.notes) / loudness,
        "repeat": sum(map(eq, pitches, pitches[1:])) / len(pitches),
        "low": max(0.0, _LOW - middle) / 12,
        "high": max(0.0, middle - _HIGH) / 12,
        "few": max(0, 16 - len(line)) / 16,
        "name": float(bool(_NAME_HINT.search(voice.track.name))),
        "words": float(bool(voice.track.lyrics)),
    }


def _overlap(notes: Sequence[MidiNote], seconds_at: Callable[[float], float]) -> float:
    """Share of the notes that start over 50 ms before the note before ends."""
    return sum(seconds_at(b.start) < seconds_at(a.end) - 0.05 for a, b in pairwise(notes)) / len(
        notes
    )


def melody_of(voice: Voice, seconds_at: Callable[[float], float]) -> list[MidiNote]:
    """The melody of a voice: one note at a time, in order, each ended by the next."""
    line = skyline(voice.notes, seconds_at)
    if _deep_notes(voice.notes, line) <= len(voice.notes) * _DEEP:
        return line
    notes = voice.notes[:_MOST_CLASSIFIED]
    timed = [
        TimedNote(seconds_at(note.start), seconds_at(note.end), note.pitch, note.velocity)
        for note in notes
    ]
    return _without_overlap([notes[index] for index in melody_notes(timed)]) or line


def _deep_notes(notes: Sequence[MidiNote], line: Sequence[MidiNote]) -> int:
    """How many notes start over an octave below the note of the line that started last."""
    starts = [note.start for note in line]
    tops = (line[max(0, bisect_right(starts, note.start) - 1)] for note in notes)
    return sum(top.pitch - note.pitch > 12 for note, top in zip(notes, tops, strict=True))


def skyline(notes: Sequence[MidiNote], seconds_at: Callable[[float], float]) -> list[MidiNote]:
    """The highest of the notes that start together; a later one ends the one before."""
    line: list[MidiNote] = []
    start = -math.inf
    for note in notes:
        seconds = seconds_at(note.start)
        if seconds - start >= TOGETHER:
            line.append(note)
            start = seconds
        elif note.pitch > line[-1].pitch:
            line[-1] = note
    return _without_overlap(line)


def _without_overlap(line: Sequence[MidiNote]) -> list[MidiNote]:
    """The notes, each ended at the start of the next; those that would be empty are left out."""
    ends = [min(a.end, b.start) for a, b in pairwise(line)] + [note.end for note in line[-1:]]
    return [
        MidiNote(note.start, end, note.pitch, note.velocity)
        for note, end in zip(line, ends, strict=True)
        if end > note.start
    ]

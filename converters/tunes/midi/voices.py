"""The voices of a score, how likely each is the melody, and the melody of a voice.

A voice is one channel of one track. The features follow Rizo et al., "A pattern recognition
approach for melody track selection in MIDI files" (ISMIR 2006). ``tools/melody-weights`` finds the
weights on two thirds of 101 pop songs (POP909) and of 21 game tunes, and on seven hymns; those of
names and words, which are hidden there, are set by hand.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from converters.tunes.midi.classifier import melody_notes
from converters.tunes.midi.features import TOGETHER, TimedNote
from converters.tunes.midi.names import hint
from converters.tunes.midi.reader import MidiNote, Score, Track

_PERCUSSION = 9  # channel 10, counted from 0
_LOW, _HIGH = 64, 76  # mean pitches that most melodies lie between
_MOMENT = 0.04  # seconds; what starts in one of them starts together
_TOGETHER_SHARE = 0.4
#: In voices with a larger share of notes more than an octave below the highest, each note is
#: classified; the melody of others, such as power chords and octaves, is their highest notes.
_DEEP = 0.05
_AS_LOUD = 3.0  # the spread of velocities below which all notes are as loud
_OCTAVE = 12
_NEAR, _MOST_NEAR = 1.0, 64  # seconds on either side, and notes that are compared
_LEGATO = 0.02  # seconds by which notes that end together may differ
#: Notes of one voice that are classified: ten times what any ringtone plays.
_MOST_CLASSIFIED = 10_000


class Voice(NamedTuple):
    """The notes of one channel in one track, ordered by start, the highest first."""

    track: Track
    channel: int  #: from 0
    notes: tuple[MidiNote, ...]

    def __str__(self) -> str:
        name = f" {self.track.name!r}" if self.track.name else ""
        return f"track {self.track.number}{name}, channel {self.channel + 1}"


class RatedVoice(NamedTuple):
    """A voice, its features by the names of ``WEIGHTS``, and their weighted sum."""

    voice: Voice
    features: Mapping[str, float]

    @property
    def points(self) -> float:
        """How much the voice is like a melody: more is likelier."""
        return sum(WEIGHTS[name] * value for name, value in self.features.items())

    @property
    def height(self) -> float:
        """The mean pitch of the voice."""
        return sum([note.pitch for note in self.voice.notes]) / len(self.voice.notes)


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


#: Points for each unit of a feature; the sum is like log odds, only good for comparing voices. That
#: notes are repeated is no evidence: the lower voices of a hymn repeat more than its tune.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "overlap": -3.9,  # share of notes that start before the one before has ended
        "loudness": 12.8,  # mean velocity, divided by that of all voices
        "low": -3.0,  # octaves that the mean pitch is below E4
        "high": 1.5,  # octaves that it is above E5
        "few": -3.3,  # notes missing to 16, as a share
        "range": -1.8,  # octaves that four fifths of the notes are in
        "share": 1.5,  # log of the number of notes, divided by the largest of all voices
        "under": -14.0,  # share of notes below one voice that moves with it, over _TOGETHER_SHARE
        "name": 28.0,  # what the name of the track says: melody, soprano, bass ...
        "words": 4.0,  # the track has lyrics
    }
)


class _Line(NamedTuple):
    """The highest notes of a voice, by the moment that they start in."""

    notes: Sequence[MidiNote]
    mean: float  # pitch
    pitches: Mapping[int, int]  # by number of the moment


def rate(voices: Sequence[Voice], seconds_at: Callable[[float], float]) -> list[RatedVoice]:
    """The voices with their features; ``seconds_at`` converts ticks to seconds."""
    velocities = [sum([note.velocity for note in voice.notes]) for voice in voices]
    loudness = sum(velocities) / sum(len(voice.notes) for voice in voices)
    lines = [_line(voice, seconds_at) for voice in voices]
    most = max(len(line.notes) for line in lines)
    return [
        RatedVoice(
            voice,
            {
                "overlap": _overlap(voice.notes, seconds_at),
                "loudness": velocity / len(voice.notes) / loudness,
                **_features(line, most),
                "under": max(0.0, _under(line, lines) - _TOGETHER_SHARE),
                "name": hint(voice.track.name),
                "words": float(bool(voice.track.lyrics)),
            },
        )
        for voice, line, velocity in zip(voices, lines, velocities, strict=True)
    ]


def ranked(rated: Iterable[RatedVoice]) -> list[RatedVoice]:
    """The likeliest first; of two that are equally likely, the higher."""
    return sorted(rated, key=lambda one: (round(one.points, 1), one.height), reverse=True)


def _line(voice: Voice, seconds_at: Callable[[float], float]) -> _Line:
    notes = skyline(voice.notes, seconds_at)
    pitches = {int(seconds_at(note.start) / _MOMENT): note.pitch for note in notes}
    return _Line(notes, sum([note.pitch for note in notes]) / len(notes), pitches)


def _features(line: _Line, most: int) -> dict[str, float]:
    pitches = sorted(note.pitch for note in line.notes)
    count = len(pitches)
    return {
        "low": max(0.0, _LOW - line.mean) / 12,
        "high": max(0.0, line.mean - _HIGH) / 12,
        "few": max(0, 16 - count) / 16,
        "range": (pitches[9 * count // 10] - pitches[count // 10]) / 12,
        "share": math.log(count / most),
    }


def _under(line: _Line, lines: Sequence[_Line]) -> float:
    """The largest share of notes that start together with a higher one of one other voice.

    Voices of a hymn move together; a voice with far more or fewer notes does not count.
    """
    count, most = len(line.notes), 0.0
    for other in lines:
        shorter, longer = sorted((count, len(other.notes)))
        if other.mean <= line.mean or shorter < longer * _TOGETHER_SHARE:
            continue
        there = other.pitches
        below = sum(there.get(moment, 0) > pitch for moment, pitch in line.pitches.items())
        most = max(most, below / count * min(1.0, below / len(other.notes)))
    return most


def _overlap(notes: Sequence[MidiNote], seconds_at: Callable[[float], float]) -> float:
    """Share of the notes that start over 50 ms before the note before ends."""
    return sum(seconds_at(b.start) < seconds_at(a.end) - 0.05 for a, b in pairwise(notes)) / len(
        notes
    )


def melody_of(
    voice: Voice, seconds_at: Callable[[float], float], *, top: bool = False
) -> list[MidiNote]:
    """The melody of a voice: one note at a time, in order, each ended by the next.

    With ``top`` it is the top line. Without, notes are classified where there are deep ones; where
    all are as loud, or it remains unclear which of them are the melody, it is the top line without
    the deep ones.
    """
    line = top_line(voice.notes, seconds_at)
    if top or _deep_notes(voice.notes, line) <= len(voice.notes) * _DEEP:
        return line
    notes = voice.notes[:_MOST_CLASSIFIED]
    found: list[int] = []
    if statistics.pstdev([note.velocity for note in notes]) >= _AS_LOUD:
        found = melody_notes(
            [
                TimedNote(seconds_at(note.start), seconds_at(note.end), note.pitch, note.velocity)
                for note in notes
            ]
        )
    return _without_overlap([notes[i] for i in found]) or _without_deep(line, seconds_at)


def _without_deep(line: Sequence[MidiNote], seconds_at: Callable[[float], float]) -> list[MidiNote]:
    """A line without the notes that are over an octave below one near them."""
    starts = [seconds_at(note.start) for note in line]
    found: list[MidiNote] = []
    for note, start in zip(line, starts, strict=True):
        low, high = bisect_left(starts, start - _NEAR), bisect_right(starts, start + _NEAR)
        around = line[low : min(high, low + _MOST_NEAR)]
        if max(other.pitch for other in around) - note.pitch <= _OCTAVE:
            found.append(note)
    return found


def top_line(notes: Sequence[MidiNote], seconds_at: Callable[[float], float]) -> list[MidiNote]:
    """The highest notes of a voice, without those that are below a note that goes on.

    A note that ends before a higher one of the line does is of another voice.
    """
    line: list[MidiNote] = []
    for note in _highest(notes, seconds_at):
        above = line and note.pitch < line[-1].pitch and note.start < line[-1].end
        if not above or seconds_at(line[-1].end) < seconds_at(note.end) - _LEGATO:
            line.append(note)
    return _without_overlap(line)


def _deep_notes(notes: Sequence[MidiNote], line: Sequence[MidiNote]) -> int:
    """How many notes start over an octave below the note of the line that started last."""
    starts = [note.start for note in line]
    tops = (line[max(0, bisect_right(starts, note.start) - 1)] for note in notes)
    return sum(top.pitch - note.pitch > 12 for note, top in zip(notes, tops, strict=True))


def skyline(notes: Sequence[MidiNote], seconds_at: Callable[[float], float]) -> list[MidiNote]:
    """The highest of the notes that start together; a later one ends the one before."""
    return _without_overlap(_highest(notes, seconds_at))


def _highest(notes: Sequence[MidiNote], seconds_at: Callable[[float], float]) -> list[MidiNote]:
    """The highest of the notes that start together."""
    line: list[MidiNote] = []
    start = -math.inf
    for note in notes:
        seconds = seconds_at(note.start)
        if seconds - start >= TOGETHER:
            line.append(note)
            start = seconds
        elif note.pitch > line[-1].pitch:
            line[-1] = note
    return line


def _without_overlap(line: Sequence[MidiNote]) -> list[MidiNote]:
    """The notes, each ended at the start of the next; those that would be empty are left out."""
    ends = [min(a.end, b.start) for a, b in pairwise(line)] + [note.end for note in line[-1:]]
    return [
        MidiNote(note.start, end, note.pitch, note.velocity)
        for note, end in zip(line, ends, strict=True)
        if end > note.start
    ]

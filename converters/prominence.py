"""Which notes of a voice with chords are its melody, note by note.

A logistic score of what a note is among its neighbours, then two more with what the first says of
them: the melody has a loudness, a range and a line of its own in each song. The weights were found
by logistic regression on two thirds of 101 songs of POP909 with all tracks on one channel.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

#: Starts within this are one chord, in seconds.
TOGETHER = 0.03
_NEAR, _LINE, _PHRASE = 2.0, 1.5, 4.0  # seconds on either side
#: Notes looked at on either side: keeps a file of nothing but chords from taking minutes.
_MOST_AROUND = 64
_LEAST = -1.0  # of the score: a melody with a wrong note is better than one with a gap


class Heard(NamedTuple):
    """A note in seconds, as a listener has it."""

    start: float
    end: float
    pitch: int
    velocity: int


Row = tuple[float, ...]


class _Weights(NamedTuple):
    bias: float
    of: Row


#: Of ``among_neighbours``.
FIRST = _Weights(-0.49, (0.926, -0.567, -0.334, 0.015, -1.232, -0.263, -0.571))
#: Of the same, the score before, and ``along_the_line``.
SECOND = _Weights(
    -0.953,
    (
        -0.297,
        -0.538,
        0.014,
        -0.093,
        -0.091,
        -1.016,
        -0.287,
        0.092,
        1.22,
        1.287,
        1.646,
        1.679,
        -1.098,
        -0.383,
    ),
)
THIRD = _Weights(
    -1.779,
    (
        0.466,
        -0.976,
        -0.091,
        -0.152,
        -0.783,
        -0.956,
        -0.604,
        -0.765,
        1.037,
        1.176,
        2.5,
        2.533,
        -1.808,
        -0.603,
    ),
)


def prominent(notes: Sequence[Heard]) -> list[int]:
    """Indices of the melody's notes in ``notes``, which are ordered by start."""
    rows = among_neighbours(notes)
    scores = [_score(FIRST, row) for row in rows]
    for weights in (SECOND, THIRD):
        lines = along_the_line(notes, scores)
        scores = [
            _score(weights, (*row, score, *line))
            for row, score, line in zip(rows, scores, lines, strict=True)
        ]
    return best_of_chords(notes, scores)


def _score(weights: _Weights, row: Row) -> float:
    return weights.bias + sum(map(float.__mul__, weights.of, row))


def best_of_chords(notes: Sequence[Heard], scores: Sequence[float]) -> list[int]:
    """The one note of each chord that scores highest, where it scores enough."""
    line: list[int] = []
    for index, (note, score) in enumerate(zip(notes, scores, strict=True)):
        if score < _LEAST:
            continue
        if not line or note.start - notes[line[-1]].start >= TOGETHER:
            line.append(index)
        elif score > scores[line[-1]]:
            line[-1] = index
    return line


def among_neighbours(notes: Sequence[Heard]) -> list[Row]:
    """Loudness, notes above it, notes with it, height and length of each note."""
    starts = [note.start for note in notes]
    pitches = [note.pitch for note in notes]
    loudness = [note.velocity for note in notes]
    mean, spread = statistics.fmean(loudness), statistics.pstdev(loudness) + 1e-6
    middle = statistics.median(pitches)
    rows: list[Row] = []
    sounding: list[Heard] = []
    fed = 0
    for start, end, pitch, velocity in notes:
        low = bisect_left(starts, start - TOGETHER)
        high = bisect_right(starts, start + TOGETHER, hi=min(len(starts), low + _MOST_AROUND))
        sounding += notes[fed:high]
        fed = max(fed, high)
        sounding = [o for o in sounding if o.end > start + TOGETHER][-_MOST_AROUND:]
        near = pitches[
            max(bisect_left(starts, start - _NEAR), low - _MOST_AROUND) : min(
                bisect_right(starts, start + _NEAR), high + _MOST_AROUND
            )
        ]
        rows.append(
            (
                (velocity - mean) / spread,
                float(min(4, sum(other > pitch for other in pitches[low:high]))),
                float(min(4, sum(other.pitch > pitch for other in sounding))),
                float(min(5, high - low)),
                (max(near) - pitch) / 12,
                (pitch - middle) / 12,
                math.log(min(end - start, 3) + 0.03),
            )
        )
    return rows


def along_the_line(notes: Sequence[Heard], scores: Sequence[float]) -> list[Row]:
    """How each note agrees with what ``scores`` say of the song, and of the notes around it."""
    chances = [1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) for score in scores]
    starts = [note.start for note in notes]
    by_loudness = _favour([note.velocity for note in notes], chances)
    by_pitch = _favour([note.pitch for note in notes], chances)
    loudness = _loudness_around(notes, starts, chances)
    rows: list[Row] = []
    for index, (start, _end, pitch, velocity) in enumerate(notes):
        now, past = bisect_left(starts, start - TOGETHER), bisect_right(starts, start + TOGETHER)
        before = range(max(now - _MOST_AROUND, bisect_left(starts, start - _LINE)), now)
        after = range(past, min(past + _MOST_AROUND, bisect_right(starts, start + _LINE)))
        held = (chances[other] for other in before if notes[other].end > start + 0.05)
        rows.append(
            (
                by_loudness(velocity),
                by_pitch(pitch),
                _nearness(notes, chances, before, pitch),
                _nearness(notes, chances, after, pitch),
                max(held, default=0.0),
                min(abs(velocity - loudness[index]), 30.0) / 10,
            )
        )
    return rows


_CLOSENESS = tuple(math.exp(-steps / 3) for steps in range(128))


def _nearness(notes: Sequence[Heard], chances: Sequence[float], among: range, pitch: int) -> float:
    """How near in pitch the melody is among some notes: 0 far .. 1 the same."""
    total = near = 0.0
    for other in among:
        chance = chances[other]
        total += chance
        near += chance * _CLOSENESS[abs(notes[other].pitch - pitch)]
    return near / (total + 0.3)


def _favour(values: Sequence[int], chances: Sequence[float]) -> Callable[[int], float]:
    """A function: how much likelier notes of a value are melody than notes at large, as a log."""
    sums, counts = [0.0] * 132, [0] * 132
    for value, chance in zip(values, chances, strict=True):
        sums[value + 2] += chance
        counts[value + 2] += 1
    base = sum(chances) / len(chances)
    smooth = (1, 2, 3, 2, 1)
    table = []
    for value in range(128):
        found = sum(map(float.__mul__, map(float, smooth), sums[value : value + 5]))
        there = sum(map(int.__mul__, smooth, counts[value : value + 5]))
        table.append(math.log((found + base * 2) / (there + 2) / base))
    return table.__getitem__


def _loudness_around(
    notes: Sequence[Heard], starts: Sequence[float], chances: Sequence[float]
) -> list[float]:
    """The melody's mean velocity around each note."""
    weights = list(accumulate(chances, initial=0.0))
    loud = (chance * note.velocity for chance, note in zip(chances, notes, strict=True))
    sums = list(accumulate(loud, initial=0.0))
    means = []
    for start in starts:
        low, high = bisect_left(starts, start - _PHRASE), bisect_right(starts, start + _PHRASE)
        means.append((sums[high] - sums[low]) / (weights[high] - weights[low] + 1e-9))
    return means

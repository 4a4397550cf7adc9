"""Features of each note that distinguish the melody from other notes: a row of numbers each.

First they compare a note with its neighbours. Once each note has a score, others compare it with
the song's likely melody, with the notes around it, and with the line through the notes that score
best: each song's melody has a loudness, a range and a way of moving of its own.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from operator import mul
from typing import NamedTuple

#: Seconds within which notes that start are one chord.
TOGETHER = 0.03
_NEAR, _LINE, _PHRASE = 2.0, 1.5, 4.0  # seconds on either side
SPANS = (3.0, 10.0)  # seconds on either side: about a phrase, about a verse
#: Notes compared on either side: without a limit, a file of nothing but chords takes minutes.
_MOST_AROUND = 64
_LONG = 0.7  # seconds; a longer note is likely part of a background chord
_LONGEST, _SHORTEST = 3.0, 0.03  # seconds: longer and shorter lengths and waits count as these

#: In the last columns of ``AMONG_NEIGHBOURS``: a note alone, and the most of each column.
_LONE = (1.0, 2.0, 3.0, 1.5)


class TimedNote(NamedTuple):
    """A note of a file, with its time in seconds."""

    start: float
    end: float
    pitch: int  #: MIDI number: 60 is middle C
    velocity: int  #: 1..127


#: The features of one note, by the names of the columns below.
Row = tuple[float, ...]

AMONG_NEIGHBOURS = (
    *("loudness", "low", "covered", "length", "long", "bottom", "wait", "during"),
    *("top", "alike", "aside", "released"),  # among the notes that start with it
)
ALONG_THE_LINE = ("as loud", "as high", "from", "to", "held", "off loudness", "rival")
AROUND = ("loud", "lengths", "legato", "waits", "melody")  # each of them within each of SPANS
#: Of two columns above: the smaller, products and squares.
OF_TWO = (
    *("from or to", "from and to", "as loud, squared", "as high, squared"),
    *("top with rival", "top with during"),
)
_DURING, _TOP = map(AMONG_NEIGHBOURS.index, ("during", "top"))


def among_neighbours(notes: Sequence[TimedNote]) -> list[Row]:
    """Rows of ``AMONG_NEIGHBOURS`` for notes ordered by start."""
    loudness = [note.velocity for note in notes]
    mean, spread = statistics.fmean(loudness), statistics.pstdev(loudness) + 1e-6
    starts = [note.start for note in notes]
    bottoms, tops = _bottoms(notes, starts), _highest_near(notes, starts)
    return [
        (
            (note.velocity - mean) / spread,
            max(0, 64 - note.pitch) / 12,
            (top - note.pitch) / 12,
            math.log(min(_LONGEST, note.end - note.start) + _SHORTEST),
            max(0.0, math.log(max(_SHORTEST, min(_LONGEST, note.end - note.start)) / _LONG)),
            bottom,
            math.log(wait),
            float(min(4, bisect_left(starts, note.end - 0.05) - bisect_left(starts, past)))
            if note.end - 0.05 > (past := note.start + TOGETHER)
            else 0.0,
            *chord,
        )
        for note, bottom, top, wait, chord in zip(
            notes, bottoms, tops, _waits(notes, starts), _among_chords(notes), strict=True
        )
    ]


def _among_chords(notes: Sequence[TimedNote]) -> list[Row]:
    """For each note, how it is among those that start with it, up to ``TOGETHER`` after the first.

    Whether it is the highest, and how far it is from the nearest other in loudness and length, in
    start, and in end; notes of one hand are alike.
    """
    rows: list[Row] = []
    while len(rows) < len(notes):
        first = len(rows)
        last = first + 1
        while last < len(notes) and notes[last].start - notes[first].start < TOGETHER:
            last += 1
        chord = notes[first:last]
        rows += [_LONE] if len(chord) == 1 else _in_chord(chord[:_MOST_AROUND])
        rows += [_LONE] * max(0, len(chord) - _MOST_AROUND)
    return rows


def _in_chord(chord: Sequence[TimedNote]) -> list[Row]:
    """The rows of the notes of one chord."""
    lengths = [math.log(max(_SHORTEST, note.end - note.start)) for note in chord]
    top = max(note.pitch for note in chord)
    rows: list[Row] = []
    for index, (start, end, pitch, velocity) in enumerate(chord):
        others = [
            (
                abs(velocity - other.velocity) / 20 + abs(lengths[index] - length),
                abs(start - other.start) * 200,
                abs(end - other.end) * 5,
            )
            for other, length in zip(chord, lengths, strict=True)
            if other is not chord[index]
        ]
        nearest = map(min, zip(*others, _LONE[1:], strict=True))
        rows.append((float(pitch == top), *nearest))
    return rows


def _highest_near(notes: Sequence[TimedNote], starts: Sequence[float]) -> list[int]:
    """The highest pitch that starts near each note."""
    pitches = [note.pitch for note in notes]
    tops = []
    for index, start in enumerate(starts):
        low = max(bisect_left(starts, start - _NEAR), index - 2 * _MOST_AROUND)
        high = min(bisect_right(starts, start + _NEAR), index + 2 * _MOST_AROUND)
        tops.append(max(pitches[low:high]))
    return tops


def _bottoms(notes: Sequence[TimedNote], starts: Sequence[float]) -> list[float]:
    """For each note, 1 if no note that sounds with it is lower, else 0."""
    sounding: list[TimedNote] = []
    added, bottoms = 0, []
    for start, _end, pitch, _velocity in notes:
        past = bisect_right(starts, start + TOGETHER, lo=added)
        sounding += notes[added:past]
        added = past
        sounding = [note for note in sounding if note.end > start + TOGETHER][-_MOST_AROUND:]
        lowest = min((other.pitch for other in sounding), default=pitch)
        bottoms.append(float(lowest >= pitch))
    return bottoms


def _waits(notes: Sequence[TimedNote], starts: Sequence[float]) -> list[float]:
    """Seconds to the next start after each note's chord."""
    nexts = [bisect_right(starts, note.start + TOGETHER) for note in notes]
    gaps = (
        starts[n] - s if n < len(starts) else _LONGEST for n, s in zip(nexts, starts, strict=True)
    )
    return [max(_SHORTEST, min(_LONGEST, gap)) for gap in gaps]


# Features of each note that need the scores of all


def chance(score: float) -> float:
    """The probability of log odds."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def along_the_line(notes: Sequence[TimedNote], scores: Sequence[float]) -> list[Row]:
    """Rows of ``ALONG_THE_LINE``: likeness to the song's melody and to the notes around."""
    chances = list(map(chance, scores))
    starts = [note.start for note in notes]
    by_loudness = _likelihood([note.velocity for note in notes], chances)
    by_pitch = _likelihood([note.pitch for note in notes], chances)
    loudness = _loudness_around(notes, starts, chances)
    rows: list[Row] = []
    for index, (start, _end, pitch, velocity) in enumerate(notes):
        now, past = bisect_left(starts, start - TOGETHER), bisect_right(starts, start + TOGETHER)
        before = range(max(now - _MOST_AROUND, bisect_left(starts, start - _LINE)), now)
        after = range(past, min(past + _MOST_AROUND, bisect_right(starts, start + _LINE)))
        held = (chances[other] for other in before if notes[other].end > start + 0.05)
        rivals = chances[max(now, index - _MOST_AROUND) : index]
        rivals += chances[index + 1 : min(past, index + _MOST_AROUND)]
        rows.append(
            (
                by_loudness(velocity),
                by_pitch(pitch),
                _nearness(notes, chances, before, pitch),
                _nearness(notes, chances, after, pitch),
                max(held, default=0.0),
                min(abs(velocity - loudness[index]), 30.0) / 10,
                max(rivals, default=0.0),
            )
        )
    return rows


_CLOSENESS = tuple(math.exp(-steps / 3) for steps in range(128))


def _nearness(
    notes: Sequence[TimedNote], chances: Sequence[float], among: range, pitch: int
) -> float:
    """How near in pitch the melody is among some notes: 0 far .. 1 the same."""
    total = near = 0.0
    for other in among:
        chance = chances[other]
        total += chance
        near += chance * _CLOSENESS[abs(notes[other].pitch - pitch)]
    return near / (total + 0.3)


def _likelihood(values: Sequence[int], chances: Sequence[float]) -> Callable[[int], float]:
    """A function of a value: the log of how much likelier its notes are melody than others."""
    sums, counts = [0.0] * 132, [0] * 132
    for value, chance in zip(values, chances, strict=True):
        sums[value + 2] += chance
        counts[value + 2] += 1
    base = sum(chances) / len(chances)
    smooth = (1, 2, 3, 2, 1)
    table = []
    for value in range(128):
        melodic = sum(map(mul, smooth, sums[value : value + 5]))
        count = sum(map(mul, smooth, counts[value : value + 5]))
        table.append(math.log((melodic + base * 2) / (count + 2) / base))
    return table.__getitem__


def _loudness_around(
    notes: Sequence[TimedNote], starts: Sequence[float], chances: Sequence[float]
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


def of_two(rows: Sequence[Row], along: Sequence[Row]) -> list[Row]:
    """Rows of ``OF_TWO``, from those of ``AMONG_NEIGHBOURS`` and ``ALONG_THE_LINE``."""
    return [
        (
            min(before, after),
            before * after,
            loud * loud,
            high * high,
            row[_TOP] * rival,
            row[_TOP] * row[_DURING],
        )
        for row, (loud, high, before, after, _, _, rival) in zip(rows, along, strict=True)
    ]


# The line through the best notes, whose phrases distinguish one tune from another


def around(
    notes: Sequence[TimedNote], rows: Sequence[Row], scores: Sequence[float], line: Sequence[int]
) -> list[Row]:
    """Rows of ``AROUND`` for each span: means of the line around each note, less its own mean.

    ``rows`` are those of ``among_neighbours``; ``line`` has the indices of notes, one at a time.
    """
    starts = [notes[index].start for index in line]
    chances = [chance(scores[index]) for index in line]
    columns = list(zip(*_line_features(notes, rows, line), strict=True)) or [()] * (len(AROUND) - 1)
    weights = list(accumulate(chances, initial=0.0))
    sums = [list(accumulate(map(mul, chances, column), initial=0.0)) for column in columns]
    means = [total[-1] / (weights[-1] + 1e-9) for total in sums]
    table: list[Row] = []
    last, row = -math.inf, Row()
    for start, *_ in notes:
        if start > last:
            last, row = start, _means_within(start, starts, weights, sums, means)
        table.append(row)
    return table


def _line_features(
    notes: Sequence[TimedNote], rows: Sequence[Row], line: Sequence[int]
) -> list[Row]:
    """Loudness, length, length divided by the wait for any note, and wait for the line's next."""
    starts = [notes[index].start for index in line]
    gaps = [b - a for a, b in pairwise(starts)] + [_LONGEST] * bool(line)
    features: list[Row] = []
    for index, gap in zip(line, gaps, strict=True):
        loudness, _, _, length, _, _, wait, *_ = rows[index]
        held = min(_LONGEST, notes[index].end - notes[index].start)
        legato = min(2.0, held / math.exp(wait))
        features.append((loudness, length, legato, math.log(max(_SHORTEST, min(_LONGEST, gap)))))
    return features


def _means_within(
    start: float,
    starts: Sequence[float],
    weights: Sequence[float],
    sums: Sequence[Sequence[float]],
    means: Sequence[float],
) -> Row:
    """The row of ``AROUND`` of a note that starts at ``start`` seconds."""
    row: list[float] = []
    for span in SPANS:
        low, high = bisect_left(starts, start - span), bisect_right(starts, start + span)
        weight = weights[high] - weights[low]
        row += (
            (total[high] - total[low] + mean / 2) / (weight + 0.5) - mean
            for total, mean in zip(sums, means, strict=True)
        )
        row.append(weight / (2 * span))
    return tuple(row)

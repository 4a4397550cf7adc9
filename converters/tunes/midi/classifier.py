"""Which notes of a voice with chords are its melody, by logistic regression.

A note gets a score from its features among its neighbours; three times more, the scores of all
notes give further features and a better score. ``tools/melody-weights`` finds the weights by
logistic regression on two thirds of 101 pop songs (POP909).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from operator import mul
from types import MappingProxyType

from converters.tunes.midi.features import (
    ALONG_THE_LINE,
    AMONG_NEIGHBOURS,
    AROUND,
    OF_TWO,
    SPANS,
    TOGETHER,
    Row,
    TimedNote,
    along_the_line,
    among_neighbours,
    around,
    chance,
    of_two,
)

#: Names of the columns of every stage but the first, which has ``AMONG_NEIGHBOURS`` only.
COLUMNS = (
    *AMONG_NEIGHBOURS,
    "score",
    *ALONG_THE_LINE,
    *(f"{name} within {span:g} s" for span in SPANS for name in AROUND),
    *OF_TWO,
)
#: The lowest score of a melody's note; below 0, as a wrong note is better than a gap.
LEAST = -0.6
#: By how much the score of a note that replaces a higher and louder one is above it.
FAR = 0.5
#: Lines that are less sure, and of fewer chords as a share, are worse than the top line: in music
#: unlike the songs.
SURE, SPARSE = 0.54, 0.4
MOST_TOGETHER = 64  # notes that are compared

#: Points for each unit of a column in the first stage, which knows only a note's neighbours, and in
#: the three after it; the sum is log odds.
POINTS: Mapping[str, tuple[float, float, float, float]] = MappingProxyType(
    {
        "bias": (-1.36, -2.66, -2.03, -1.86),
        "loudness": (0.63, 0.06, 0.11, 0.12),
        "low": (-1.39, 1.29, 0.76, 0.45),
        "covered": (-1.13, 0.07, 0.04, -0.04),
        "length": (-0.33, -0.07, 0.01, -0.00),
        "long": (-0.01, 0.17, 0.10, 0.08),
        "bottom": (0.16, 0.13, 0.06, 0.05),
        "wait": (0.08, 0.08, 0.07, 0.08),
        "during": (-0.12, -0.22, -0.19, -0.19),
        "top": (1.17, -0.53, -0.33, -0.23),
        "alike": (0.28, 0.55, 0.32, 0.33),
        "aside": (-0.47, -0.35, -0.25, -0.25),
        "released": (0.45, 0.28, 0.19, 0.19),
        "score": (0.00, -0.04, 0.27, 0.26),
        "as loud": (0.00, 0.81, 0.40, 0.38),
        "as high": (0.00, 0.76, 0.55, 0.42),
        "from": (0.00, 3.78, 2.59, 2.47),
        "to": (0.00, 3.74, 2.64, 2.49),
        "held": (0.00, -0.89, -0.70, -0.75),
        "off loudness": (0.00, -0.45, -0.29, -0.29),
        "rival": (0.00, -2.33, -1.54, -1.44),
        "loud within 3 s": (0.00, -0.09, -0.06, -0.10),
        "lengths within 3 s": (0.00, 0.21, 0.19, 0.24),
        "legato within 3 s": (0.00, -0.60, -0.71, -0.66),
        "waits within 3 s": (0.00, 0.30, 0.27, 0.30),
        "melody within 3 s": (0.00, -0.54, -0.41, -0.31),
        "loud within 10 s": (0.00, -0.23, -0.10, -0.06),
        "lengths within 10 s": (0.00, 0.44, 0.67, 0.65),
        "legato within 10 s": (0.00, 0.08, 0.19, 0.12),
        "waits within 10 s": (0.00, -0.37, -0.62, -0.83),
        "melody within 10 s": (0.00, 0.85, 0.73, 0.59),
        "from or to": (0.00, 2.49, 2.19, 1.95),
        "from and to": (0.00, -8.27, -5.98, -5.53),
        "as loud, squared": (0.00, 0.01, 0.07, 0.06),
        "as high, squared": (0.00, -0.22, -0.05, -0.04),
        "top with rival": (0.00, 3.93, 1.83, 1.75),
        "top with during": (0.00, 0.09, 0.10, 0.10),
    }
)
_Weights = Sequence[float]  # the bias, and one for each column
_STAGES = tuple(zip(*POINTS.values(), strict=True))
WEIGHTS: tuple[_Weights, ...] = (_STAGES[0][: 1 + len(AMONG_NEIGHBOURS)], *_STAGES[1:])


def melody_notes(notes: Sequence[TimedNote]) -> list[int]:
    """Indices of the melody's notes in ``notes``, which are ordered by start.

    None where it is unclear which notes they are.
    """
    first, *later = WEIGHTS
    rows = among_neighbours(notes)
    scores = weighted_sums(rows, first)
    for weights in later:
        scores = weighted_sums(with_scores(notes, rows, scores), weights)
    line = best_of_chords(notes, scores)
    chords = sum(b.start - a.start >= TOGETHER for a, b in pairwise(notes)) + 1
    if _sureness(scores, line) < SURE and len(line) < chords * SPARSE:
        return []
    return _with_tops(notes, scores, line)


def _sureness(scores: Sequence[float], line: Sequence[int]) -> float:
    """The F1 that the line is likely to have, by the chances of its notes and of the others."""
    return 2 * sum(chance(scores[i]) for i in line) / (len(line) + sum(map(chance, scores)))


def _with_tops(
    notes: Sequence[TimedNote], scores: Sequence[float], line: Sequence[int]
) -> list[int]:
    """The line with the highest note that starts with each of its own.

    A lower one is kept only where it is louder, or by far more like the melody.
    """
    starts = [note.start for note in notes]
    found: list[int] = []
    for index in line:
        start, _, pitch, velocity = notes[index]
        around = range(
            bisect_left(starts, start - TOGETHER), bisect_right(starts, start + TOGETHER)
        )
        top = max(around[:MOST_TOGETHER], key=lambda one: notes[one].pitch, default=index)
        louder = velocity > notes[top].velocity or scores[index] - scores[top] > FAR
        found.append(index if louder or notes[top].pitch == pitch else top)
    return sorted(set(found))


def with_scores(
    notes: Sequence[TimedNote], rows: Sequence[Row], scores: Sequence[float]
) -> list[Row]:
    """Rows of ``COLUMNS``: those of ``AMONG_NEIGHBOURS``, and what the last scores add."""
    line = best_of_chords(notes, scores)
    along = along_the_line(notes, scores)
    parts = zip(
        rows,
        zip(scores, strict=True),
        along,
        around(notes, rows, scores, line),
        of_two(rows, along),
        strict=True,
    )
    return [tuple(chain.from_iterable(part)) for part in parts]


def weighted_sums(rows: Sequence[Row], weights: _Weights) -> list[float]:
    """The weighted sum of each row."""
    bias, *slopes = weights
    return [bias + sum(map(mul, slopes, row)) for row in rows]


def best_of_chords(notes: Sequence[TimedNote], scores: Sequence[float]) -> list[int]:
    """Index of the note of each chord that scores highest, if that is at least ``LEAST``."""
    line: list[int] = []
    for index, (note, score) in enumerate(zip(notes, scores, strict=True)):
        if score < LEAST:
            continue
        if not line or note.start - notes[line[-1]].start >= TOGETHER:
            line.append(index)
        elif score > scores[line[-1]]:
            line[-1] = index
    return line

"""Which notes of a voice with chords are its melody, by logistic regression.

A note gets a score from its features among its neighbours; twice more, the scores of all notes give
further features and a better score. ``tools/melody-weights`` finds the weights by logistic
regression on two thirds of 101 pop songs (POP909) and of 21 game tunes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import mul
from types import MappingProxyType

from converters.tunes.midi.features import (
    ALONG_THE_LINE,
    AMONG_NEIGHBOURS,
    AROUND,
    SPANS,
    TOGETHER,
    Row,
    TimedNote,
    along_the_line,
    among_neighbours,
    around,
)

#: Names of the columns of every stage but the first, which has ``AMONG_NEIGHBOURS`` only.
COLUMNS = (
    *AMONG_NEIGHBOURS,
    "score",
    *ALONG_THE_LINE,
    *(f"{name} within {span:g} s" for span in SPANS for name in AROUND),
)
#: The lowest score of a melody's note; below 0, as a wrong note is better than a gap.
LEAST = -0.8

#: Points for each unit of a column in the first stage, which knows only a note's neighbours, and in
#: the two after it; the sum is log odds.
POINTS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "bias": (-0.64, -2.16, -1.84),
        "loudness": (0.73, 0.35, 0.43),
        "low": (-0.59, 0.20, -0.23),
        "covered": (-1.50, -0.14, -0.33),
        "length": (-0.69, -0.12, -0.14),
        "long": (0.46, 0.16, 0.14),
        "bottom": (-0.40, -0.34, -0.44),
        "wait": (-0.10, 0.13, 0.19),
        "during": (0.00, -0.06, -0.06),
        "score": (0.00, 0.09, -0.10),
        "as loud": (0.00, 0.32, 0.29),
        "as high": (0.00, 0.80, 0.66),
        "from": (0.00, 2.19, 1.90),
        "to": (0.00, 2.08, 1.93),
        "held": (0.00, -0.63, -0.84),
        "off loudness": (0.00, -0.38, -0.39),
        "rival": (0.00, -1.34, -1.57),
        "loud within 3 s": (0.00, -0.35, -0.24),
        "lengths within 3 s": (0.00, 0.69, 0.31),
        "legato within 3 s": (0.00, -0.73, -0.69),
        "waits within 3 s": (0.00, 0.63, 0.73),
        "melody within 3 s": (0.00, 0.01, -0.06),
        "loud within 10 s": (0.00, 0.06, 0.01),
        "lengths within 10 s": (0.00, -0.11, -0.04),
        "legato within 10 s": (0.00, 0.06, 0.32),
        "waits within 10 s": (0.00, -0.20, -0.18),
        "melody within 10 s": (0.00, 0.68, 0.65),
    }
)
_Weights = Sequence[float]  # the bias, and one for each column
_STAGES = tuple(zip(*POINTS.values(), strict=True))
WEIGHTS: tuple[_Weights, ...] = (_STAGES[0][: 1 + len(AMONG_NEIGHBOURS)], *_STAGES[1:])


def melody_notes(notes: Sequence[TimedNote]) -> list[int]:
    """Indices of the melody's notes in ``notes``, which are ordered by start."""
    first, *later = WEIGHTS
    rows = among_neighbours(notes)
    scores = weighted_sums(rows, first)
    for weights in later:
        scores = weighted_sums(with_scores(notes, rows, scores), weights)
    return best_of_chords(notes, scores)


def with_scores(
    notes: Sequence[TimedNote], rows: Sequence[Row], scores: Sequence[float]
) -> list[Row]:
    """Rows of ``COLUMNS``: those of ``AMONG_NEIGHBOURS``, and what the last scores add."""
    line = best_of_chords(notes, scores)
    parts = zip(
        rows,
        zip(scores, strict=True),
        along_the_line(notes, scores),
        around(notes, rows, scores, line),
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

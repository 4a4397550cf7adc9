"""Which notes of a voice with chords are its melody, note by note.

A logistic score of what a note is among its neighbours, then two more with what the one before
says of the song: the melody has a loudness, a range and a gait of its own. ``tools/melody-weights``
finds the weights by logistic regression on two thirds of 101 pop songs (POP909) and of 21 game
tunes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import mul
from types import MappingProxyType

from converters.salience import (
    ALONG_THE_LINE,
    AMONG_NEIGHBOURS,
    AROUND,
    SPANS,
    TOGETHER,
    Heard,
    Row,
    along_the_line,
    among_neighbours,
    around,
)

#: Names of the columns of every row but the first stage's, which are ``AMONG_NEIGHBOURS`` alone.
COLUMNS = (
    *AMONG_NEIGHBOURS,
    "score",
    *ALONG_THE_LINE,
    *(f"{name} within {span:g} s" for span in SPANS for name in AROUND),
)
#: Of the score: a melody with a wrong note is better than one with a gap.
LEAST = -1.0

#: Points for each unit of a column in the first stage, which has its neighbours alone, and in the
#: two after it; the sum is log odds.
POINTS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "bias": (-1.58, -2.00, -1.81),
        "loudness": (0.76, 0.54, 0.55),
        "low": (-0.44, -0.00, -0.26),
        "covered": (-1.19, -0.15, -0.32),
        "length": (-0.98, -0.13, -0.26),
        "long": (0.67, 0.06, 0.14),
        "bottom": (-0.87, -0.43, -0.56),
        "wait": (-0.38, 0.13, 0.13),
        "during": (0.10, -0.05, -0.04),
        "score": (0.0, 0.16, -0.02),
        "as loud": (0.0, -0.06, 0.09),
        "as high": (0.0, 0.87, 0.74),
        "from": (0.0, 1.84, 1.38),
        "to": (0.0, 1.48, 1.24),
        "held": (0.0, -0.23, -0.27),
        "off loudness": (0.0, -0.43, -0.40),
        "rival": (0.0, -0.98, -0.95),
        "loud within 3 s": (0.0, -0.48, -0.27),
        "lengths within 3 s": (0.0, 0.87, 0.30),
        "legato within 3 s": (0.0, -0.91, -0.56),
        "waits within 3 s": (0.0, 0.74, 0.51),
        "melody within 3 s": (0.0, 0.30, 0.16),
        "loud within 10 s": (0.0, -0.01, -0.10),
        "lengths within 10 s": (0.0, 0.28, 0.40),
        "legato within 10 s": (0.0, -0.11, 0.05),
        "waits within 10 s": (0.0, -0.79, -0.44),
        "melody within 10 s": (0.0, 0.32, 0.33),
    }
)
_Weights = Sequence[float]  # the bias, and one for each column
_STAGES = tuple(zip(*POINTS.values(), strict=True))
WEIGHTS: tuple[_Weights, ...] = (_STAGES[0][: 1 + len(AMONG_NEIGHBOURS)], *_STAGES[1:])


def prominent(notes: Sequence[Heard]) -> list[int]:
    """Indices of the melody's notes in ``notes``, which are ordered by start."""
    first, *later = WEIGHTS
    rows = among_neighbours(notes)
    scores = scored(rows, first)
    for weights in later:
        scores = scored(in_song(notes, rows, scores), weights)
    return best_of_chords(notes, scores)


def in_song(notes: Sequence[Heard], rows: Sequence[Row], scores: Sequence[float]) -> list[Row]:
    """Rows of ``COLUMNS``, from those of ``AMONG_NEIGHBOURS`` and the scores so far."""
    line = best_of_chords(notes, scores)
    parts = zip(
        rows,
        zip(scores, strict=True),
        along_the_line(notes, scores),
        around(notes, rows, scores, line),
        strict=True,
    )
    return [tuple(chain.from_iterable(part)) for part in parts]


def scored(rows: Sequence[Row], weights: _Weights) -> list[float]:
    """The weighted sum of each row."""
    bias, *of = weights
    return [bias + sum(map(mul, of, row)) for row in rows]


def best_of_chords(notes: Sequence[Heard], scores: Sequence[float]) -> list[int]:
    """The one note of each chord that scores highest, where it scores enough."""
    line: list[int] = []
    for index, (note, score) in enumerate(zip(notes, scores, strict=True)):
        if score < LEAST:
            continue
        if not line or note.start - notes[line[-1]].start >= TOGETHER:
            line.append(index)
        elif score > scores[line[-1]]:
            line[-1] = index
    return line

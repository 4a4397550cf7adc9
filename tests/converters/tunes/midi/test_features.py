from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from converters.tunes.midi import features, line
from converters.tunes.midi.features import Heard

heard = st.lists(
    st.tuples(st.floats(0, 20), st.floats(0.01, 3), st.integers(0, 127), st.integers(1, 127)),
    min_size=1,
    max_size=60,
).map(lambda rows: sorted(Heard(a, a + b, pitch, loud) for a, b, pitch, loud in rows))


@given(heard)
def test_every_row_has_a_finite_number_for_each_column(notes):
    rows = features.among_neighbours(notes)
    for scores in ([0.0] * len(notes), [1e6] * len(notes), [-1e6] * len(notes)):
        for row in line.in_song(notes, rows, scores):
            assert len(row) == len(line.COLUMNS)
            assert all(map(math.isfinite, row))


def test_a_note_among_its_neighbours():
    notes = [Heard(0, 1, 76, 100), Heard(0, 1, 52, 60), Heard(0.5, 1, 64, 80)]
    rows = [
        dict(zip(features.AMONG_NEIGHBOURS, row, strict=True))
        for row in features.among_neighbours(notes)
    ]
    assert [row["covered"] for row in rows] == [0, 2, 1]
    assert [row["low"] for row in rows] == [0, 1, 0]
    assert [row["bottom"] for row in rows] == [0, 1, 0]
    assert [row["during"] for row in rows] == [1, 1, 0]
    assert rows[0]["loudness"] > rows[2]["loudness"] > rows[1]["loudness"]
    assert rows[0]["wait"] == math.log(0.5)


def test_what_is_like_the_melody_of_the_song_agrees_with_it():
    tune = [Heard(n, n + 0.9, 72 + n % 3, 100) for n in range(20)]
    other = [Heard(n + 0.5, n + 0.6, 50, 60) for n in range(20)]
    notes = sorted(tune + other)
    scores = [3.0 if note in tune else -3.0 for note in notes]
    rows = features.along_the_line(notes, scores)
    loud, high = zip(*(row[:2] for row in rows), strict=True)
    assert min(loud[::2]) > 0 > max(loud[1::2])
    assert min(high[::2]) > 0 > max(high[1::2])


def test_weights_are_as_many_as_columns():
    first, *later = line.WEIGHTS
    assert len(first) == 1 + len(features.AMONG_NEIGHBOURS)
    assert {len(weights) for weights in later} == {1 + len(line.COLUMNS)}
    assert list(line.POINTS) == ["bias", *line.COLUMNS]

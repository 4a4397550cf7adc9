from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from converters.tunes.midi import classifier, features
from converters.tunes.midi.features import TimedNote

notes_in_order = st.lists(
    st.tuples(st.floats(0, 20), st.floats(0.01, 3), st.integers(0, 127), st.integers(1, 127)),
    min_size=1,
    max_size=60,
).map(lambda rows: sorted(TimedNote(a, a + b, pitch, loud) for a, b, pitch, loud in rows))


@given(notes_in_order)
def test_every_row_has_a_finite_number_for_each_column(notes):
    rows = features.among_neighbours(notes)
    for scores in ([0.0] * len(notes), [1e6] * len(notes), [-1e6] * len(notes)):
        for row in classifier.with_scores(notes, rows, scores):
            assert len(row) == len(classifier.COLUMNS)
            assert all(map(math.isfinite, row))


def test_a_note_among_its_neighbours():
    notes = [TimedNote(0, 1, 76, 100), TimedNote(0, 1, 52, 60), TimedNote(0.5, 1, 64, 80)]
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


def test_notes_like_the_melody_of_the_song_score_higher():
    tune = [TimedNote(n, n + 0.9, 72 + n % 3, 100) for n in range(20)]
    other = [TimedNote(n + 0.5, n + 0.6, 50, 60) for n in range(20)]
    notes = sorted(tune + other)
    scores = [3.0 if note in tune else -3.0 for note in notes]
    rows = features.along_the_line(notes, scores)
    loud, high = zip(*(row[:2] for row in rows), strict=True)
    assert min(loud[::2]) > 0 > max(loud[1::2])
    assert min(high[::2]) > 0 > max(high[1::2])

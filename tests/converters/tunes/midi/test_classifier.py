from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from converters.tunes.midi import classifier, features
from converters.tunes.midi.classifier import melody_notes
from converters.tunes.midi.features import TOGETHER, TimedNote

notes_in_order = st.lists(
    st.tuples(st.floats(0, 20), st.floats(0.01, 3), st.integers(0, 127), st.integers(1, 127)),
    min_size=1,
    max_size=60,
).map(lambda rows: sorted(TimedNote(a, a + b, pitch, loud) for a, b, pitch, loud in rows))


@given(notes_in_order)
def test_melody_notes_are_one_at_a_time(notes):
    starts = [notes[index].start for index in melody_notes(notes)]
    assert all(b - a >= TOGETHER for a, b in pairwise(starts))


def test_a_loud_high_line_is_found_above_its_chords():
    melody = [TimedNote(n / 2, n / 2 + 0.45, 76 + n % 5, 110) for n in range(40)]
    chords = [TimedNote(n, n + 0.9, pitch, 70) for n in range(20) for pitch in (48, 52, 55)]
    notes = sorted(melody + chords)
    found = [notes[index] for index in melody_notes(notes)]
    assert sum(note in melody for note in found) >= 36
    assert len(found) <= 42


def test_weights_are_as_many_as_columns():
    first, *later = classifier.WEIGHTS
    assert len(first) == 1 + len(features.AMONG_NEIGHBOURS)
    assert {len(weights) for weights in later} == {1 + len(classifier.COLUMNS)}
    assert list(classifier.POINTS) == ["bias", *classifier.COLUMNS]

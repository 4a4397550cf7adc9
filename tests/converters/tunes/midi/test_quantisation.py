from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.tunes.midi.quantisation import UNITS, best_doublings, main_tempo, quantise
from converters.tunes.midi.reader import MidiNote

lines = st.lists(st.tuples(st.integers(30, 900), st.integers(10, 900)), min_size=1, max_size=60)


@given(lines)
def test_no_error_of_time_adds_up(gaps):
    line, tick = [], 0
    for gap, length in gaps:
        line.append(MidiNote(tick, tick + min(gap, length), 72, 90))
        tick += gap
    quantised = quantise(line, 1920.0, lambda _tick: 125)
    for start, note in zip(quantised.ticks, quantised.sources, strict=True):
        assert note is None or abs(start - note.start) <= 1920 / 16
    assert all(note.duration * UNITS % 1 == 0 for note in quantised.notes)


def quarters(gap):
    """Eight notes that start ``gap`` ticks apart, without rests."""
    return [MidiNote(n * gap, (n + 1) * gap, 72, 90) for n in range(8)]


def test_notes_get_the_nearest_duration():
    quantised = quantise(quarters(478), 1920.0, lambda _tick: 125)
    assert {note.duration for note in quantised.notes} == {Fraction(1, 4)}
    assert quantised.ticks[1] == 480


def test_rests_are_closed_cut_or_written():
    line = [MidiNote(0, 440, 72, 90), MidiNote(480, 720, 72, 90), MidiNote(20_000, 20_480, 72, 90)]
    quantised = quantise(line, 1920.0, lambda _tick: 125)
    assert (quantised.closed_rests, quantised.cut_rests, quantised.short) == (1, 1, 0)
    assert sum(note.duration for note in quantised.notes if note.pitch is None) == 4


@pytest.mark.parametrize(("gap", "doublings"), [(480, 0), (1920 * 4, -2), (15, 2)])
def test_durations_that_a_tone_lacks_are_doubled_or_halved(gap, doublings):
    assert best_doublings(quarters(gap), 1920.0, 125.0) == doublings


def test_the_main_tempo_is_the_one_that_most_time_has():
    tempi = [(0, 500_000), (480, 1_000_000), (1440, 250_000)]
    assert main_tempo(tempi, 0, 1920) == 60
    assert main_tempo(tempi, 0, 480) == 120

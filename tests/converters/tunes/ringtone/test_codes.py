from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from converters.tunes.ringtone.codes import (
    DURATION_CODES,
    DURATIONS,
    fold,
    nearest_duration,
    nearest_tempo,
)


@given(st.integers(-200, 300))
def test_folding_keeps_the_name_of_a_note(pitch):
    assert 60 <= fold(pitch) <= 107
    assert (fold(pitch) - pitch) % 12 == 0


def test_the_nearest_tempo_is_nearest_as_a_ratio():
    assert [nearest_tempo(bpm) for bpm in (1, 120, 211, 2000)] == [25, 125, 200, 900]


def test_the_nearest_duration_is_nearest_as_a_ratio():
    lengths = [Fraction(1, 4), Fraction(1, 5), Fraction(2), Fraction(1, 64)]
    assert [nearest_duration(length) for length in lengths] == [
        Fraction(1, 4), Fraction(3, 16), Fraction(7, 4), Fraction(1, 48),
    ]  # fmt: skip


def test_each_duration_has_a_code_of_its_own():
    assert len(DURATION_CODES) == len(DURATIONS) == 24

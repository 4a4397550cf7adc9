from __future__ import annotations

from fractions import Fraction

from converters.tunes.melody import Melody, Note, Style


def test_a_whole_note_lasts_four_beats():
    assert Melody("", (Note(69, Fraction(1), 120), Note(None, Fraction(1, 4), 60))).seconds == 3


def test_tempo_and_style_are_those_of_the_first_note():
    first = Note(69, Fraction(1, 4), 125, Style.STACCATO)
    melody = Melody("x", (first, Note(69, Fraction(1, 4), 160)))
    assert (melody.tempo, melody.style) == (125, Style.STACCATO)


def test_an_empty_melody_has_the_default_tempo_and_style():
    assert (Melody("x", ()).tempo, Melody("x", ()).style) == (63, Style.NATURAL)

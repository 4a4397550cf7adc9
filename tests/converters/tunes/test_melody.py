from fractions import Fraction

import pytest

from converters.tunes.melody import Melody, Note, Style, notation, octave, spell


@pytest.mark.parametrize(
    ("note", "spelled"),
    [
        (Note(72, Fraction(1, 4)), "4c5"),
        (Note(61, Fraction(3, 16)), "8c#4."),
        (Note(None, Fraction(7, 8)), "2p.."),
        (Note(107, Fraction(1, 12)), "12b7"),
        (Note(60, Fraction(1, 1000)), "64c4"),
    ],
)
def test_a_note_is_spelled_as_rtttl(note, spelled):
    assert spell(note) == spelled


def test_defaults_are_left_out():
    assert spell(Note(72, Fraction(1, 4)), divider=4, in_octave=5) == "c"


def test_octave_four_has_a_440():
    assert octave(69) == 4


def test_a_whole_note_lasts_four_beats():
    assert Melody("", (Note(69, Fraction(1), 120), Note(None, Fraction(1, 4), 60))).seconds == 3


def test_an_empty_melody_has_the_default_tempo_and_style():
    assert (Melody("x", ()).tempo, Melody("x", ()).style) == (63, Style.NATURAL)
    assert notation(Melody("a:b\n", ())) == "a b:d=4,o=5,b=63:"

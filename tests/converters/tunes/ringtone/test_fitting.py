from __future__ import annotations

from fractions import Fraction

import pytest

from converters.tunes.melody import Melody, Note
from converters.tunes.ringtone import fit


def test_the_nearest_values_are_taken_and_reported():
    notes = (Note(50, Fraction(1, 64), 120), Note(120, Fraction(2)))
    fitted, losses = fit(Melody("Žluťoučký kůň a pes", notes))
    assert fitted == Melody(
        "Zlutoucký kun a",
        (Note(62, Fraction(1, 48), 125), Note(96, Fraction(7, 4), 63)),
    )
    assert [str(loss) for loss in losses] == [
        "title 'Žluťoučký kůň a pes' replaced: not Latin-1; sent as 'Zlutoucký kun a pes'",
        "title 'Zlutoucký kun a pes' cut: a ringtone's title has at most 15 characters",
        "tempo 120 rounded: the nearest of the phone's tempi: 125",
        "2 durations rounded: 1/1 to 1/32, dotted or triplet, are known",
        "2 notes replaced: outside the phone's four octaves, moved by octaves",
    ]


@pytest.mark.parametrize(
    ("title", "sent"),
    [("Żubr ł", "Zubr l"), ("Полёт", "Polet"), ("It’s …", "It's ..."), ("日", "?")],
)
def test_letters_that_latin_1_lacks_are_those_they_sound_like(title, sent):
    fitted, losses = fit(Melody(title, ()))
    assert fitted.title == sent
    assert [str(loss) for loss in losses] == [
        f"title {title!r} replaced: not Latin-1; sent as {sent!r}"
    ]


def test_a_tone_s_own_values_stay():
    melody = Melody("x", (Note(72, Fraction(1, 12), 125), Note(None, Fraction(7, 8), 900)), loop=3)
    assert fit(melody) == (melody, ())
    assert fit(Melody("", ())) == (Melody("", ()), ())

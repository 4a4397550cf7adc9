"""Pictures of tunes: what is written and drawn around the notes."""

import itertools
from fractions import Fraction

import pytest

from converters.tunes import pianoroll
from converters.tunes.melody import Melody, Note


@pytest.fixture
def written(monkeypatch):
    """The texts of a picture, with the place of each."""
    found = []
    write = pianoroll._write

    def noted(pen, left, top, text):
        found.append((left, top, text))
        write(pen, left, top, text)

    monkeypatch.setattr(pianoroll, "_write", noted)
    return found


def quarters(count, tempo=60, pitches=(72,)):
    return tuple(Note(pitches[n % len(pitches)], Fraction(1, 4), tempo) for n in range(count))


def test_it_has_a_title_length_bars_seconds_and_names(written):
    pianoroll.draw(Melody("Ode", quarters(9, pitches=(60, 64, 67))))
    texts = [text for _left, _top, text in written]
    assert "Ode" in texts
    assert "9 notes, 3 bars of 4/4, 9.0 s, tempo 60" in texts
    assert {"C4", "E4", "G4", "1", "2", "3", "0 s", "8"} <= set(texts)


def test_a_bar_begins_where_its_tempo_says(written):
    pianoroll.draw(Melody("x", quarters(4, 60) + quarters(4, 120) + quarters(1)))
    bars = {text: left for left, top, text in written if top == 50 and text in "123"}
    assert bars == {"1": 36, "2": 36 + 4 * 40, "3": 36 + 6 * 40}


def test_numbers_and_names_do_not_overlap(written):
    notes = quarters(400, 240, pitches=tuple(range(59, 75)))
    pianoroll.draw(Melody("x", notes))
    names = sorted(top for left, top, text in written if left == 4)
    assert all(below - above >= 11 for above, below in itertools.pairwise(names))
    feet = {}
    for left, top, _text in written:
        if left >= 36:
            feet.setdefault(top, []).append(left)
    for lefts in feet.values():
        assert all(b - a >= 28 for a, b in itertools.pairwise(lefts))


def test_a_wide_range_names_every_c_and_a_tune_may_have_no_title_or_notes(written):
    pianoroll.draw(Melody("", quarters(8, pitches=(36, 84))))
    assert "without a title" in {text for *_place, text in written}
    assert [t for left, _top, t in written if left == 4] == ["C2", "C3", "C4", "C5", "C6"]
    pianoroll.draw(Melody("", ()))
    assert "0 notes, 0 bars of 4/4, 0.0 s, tempo 63" in {text for *_place, text in written}


@pytest.mark.parametrize(("pitch", "name"), [(60, "C4"), (61, "C#4"), (69, "A4"), (23, "B0")])
def test_middle_c_is_c4(pitch, name):
    assert pianoroll.name(pitch) == name

from __future__ import annotations

import pytest

from converters.tunes.midi.names import hint


@pytest.mark.parametrize(
    "name",
    [
        *("Melody", "MELODY 1", "melodie", "Mélodie", "Soprano", "Sop.", "Sopran I", "Descant"),
        *("Gesang", "Singstimme", "Chant", "Canto", "Voz", "Voce", "voix", "Vocals", "vox_2"),
        *("Tune", "Мелодия", "メロディー"),
    ],
)
def test_names_of_tunes(name):
    assert hint(name) == 1


@pytest.mark.parametrize(
    "name", ["Lead Guitar", "Solo", "Voice 1", "Air", "1. Stimme", "S", "Theme"]
)
def test_names_that_are_likely(name):
    assert 0.5 < hint(name) < 1


@pytest.mark.parametrize(
    "name",
    [
        "Alto",
        "TENOR",
        "Ténor",
        "Bass",
        "Bassoon",
        "Drums",
        "Percussion",
        "LH",
        "Harmony",
        "A",
        "Accomp.",
    ],
)
def test_names_of_other_voices(name):
    assert hint(name) < 0


@pytest.mark.parametrize(
    "name", ["", "Piano", "Violin", "Fairy", "Alto Sax", "Harmonica", "Track 1"]
)
def test_names_that_say_nothing(name):
    assert hint(name) == 0


@pytest.mark.parametrize("name", ["Backing Vocals", "Bass Lead", "Mezzo-Soprano"])
def test_a_name_with_both_says_little(name):
    assert 0 < hint(name) < 0.5

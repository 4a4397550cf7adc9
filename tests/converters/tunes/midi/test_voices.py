from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.tunes.midi import extraction, line
from converters.tunes.midi.features import TOGETHER, Heard
from converters.tunes.midi.quantise import UNITS, lay
from converters.tunes.midi.reader import Sound, Track, clock
from converters.tunes.midi.voices import Voice, line_of, points, skyline, weigh

SAMPLE_OPTIONS = extraction.CONVERTER.settings({})


def seconds(tick):
    return tick / 1000


def test_the_highest_of_a_chord_is_heard_and_the_next_note_ends_it():
    sounds = [Sound(0, 500, 60, 90), Sound(10, 500, 64, 90), Sound(300, 600, 62, 90)]
    assert skyline(sounds, seconds) == [Sound(10, 300, 64, 90), Sound(300, 600, 62, 90)]


def test_a_clock_follows_every_change_of_tempo():
    at = clock([(0, 500_000), (480, 1_000_000)], Fraction(480))
    assert [at(0), at(240), at(480), at(960)] == [0, 0.25, 0.5, 1.5]


lines = st.lists(st.tuples(st.integers(30, 900), st.integers(10, 900)), min_size=1, max_size=60)


@given(lines)
def test_no_error_of_time_adds_up(gaps):
    line, tick = [], 0
    for gap, length in gaps:
        line.append(Sound(tick, tick + min(gap, length), 72, 90))
        tick += gap
    laid = lay(line, 1920.0, lambda _tick: 125)
    for start, sound in zip(laid.ticks, laid.sounds, strict=True):
        assert sound is None or abs(start - sound.start) <= 1920 / 16
    assert all(note.duration * UNITS % 1 == 0 for note in laid.notes)


heard = st.lists(
    st.tuples(st.floats(0, 20), st.floats(0.01, 3), st.integers(0, 127), st.integers(1, 127)),
    min_size=1,
    max_size=60,
).map(lambda rows: sorted(Heard(a, a + b, pitch, loud) for a, b, pitch, loud in rows))


@given(heard)
def test_prominent_notes_are_one_at_a_time(notes):
    starts = [notes[index].start for index in line.prominent(notes)]
    assert all(b - a >= TOGETHER for a, b in pairwise(starts))


def test_a_loud_high_line_is_found_above_its_chords():
    melody = [Heard(n / 2, n / 2 + 0.45, 76 + n % 5, 110) for n in range(40)]
    chords = [Heard(n, n + 0.9, pitch, 70) for n in range(20) for pitch in (48, 52, 55)]
    notes = sorted(melody + chords)
    found = [notes[index] for index in line.prominent(notes)]
    assert sum(note in melody for note in found) >= 36
    assert len(found) <= 42


def test_the_voices_of_a_file_are_told(pytestconfig):
    sample = pytestconfig.rootpath / "samples" / "ode-to-joy.mid"
    view = extraction.describe(sample.read_bytes(), SAMPLE_OPTIONS)
    assert view.content["chosen"] == "track 2 'Melody', channel 1"
    assert [voice["track"] for voice in view.content["voices"]] == [2, 3]
    assert view.lines[0] == "chosen: track 2 'Melody', channel 1"


def test_a_stretch_can_be_asked_for(pytestconfig):
    sample = (pytestconfig.rootpath / "samples" / "ode-to-joy.mid").read_bytes()
    whole = extraction.tune(sample, SAMPLE_OPTIONS).melody
    settings = extraction.CONVERTER.settings({"start": "2", "bars": "1"})
    part = extraction.tune(sample, settings).melody
    assert part.notes == whole.notes[4:8]
    with pytest.raises(extraction.SourceError) as caught:
        extraction.tune(sample, extraction.CONVERTER.settings({"start": "999"}))
    assert str(caught.value) == ("expected notes from second 999 on, found the last at 15.0")


def test_octaves_and_power_chords_are_their_highest_notes():
    chords = [Sound(n * 500, n * 500 + 400, pitch, 90) for n in range(20) for pitch in (72, 67, 60)]
    line = line_of(Voice(Track(1), 0, tuple(chords)), seconds)
    assert [sound.pitch for sound in line] == [72] * 20


def test_two_hands_are_searched_note_by_note():
    bass = [Sound(n * 500, n * 500 + 480, 40, 60) for n in range(40)]
    melody = [Sound(n * 1000, n * 1000 + 950, 74 + n % 3, 110) for n in range(20)]
    both = sorted(melody + bass, key=lambda sound: (sound.start, -sound.pitch))
    line = line_of(Voice(Track(1), 0, tuple(both)), seconds)
    assert sum(sound.pitch >= 74 for sound in line) == 20
    assert len(line) < 30


def test_a_name_outweighs_a_louder_voice():
    def voice(number, name, pitch, velocity):
        sounds = tuple(Sound(n * 500, n * 500 + 400, pitch + n % 5, velocity) for n in range(40))
        return Voice(Track(number, name), 0, sounds)

    there = [voice(1, "", 70, 127), voice(2, "Lead Guitar", 45, 80)]
    plain, named = map(points, weigh(there, seconds))
    assert named > plain
    plain, hidden = map(points, weigh([there[0], voice(2, "", 45, 80)], seconds))
    assert hidden < plain

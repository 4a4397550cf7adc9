from __future__ import annotations

from converters.tunes.midi.reader import MidiNote, Track
from converters.tunes.midi.voices import Voice, melody_of, rate, skyline


def seconds(tick):
    return tick / 1000


def test_the_highest_of_a_chord_is_kept_and_the_next_note_ends_it():
    notes = [MidiNote(0, 500, 60, 90), MidiNote(10, 500, 64, 90), MidiNote(300, 600, 62, 90)]
    assert skyline(notes, seconds) == [MidiNote(10, 300, 64, 90), MidiNote(300, 600, 62, 90)]


def test_octaves_and_power_chords_are_their_highest_notes():
    chords = [
        MidiNote(n * 500, n * 500 + 400, pitch, 90) for n in range(20) for pitch in (72, 67, 60)
    ]
    line = melody_of(Voice(Track(1), 0, tuple(chords)), seconds)
    assert [note.pitch for note in line] == [72] * 20


def test_each_note_of_two_hands_is_classified():
    bass = [MidiNote(n * 500, n * 500 + 480, 40, 60) for n in range(40)]
    melody = [MidiNote(n * 1000, n * 1000 + 950, 74 + n % 3, 110) for n in range(20)]
    both = sorted(melody + bass, key=lambda note: (note.start, -note.pitch))
    line = melody_of(Voice(Track(1), 0, tuple(both)), seconds)
    assert sum(note.pitch >= 74 for note in line) == 20
    assert len(line) < 30


def test_a_name_outweighs_a_louder_voice():
    def voice(number, name, pitch, velocity):
        notes = tuple(MidiNote(n * 500, n * 500 + 400, pitch + n % 5, velocity) for n in range(40))
        return Voice(Track(number, name), 0, notes)

    there = [voice(1, "", 70, 127), voice(2, "Lead Guitar", 45, 80)]
    plain, named = (rated.points for rated in rate(there, seconds))
    assert named > plain
    plain, hidden = (rated.points for rated in rate([there[0], voice(2, "", 45, 80)], seconds))
    assert hidden < plain

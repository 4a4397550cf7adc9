from __future__ import annotations

from converters.tunes.midi.reader import MidiNote, Track
from converters.tunes.midi.voices import Voice, melody_of, ranked, rate, skyline, top_line


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


def hymn(names=("", "", "", "")):
    """Four voices that move together; the lower they are, the more they repeat."""
    tunes = (
        [72, 74, 76, 74, 72, 71, 69, 71],
        [67, 67, 69, 69, 67, 67, 65, 67],
        [60, 60, 60, 60, 60, 62, 60, 62],
        [48, 48, 48, 48, 48, 48, 48, 48],
    )
    return [
        Voice(
            Track(number, name),
            0,
            tuple(MidiNote(n * 500, n * 500 + 480, p, 80) for n, p in enumerate(tune * 4)),
        )
        for number, (name, tune) in enumerate(zip(names, tunes, strict=True), start=1)
    ]


def first(voices):
    return ranked(rate(voices, seconds))[0].voice.track.number


def test_the_upper_voice_of_a_hymn_is_its_tune():
    assert first(hymn()) == 1
    assert first(hymn()[::-1]) == 1
    assert first(hymn(("Sopran", "Alt", "Tenor", "Bass"))) == 1


def test_a_name_may_say_that_another_voice_is_the_tune():
    assert first(hymn(("Descant harmony", "", "Melodie", ""))) == 3


def test_equal_voices_are_ordered_by_height():
    def voice(number, pitch):
        notes = tuple(MidiNote(n * 500, n * 500 + 400, pitch, 90) for n in range(20))
        return Voice(Track(number), 0, notes)

    apart = [voice(1, 68), voice(2, 70)]
    late = Voice(
        apart[1].track,
        0,
        tuple(n._replace(start=n.start + 250, end=n.end + 250) for n in apart[1].notes),
    )
    assert first([apart[0], late]) == 2


def together(*lines, velocities=(90, 90, 90)):
    notes = [
        MidiNote(start, end, pitch, velocity)
        for line, velocity in zip(lines, velocities, strict=False)
        for start, end, pitch in line
    ]
    return Voice(Track(1), 0, tuple(sorted(notes, key=lambda note: (note.start, -note.pitch))))


def test_a_melody_over_chords_keeps_its_top_line():
    scale = [60, 62, 64, 65, 67, 69, 71, 72]
    tune = [(n * 480, n * 480 + 480, pitch) for n, pitch in enumerate(scale)]
    chords = [(n * 480, n * 480 + 480, pitch) for n in range(8) for pitch in (48, 52)]
    line = melody_of(together(tune, chords), seconds)
    assert [note.pitch for note in line] == scale


def test_a_lower_note_under_one_that_goes_on_is_not_of_the_top_line():
    tune = [(0, 1000, 72), (1000, 2000, 71)]
    alto = [(0, 500, 67), (500, 1000, 65), (1500, 2000, 64)]
    assert [note.pitch for note in top_line(together(tune, alto).notes, seconds)] == [72, 71]


def test_the_top_line_can_be_asked_for():
    bass = [(n * 500, n * 500 + 480, 40) for n in range(40)]
    tune = [(n * 1000, n * 1000 + 450, 74 + n % 3) for n in range(20)]
    voice = together(tune, bass, velocities=(110, 60))
    assert len(melody_of(voice, seconds)) < 30
    assert len(melody_of(voice, seconds, top=True)) == 40


def test_the_top_line_of_two_hands_as_loud_has_no_bass():
    bass = [(n * 500, n * 500 + 480, 40) for n in range(40)]
    tune = [(n * 1000, n * 1000 + 450, 74 + n % 3) for n in range(20)]
    line = melody_of(together(tune, bass, velocities=(90, 90)), seconds)
    assert [note.pitch for note in line] == [74 + n % 3 for n in range(20)]

from __future__ import annotations

import io
from fractions import Fraction

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SAMPLES
from vectorfiles import described

from converters.tunes.convert import MIDI
from converters.tunes.melody import Melody, Note
from converters.tunes.midi import extraction, writer
from converters.tunes.ringtone import decode
from converters.tunes.rtttl import write
from converters.tunes.settings import MidiSettings
from smsenc import SmsencError

SAMPLE = SAMPLES / "ode-to-joy.mid"


def convert(octets, **options):
    (item,) = MIDI.convert(octets, MIDI.settings(options))
    return item


@pytest.mark.parametrize("vector", described("midi", "valid"))
def test_one_voice_is_read(vector):
    octets = bytes.fromhex(vector["octets"])
    assert MIDI.sniff(octets)
    assert write(decode(convert(octets).payload.data)) == vector["rtttl"]


@pytest.mark.parametrize("vector", described("midi", "invalid"))
def test_files_without_a_tune_are_rejected(vector):
    with pytest.raises(SmsencError) as caught:
        convert(bytes.fromhex(vector["octets"]))
    assert str(caught.value) == vector["error"]


HEADER = bytes.fromhex("4d54686400000006000000010060")


@given(st.binary(max_size=120))
def test_any_octets_are_a_tune_or_our_error(body):
    track = HEADER + b"MTrk" + len(body).to_bytes(4, "big") + b"\0\x90\x45" + body
    for octets in (body, track):
        try:
            assert convert(octets).kind == "ringtone"
        except SmsencError as error:
            assert "expected" in str(error)


def test_the_sample_keeps_its_melody():
    item = convert(SAMPLE.read_bytes())
    assert write(decode(item.payload.data)) == (
        "Ode to Joy:d=4,o=5,b=125:e,e,f,g,g,f,e,d,c,c,d,e,e.,8d,2d,e,e,f,g,g,f,e,d,c,c,d,e,d.,8c,2c"
    )
    assert [str(loss) for loss in item.losses] == [
        "1 voice left out: a ringtone has one voice; kept track 2 'Melody', channel 1",
        "tempo 120 rounded: the nearest of the phone's tempi: 125",
    ]


def test_a_voice_can_be_asked_for():
    item = convert(SAMPLE.read_bytes(), track="3", transpose="2")
    assert "kept track 3 'Bass', channel 2" in str(item.losses[0])
    with pytest.raises(SmsencError) as caught:
        convert(SAMPLE.read_bytes(), track="9")
    assert str(caught.value) == (
        "the chosen voice has no notes; voices with notes: "
        "track 2 'Melody', channel 1; track 3 'Bass', channel 2"
    )


def test_a_section_can_be_asked_for():
    sample = SAMPLE.read_bytes()
    whole = extraction.extract(sample, MidiSettings()).melody
    part = extraction.extract(sample, MidiSettings(start=2.0, bars=1)).melody
    assert part.notes == whole.notes[4:8]
    with pytest.raises(SmsencError) as caught:
        extraction.extract(sample, MidiSettings(start=999.0))
    assert str(caught.value) == "expected notes from second 999 on, found the last at 15.0"


def test_onsets_are_in_the_time_and_pitch_of_the_file():
    tune = extraction.extract(notes_of((0, 384), (768, 1152)), MidiSettings(transpose=5))
    assert extraction.onsets(tune) == [(0.0, 72), (pytest.approx(0.96), 72)]


def test_a_melody_written_is_the_melody_read():
    melody = Melody(
        title="Scale",
        notes=tuple(Note(pitch, Fraction(1, 8), tempo=125) for pitch in range(72, 84)),
    )
    (found,) = MIDI.convert(writer.write(melody), MIDI.settings({}))
    read = decode(found.payload.data)
    assert (read.title, read.notes) == (melody.title, melody.notes)


def notes_of(*spans, tempo=125):
    """A MIDI file of notes between ticks, 384 of them to a quarter note."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo))])
    at = 0
    for start, end in spans:
        track.append(mido.Message("note_on", note=72, velocity=80, time=start - at))
        track.append(mido.Message("note_off", note=72, time=end - start))
        at = end
    out = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=384, tracks=[track]).save(file=out)
    return out.getvalue()


WHOLE = 4 * 384


def test_long_rests_do_not_slow_a_tune():
    spans = [(n * 4 * WHOLE, n * 4 * WHOLE + 384) for n in range(6)]
    item = convert(notes_of(*spans))
    assert decode(item.payload.data).tempo == 125
    assert item.losses == ()


def test_another_tempo_of_longer_notes_is_reported():
    held = [(n * 3 * WHOLE, (n + 1) * 3 * WHOLE) for n in range(6)]
    item = convert(notes_of(*held))
    melody = decode(item.payload.data)
    assert melody.tempo != 125
    assert "tempo" in " ".join(loss.what for loss in item.losses)


@pytest.mark.parametrize(("gap", "said"), [(24, []), (40, ["5 rests"]), (96, [])])
def test_short_rests_are_closed_and_counted(gap, said):
    spans = [(n * 384, (n + 1) * 384 - gap) for n in range(6)]
    losses = convert(notes_of(*spans)).losses
    assert [
        loss.what for loss in losses if loss.why == "under 1/32; the note before is held"
    ] == said


def file_of(*tracks, file_format=1):
    """A MIDI file of tracks, each of which is messages or (channel, pitches) in quarter notes."""
    made = []
    for track in tracks:
        messages = track
        if isinstance(track, tuple):
            channel, pitches = track
            messages = [
                mido.Message(
                    kind, channel=channel, note=pitch, time=0 if kind == "note_on" else 384
                )
                for pitch in pitches
                for kind in ("note_on", "note_off")
            ]
        made.append(mido.MidiTrack(messages))
    out = io.BytesIO()
    mido.MidiFile(type=file_format, ticks_per_beat=384, tracks=made).save(file=out)
    return out.getvalue()


def test_drums_alone_are_refused_by_name():
    with pytest.raises(SmsencError) as caught:
        convert(file_of((9, [36, 38] * 8)))
    assert str(caught.value) == "expected a melody, found drums only"


def tempo(bpm):
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))


def quarter(pitch):
    return [
        mido.Message("note_on", note=pitch),
        mido.Message("note_off", note=pitch, time=384),
    ]


def test_each_tempo_is_named_as_it_became():
    track = [
        tempo(120),
        *quarter(60),
        *quarter(62),
        tempo(60),
        *quarter(64),
        tempo(100),
        *quarter(65),
    ]
    item = convert(file_of(track))
    assert write(decode(item.payload.data)) == ":d=4,o=4,b=125:c,d,b=63,e,b=100,f"
    assert [str(loss) for loss in item.losses] == [
        "tempo 120 rounded: the nearest of the phone's tempi: 125",
        "tempo 60 rounded: the nearest of the phone's tempi: 63",
    ]


def test_many_tempi_are_named_in_one_line():
    track = [part for n in range(20) for part in (tempo(101 + n), *quarter(60 + n))]
    said = [loss.what for loss in convert(file_of(track)).losses if "tempo" in loss.what]
    assert said[0] == "tempo 101"
    assert said[-1] == "tempo 109, 110, 111, 113 …"


def test_tracks_of_format_2_are_other_tunes():
    item = convert(file_of((0, [72, 74, 76] * 6), (0, [60, 62, 64] * 6), file_format=2))
    assert str(item.losses[0]) == "1 track left out: other tunes; kept track 1, channel 1"


def test_a_kept_status_is_reported_once():
    octets = (
        HEADER
        + b"MTrk\0\0\0\x19"
        + bytes.fromhex("00903C40 603C00 00FF0100 003E40 603E00 00FF0100 00FF2F00")
    )
    assert str(convert(octets).losses[0]) == (
        "status of 1 event behind a meta or exclusive event supplied: "
        "read with that of the event before, as players do"
    )


def test_a_guess_names_the_tracks_to_try():
    late = [part for pitch in [71, 72, 74, 76] * 6 for part in quarter(pitch)]
    late[0].time = 192
    item = convert(file_of((1, [72, 74, 76, 72] * 6), late))
    guesses = [str(loss) for loss in item.losses if loss.what == "voice"]
    said = (
        "voice guessed: track 1, channel 2 was taken; "
        "to use another that is nearly as likely: --track 2"
    )
    assert guesses == [said]


def test_a_voice_that_plays_the_same_is_no_guess():
    item = convert(file_of((0, [72, 74, 76, 72] * 6), (1, [60, 62, 64, 60] * 6)))
    assert [loss.what for loss in item.losses if loss.what == "voice"] == []


def test_the_top_line_is_an_option():
    chords = [
        part
        for n in range(8)
        for part in (
            mido.Message("note_on", note=72 + n, velocity=40),
            mido.Message("note_on", note=48, velocity=90),
            mido.Message("note_off", note=72 + n, time=384),
            mido.Message("note_off", note=48),
        )
    ]
    item = convert(file_of([tempo(125), *chords]), skyline="yes")
    assert write(decode(item.payload.data)) == ":d=4,o=5,b=125:c,c#,d,d#,e,f,f#,g"
    assert [str(loss) for loss in item.losses] == [
        "8 notes left out: sounded together with a higher one"
    ]

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

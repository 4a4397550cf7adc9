from __future__ import annotations

import io
from fractions import Fraction

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SAMPLES
from vectorfiles import described

from converters.tunes.melody import Melody, Note, notation
from converters.tunes.midi import reader, writer
from converters.tunes.midi.extraction import CONVERTER
from converters.tunes.ringtone import decode
from smsenc import OptionError, SmsencError

SAMPLE = SAMPLES / "ode-to-joy.mid"


def convert(octets, **options):
    (item,) = CONVERTER.convert(octets, CONVERTER.settings(options))
    return item


@pytest.mark.parametrize("vector", described("midi", "valid"))
def test_one_voice_is_read(vector):
    octets = bytes.fromhex(vector["octets"])
    assert CONVERTER.sniff(octets)
    assert notation(decode(convert(octets).payload.data)) == vector["rtttl"]


@pytest.mark.parametrize("vector", described("midi", "invalid"))
def test_what_is_no_tune_is_named(vector):
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
    assert notation(decode(item.payload.data)) == (
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
        "expected notes in the voice asked for, found them in "
        "track 2 'Melody', channel 1; track 3 'Bass', channel 2"
    )


@pytest.mark.parametrize(
    ("option", "text", "error"),
    [
        ("channel", "17", "channel: expected a number 1..16, found '17'"),
        ("transpose", "up", "transpose: expected a number -48..48, found 'up'"),
    ],
)
def test_options_are_checked(option, text, error):
    with pytest.raises(OptionError) as caught:
        convert(SAMPLE.read_bytes(), **{option: text})
    assert str(caught.value) == error


def _sounds(found):
    return sorted(
        (channel, sound.start, sound.end, sound.pitch, sound.velocity)
        for track in found.tracks
        for channel, sounds in track.sounds.items()
        for sound in sounds
    )


def _sounds_of_mido(data):
    found = []
    for track in mido.MidiFile(file=io.BytesIO(data), clip=True).tracks:
        tick, down = 0, {}
        for message in track:
            tick += message.time
            if message.type not in ("note_on", "note_off"):
                continue
            key = message.channel, message.note
            if message.type == "note_on" and message.velocity:
                down.setdefault(key, []).append((tick, message.velocity))
            elif down.get(key):
                start, velocity = down[key].pop(0)
                found.append((message.channel, start, tick, message.note, velocity))
    return sorted(found)


messages = st.lists(
    st.tuples(
        st.sampled_from(["note_on", "note_on", "note_off", "pitchwheel", "program_change"]),
        st.integers(0, 3),
        st.integers(40, 50),
        st.integers(0, 900),
    ),
    max_size=60,
)


@given(messages)
def test_whole_files_are_read_as_mido_reads_them(events):
    track = mido.MidiTrack()
    for kind, channel, note, time in events:
        values = {"note": note} if kind.startswith("note") else {}
        track.append(mido.Message(kind, channel=channel, time=time, **values))
    # Release every key, so that none is left for the two to end differently.
    for channel in range(4):
        for note in range(40, 51):
            for _ in events:
                track.append(mido.Message("note_off", channel=channel, note=note, time=1))
    out = io.BytesIO()
    mido.MidiFile(type=0, tracks=[track]).save(file=out)
    assert _sounds(reader.read(out.getvalue())) == [
        sound for sound in _sounds_of_mido(out.getvalue()) if sound[1] < sound[2]
    ]


def test_a_melody_written_is_the_melody_read():
    melody = Melody(
        title="Scale",
        notes=tuple(Note(pitch, Fraction(1, 8), tempo=125) for pitch in range(72, 84)),
    )
    (found,) = CONVERTER.convert(writer.write(melody), CONVERTER.settings({}))
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


def test_another_tempo_of_longer_notes_is_said():
    held = [(n * 3 * WHOLE, (n + 1) * 3 * WHOLE) for n in range(6)]
    item = convert(notes_of(*held))
    melody = decode(item.payload.data)
    assert melody.tempo != 125
    assert "tempo" in " ".join(loss.what for loss in item.losses)


@pytest.mark.parametrize(("gap", "said"), [(24, []), (40, ["5 rests"]), (96, [])])
def test_rests_that_a_note_swallows_are_counted(gap, said):
    spans = [(n * 384, (n + 1) * 384 - gap) for n in range(6)]
    losses = convert(notes_of(*spans)).losses
    assert [
        loss.what for loss in losses if loss.why == "under 1/32; the note before is held"
    ] == said

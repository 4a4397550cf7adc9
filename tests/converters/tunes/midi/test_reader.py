from __future__ import annotations

import io
from fractions import Fraction

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.tunes.midi import reader
from converters.tunes.midi.reader import MidiNote, ticks_to_seconds, ticks_to_tempo

HEADER = bytes.fromhex("4d54686400000006000000010060")


def _notes(found):
    return sorted(
        (channel, note.start, note.end, note.pitch, note.velocity)
        for track in found.tracks
        for channel, notes in track.notes.items()
        for note in notes
    )


def _notes_of_mido(data):
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
def test_undamaged_files_are_read_as_mido_reads_them(events):
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
    assert _notes(reader.read(out.getvalue())) == [
        note for note in _notes_of_mido(out.getvalue()) if note[1] < note[2]
    ]


def read_track(body):
    (track,) = reader.read(HEADER + b"MTrk" + len(body).to_bytes(4, "big") + body).tracks
    return track


def test_a_cut_event_is_damage_and_ends_its_notes():
    track = read_track(bytes.fromhex("00903C40 10903E"))
    assert track.notes == {0: [MidiNote(0, 16, 60, 64)]}
    assert track.damage == 1


def test_data_without_a_status_are_damage():
    assert read_track(bytes.fromhex("003C 00904040 08804000")).damage == 1


def test_name_tempo_and_lyrics_are_read():
    track = read_track(bytes.fromhex("00FF030141 00FF510307A120 04FF05026C61 00FF2F00 00FF050141"))
    assert (track.name, track.tempi, track.lyrics, track.damage) == ("A", [(0, 500_000)], 1, 0)


def test_seconds_follow_every_change_of_tempo():
    at = ticks_to_seconds([(0, 500_000), (480, 1_000_000)], Fraction(480))
    assert [at(0), at(240), at(480), at(960)] == [0, 0.25, 0.5, 1.5]


def test_the_tempo_at_a_tick_is_the_last_one_set():
    at = ticks_to_tempo([(0, 500_000), (480, 1_000_000)])
    assert [at(0), at(479), at(480)] == [120, 120, 60]


NOTES_AROUND = "00903C40 60{0} 003C00"


@pytest.mark.parametrize(
    "event", ["FF010141", "FF510307A120", "F0037E7FF7", "F7027E7F", "F8", "FF0100 00FF0100"]
)
def test_a_running_status_is_kept_over_events_of_no_channel(event):
    track = read_track(bytes.fromhex(NOTES_AROUND.format(event)))
    assert track.notes == {0: [MidiNote(0, 96, 60, 64)]}
    assert (track.damage, track.resumed) == (0, 1)


def test_a_running_status_ends_at_system_common_messages():
    assert read_track(bytes.fromhex(NOTES_AROUND.format("F6"))).damage > 0


def test_a_status_of_its_own_is_not_counted():
    assert read_track(bytes.fromhex("00903C40 60FF010141 00803C00 003E4000")).resumed == 0


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_names_are_utf_8_or_latin_1(charset):
    name = "Fête".encode(charset)
    assert read_track(b"\0\xff\3" + bytes((len(name),)) + name).name == "Fête"


@pytest.mark.parametrize(
    ("octets", "name"),
    [(b"It\x92s", "It’s"), (b"A\r\nB\tC", "A B C"), (b"Song\0\0", "Song"), (b" Lead\x07 ", "Lead")],
)
def test_signs_of_windows_are_kept_in_names_and_control_characters_are_spaces(octets, name):
    assert read_track(b"\0\xff\3" + bytes((len(octets),)) + octets).name == name


def test_time_in_frames_does_not_depend_on_the_tempo():
    tempi = bytes.fromhex("00FF510309 27C0 60FF510307A120 00903C40 60803C00")
    head = bytes.fromhex("4d546864000000060000 0001 E728")
    score = reader.read(head + b"MTrk" + len(tempi).to_bytes(4, "big") + tempi)
    at = ticks_to_seconds(reader.tempo_map(score, score.tracks[0]), score.division)
    assert at(1000) == pytest.approx(1.0)

from __future__ import annotations

import io
from fractions import Fraction

import mido
import pytest

from converters.tunes.melody import Melody, Note, Style
from converters.tunes.midi import writer


def read_back(melody):
    return mido.MidiFile(file=io.BytesIO(writer.write(melody)))


def test_a_rest_at_the_end_is_time_in_a_midi_file():
    notes = (Note(72, Fraction(1, 4), 125), Note(None, Fraction(1), 125))
    melody = Melody("x", notes)
    assert read_back(melody).length == pytest.approx(melody.seconds)


def test_each_change_of_tempo_is_written():
    notes = (Note(72, Fraction(1, 4), 125), Note(74, Fraction(1, 4), 160))
    (track,) = read_back(Melody("x", notes)).tracks
    tempi = [round(mido.tempo2bpm(m.tempo)) for m in track if m.type == "set_tempo"]
    assert (track.name, tempi) == ("x", [125, 160])


def test_a_loop_and_a_style_are_left_out():
    notes = (Note(72, Fraction(1, 4), 125, Style.STACCATO),)
    assert [loss.what for loss in writer.losses(Melody("x", notes, loop=2))] == ["loop", "style S"]

"""Standard MIDI files, written."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction

from converters.api import Action, Loss
from converters.tunes.losses import listed, replaced_title, rounded_durations
from converters.tunes.melody import Melody, Style

#: To a quarter note. Every duration of a tone is a whole number of them: a double dotted 1/32 is
#: 7 * 30 ticks.
_TICKS = 960


def write(melody: Melody) -> bytes:
    """A Standard MIDI file of format 0 with the notes of the melody."""
    import mido  # noqa: PLC0415 - heavy, needed only here

    track = mido.MidiTrack([mido.MetaMessage("track_name", name=_latin1(melody.title))])
    tempo, gap = None, 0  # ticks of rest since the last event
    for note in melody.notes:
        if note.tempo != tempo:
            tempo = note.tempo
            beat = mido.bpm2tempo(tempo)
            track.append(mido.MetaMessage("set_tempo", tempo=beat, time=gap))
            gap = 0
        ticks = _ticks(note.duration)
        if note.pitch is None:
            gap += ticks
            continue
        velocity = min(note.volume * 8 + 7, 127)
        track.append(mido.Message("note_on", note=note.pitch, velocity=velocity, time=gap))
        track.append(mido.Message("note_off", note=note.pitch, time=ticks))
        gap = 0
    track.append(mido.MetaMessage("end_of_track", time=gap))
    out = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=_TICKS, tracks=[track]).save(file=out)
    return out.getvalue()


def losses(melody: Melody) -> tuple[Loss, ...]:
    """What ``write`` leaves out of a melody, or writes differently."""
    return (
        *replaced_title(melody, _latin1(melody.title), "MIDI"),
        *rounded_durations(melody, lambda d: Fraction(_ticks(d), 4 * _TICKS), "MIDI"),
        *_without_sign(melody),
    )


def _without_sign(melody: Melody) -> Iterator[Loss]:
    """The losses of what MIDI has no sign for."""
    if melody.loop:
        yield Loss(what="loop", action=Action.LEFT_OUT, why="a MIDI file plays once")
    if styles := sorted({note.style for note in melody.notes} - {Style.NATURAL}):
        why = "MIDI has no sign for it; notes are as long as written"
        yield Loss(what=f"style {listed(styles)}", action=Action.LEFT_OUT, why=why)


def _ticks(duration: Fraction) -> int:
    return round(duration * 4 * _TICKS)


def _latin1(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")

"""Standard MIDI files, written."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction

from converters.api import Action, Loss
from converters.tunes.melody import Melody, Style, listed, retitled, rounded

#: Divides every length that a tone can have: a double dotted 1/32 is 7 * 30 ticks.
_TICKS = 960


def write(melody: Melody) -> bytes:
    """A Standard MIDI file of format 0 that sounds like the melody, note by note."""
    import mido  # noqa: PLC0415 - heavy, wanted only here

    track = mido.MidiTrack([mido.MetaMessage("track_name", name=_latin1(melody.title))])
    tempo, gap = None, 0
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
    """What ``write`` does not write of a melody, or writes otherwise."""
    return (
        *retitled(melody, _latin1(melody.title), "MIDI"),
        *rounded(melody, lambda length: Fraction(_ticks(length), 4 * _TICKS), "MIDI"),
        *_unsaid(melody),
    )


def _unsaid(melody: Melody) -> Iterator[Loss]:
    if melody.loop:
        yield Loss(what="loop", action=Action.LEFT_OUT, why="a MIDI file plays once")
    if styles := sorted({note.style for note in melody.notes} - {Style.NATURAL}):
        why = "MIDI has no sign for it; notes are as long as written"
        yield Loss(what=f"style {listed(styles)}", action=Action.LEFT_OUT, why=why)


def _ticks(duration: Fraction) -> int:
    return round(duration * 4 * _TICKS)


def _latin1(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")

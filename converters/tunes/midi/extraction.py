"""The melody of a MIDI file, for a ringtone.

The voice that is most like a melody is chosen, the melody is taken out of its chords, and its notes
are written with the durations that a tone has.
"""

from __future__ import annotations

import statistics
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from converters.api import Action, Loss
from converters.errors import SourceError
from converters.shared.words import counted
from converters.tunes.losses import MOST_NAMED, listed
from converters.tunes.melody import MOST_NOTES, Melody
from converters.tunes.midi.quantisation import Quantised, best_doublings, main_tempo, quantise
from converters.tunes.midi.reader import (
    SEPARATE,
    MidiNote,
    Score,
    read,
    tempo_map,
    ticks_to_seconds,
    ticks_to_tempo,
)
from converters.tunes.midi.voices import (
    RatedVoice,
    Voice,
    has_percussion,
    melody_of,
    ranked,
    rate,
    voices_of,
)
from converters.tunes.ringtone import HIGHEST, LOWEST, nearest_tempo
from converters.tunes.settings import MidiSettings

_CLEAR = 2.0  #: points between the best voice and the next, below which a choice is a guess
_MOST_NEAR = 4  #: other voices that are named
_THE_SAME = 0.8  #: share of notes by which a voice plays what another does
#: A pitch in the second of the phone's octaves from the top, where buzzers are loud.
_LOUD_PITCH = 78


class Tune(NamedTuple):
    """The melody of a file, and what it does not hold of the file."""

    melody: Melody
    quantised: Quantised
    losses: tuple[Loss, ...]
    seconds_at: Callable[[float], float]  #: seconds of the file at a tick


class Choice(NamedTuple):
    """A file, and its voices with how likely each is the melody."""

    score: Score
    voices: Sequence[Voice]  #: all of the file
    ranked: Sequence[RatedVoice]  #: those that the settings allow, the likeliest first
    seconds_at: Callable[[float], float]  #: seconds of the file at a tick

    @property
    def voice(self) -> Voice:
        """The likeliest of those that the settings allow."""
        return self.ranked[0].voice


class _Tempi(NamedTuple):
    """Quarter notes a minute that a tune should have, which are ``factor`` times the file's.

    By what is written for each, in the order of the tune.
    """

    factor: float
    written: Mapping[float, int]


# From file to melody


def extract(data: bytes, settings: MidiSettings) -> Tune:
    """The melody of a file, of any length; raises SourceError where there is none."""
    choice = choose(data, settings)
    top = settings.skyline
    melody = melody_of(choice.voice, choice.seconds_at, top=top)
    section = _section(melody, choice, settings)
    quantised, tempi = _quantised(section[:MOST_NOTES], choice, settings)
    transposed, shift = _transposed(quantised, _name(choice), settings.transpose)
    below, others = _left_out(choice.voice, melody)
    losses = [
        *choice.score.losses,
        *_events(choice.score),
        *_other_voices(choice),
        *_guess(choice),
        *_changed_notes(quantised, shift, below, others, len(section[MOST_NOTES:])),
        *_tempo_losses(tempi),
    ]
    return Tune(transposed, quantised, tuple(losses), choice.seconds_at)


def onsets(tune: Tune) -> list[tuple[float, int]]:
    """Second of the file at which each note is written to start, and its pitch in the file."""
    quantised = tune.quantised
    return [
        (tune.seconds_at(tick), note.pitch)
        for tick, note in zip(quantised.ticks, quantised.sources, strict=True)
        if note
    ]


def choose(data: bytes, settings: MidiSettings) -> Choice:
    """The voices of a file; raises SourceError where none is allowed by the settings."""
    score = read(data)
    voices = voices_of(score)
    allowed = [
        voice
        for voice in voices
        if settings.track in (None, voice.track.number)
        and settings.channel in (None, voice.channel + 1)
    ]
    if not allowed:
        raise _no_notes(score, voices, len(data))
    seconds_at = ticks_to_seconds(tempo_map(score, allowed[0].track), score.division)
    likeliest = ranked(rate(allowed, seconds_at))
    if score.file_format == SEPARATE:
        seconds_at = ticks_to_seconds(tempo_map(score, likeliest[0].voice.track), score.division)
    return Choice(score, voices, likeliest, seconds_at)


def _no_notes(score: Score, voices: Sequence[Voice], end: int) -> SourceError:
    if voices:
        found = "; ".join(map(str, voices[:8]))
        return SourceError(f"the chosen voice has no notes; voices with notes: {found}")
    if has_percussion(score):
        return SourceError("expected a melody, found drums only")
    damage = sum(track.damage for track in score.tracks)
    found = f"none, {counted(damage, 'damaged event')}" if damage else "none"
    return SourceError(f"expected notes, found {found}", offset=end)


def _name(choice: Choice) -> str:
    """The name of the piece, which is that of the first track, or of the voice's own."""
    tracks = choice.score.tracks[0], choice.voice.track
    return next((track.name for track in tracks if track.name), "")


def _section(
    melody: Sequence[MidiNote], choice: Choice, settings: MidiSettings
) -> Sequence[MidiNote]:
    """The notes from second ``start`` on, as many ``bars`` of four quarter notes as wanted."""
    start, bars = settings.start, settings.bars
    notes = [note for note in melody if choice.seconds_at(note.start) >= start]
    if notes and bars:
        end = notes[0].start + bars * 4 * choice.score.division
        notes = [note._replace(end=min(note.end, int(end))) for note in notes if note.start < end]
    notes = [note for note in notes if note.end > note.start]
    if not notes:
        last = choice.seconds_at(melody[-1].start)
        raise SourceError(f"expected notes from second {start:g} on, found the last at {last:.1f}")
    return notes


def _quantised(
    line: Sequence[MidiNote], choice: Choice, settings: MidiSettings
) -> tuple[Quantised, _Tempi]:
    """The notes with the durations of a tone, and the tempi that they should have."""
    tempi = tempo_map(choice.score, choice.voice.track)
    whole = float(4 * choice.score.division)
    bpm = main_tempo(tempi, line[0].start, line[-1].end)
    factor = 2.0 ** (best_doublings(line, whole, bpm) if settings.quantise else 2)
    file_tempo_at = ticks_to_tempo(tempi)
    written: dict[float, int] = {}

    def tempo_at(tick: int) -> int:
        wanted = file_tempo_at(tick) * factor
        if wanted not in written:
            written[wanted] = nearest_tempo(wanted)
        return written[wanted]

    return quantise(line, whole / factor, tempo_at), _Tempi(factor, written)


def _transposed(quantised: Quantised, name: str, semitones: int) -> tuple[Melody, int]:
    """The melody, and the semitones of the octaves that bring it into the phone's four."""
    shift = _octave_shift([note.pitch + semitones for note in quantised.sources if note])
    notes = tuple(
        note if note.pitch is None else note._replace(pitch=note.pitch + semitones + shift)
        for note in quantised.notes
    )
    return Melody(name, notes), shift


def _octave_shift(pitches: Sequence[int]) -> int:
    """Octaves, in semitones, that bring most notes into the phone's four.

    A tune that is in them stays. Of several, the one that brings the median note nearest to where
    buzzers are loud.
    """
    if all(LOWEST <= pitch <= HIGHEST for pitch in pitches):
        return 0
    median = statistics.median(pitches)
    counts = Counter(pitches)

    def misfit(shift: int) -> tuple[int, float]:
        outside = sum(n for p, n in counts.items() if not LOWEST <= p + shift <= HIGHEST)
        return outside, abs(median + shift - _LOUD_PITCH)

    return min(range(-120, 121, 12), key=misfit)


# Losses


def _other_voices(choice: Choice) -> Iterator[Loss]:
    """What of the file is not in the chosen voice."""
    why = f"a ringtone has one voice; kept {choice.voice}"
    voices = choice.voices
    if choice.score.file_format == SEPARATE:
        voices = [one for one in voices if one.track is choice.voice.track]
        if tunes := len({one.track.number for one in choice.voices}) - 1:
            what = counted(tunes, "track")
            yield Loss(what=what, action=Action.LEFT_OUT, why=f"other tunes; kept {choice.voice}")
    if others := len(voices) - 1:
        yield Loss(what=counted(others, "voice"), action=Action.LEFT_OUT, why=why)
    if has_percussion(choice.score):
        yield Loss(what="percussion", action=Action.LEFT_OUT, why=why)
    if lyrics := sum(track.lyrics for track in choice.score.tracks):
        why = "a ringtone has no words"
        yield Loss(what=counted(lyrics, "lyric"), action=Action.LEFT_OUT, why=why)


def _events(score: Score) -> Iterator[Loss]:
    """Events that were left out, or read although the specification does not allow them."""
    tracks = score.tracks
    if damage := sum(track.damage for track in tracks):
        why = "damaged or not known to MIDI"
        yield Loss(what=counted(damage, "event"), action=Action.LEFT_OUT, why=why)
    if resumed := sum(track.resumed for track in tracks):
        why = "read with that of the event before, as players do"
        yield Loss(
            what=f"status of {counted(resumed, 'event')} behind a meta or exclusive event",
            action=Action.SUPPLIED,
            why=why,
        )
    if score.tempo is not None and sum(len(track.tempi) for track in tracks) > 1:
        why = "the file's time is in frames, which no tempo changes"
        yield Loss(what="changes of tempo", action=Action.IGNORED, why=why)


def _guess(choice: Choice) -> Iterator[Loss]:
    """That other voices are nearly as much like a melody, unless they play the same."""
    best, *others = choice.ranked
    near = [rated.voice for rated in others if best.points - rated.points < _CLEAR]
    near = [voice for voice in near[:_MOST_NEAR] if not _is_same(voice, best.voice)]
    if near:
        flags = " or ".join(_flags(voice, choice.voices) for voice in near)
        why = f"{choice.voice} was taken; to use another that is nearly as likely: {flags}"
        yield Loss(what="voice", action=Action.GUESSED, why=why)


def _is_same(voice: Voice, other: Voice) -> bool:
    """Whether a voice plays what another does, in any octave."""
    first, second = (
        {(note.start, note.pitch % 12) for note in one.notes} for one in (voice, other)
    )
    return len(first & second) >= _THE_SAME * len(second)


def _flags(voice: Voice, voices: Sequence[Voice]) -> str:
    """What chooses a voice on the command line."""
    number = voice.track.number
    alone = sum(other.track.number == number for other in voices) == 1
    return f"--track {number}" + ("" if alone else f" --channel {voice.channel + 1}")


def _left_out(voice: Voice, melody: Sequence[MidiNote]) -> tuple[int, int]:
    """How many notes are left out: those below a note of the melody with them, and others."""
    starts, kept = [note.start for note in melody], set(melody)
    ends = {(note.start, note.pitch): note.end for note in voice.notes}
    there = {(note.start, note.pitch) for note in kept}
    below = others = 0
    for note in voice.notes:
        if (note.start, note.pitch) in there:
            continue
        last = melody[max(0, bisect_right(starts, note.start) - 1)]
        following = melody[min(len(melody) - 1, bisect_right(starts, note.start))]
        covered = last.pitch >= note.pitch and ends.get((last.start, last.pitch), 0) > note.start
        covered |= following.pitch >= note.pitch and note.start <= following.start < note.end
        below += covered
        others += not covered
    return below, others


def _changed_notes(
    quantised: Quantised, shift: int, below: int, others: int, too_many: int
) -> Iterator[Loss]:
    """What of the chosen voice is left out or changed.

    ``below`` are notes under the melody and ``others`` are not in it, ``too_many`` are after the
    first ``MOST_NOTES``; all notes are moved by ``shift`` semitones.
    """
    rows = (
        (below, "note", Action.LEFT_OUT, "sounded together with a higher one"),
        (others, "note", Action.LEFT_OUT, "not of the melody; --skyline keeps the highest"),
        (too_many, "note", Action.CUT, f"a tune has at most {MOST_NOTES} notes"),
        (quantised.short, "note", Action.LEFT_OUT, "too short for a phone"),
        (quantised.cut_rests, "rest", Action.CUT, "over 4 whole notes"),
        (quantised.closed_rests, "rest", Action.ROUNDED, "under 1/32; the note before is held"),
    )
    for count, noun, action, why in rows:
        if count:
            yield Loss(what=counted(count, noun), action=action, why=why)
    if shift:
        why = f"moved {'up' if shift > 0 else 'down'} {counted(abs(shift) // 12, 'octave')}"
        yield Loss(what="all notes", action=Action.REPLACED, why=why)


def _tempo_losses(tempi: _Tempi) -> Iterator[Loss]:
    """The tempi that differ by at least half a quarter note a minute of the file's own."""
    least = 0.5 * min(tempi.factor, 1)
    changed = {
        f"{wanted:.4g}": str(tempo)
        for wanted, tempo in tempi.written.items()
        if abs(wanted - tempo) >= least
    }
    for before, after in list(changed.items())[:MOST_NAMED]:
        why = f"the nearest of the phone's tempi: {after}"
        yield Loss(what=f"tempo {before}", action=Action.ROUNDED, why=why)
    if others := list(changed)[MOST_NAMED:]:
        why = "each to the nearest of the phone's tempi"
        yield Loss(what=f"tempo {listed(others)}", action=Action.ROUNDED, why=why)

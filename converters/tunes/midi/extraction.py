"""Standard MIDI files: one voice of them as a ringtone.

The voice that is most like a melody is chosen, what it is in chords is found, and its time is laid
on the durations that a tone has.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from converters.api import Action, Converter, Item, Loss, Option, Settings, View
from converters.errors import SourceError
from converters.shared.fitting import parse_flag
from converters.tunes.limits import OPTIONS, WHOLE, limits
from converters.tunes.melody import Melody
from converters.tunes.midi.quantise import Laid, lay, main_tempo, pace
from converters.tunes.midi.reader import MOST_OCTETS, Score, Sound, clock, pulse, read, tempo_map
from converters.tunes.midi.voices import Voice, has_percussion, line_of, points, voices_of, weigh
from converters.tunes.ringtone import HIGHEST, LOWEST, counted, item, nearest_tempo

#: Notes of a line that are laid; no tone of any length holds as many.
_MOST_LAID = 10_000
_CLEAR = 2.0  #: points between the best voice and the next, below which a choice is a guess


@dataclass(frozen=True, slots=True)
class Tune:
    """One voice of a score as it is to be played, and how it came to that."""

    melody: Melody
    laid: Laid
    losses: tuple[Loss, ...]
    at: Callable[[float], float]  #: seconds of the file at a tick


@dataclass(frozen=True, slots=True)
class _Choice:
    score: Score
    voices: Sequence[Voice]  #: of the whole file
    asked: Sequence[Voice]  #: of those, the ones to choose from
    features: Sequence[Mapping[str, float]]  #: of each asked
    at: Callable[[float], float]

    @property
    def voice(self) -> Voice:
        """The likeliest of those asked for."""
        return max(zip(self.asked, map(points, self.features), strict=True), key=itemgetter(1))[0]


# The whole way


def convert(data: bytes, settings: Settings) -> Iterator[Item]:
    """One item: the melody of the file."""
    found = tune(data, settings)
    yield item(found.melody, found.losses, limits(settings))


def tune(data: bytes, settings: Settings) -> Tune:
    """The melody of the file, as long as it is; raises SourceError where none is found."""
    choice = _choose(data, settings)
    voice = choice.voice
    line = _part(line_of(voice, choice.at), choice, settings)
    tempi = tempo_map(choice.score, voice.track)
    laid, wished, factor = _laid(line, choice.score, tempi, settings)
    melody, shift = _moved(laid, _name(choice.score, voice), settings["transpose"])
    counts = {
        "chords": len(voice.sounds) - len(line),
        "short": laid.short,
        "rests": laid.rests,
        "held": laid.held,
        "shift": shift,
    }
    losses = [
        *_left_out(choice.score, choice.voices, voice),
        *_guess(choice),
        *_changes(counts),
        *_tempo_loss(wished, melody.tempo, factor),
    ]
    return Tune(melody, laid, tuple(losses), choice.at)


def onsets(tune: Tune) -> list[tuple[float, int]]:
    """Second of the file at which each note is written to start, and the pitch it has there."""
    return [
        (tune.at(tick), sound.pitch)
        for tick, sound in zip(tune.laid.ticks, tune.laid.sounds, strict=True)
        if sound
    ]


def _choose(data: bytes, settings: Settings) -> _Choice:
    if len(data) > MOST_OCTETS:
        raise SourceError(f"expected at most {MOST_OCTETS} octets, found {len(data)}")
    score = read(data)
    voices = voices_of(score)
    track, channel = settings["track"], settings["channel"]
    asked = [
        voice
        for voice in voices
        if track in (None, voice.track.number) and channel in (None, voice.channel + 1)
    ]
    if not asked:
        raise _no_notes(score, voices, len(data))
    at = clock(tempo_map(score, asked[0].track), score.division)
    return _Choice(score, voices, asked, weigh(asked, at), at)


def _part(line: Sequence[Sound], choice: _Choice, settings: Settings) -> Sequence[Sound]:
    """What of a line is asked for: from a second on, so many bars of four quarter notes."""
    start, bars = settings["start"], settings["bars"]
    part = [sound for sound in line if choice.at(sound.start) >= start]
    if part and bars:
        end = part[0].start + bars * 4 * choice.score.division
        part = [s._replace(end=min(s.end, int(end))) for s in part if s.start < end]
    part = [sound for sound in part[:_MOST_LAID] if sound.end > sound.start]
    if not part:
        last = choice.at(line[-1].start)
        raise SourceError(f"expected notes from second {start:g} on, found the last at {last:.1f}")
    return part


def _laid(
    line: Sequence[Sound], score: Score, tempi: list[tuple[int, int]], settings: Settings
) -> tuple[Laid, float, float]:
    """The line on a tone's durations, the tempo it should have, and how much that is quicker."""
    whole = float(4 * score.division)
    bpm = main_tempo(tempi, line[0].start, line[-1].end)
    _, doublings = pace(line, whole, bpm) if settings["quantise"] else (0, 2)
    factor = 2.0**doublings

    tempo = pulse(tempi)

    def tempo_at(tick: int) -> int:
        return nearest_tempo(tempo(tick) * factor)

    return lay(line, whole / factor, tempo_at), bpm * factor, factor


def _moved(laid: Laid, name: str, transpose: int) -> tuple[Melody, int]:
    """The melody within the phone's octaves as far as octaves can bring it there."""
    shift = _shift([sound.pitch + transpose for sound in laid.sounds if sound])
    notes = tuple(
        note if note.pitch is None else note._replace(pitch=note.pitch + transpose + shift)
        for note in laid.notes
    )
    return Melody(name, notes), shift


# Pitch


def _shift(pitches: Sequence[int]) -> int:
    """Whole octaves, in semitones, that bring most notes into the phone's four.

    A tune that is there stays. Among equals the one whose middle note is nearest to the second of
    them, where buzzers are loud.
    """
    if all(LOWEST <= pitch <= HIGHEST for pitch in pitches):
        return 0
    middle = statistics.median(pitches)
    counts = Counter(pitches)

    def misfit(shift: int) -> tuple[int, float]:
        outside = sum(n for p, n in counts.items() if not LOWEST <= p + shift <= HIGHEST)
        return outside, abs(middle + shift - 78)

    return min(range(-120, 121, 12), key=misfit)


# What is said of it


def _no_notes(score: Score, voices: Sequence[Voice], end: int) -> SourceError:
    if voices:
        there = "; ".join(map(str, voices[:8]))
        return SourceError(f"expected notes in the voice asked for, found them in {there}")
    damage = sum(track.damage for track in score.tracks)
    found = f"none, {counted(damage, 'damaged event')}" if damage else "none"
    return SourceError(f"expected notes, found {found}", offset=end)


def _name(score: Score, voice: Voice) -> str:
    """The name of the piece, which is that of the first track, or of the voice's own."""
    return next((t.name for t in (score.tracks[0], voice.track) if t.name), "")


def _guess(choice: _Choice) -> Iterator[Loss]:
    """That another voice is nearly as much like a melody."""
    ranks = sorted(map(points, choice.features), reverse=True)
    if len(ranks) > 1 and ranks[0] - ranks[1] < _CLEAR:
        why = f"another is nearly as likely; {choice.voice} was taken"
        yield Loss(what="voice", action=Action.GUESSED, why=why)


def _tempo_loss(wished: float, tempo: int, factor: float) -> Iterator[Loss]:
    """That the tempo is off by half a beat of the file's own, of which it is ``factor``."""
    if abs(wished - tempo) >= 0.5 * min(factor, 1):
        why = f"the nearest of the phone's tempi: {tempo}"
        yield Loss(what=f"tempo {wished:.4g}", action=Action.ROUNDED, why=why)


def _changes(counts: Mapping[str, int]) -> Iterator[Loss]:
    if n := counts["chords"]:
        why = "sounded together with a higher one"
        yield Loss(what=counted(n, "note"), action=Action.LEFT_OUT, why=why)
    if n := counts["short"]:
        why = "too short for a phone"
        yield Loss(what=counted(n, "note"), action=Action.LEFT_OUT, why=why)
    if n := counts["rests"]:
        why = "over 4 whole notes"
        yield Loss(what=counted(n, "rest"), action=Action.CUT, why=why)
    if n := counts["held"]:
        why = "under 1/32; the note before is held"
        yield Loss(what=counted(n, "rest"), action=Action.ROUNDED, why=why)
    if n := counts["shift"]:
        why = f"moved {'up' if n > 0 else 'down'} {counted(abs(n) // 12, 'octave')}"
        yield Loss(what="all notes", action=Action.REPLACED, why=why)


def _left_out(score: Score, voices: Sequence[Voice], chosen: Voice) -> Iterator[Loss]:
    """What of the file is not in the chosen voice."""
    why = f"a ringtone has one voice; kept {chosen}"
    if len(voices) > 1:
        yield Loss(what=counted(len(voices) - 1, "voice"), action=Action.LEFT_OUT, why=why)
    if has_percussion(score):
        yield Loss(what="percussion", action=Action.LEFT_OUT, why=why)
    if words := sum(track.lyrics for track in score.tracks):
        yield Loss(
            what=counted(words, "lyric"), action=Action.LEFT_OUT, why="a ringtone has no words"
        )
    if damage := sum(track.damage for track in score.tracks):
        why = "damaged or not known to MIDI"
        yield Loss(what=counted(damage, "event"), action=Action.LEFT_OUT, why=why)


def describe(data: bytes, settings: Settings) -> View:
    """The voices of a file, the likeliest first, with what speaks for each."""
    choice = _choose(data, settings)
    rows = sorted(zip(choice.asked, choice.features, strict=True), key=lambda row: -points(row[1]))
    content = [
        {
            "track": voice.track.number,
            "name": voice.track.name,
            "channel": voice.channel + 1,
            "notes": len(voice.sounds),
            "points": round(points(features), 2),
            "features": {name: round(value, 3) for name, value in features.items()},
        }
        for voice, features in rows
    ]
    chosen = str(choice.voice)
    lines = [f"chosen: {chosen}", *(_told(voice, features) for voice, features in rows)]
    return View(content={"chosen": chosen, "voices": content}, lines=tuple(lines))


def _told(voice: Voice, features: Mapping[str, float]) -> str:
    why = ", ".join(f"{name} {value:.2f}" for name, value in features.items() if value)
    return f"{voice}: {points(features):.1f} points, {counted(len(voice.sounds), 'note')} ({why})"


def _between(least: int, most: int) -> Any:
    def parse(text: str) -> int:
        expected = f"expected a number {least}..{most}"
        try:
            number = int(text)
        except ValueError:
            raise ValueError(expected) from None
        if not least <= number <= most:
            raise ValueError(expected)
        return number

    return parse


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= 86400:
        raise ValueError("expected seconds 0..86400")
    return seconds


def sniff(start: bytes) -> bool:
    """Whether a MIDI header starts the file, bare or in RIFF."""
    return start[:4] == b"MThd" or (start[:4] == b"RIFF" and start[8:12] == b"RMID")


CONVERTER = Converter(
    name="midi",
    summary="MIDI files; one voice becomes a ringtone",
    suffixes=(".mid", ".midi", ".kar", ".rmi"),
    sniff=sniff,
    convert=convert,
    describe=describe,
    whole=WHOLE,
    options=(
        Option("track", "take the voice from this track", _between(1, 65535)),
        Option("channel", "take the voice of this channel", _between(1, 16)),
        Option("start", "seconds of the file to start at", _seconds, 0.0),
        Option("bars", "bars of four quarter notes to take", _between(1, 9999)),
        Option("transpose", "semitones up (or down, below 0)", _between(-48, 48), 0),
        Option("quantise", "no: the finest time a tone has", parse_flag, default=True),
        *OPTIONS,
    ),
)

"""Standard MIDI files: one voice of them as a ringtone.

The voice that sounds most like a melody is chosen, its chords become their highest notes, and time
is laid on the durations that a tone has, onset by onset, so that the tune does not drift.

The events are read here and not by mido, because few are wanted and files are damaged: one bad
event costs itself, not the file, lengths are bounded, and time before unknown events counts. mido
writes; a test holds our reading of whole files against its own.
"""

from __future__ import annotations

import io
import re
import statistics
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from converters.api import Converter, Item, Loss, Option, Settings
from converters.melody import Melody, Note
from converters.ringtone import (
    DURATIONS,
    HIGHEST,
    LOWEST,
    MOST_INSTRUCTIONS,
    MOST_PATTERNS,
    counted,
    item,
    nearest_tempo,
)
from smsenc import SourceError

MOST_OCTETS = 4 << 20
MOST_NOTES = 100_000
MOST_EVENTS = 500_000

# Status octets (MIDI 1.0, tables I to IV), and how many data octets follow them.
_NOTE_OFF, _NOTE_ON = 0x80, 0x90
_SYSTEM_EXCLUSIVE, _META = (0xF0, 0xF7), 0xFF
_DATA_OCTETS = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
_SYSTEM_OCTETS = {0xF1: 1, 0xF2: 2, 0xF3: 1}
#: Nothing sends these; 0 is how ``_events`` says that it cannot tell.
_UNDEFINED = (0, 0xF4, 0xF5, 0xF9, 0xFD)
# Meta events (Standard MIDI Files 1.0).
_TRACK_NAME, _LYRIC, _END_OF_TRACK, _TEMPO = b"\x03", b"\x05", b"\x2f", b"\x51"

_PERCUSSION = 9  # channel 10, counted from 0
_BEAT_MICROSECONDS = 500_000  # until a tempo is set
_NAME_HINT = re.compile(r"melod|vocal|voice|lead|solo|sing|chant|theme", re.IGNORECASE)
_SHORTEST_REST = Fraction(1, 32)  # a shorter gap is the style's own, between any two notes
_LENGTHS = sorted(DURATIONS)
#: A longer rest would make people think that the tone is over.
_LONGEST_REST = Fraction(4)
#: A rest is put together of plain and dotted ones, which read well.
_REST_LENGTHS = [length for length in reversed(_LENGTHS) if length.numerator in (1, 3)]


@dataclass(frozen=True, slots=True)
class _Sound:
    """A key from its pressing to its release, in ticks."""

    start: int
    end: int
    pitch: int
    velocity: int


@dataclass(slots=True)
class _Track:
    """What is read of one track chunk: sounds by channel, and the signs that matter."""

    number: int  # from 1
    name: str = ""
    sounds: dict[int, list[_Sound]] = field(default_factory=dict)
    tempi: list[tuple[int, int]] = field(default_factory=list)  # tick, microseconds a beat
    lyrics: int = 0
    damage: int = 0


@dataclass(frozen=True, slots=True)
class _Voice:
    """The sounds of one channel in one track, ordered by start."""

    track: _Track
    channel: int  # from 0
    sounds: tuple[_Sound, ...]

    def __str__(self) -> str:
        name = f" {self.track.name!r}" if self.track.name else ""
        return f"track {self.track.number}{name}, channel {self.channel + 1}"


@dataclass(frozen=True, slots=True)
class _Score:
    """A file: its format, ticks to a quarter note, and tracks."""

    form: int
    division: Fraction
    tracks: tuple[_Track, ...]


# Reading

#: Tick and velocity of the keys that are down, by channel and pitch.
_Pressed = defaultdict[tuple[int, int], deque[tuple[int, int]]]


def _read(data: bytes) -> _Score:
    """The score of a file. What is damaged is left out and counted on its track."""
    chunks = _chunks(data)
    name, header, at = next(chunks, (b"", b"", 0))
    if name != b"MThd":
        found = repr(data[:4])[1:] if data else "an empty file"
        raise SourceError(f"expected a MIDI file, found {found}", offset=at)
    if len(header) < 6:
        raise SourceError(f"expected 6 octets of header, found {len(header)}", offset=at)
    tracks: list[_Track] = []
    events = notes = 0
    for name, body, _ in chunks:
        if name == b"MTrk":
            tracks.append(_Track(len(tracks) + 1))
            events += _read_track(body, tracks[-1], MOST_EVENTS - events)
            notes += sum(map(len, tracks[-1].sounds.values()))
        if notes > MOST_NOTES:
            raise SourceError(f"expected at most {MOST_NOTES} notes, found more")
    return _Score(int.from_bytes(header[:2], "big"), _division(header[4:6]), tuple(tracks))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Name, body and offset of each chunk; a RIFF wrapper is taken off, a cut last body kept."""
    at = 0
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        at = max(data.find(b"MThd", 12, 1 << 16), 0)
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        yield data[at : at + 4], data[at + 8 : at + 8 + size], at
        at += 8 + size


def _division(octets: bytes) -> Fraction:
    """Ticks to a quarter note; of SMPTE time, to half a second, which is the default tempo's."""
    value = int.from_bytes(octets, "big", signed=True)
    ticks = Fraction(value) if value >= 0 else Fraction(-(value >> 8) * (value & 0xFF), 2)
    if not ticks:
        raise SourceError("expected ticks to a quarter note, found 0", offset=12)
    return ticks


def _read_track(body: bytes, track: _Track, most: int) -> int:
    """Fill ``track`` from the body of its chunk, and say how many events there were."""
    pressed: _Pressed = defaultdict(deque)
    count = tick = 0
    for tick, status, data in _events(body):
        count += 1
        if count > most:
            raise SourceError(f"expected at most {MOST_EVENTS} events, found more")
        if status == _META and data[:1] == _END_OF_TRACK:
            break
        _take(tick, status, data, track, pressed)
    for (channel, pitch), starts in pressed.items():
        for start, velocity in starts:
            _add(track, channel, _Sound(start, tick, pitch, velocity))
    return count


def _events(body: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Tick, status and data of each event; a meta event's data start with its type.

    Status 0 stands for what cannot be told: data without a status, or an event that the octets
    end in.
    """
    at = tick = running = 0
    while at < len(body):
        delta, at = _number(body, at)
        tick += delta
        status, at = (body[at], at + 1) if body[at : at + 1] > b"\x7f" else (running, at)
        running = status if status < 0xF0 else 0
        data, at = _data(body, at, status)
        yield tick, status if at <= len(body) else 0, data


def _data(body: bytes, at: int, status: int) -> tuple[bytes, int]:
    """The data that follow a status, and where they end, which may be past the end of ``body``."""
    if status not in (_META, *_SYSTEM_EXCLUSIVE):
        end = at + (_DATA_OCTETS.get(status & 0xF0) or _SYSTEM_OCTETS.get(status, 0))
        # Data without a status: step over the octet, or the loop would not end.
        return body[at:end], max(end, at + (status == 0))
    kind = body[at : at + 1] if status == _META else b""
    length, at = _number(body, at + len(kind))
    return kind + body[at : at + length], at + length


def _number(body: bytes, at: int) -> tuple[int, int]:
    """A variable-length number, of four octets at most, and where it ends."""
    value = 0
    for octet in body[at : at + 4]:
        value, at = value << 7 | octet & 0x7F, at + 1
        if octet < 0x80:
            break
    return value, at


def _take(tick: int, status: int, data: bytes, track: _Track, pressed: _Pressed) -> None:
    if status == _META:
        _take_meta(tick, data, track)
    elif status & 0xF0 in (_NOTE_ON, _NOTE_OFF):
        pitch, velocity = (min(octet, 127) for octet in data)
        starts = pressed[status & 0xF, pitch]
        if status & 0xF0 == _NOTE_ON and velocity:
            starts.append((tick, velocity))
        elif starts:
            start, velocity = starts.popleft()
            _add(track, status & 0xF, _Sound(start, tick, pitch, velocity))
    elif status in _UNDEFINED:
        track.damage += 1


def _take_meta(tick: int, data: bytes, track: _Track) -> None:
    kind, value = data[:1], data[1:]
    if kind == _TEMPO and len(value) == 3 and any(value):
        track.tempi.append((tick, int.from_bytes(value, "big")))
    elif kind == _TEMPO:
        track.damage += 1
    elif kind == _TRACK_NAME and not track.name:
        track.name = "".join(filter(str.isprintable, value.decode("latin-1"))).strip()
    elif kind == _LYRIC:
        track.lyrics += 1


def _add(track: _Track, channel: int, sound: _Sound) -> None:
    if sound.end > sound.start:
        track.sounds.setdefault(channel, []).append(sound)


# Choosing a voice


def _voices(score: _Score) -> list[_Voice]:
    """Every voice with notes, percussion left out."""
    return [
        _Voice(track, channel, tuple(sorted(sounds, key=lambda sound: (sound.start, -sound.pitch))))
        for track in score.tracks
        for channel, sounds in track.sounds.items()
        if channel != _PERCUSSION
    ]


def _asked(voices: Sequence[_Voice], settings: Settings) -> list[_Voice]:
    track, channel = settings["track"], settings["channel"]
    return [
        voice
        for voice in voices
        if track in (None, voice.track.number) and channel in (None, voice.channel + 1)
    ]


def _likeness(voice: _Voice, last: int) -> float:
    """How much a voice is like a melody: 0 not at all, about 4 very much.

    The features are those of Rizo et al., "A pattern recognition approach for melody track
    selection in MIDI files" (ISMIR 2006), weighed by hand.
    """
    sounds = voice.sounds
    tops = _skyline(sounds)
    sounding = sum(sound.end - sound.start for sound in tops)
    pitches = [sound.pitch for sound in tops]
    steps = [abs(b - a) for a, b in pairwise(pitches)]
    return (
        (1 - min(1.0, abs(statistics.fmean(pitches) - 72) / 24))
        + len(tops) / len(sounds)
        + min(1.0, sounding / max(1, last))
        + min(1.0, len(set(pitches)) / 8) / 2
        + (0.5 if steps and 1 <= statistics.fmean(steps) <= 5 else 0)
        + (2 if _NAME_HINT.search(voice.track.name) else 0)
        + (1 if voice.track.lyrics else 0)
    )


def _skyline(sounds: Sequence[_Sound]) -> list[_Sound]:
    """The highest of the sounds that start together; a later one ends the one before.

    ``sounds`` are ordered by start, the highest first.
    """
    line: list[_Sound] = []
    for sound in sounds:
        if line and sound.start == line[-1].start:
            continue
        if line and sound.start < line[-1].end:
            line[-1] = replace(line[-1], end=sound.start)
        line.append(sound)
    return line


# Time


class _Cuts(NamedTuple):
    """How many notes were too short, and rests too long, to be written."""

    notes: int
    rests: int


def _tempo_map(score: _Score, voice: _Voice) -> list[tuple[int, int]]:
    """Tempi that hold for a voice: of the whole file, but tracks of format 2 are their own time."""
    tracks = [voice.track] if score.form == 2 else score.tracks
    return sorted(tempo for track in tracks for tempo in track.tempi)


def _main_tempo(tempi: Sequence[tuple[int, int]], first: int, last: int) -> float:
    """Quarter notes a minute that hold for the longest time between two ticks."""
    held: Counter[int] = Counter()
    starts = [(0, _BEAT_MICROSECONDS), *tempi]
    ends = [*(tick for tick, _ in tempi), last]
    for (start, tempo), end in zip(starts, ends, strict=True):
        held[tempo] += max(0, min(end, last) - max(start, first)) * tempo
    return 60e6 / held.most_common(1)[0][0]


def _best_tempo(lengths: Sequence[Fraction], bpm: float) -> tuple[int, Fraction]:
    """The phone's tempo, and the factor on durations, that hold ``lengths`` best.

    Played at twice the tempo, notes are written twice as long. ``lengths`` are in whole notes
    between onsets; the error is that of the written lengths plus that of the tempo.
    """
    common = Counter(lengths).most_common(64)

    def error(factor: Fraction) -> float:
        tempo = nearest_tempo(bpm * factor)
        misfit = sum(n * _misfit(length * factor) for length, n in common)
        off = abs(tempo / (bpm * factor) - 1)
        return misfit / sum(n for _, n in common) + off

    # A tune stays as it is written unless that fits badly: each doubling must save a tenth.
    doublings = min(range(-2, 3), key=lambda n: error(Fraction(2) ** n) + abs(n) / 10)
    factor = Fraction(2) ** doublings
    return nearest_tempo(bpm * factor), factor


def _misfit(length: Fraction) -> float:
    return min(1.0, float(abs(_nearest_length(length) - length) / length))


def _nearest_length(length: Fraction) -> Fraction:
    above = bisect_left(_LENGTHS, length)
    return min(_LENGTHS[max(0, above - 1) : above + 1], key=lambda known: abs(known - length))


def _lay(line: Sequence[_Sound], whole: Fraction, tempo: int) -> tuple[list[Note], _Cuts]:
    """Notes and rests for the sounds, and what was cut of them.

    ``whole`` is ticks to a whole note as written. Each length is measured from where the written
    tune has come to, so that no error adds up.
    """
    notes: list[Note] = []
    now = Fraction(0)
    short = rests = 0
    for end, onset, pitch in _times(line, whole):
        if onset - now < _LENGTHS[0] / 2:
            short += 1
            continue
        written = _nearest_length(max(end - now, _LENGTHS[0]))
        notes.append(Note(pitch, written, tempo))
        now += written
        if onset - now > _LONGEST_REST:
            rests += 1
            now = onset - _LONGEST_REST
        for rest in _rests(onset - now):
            notes.append(Note(None, rest, tempo))
            now += rest
    return notes, _Cuts(short, rests)


def _times(line: Sequence[_Sound], whole: Fraction) -> Iterator[tuple[Fraction, Fraction, int]]:
    """End of each sound, onset of the next, and pitch, in whole notes from the first onset."""
    origin = line[0].start
    for sound, following in zip(line, [*line[1:], None], strict=True):
        end = (sound.end - origin) / whole
        onset = (following.start - origin) / whole if following else end
        yield (onset if onset - end < _SHORTEST_REST else end), onset, sound.pitch


def _rests(length: Fraction) -> Iterator[Fraction]:
    """Rests that come to ``length`` within half of the shortest."""
    while length >= _SHORTEST_REST / 2:
        rest = _nearest_length(length)
        if abs(rest - length) > _SHORTEST_REST / 2:
            rest = next(known for known in _REST_LENGTHS if known <= length)
        yield rest
        length -= rest


# Pitch


def _shift(pitches: Sequence[int]) -> int:
    """Whole octaves, in semitones, that bring most notes into the phone's four.

    Among equals the one whose middle note is nearest to the second of them, where buzzers are
    loud.
    """
    middle = statistics.median(pitches)
    counts = Counter(pitches)

    def misfit(shift: int) -> tuple[int, float]:
        outside = sum(n for p, n in counts.items() if not LOWEST <= p + shift <= HIGHEST)
        return outside, abs(middle + shift - 78)

    return min(range(-120, 121, 12), key=misfit)


# The whole way


def convert(data: bytes, settings: Settings) -> Iterator[Item]:
    """One item: the melody of the file."""
    if len(data) > MOST_OCTETS:
        raise SourceError(f"expected at most {MOST_OCTETS} octets, found {len(data)}")
    score = _read(data)
    voices = _voices(score)
    asked = _asked(voices, settings)
    if not asked:
        raise _no_notes(score, voices, len(data))
    last = max(sound.end for voice in asked for sound in voice.sounds)
    voice = max(asked, key=lambda voice: _likeness(voice, last))
    melody, losses = _melody(score, voice, settings["transpose"])
    yield item(melody, [*_left_out(score, voices, voice), *losses])


def _no_notes(score: _Score, voices: Sequence[_Voice], end: int) -> SourceError:
    if voices:
        there = "; ".join(map(str, voices[:8]))
        return SourceError(f"expected notes in the voice asked for, found them in {there}")
    damage = sum(track.damage for track in score.tracks)
    found = f"none, {counted(damage, 'damaged event')}" if damage else "none"
    return SourceError(f"expected notes, found {found}", offset=end)


def _melody(score: _Score, voice: _Voice, transpose: int) -> tuple[Melody, list[Loss]]:
    whole_line = _skyline(voice.sounds)
    line = whole_line[: MOST_PATTERNS * MOST_INSTRUCTIONS]
    tempi = _tempo_map(score, voice)
    bpm = _main_tempo(tempi, line[0].start, line[-1].end)
    gaps = [Fraction(b.start - a.start) for a, b in pairwise(line)]
    lengths = [gap / (4 * score.division) for gap in gaps] or [Fraction(1, 4)]
    tempo, factor = _best_tempo(lengths, bpm)
    notes, cuts = _lay(line, 4 * score.division / factor, tempo)
    shift = _shift([sound.pitch + transpose for sound in line])
    moved = tuple(
        note if note.pitch is None else replace(note, pitch=note.pitch + transpose + shift)
        for note in notes
    )
    counts = {
        "chords": len(voice.sounds) - len(whole_line),
        "long": len(whole_line) - len(line),
        "short": cuts.notes,
        "rests": cuts.rests,
        "changes": len({value for _, value in tempi}) - 1,
        "shift": shift,
    }
    losses = [*_changes(counts), *_tempo_loss(bpm * factor, tempo)]
    return Melody(_name(score, voice), moved), losses


def _name(score: _Score, voice: _Voice) -> str:
    """The name of the piece, which is that of the first track, or of the voice's own."""
    return next((t.name for t in (score.tracks[0], voice.track) if t.name), "")


def _tempo_loss(wished: float, tempo: int) -> list[Loss]:
    if abs(wished - tempo) < 0.5:
        return []
    why = f"the nearest of the phone's tempi: {tempo}"
    return [Loss(what=f"tempo {wished:.0f}", action="rounded", why=why)]


def _changes(counts: Mapping[str, int]) -> Iterator[Loss]:
    if n := counts["chords"]:
        why = "sounded together with a higher one"
        yield Loss(what=counted(n, "note"), action="left out", why=why)
    if n := counts["long"]:
        why = f"past note {MOST_PATTERNS * MOST_INSTRUCTIONS}, where any ringtone ends"
        yield Loss(what=counted(n, "note"), action="cut", why=why)
    if n := counts["short"]:
        why = "too short for a phone"
        yield Loss(what=counted(n, "note"), action="left out", why=why)
    if n := counts["rests"]:
        why = f"over {_LONGEST_REST} whole notes"
        yield Loss(what=counted(n, "rest"), action="cut", why=why)
    if (n := counts["changes"]) > 0:
        why = "the tempo that holds longest is kept"
        yield Loss(what=counted(n, "tempo change"), action="left out", why=why)
    if n := counts["shift"]:
        why = f"moved {'up' if n > 0 else 'down'} {counted(abs(n) // 12, 'octave')}"
        yield Loss(what="all notes", action="replaced", why=why)


def _left_out(score: _Score, voices: Sequence[_Voice], chosen: _Voice) -> Iterator[Loss]:
    """What of the file is not in the chosen voice."""
    why = f"a ringtone has one voice; kept {chosen}"
    if len(voices) > 1:
        yield Loss(what=counted(len(voices) - 1, "voice"), action="left out", why=why)
    if any(_PERCUSSION in track.sounds for track in score.tracks):
        yield Loss(what="percussion", action="left out", why=why)
    if words := sum(track.lyrics for track in score.tracks):
        yield Loss(what=counted(words, "lyric"), action="left out", why="a ringtone has no words")
    if damage := sum(track.damage for track in score.tracks):
        why = "damaged or not known to MIDI"
        yield Loss(what=counted(damage, "event"), action="left out", why=why)


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


# Writing

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
        ticks = round(note.duration * 4 * _TICKS)
        if note.pitch is None:
            gap += ticks
            continue
        velocity = min(note.volume * 8 + 7, 127)
        track.append(mido.Message("note_on", note=note.pitch, velocity=velocity, time=gap))
        track.append(mido.Message("note_off", note=note.pitch, time=ticks))
        gap = 0
    out = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=_TICKS, tracks=[track]).save(file=out)
    return out.getvalue()


def _latin1(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")


def sniff(start: bytes) -> bool:
    """Whether a MIDI header starts the file, bare or in RIFF."""
    return start[:4] == b"MThd" or (start[:4] == b"RIFF" and start[8:12] == b"RMID")


CONVERTER = Converter(
    name="midi",
    summary="MIDI files; one voice becomes a ringtone",
    suffixes=(".mid", ".midi", ".kar", ".rmi"),
    sniff=sniff,
    convert=convert,
    options=(
        Option(name="track", summary="take the voice from this track", parse=_between(1, 65535)),
        Option(name="channel", summary="take the voice of this channel", parse=_between(1, 16)),
        Option(
            name="transpose",
            summary="semitones up (or down, below 0)",
            parse=_between(-48, 48),
            default=0,
        ),
    ),
)

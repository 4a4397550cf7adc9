"""Standard MIDI files, read: the notes of each track, its name, tempi and number of lyrics.

Events are read here and not by mido, because few are needed and files are damaged: a bad event
costs only itself, lengths are bounded, and the time before unknown events counts. A test compares
the notes of undamaged files with those that mido reads.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import NamedTuple

from converters.api import Loss
from converters.errors import SourceError
from converters.tunes.losses import decoded
from converters.tunes.midi.chunks import Chunks, chunks

#: The format whose tracks are tunes of their own.
SEPARATE = 2
MOST_OCTETS = 4 << 20
MOST_NOTES = 100_000
MOST_EVENTS = 500_000

# Status octets (MIDI 1.0, tables I to IV), and how many data octets follow them.
_NOTE_ON = 0x90
_NOTE_BITS, _NOTES = 0xE0, 0x80  # of the status of both note off and note on
_SYSTEM = 0xF0  # the first status that belongs to no channel; it has no running status
_SYSTEM_EXCLUSIVE, _META = (0xF0, 0xF7), 0xFF
_DATA_OCTETS = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
_SYSTEM_OCTETS = {0xF1: 1, 0xF2: 2, 0xF3: 1}
#: In place of the status of data that have none.
_NO_STATUS = 0
_ENDING = range(0xF1, 0xF7)  # after these even players have no running status
_KEPT = 0x100  # added to a running status from before an event that should have ended it
#: MIDI does not define the others.
_UNDEFINED = (_NO_STATUS, 0xF4, 0xF5, 0xF9, 0xFD)
_BEAT_MICROSECONDS = 500_000  # until a tempo is set
# Meta events (Standard MIDI Files 1.0).
_TRACK_NAME, _LYRIC, _END_OF_TRACK, _TEMPO = b"\x03", b"\x05", b"\x2f", b"\x51"


class MidiNote(NamedTuple):
    """A note of a file, from note on to note off."""

    start: int  #: in ticks, as ``end``
    end: int
    pitch: int  #: MIDI number: 60 is middle C
    velocity: int  #: 1..127


@dataclass(slots=True)
class Track:
    """What is read of one track chunk."""

    number: int  #: from 1
    name: str = ""
    notes: dict[int, list[MidiNote]] = field(default_factory=dict)  #: by channel, from 0
    tempi: list[tuple[int, int]] = field(default_factory=list)  #: tick, microseconds a beat
    lyrics: int = 0  #: number of lyric events
    damage: int = 0  #: number of events that could not be read
    resumed: int = 0  #: times that an event left out a status from before a meta event or the like


class Score(NamedTuple):
    """A file: its format, ticks to a quarter note, and tracks."""

    file_format: int  #: 0, 1 or 2
    division: Fraction
    tracks: tuple[Track, ...]
    tempo: int | None = None  #: microseconds a beat, where one holds for all: in SMPTE time
    losses: tuple[Loss, ...] = ()  #: of the file itself


# Reading


def read(data: bytes) -> Score:
    """The score of a file. Damaged events are left out and counted on their track."""
    if len(data) > MOST_OCTETS:
        raise SourceError(f"expected at most {MOST_OCTETS} octets, found {len(data)}")
    found = chunks(data)
    tracks: list[Track] = []
    events = notes = 0
    for number, body in enumerate(found.tracks, start=1):
        tracks.append(Track(number))
        events += _read_track(body, tracks[-1], MOST_EVENTS - events)
        notes += sum(map(len, tracks[-1].notes.values()))
        if notes > MOST_NOTES:
            raise SourceError(f"expected at most {MOST_NOTES} notes, found more")
    return _score(found, tuple(tracks))


def _score(found: Chunks, tracks: tuple[Track, ...]) -> Score:
    """The score of tracks. In SMPTE time, ticks do not depend on the tempo."""
    tempo = _BEAT_MICROSECONDS
    if found.smpte:
        tempi = sorted(one for track in tracks for one in track.tempi)
        tempo = tempi[0][1] if tempi else tempo
    division = found.division * Fraction(tempo, _BEAT_MICROSECONDS)
    fixed = tempo if found.smpte else None
    return Score(found.file_format, division, tracks, fixed, tuple(found.losses))


#: Ticks at which notes were pressed and not yet released, with their velocities; by key, which is
#: channel << 7 | pitch.
_Pressed = defaultdict[int, deque[tuple[int, int]]]


def _read_track(body: bytes, track: Track, most: int) -> int:
    """Fill ``track`` from the body of its chunk, at most so many events; returns their number.

    Nearly all events are notes, which are read here, without a call for each.
    """
    pressed: _Pressed = defaultdict(deque)
    count = tick = at = running = 0
    while at < len(body):
        count += 1
        if count > most:
            raise SourceError(f"expected at most {MOST_EVENTS} events, found more")
        delta, at = (body[at], at + 1) if body[at] < 0x80 else _number(body, at)
        tick += delta
        if body[at : at + 1] > b"\x7f":
            status, at = body[at], at + 1
            running = status if status < _SYSTEM else _after_system(status, running)
        else:
            if running >= _KEPT:
                running -= _KEPT
                track.resumed += 1
            status = running
        if status & _NOTE_BITS != _NOTES or at + 2 > len(body):
            at = _read_other(body, at, status, tick, track)
            continue
        pitch, velocity = body[at], body[at + 1]
        at += 2
        key = (status & 0xF) << 7 | min(pitch, 127)
        if status >= _NOTE_ON and velocity:
            pressed[key].append((tick, min(velocity, 127)))
        elif starts := pressed[key]:
            _release(track, key, starts.popleft(), tick)
    _release_all(track, pressed, tick)
    return count


def _after_system(status: int, running: int) -> int:
    """The running status after an event that is of no channel.

    The specification ends it there, but players keep it after meta events, exclusive and real-time
    messages, and some programs write files for them. It is marked by ``_KEPT``.
    """
    if not running or status in _ENDING:
        return _NO_STATUS
    return running % _KEPT + _KEPT


def _release(track: Track, key: int, start: tuple[int, int], end: int) -> None:
    tick, velocity = start
    if end > tick:
        note = MidiNote(tick, end, key & 0x7F, velocity)
        track.notes.setdefault(key >> 7, []).append(note)


def _release_all(track: Track, pressed: _Pressed, end: int) -> None:
    for key, starts in pressed.items():
        for start in starts:
            _release(track, key, start, end)


def _read_other(body: bytes, at: int, status: int, tick: int, track: Track) -> int:
    """Read an event that is not a note; returns where the next one starts."""
    data, at = _data(body, at, status)
    if at > len(body) or status in _UNDEFINED:
        track.damage += 1
    elif status == _META:
        if data[:1] == _END_OF_TRACK:
            return len(body)
        _read_meta(tick, data, track)
    return at


def _data(body: bytes, at: int, status: int) -> tuple[bytes, int]:
    """The data that follow a status, and where they end, which may be past the end of ``body``."""
    if status not in (_META, *_SYSTEM_EXCLUSIVE):
        end = at + (_DATA_OCTETS.get(status & 0xF0) or _SYSTEM_OCTETS.get(status, 0))
        # Data without a status: step over the octet, or the loop would not end.
        return body[at:end], max(end, at + (status == _NO_STATUS))
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


def _read_meta(tick: int, data: bytes, track: Track) -> None:
    kind, value = data[:1], data[1:]
    if kind == _TEMPO and len(value) == 3 and any(value):
        track.tempi.append((tick, int.from_bytes(value, "big")))
    elif kind == _TEMPO:
        track.damage += 1
    elif kind == _TRACK_NAME and not track.name:
        track.name = _line(decoded(value))
    elif kind == _LYRIC:
        track.lyrics += 1


def _line(text: str) -> str:
    """The words of a text on one line, without control characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


# Time


def tempo_map(score: Score, track: Track) -> list[tuple[int, int]]:
    """Ticks with the microseconds a beat from there on, from tick 0.

    The tempi of all tracks hold for each of them, but in format 2 only its own.
    """
    if score.tempo is not None:
        return [(0, score.tempo)]
    tracks = [track] if score.file_format == SEPARATE else score.tracks
    return [(0, _BEAT_MICROSECONDS), *sorted(tempo for track in tracks for tempo in track.tempi)]


def ticks_to_tempo(tempi: list[tuple[int, int]]) -> Callable[[float], float]:
    """A function from ticks to quarter notes a minute."""
    ticks = [tick for tick, _ in tempi]

    def at(tick: float) -> float:
        return 60e6 / tempi[bisect_right(ticks, tick) - 1][1]

    return at


def ticks_to_seconds(tempi: list[tuple[int, int]], division: Fraction) -> Callable[[float], float]:
    """A function from ticks to seconds."""
    ticks = [tick for tick, _ in tempi]
    tick_seconds = [tempo / 1e6 / float(division) for _, tempo in tempi]  # from each tick on
    spans = (
        (after - tick) * length
        for (tick, after), length in zip(pairwise(ticks), tick_seconds, strict=False)
    )
    seconds = list(accumulate(spans, initial=0.0))
    if not ticks[-1]:  # one tempo, as most files have
        return tick_seconds[-1].__mul__

    def at(tick: float) -> float:
        n = bisect_right(ticks, tick) - 1
        return seconds[n] + (tick - ticks[n]) * tick_seconds[n]

    return at

"""Time laid on the durations that a tone has, onset by onset, so that a tune does not drift."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from converters.tunes.melody import Note
from converters.tunes.midi.reader import Sound
from converters.tunes.ringtone import DURATIONS, nearest_tempo

#: Units to a whole note: every duration of a tone is a whole number of them.
UNITS = 384
_LENGTHS = sorted(int(duration * UNITS) for duration in DURATIONS)
_DURATION_OF = {length: Fraction(length, UNITS) for length in _LENGTHS}
_SHORTEST = _LENGTHS[0]
_REST = UNITS // 32  # a shorter gap is the style's own, between any two notes
_NEAR = UNITS // 64  # what no one hears: the error that one note or rest may have
#: A longer rest would make people think that the tone is over.
_LONGEST_REST = 4 * UNITS
#: A rest is put together of plain and dotted ones, which read well.
_RESTS = [n for n in reversed(_LENGTHS) if _DURATION_OF[n].numerator in (1, 3)]


@dataclass(frozen=True, slots=True)
class Laid:
    """Notes with the sound that each plays, None for rests, and the ticks at which they start."""

    notes: tuple[Note, ...]
    sounds: tuple[Sound | None, ...]
    ticks: tuple[float, ...]
    short: int = 0  #: notes that were too short to be written
    rests: int = 0  #: rests that were cut
    held: int = 0  #: rests that were taken into the note before


def pace(line: Sequence[Sound], whole: float, bpm: float) -> tuple[int, int]:
    """The phone's tempo, and the power of two on durations, that hold a line best.

    Played at twice the tempo, notes are written twice as long. ``whole`` is ticks to a whole note;
    the error is that of the written lengths plus that of the tempo.
    """
    # A gap with a long rest in it is written as a note and rests, at any tempo.
    gaps = Counter(b.start - a.start for a, b in pairwise(line) if b.start - a.end < whole)
    common = gaps.most_common(64) or [(int(whole) // 4 or 1, 1)]

    def error(doublings: int) -> float:
        scale = UNITS / whole * 2.0**doublings
        misfit = sum(n * _misfit(length * scale) for length, n in common)
        wished = bpm * 2.0**doublings
        return misfit / sum(n for _, n in common) + abs(nearest_tempo(wished) / wished - 1)

    # A tune stays as it is written unless that fits badly: each doubling must save a tenth.
    doublings = min(range(-2, 3), key=lambda n: error(n) + abs(n) / 10)
    return nearest_tempo(bpm * 2.0**doublings), doublings


def _misfit(length: float) -> float:
    return min(1.0, abs(_nearest(length) - length) / length)


def _nearest(length: float) -> int:
    above = bisect_left(_LENGTHS, length)
    return min(_LENGTHS[max(0, above - 1) : above + 1], key=lambda known: abs(known - length))


@dataclass(slots=True)
class _Staff:
    """What is written so far, and how many units that has come to."""

    origin: int  # tick at which the tune starts
    scale: float  # units a tick
    notes: list[Note] = field(default_factory=list)
    sounds: list[Sound | None] = field(default_factory=list)
    ticks: list[float] = field(default_factory=list)
    now: int = 0
    dropped: float = 0.0  # units of rest that were cut so far
    short: int = 0
    cut: int = 0
    taken: int = 0

    def units(self, tick: int) -> float:
        """Where a tick is written, from the start."""
        return (tick - self.origin) * self.scale - self.dropped

    def write(self, sound: Sound | None, length: int, tempo: int) -> None:
        self.notes.append(Note(sound.pitch if sound else None, _DURATION_OF[length], tempo))
        self.sounds.append(sound)
        self.ticks.append(self.origin + (self.now + self.dropped) / self.scale)
        self.now += length

    def rests(self, until: float) -> Iterator[int] | None:
        """Rests up to ``until`` where that is too long to wait, shortened; else None."""
        over = until - self.now - _LONGEST_REST
        if over <= 0:
            return None
        self.cut += 1
        self.dropped += over
        return _pauses(round(until - over - self.now))


def lay(line: Sequence[Sound], whole: float, tempo_at: Callable[[int], int]) -> Laid:
    """Notes and rests for the sounds, ``whole`` ticks to a whole note as written.

    Each length is measured from where the written tune has come to, so that no error adds up.
    """
    staff = _Staff(line[0].start, UNITS / whole)
    for sound, after in zip(line, [*line[1:], None], strict=True):
        _lay_one(staff, sound, after, tempo_at)
    laid = (tuple(staff.notes), tuple(staff.sounds), tuple(staff.ticks))
    return Laid(*laid, short=staff.short, rests=staff.cut, held=staff.taken)


def _lay_one(
    staff: _Staff, sound: Sound, after: Sound | None, tempo_at: Callable[[int], int]
) -> None:
    """A sound and the rests up to the one after it."""
    end = staff.units(sound.end)
    onset = staff.units(after.start) if after else end
    if onset - staff.now < _SHORTEST / 2:
        staff.short += 1
        return
    tempo = tempo_at(sound.start)
    held = onset if onset - end < _REST else end
    # What is shorter still is how a player lifts a finger, and no one hears it.
    staff.taken += _NEAR < onset - end < _REST
    length, *rests = _lengths(round(held - staff.now), round(onset - staff.now), after is None)
    staff.write(sound, length, tempo)
    for rest in staff.rests(onset) or rests:
        staff.write(None, rest, tempo)


@lru_cache(4096)
def _lengths(held: int, gap: int, last: bool) -> tuple[int, ...]:  # noqa: FBT001 - a cached row
    """The length of a note that sounds for ``held`` of the time to the next, and the rests."""
    length = _nearest(max(held, _SHORTEST))
    rests = () if last else tuple(_pauses(gap - length))
    if last or abs(length + sum(rests) - gap) <= _NEAR:
        return (length, *rests)
    # One note alone would come too late or too soon: a shorter one and a rest.
    return min(
        ((known, rest) for known in _LENGTHS for rest in (_nearest(gap - known),) if known < gap),
        key=lambda pair: (max(_NEAR / 2, abs(sum(pair) - gap)), abs(pair[0] - held)),
        default=(length, *rests),
    )


def _pauses(length: int) -> Iterator[int]:
    """Rests that come to ``length`` within half of the shortest."""
    while length >= _REST / 2:
        rest = _nearest(length)
        if abs(rest - length) > _NEAR:
            rest = next(known for known in _RESTS if known <= length)
        yield rest
        length -= rest


def main_tempo(tempi: Sequence[tuple[int, int]], first: int, last: int) -> float:
    """Quarter notes a minute at the middle of the time between two ticks."""
    spans = [
        (max(0, min(end, last) - max(start, first)) * tempo, tempo)
        for (start, tempo), end in zip(tempi, [*(t for t, _ in tempi[1:]), math.inf], strict=True)
    ]
    half, passed = sum(span for span, _ in spans) / 2, 0.0
    for span, tempo in sorted(spans, key=lambda item: item[1]):
        passed += span
        if passed >= half and span:
            return 60e6 / tempo
    return 60e6 / tempi[-1][1]

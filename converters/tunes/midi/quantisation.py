"""Notes in ticks to notes with the durations that a tone has.

Each onset is measured from where the written tune has come to, so that errors do not add up.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from converters.tunes.melody import Note
from converters.tunes.midi.reader import MidiNote
from converters.tunes.ringtone import DURATIONS, nearest_tempo

#: Units to a whole note: every duration of a tone is a whole number of them.
UNITS = 384
# In units:
_LENGTHS = sorted(int(duration * UNITS) for duration in DURATIONS)
_DURATION_OF = {length: Fraction(length, UNITS) for length in _LENGTHS}  # of a whole note
_SHORTEST = _LENGTHS[0]
_SHORTEST_REST = (
    UNITS // 32
)  # a shorter gap belongs to the style, which puts one between any two notes
_NEAR = UNITS // 64  # an error of one note or rest that nobody hears
#: A longer rest would make people think that the tone is over.
_LONGEST_REST = 4 * UNITS
#: A rest is written as several plain and dotted ones, which are easy to read.
_RESTS = [n for n in reversed(_LENGTHS) if _DURATION_OF[n].numerator in (1, 3)]


class Quantised(NamedTuple):
    """Written notes, with the note of the file that each is (None for a rest) and its tick."""

    notes: tuple[Note, ...]
    sources: tuple[MidiNote | None, ...]
    ticks: tuple[float, ...]  #: of the file, at which each note is written to start
    short: int = 0  #: notes that were too short to be written
    cut_rests: int = 0  #: rests that were shortened
    closed_rests: int = 0  #: rests that the note before was lengthened by


def best_doublings(line: Sequence[MidiNote], whole: float, bpm: float) -> int:
    """How often durations should be doubled (or halved, below 0) to fit those of a tone best.

    At twice the tempo, notes are written twice as long. ``whole`` is the ticks of a whole note,
    ``bpm`` quarter notes a minute; the error is that of the durations plus that of the tempo.
    """
    # A gap with a long rest in it is written as a note and rests at any tempo, and does not count.
    gaps = Counter(b.start - a.start for a, b in pairwise(line) if b.start - a.end < whole)
    common = gaps.most_common(64) or [(int(whole) // 4 or 1, 1)]

    def error(doublings: int) -> float:
        scale = UNITS / whole * 2.0**doublings
        misfit = sum(n * _misfit(gap * scale) for gap, n in common)
        tempo = bpm * 2.0**doublings
        return misfit / sum(n for _, n in common) + abs(nearest_tempo(tempo) / tempo - 1)

    # A tune stays as it is written unless that fits badly: each doubling must save a tenth.
    return min(range(-2, 3), key=lambda n: error(n) + abs(n) / 10)


def _misfit(length: float) -> float:
    """The error of the nearest length in units, as a share, at most 1."""
    return min(1.0, abs(_nearest(length) - length) / length)


def _nearest(length: float) -> int:
    above = bisect_left(_LENGTHS, length)
    return min(_LENGTHS[max(0, above - 1) : above + 1], key=lambda known: abs(known - length))


@dataclass(slots=True)
class _Writer:
    """The notes written so far, and how many units they come to."""

    origin: int  # tick at which the tune starts
    scale: float  # units a tick
    notes: list[Note] = field(default_factory=list)
    sources: list[MidiNote | None] = field(default_factory=list)
    ticks: list[float] = field(default_factory=list)
    now: int = 0  # units
    dropped: float = 0.0  # units of rest that were cut so far
    short: int = 0
    cut_rests: int = 0
    closed_rests: int = 0

    def units(self, tick: int) -> float:
        """Where a tick is written, in units from the start."""
        return (tick - self.origin) * self.scale - self.dropped

    def write(self, source: MidiNote | None, length: int, tempo: int) -> None:
        """Write a note, or a rest where there is no ``source``, of a length in units."""
        self.notes.append(Note(source.pitch if source else None, _DURATION_OF[length], tempo))
        self.sources.append(source)
        self.ticks.append(self.origin + (self.now + self.dropped) / self.scale)
        self.now += length

    def cut_rest(self, until: float) -> Iterator[int] | None:
        """The rests for a wait up to ``until`` units that is too long, cut; None for others."""
        over = until - self.now - _LONGEST_REST
        if over <= 0:
            return None
        self.cut_rests += 1
        self.dropped += over
        return _rests(round(until - over - self.now))


def quantise(line: Sequence[MidiNote], whole: float, tempo_at: Callable[[int], int]) -> Quantised:
    """Notes and rests for a melody, with ``whole`` ticks to a whole note as written.

    ``tempo_at`` gives the tempo to write, in quarter notes a minute, at a tick.
    """
    writer = _Writer(line[0].start, UNITS / whole)
    for note, after in zip(line, [*line[1:], None], strict=True):
        _write_note(writer, note, after, tempo_at)
    return Quantised(
        tuple(writer.notes),
        tuple(writer.sources),
        tuple(writer.ticks),
        short=writer.short,
        cut_rests=writer.cut_rests,
        closed_rests=writer.closed_rests,
    )


def _write_note(
    writer: _Writer, note: MidiNote, after: MidiNote | None, tempo_at: Callable[[int], int]
) -> None:
    """Write a note and the rests up to the one after it."""
    end = writer.units(note.end)
    next_start = writer.units(after.start) if after else end
    if next_start - writer.now < _SHORTEST / 2:
        writer.short += 1
        return
    tempo = tempo_at(note.start)
    gap = next_start - end
    # Gaps below _NEAR are how a player lifts a finger; nobody hears them.
    writer.closed_rests += _NEAR < gap < _SHORTEST_REST
    held = next_start if gap < _SHORTEST_REST else end
    length, *rests = _lengths(
        round(held - writer.now), round(next_start - writer.now), is_last=after is None
    )
    writer.write(note, length, tempo)
    for rest in writer.cut_rest(next_start) or rests:
        writer.write(None, rest, tempo)


@lru_cache(4096)
def _lengths(held: int, gap: int, *, is_last: bool) -> tuple[int, ...]:
    """Units of a note that is held for ``held`` of the ``gap`` to the next, and of the rests."""
    length = _nearest(max(held, _SHORTEST))
    rests = () if is_last else tuple(_rests(gap - length))
    if is_last or abs(length + sum(rests) - gap) <= _NEAR:
        return (length, *rests)
    # The next note would start too late or too early: write a shorter one and a rest.
    return min(
        ((known, rest) for known in _LENGTHS for rest in (_nearest(gap - known),) if known < gap),
        key=lambda pair: (max(_NEAR / 2, abs(sum(pair) - gap)), abs(pair[0] - held)),
        default=(length, *rests),
    )


def _rests(length: int) -> Iterator[int]:
    """Rests whose sum differs from ``length`` by at most half of the shortest."""
    while length >= _SHORTEST_REST / 2:
        rest = _nearest(length)
        if abs(rest - length) > _NEAR:
            rest = next(known for known in _RESTS if known <= length)
        yield rest
        length -= rest


def main_tempo(tempi: Sequence[tuple[int, int]], first: int, last: int) -> float:
    """The median tempo between two ticks, by time, in quarter notes a minute."""
    spans = [
        (max(0, min(end, last) - max(start, first)) * tempo, tempo)
        for (start, tempo), end in zip(tempi, [*(t for t, _ in tempi[1:]), math.inf], strict=True)
    ]
    half, so_far = sum(span for span, _ in spans) / 2, 0.0
    for span, tempo in sorted(spans, key=lambda item: item[1]):
        so_far += span
        if so_far >= half and span:
            return 60e6 / tempo
    return 60e6 / tempi[-1][1]

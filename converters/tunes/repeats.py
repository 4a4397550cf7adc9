"""Repeats of a tune: a stretch that comes again is one pattern, played again.

Notes are numbered as octets, so that the tune is compared with itself, as far as it is long, by
whole numbers: where the exclusive or of the tune and the tune moved has zeroes, they are the same.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

#: The time grows with the square: beyond this many notes no repeat is looked for.
MOST_COMPARED = 1_024
#: A shorter stretch saves less than another pattern costs.
_SHORTEST = 6
_CANDIDATES = 16
_SAME = re.compile(rb"\0{%d,}" % _SHORTEST)
#: Numbers of a note that comes once, in the tune and in the tune moved: it is the same as none.
_ONCE, _ONCE_MOVED = 255, 254


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a tune, from ``start`` to ``end``, played ``1 + loop`` times on end."""

    start: int
    end: int
    loop: int = 0


def sections(tune: Sequence[Hashable], *, patterns: int, loops: int) -> list[Section]:
    """The tune in stretches in the order of play; those with the same start are one pattern.

    At most so many patterns and loops of each; the whole in one section where nothing comes again.
    """
    numbered = _numbered(tune) if len(tune) <= MOST_COMPARED else b""
    whole = [Section(0, len(tune))]
    plans = (
        _split(numbered, start, length, patterns, loops) for start, length in _candidates(numbered)
    )
    return min((whole, *plans), key=_written)


def _numbered(tune: Sequence[Hashable]) -> bytes:
    """An octet for each note, equal where the notes are; none where too many notes differ."""
    counts = Counter(tune)
    again = [note for note, count in counts.items() if count > 1]
    if len(again) > _ONCE_MOVED:
        return b""
    numbers = {note: number for number, note in enumerate(again)}
    return bytes(numbers.get(note, _ONCE) for note in tune)


def _written(plan: Sequence[Section]) -> int:
    """Notes to write, and a note and a half for each header."""
    distinct = {(section.start, section.end) for section in plan}
    return 2 * sum(end - start for start, end in distinct) + 3 * len(plan)


def _candidates(tune: bytes) -> list[tuple[int, int]]:
    """Start and length of the stretches that save most when they come again."""
    best: dict[tuple[int, int], int] = {}
    for start, apart, common in _common(tune):
        length = min(common, apart)
        saved = common - common % length
        best[start, length] = max(saved, best.get((start, length), 0))
    return heapq.nsmallest(_CANDIDATES, best, key=lambda found: (-best[found], found))


def _common(tune: bytes) -> Iterator[tuple[int, int, int]]:
    """Where notes are the same as those so far behind them, how far, and how many."""
    here = int.from_bytes(tune, "big")
    moved = int.from_bytes(tune.replace(bytes((_ONCE,)), bytes((_ONCE_MOVED,))), "big")
    for apart in range(_SHORTEST, len(tune) - _SHORTEST + 1):
        left = len(tune) - apart
        differ = ((moved & (1 << 8 * left) - 1) ^ here >> 8 * apart).to_bytes(left, "big")
        for same in _SAME.finditer(differ):
            yield same.start(), apart, same.end() - same.start()


def _split(tune: bytes, start: int, length: int, patterns: int, loops: int) -> list[Section]:
    """The tune with a stretch taken out wherever it comes, while there are patterns left."""
    stretch = tune[start : start + length]
    plan: list[Section] = []
    at = others = 0
    while others < patterns - 2 and (found := tune.find(stretch, at)) >= 0:
        if found > at:
            plan.append(Section(at, found))
            others += 1
        again = 0
        while again < loops and tune.startswith(stretch, found + length * (again + 1)):
            again += 1
        plan.append(Section(start, start + length, again))
        at = found + length * (again + 1)
    return [*plan, Section(at, len(tune))] if at < len(tune) else plan

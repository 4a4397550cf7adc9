"""Repeats of a tune: a stretch that comes again is one pattern, played again."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

#: What is compared grows with the square: beyond this many notes no repeat is looked for.
MOST_COMPARED = 1_024
#: A shorter stretch saves less than another pattern costs.
_SHORTEST = 6
_CANDIDATES = 16


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
    if len(tune) > MOST_COMPARED:
        return [Section(0, len(tune))]
    numbers: dict[Hashable, int] = {}
    named = [numbers.setdefault(note, len(numbers)) for note in tune]  # cheap to compare
    plans = (_split(named, start, length, patterns, loops) for start, length in _candidates(named))
    whole = [Section(0, len(tune))]
    return min((whole, *plans), key=_written)


def _written(plan: Sequence[Section]) -> int:
    """Notes to write, and a note and a half for each header."""
    distinct = {(section.start, section.end) for section in plan}
    return 2 * sum(end - start for start, end in distinct) + 3 * len(plan)


def _candidates(tune: Sequence[int]) -> list[tuple[int, int]]:
    """Start and length of the stretches that save most when they come again."""
    best: dict[tuple[int, int], int] = {}
    for start, later, common in _common(tune):
        apart = later - start
        length = min(common, apart)
        if length >= _SHORTEST:
            best[start, length] = common // apart * length if common >= apart else length
    return heapq.nsmallest(_CANDIDATES, best, key=lambda found: (-best[found], found))


def _common(tune: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Two places and how many notes are the same from there on, where enough are."""
    places: dict[int, list[int]] = defaultdict(list)
    below: dict[int, int] = {}
    for start in range(len(tune) - 1, -1, -1):
        row = {later: below.get(later + 1, 0) + 1 for later in places[tune[start]]}
        places[tune[start]].append(start)
        below = row
        yield from ((start, later, common) for later, common in row.items() if common >= _SHORTEST)


def _split(
    tune: Sequence[int], start: int, length: int, patterns: int, loops: int
) -> list[Section]:
    """The tune with a stretch taken out wherever it comes, while there are patterns left."""
    stretch = tune[start : start + length]
    plan: list[Section] = []
    at = others = 0
    while at < len(tune) and others < patterns - 2:
        found = _find(tune, stretch, at)
        if found == len(tune):
            break
        if found > at:
            plan.append(Section(at, found))
            others += 1
        again = 0
        while again < loops and tune[found + length * (again + 1) :][:length] == stretch:
            again += 1
        plan.append(Section(start, start + length, again))
        at = found + length * (again + 1)
    return [*plan, Section(at, len(tune))] if at < len(tune) else plan


def _find(tune: Sequence[int], stretch: Sequence[int], at: int) -> int:
    """Where a stretch comes next; the end of the tune where it does not."""
    first, length = stretch[0], len(stretch)
    for place in range(at, len(tune) - length + 1):
        if tune[place] == first and tune[place : place + length] == stretch:
            return place
    return len(tune)

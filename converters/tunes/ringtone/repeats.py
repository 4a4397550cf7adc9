"""Repeats of a tune: sections that come again are one pattern, played several times.

Each note becomes an octet, so that all of a tune is compared with itself, moved by some notes, in
one exclusive or of two large integers: zero octets in the result are notes that are the same.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

#: Longer tunes are not searched for repeats: the time grows with the square of the notes.
MOST_COMPARED = 1_024
#: A shorter section saves less than another pattern costs.
_SHORTEST = 6
_CANDIDATES = 16
_SAME = re.compile(rb"\0{%d,}" % _SHORTEST)
#: The octets of a note that comes once, in the tune and in the moved tune: they must differ.
_ONCE, _ONCE_MOVED = 255, 254


class Section(NamedTuple):
    """Notes ``start`` to ``end`` (excluded) of a tune, played ``1 + loop`` times in a row."""

    start: int
    end: int
    loop: int = 0


def sections(tune: Sequence[Hashable], *, patterns: int, loops: int) -> list[Section]:
    """The sections of a tune in the order of play; those with the same notes are one pattern.

    There are at most ``patterns`` different ones, each with at most ``loops``; one section is all
    of a tune that does not repeat.
    """
    numbered = _numbered(tune) if len(tune) <= MOST_COMPARED else b""
    all_at_once = [Section(0, len(tune))]
    plans = (
        _split(numbered, start, length, patterns, loops) for start, length in _candidates(numbered)
    )
    return min((all_at_once, *plans), key=_cost)


def _numbered(tune: Sequence[Hashable]) -> bytes:
    """An octet for each note, equal where notes are equal; empty where too many notes differ."""
    counts = Counter(tune)
    repeated = [note for note, count in counts.items() if count > 1]
    if len(repeated) > _ONCE_MOVED:
        return b""
    numbers = {note: number for number, note in enumerate(repeated)}
    return bytes(numbers.get(note, _ONCE) for note in tune)


def _cost(plan: Sequence[Section]) -> int:
    """Twice the number of notes to write; a pattern's header is as long as a note and a half."""
    distinct = {(section.start, section.end) for section in plan}
    return 2 * sum(end - start for start, end in distinct) + 3 * len(plan)


def _candidates(tune: bytes) -> list[tuple[int, int]]:
    """Start and length of the sections whose repeats are the longest."""
    best: dict[tuple[int, int], int] = {}
    for start, distance, common in _common(tune):
        length = min(common, distance)
        saved = common - common % length
        best[start, length] = max(saved, best.get((start, length), 0))
    return heapq.nsmallest(_CANDIDATES, best, key=lambda section: (-best[section], section))


def _common(tune: bytes) -> Iterator[tuple[int, int, int]]:
    """Start, distance and length of notes that are the same as those at a distance after them."""
    here = int.from_bytes(tune, "big")
    moved = int.from_bytes(tune.replace(bytes((_ONCE,)), bytes((_ONCE_MOVED,))), "big")
    for distance in range(_SHORTEST, len(tune) - _SHORTEST + 1):
        left = len(tune) - distance
        differ = ((moved & (1 << 8 * left) - 1) ^ here >> 8 * distance).to_bytes(left, "big")
        for same in _SAME.finditer(differ):
            yield same.start(), distance, same.end() - same.start()


def _split(tune: bytes, start: int, length: int, patterns: int, loops: int) -> list[Section]:
    """The tune with one section as a pattern wherever it comes, as long as patterns are left."""
    notes = tune[start : start + length]
    plan: list[Section] = []
    at = others = 0
    while others < patterns - 2 and (found := tune.find(notes, at)) >= 0:
        if found > at:
            plan.append(Section(at, found))
            others += 1
        again = 0
        while again < loops and tune.startswith(notes, found + length * (again + 1)):
            again += 1
        plan.append(Section(start, start + length, again))
        at = found + length * (again + 1)
    return [*plan, Section(at, len(tune))] if at < len(tune) else plan

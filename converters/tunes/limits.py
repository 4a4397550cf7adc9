"""How long a tune may be, and where a longer one is cut: at the end of a phrase."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from converters.api import Action, Loss
from converters.errors import GuardError
from converters.shared.words import counted
from converters.tunes.melody import Melody, Note

#: The most notes that each phone keeps of a tone received, as its maker gives them.
PHONES: Mapping[str, int] = MappingProxyType(
    {"7110": 58, "3310": 63, "2310": 63, "6233": 80, "6151": 80, "2626": 80}
)
#: Bits of the shortest note of a tone: without repeats, no more notes fit than of this size.
_NOTE_BITS = 12
#: A phrase may end this far before the end of what fits, as a share.
_SEARCHED = 0.25


class Limits(NamedTuple):
    """The most octets of a tone, parts of a message, and notes; strict ones refuse longer tunes."""

    octets: int
    parts: int
    notes: int | None = None
    strict: bool = False

    def hold(self, octets: int, notes: int) -> bool:
        """Whether a tone of that size is within them."""
        return octets <= self.octets and (self.notes is None or notes <= self.notes)


def shorten(
    melody: Melody, limits: Limits, size: Callable[[Melody], int]
) -> tuple[Melody, tuple[Loss, ...]]:
    """The beginning of a melody that its limits hold, which do not hold all of it.

    ``size`` gives the octets of a melody's tone. Raises GuardError where the limits are strict.
    """
    end = min(len(melody.notes), limits.notes + 1 if limits.notes else len(melody.notes))
    guess = 1 + limits.octets * 8 // _NOTE_BITS
    count = _most(lambda n: size(_first(melody, n)) <= limits.octets, guess, end)
    if count == limits.notes:
        return cut(melody, count, limits, notes_reason(limits))
    return cut(melody, count, limits, f"the message holds at most {limits.octets} octets")


def cut(melody: Melody, most: int, limits: Limits, why: str) -> tuple[Melody, tuple[Loss, ...]]:
    """The beginning of a melody, at most so many notes, and the loss of the others.

    Raises GuardError where the limits are strict or hold no note.
    """
    if limits.strict or not most:
        raise GuardError(f"expected a tune within its limit, found a longer one: {why}")
    count = phrase_end(melody.notes, most)
    seconds = sum(note.seconds for note in melody.notes[:count])
    lost = sum(note.pitch is not None for note in melody.notes[count:])
    what = f"{counted(lost, 'note')} from {seconds // 60:.0f}:{seconds % 60:04.1f} on"
    return _first(melody, count), (Loss(what=what, action=Action.CUT, why=why),)


def notes_reason(limits: Limits) -> str:
    """Why a tune is cut by the number of its notes."""
    return f"the phone holds at most {limits.notes} notes and rests"


def _most(holds: Callable[[int], bool], guess: int, end: int) -> int:
    """The largest number below ``end`` that holds, where every smaller one does too.

    ``holds`` takes longer for larger numbers, so the search starts at ``guess``.
    """
    low, high = 0, min(guess, end)
    while high < end and holds(high):
        low, high = high, min(2 * high, end)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _first(melody: Melody, count: int) -> Melody:
    return melody if count == len(melody.notes) else replace(melody, notes=melody.notes[:count])


def phrase_end(notes: Sequence[Note], count: int) -> int:
    """Where to cut at or before ``count``: at the longest rest or note near it.

    A rest ends a phrase for certain and counts twice.
    """
    least = max(1, int(count * (1 - _SEARCHED)))
    lengths: dict[int, tuple[float, int]] = {}
    for end in range(least, count + 1):
        last, after = notes[end - 1], notes[end] if end < len(notes) else None
        rest = after.seconds * 2 if after is not None and after.pitch is None else 0
        lengths[end] = (round(rest + (last.seconds if last.pitch is not None else 0), 3), end)
    return max(lengths, key=lambda end: lengths[end], default=count)

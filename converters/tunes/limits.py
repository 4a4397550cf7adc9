"""How long a ringtone may be: in parts, in notes, or by the phone that is to play it.

A tune that is longer is cut where a phrase ends, and the loss says when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from converters.api import Action, Loss, Option, Settings
from converters.errors import GuardError
from converters.shared import fitting
from converters.tunes.melody import Melody, Note
from smsenc import Port

#: Notes that a phone keeps of a tone received, as its maker states them.
PHONES: Mapping[str, int] = MappingProxyType(
    {"7110": 58, "3310": 63, "2310": 63, "6233": 80, "6151": 80, "2626": 80}
)
#: What a tune is sent as: a Nokia ringing tone, or EMS user sounds.
TONE, EMS = "ringtone", "ems"
#: The least that a note takes of a tone; repeats aside, no more notes fit than of this size.
_NOTE_BITS = 12
#: A phrase may end this far before the end of what fits, as a share.
_SEARCHED = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """Most octets of a tone and notes of it, and whether a longer tune is refused."""

    octets: int
    notes: int | None = None
    strict: bool = False
    parts: int = fitting.PARTS
    target: str = TONE

    def hold(self, octets: int, notes: int) -> bool:
        """Whether a tone of that size is within them."""
        return octets <= self.octets and (self.notes is None or notes <= self.notes)


def parse_notes(text: str) -> int:
    """A number of notes; raises ValueError."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 9999):
        raise ValueError("expected a number of notes 1..9999")
    return int(text)


def parse_phone(text: str) -> int | None:
    """The notes that a phone holds; "generic" holds what the parts hold. Raises ValueError."""
    if text == "generic":
        return None
    if text not in PHONES:
        raise ValueError(f"expected a phone ({', '.join(PHONES)} or generic)")
    return PHONES[text]


def parse_target(text: str) -> str:
    """What a tune becomes; raises ValueError."""
    if text not in (TONE, EMS):
        raise ValueError(f"expected {TONE} or {EMS}")
    return text


#: The options that all tunes share, whatever their format.
OPTIONS = (
    *fitting.OPTIONS,
    Option("notes", "notes and rests a tune may have", parse_notes),
    Option("target", "ringtone, or ems: iMelody in a header, for --format pdu", parse_target, TONE),
    Option("phone", "the phone that plays it: " + ", ".join((*PHONES, "generic")), parse_phone),
)
#: Options that keep a tune as long as it is.
WHOLE: Mapping[str, str] = MappingProxyType({"max-parts": "255"})


def limits(settings: Settings) -> Limits:
    """The limits that settings ask for; of notes the least counts."""
    get = settings.get
    return _limits(
        get("max-parts") or fitting.PARTS,
        get("notes"),
        get("phone"),
        get("target") or TONE,
        strict=bool(get("strict")),
    )


@lru_cache(64)
def _limits(
    parts: int, notes: int | None, phone: int | None, target: str, *, strict: bool
) -> Limits:
    octets = fitting.room(parts, port=Port.RINGTONE)
    return Limits(octets, min(filter(None, (notes, phone)), default=None), strict, parts, target)


def shortened(
    melody: Melody, limits: Limits, size: Callable[[Melody], int]
) -> tuple[Melody, tuple[Loss, ...]]:
    """As much of a melody as its limits hold, which do not hold all of it.

    ``size`` says how many octets a tone has. Raises GuardError where the limits are strict.
    """
    end = min(len(melody.notes), limits.notes + 1 if limits.notes else len(melody.notes))
    guess = 1 + limits.octets * 8 // _NOTE_BITS
    count = _most(lambda n: size(_first(melody, n)) <= limits.octets, guess, end)
    why = _reason(limits, by_notes=count == limits.notes)
    if limits.strict or not count:
        raise GuardError(f"expected a tune within its limit, found a longer one: {why}")
    held, loss = cut_off(melody, phrase_end(melody.notes, count), why)
    return held, (loss,)


def cut_off(melody: Melody, count: int, why: str) -> tuple[Melody, Loss]:
    """The first notes of a melody, and the loss of the others."""
    at = sum(note.seconds for note in melody.notes[:count])
    gone = sum(note.pitch is not None for note in melody.notes[count:])
    what = f"{gone} note{'' if gone == 1 else 's'} from {at // 60:.0f}:{at % 60:04.1f} on"
    return _first(melody, count), Loss(what=what, action=Action.CUT, why=why)


def _reason(limits: Limits, *, by_notes: bool) -> str:
    if by_notes:
        return f"the phone holds at most {limits.notes} notes and rests"
    return f"the message holds at most {limits.octets} octets"


def _most(holds: Callable[[int], bool], guess: int, end: int) -> int:
    """The largest number below ``end`` that holds, where smaller ones do too, sought from a guess.

    What is asked takes longer the larger the number is.
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

"""How much a message may hold, and what goes in when it cannot hold all.

A card or an event is a list of fields, each with its octets as written and its rank. Rank 0 is
compulsory; the others go in by rank, 1 before 2, and those of equal rank as they are written. What
does not fit is shortened where it can be, else left out, and either is a listed loss.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from converters.api import Action, Loss, Option
from converters.errors import GuardError
from smsenc import Coding, udh
from smsenc.model import ports
from smsenc.splitting import MOST_PARTS, capacity

#: Parts of one message unless told otherwise: what all phones that know cards take.
PARTS = 3
#: Characters of a shortened text; with fewer it says nothing and is left out.
FEWEST = 10
#: Says to a reader that a text was cut; in ASCII, so that it never costs a charset.
ELLIPSIS = "..."
#: Characters that are given up so that a text ends with a whole word.
_MOST_OF_A_WORD = 20


@dataclass(frozen=True, slots=True)
class Field:
    """A property as written: ``what`` names it in a loss, ``rank`` says how important it is.

    ``shorter`` gives a shortened form in at most that many octets, or None where none makes sense.
    ``line`` is its place in the source, from 1.
    """

    what: str
    octets: bytes
    rank: int
    shorter: Callable[[int], bytes | None] | None = None
    line: int | None = None


def room(parts: int, *, port: int) -> int:
    """Octets of payload for a port that fit in that many parts (3GPP TS 23.040, 9.2.3.24)."""
    elements = [ports(port)]
    if parts > 1:
        elements.append(udh.concatenation(0, parts, 1))
    return parts * capacity(len(udh.encode(tuple(elements))), Coding.OCTETS)


def fit(
    fields: Sequence[Field], room: int, fixed: int = 0, *, strict: bool = False
) -> tuple[bytes, tuple[Loss, ...]]:
    """Octets of the fields that fit in ``room`` beside ``fixed`` others, in written order.

    Raises GuardError where the compulsory fields alone do not fit, and with ``strict`` where any
    field does not; it names the first that does not.
    """
    left = room - fixed - sum(len(field.octets) for field in fields)
    if left >= 0:
        return b"".join(field.octets for field in fields), ()
    left = room - fixed
    kept: dict[int, bytes] = {}
    losses: list[Loss] = []
    for index in sorted(range(len(fields)), key=lambda index: fields[index].rank):
        field = fields[index]
        if len(field.octets) > left and (strict or field.rank == 0):
            raise _refusal(field, room, left)
        octets = _fitted(field, left)
        if octets is not field.octets:
            losses.append(_loss(field, room, cut=bool(octets)))
        kept[index] = octets
        left -= len(octets)
    return b"".join(octets for _index, octets in sorted(kept.items())), tuple(losses)


def _fitted(field: Field, left: int) -> bytes:
    if len(field.octets) <= left:
        return field.octets
    return (field.shorter and field.shorter(left)) or b""


def _loss(field: Field, room: int, *, cut: bool) -> Loss:
    why = f"the message holds at most {room} octets"
    action = Action.CUT if cut else Action.LEFT_OUT
    return Loss(what=field.what, action=action, why=why, line=field.line)


def _refusal(field: Field, room: int, left: int) -> GuardError:
    found = f"expected at most {max(left, 0)} octets, found {len(field.octets)}"
    why = f"the message holds at most {room} octets"
    return GuardError(f"{found}: {why}", name=field.what, line=field.line)


# Texts are cut between words where one ends nearby, else between what a reader sees as characters.


def shortened(text: str, write: Callable[[str], bytes], most: int) -> bytes | None:
    """Octets of the longest beginning of ``text`` that ``write`` puts in ``most`` octets.

    An ellipsis ends it. None where hardly anything would be left. No character is cut: ``write``
    always gets whole ones.
    """
    ends = boundaries(text[: max(most, 0) + 1])  # a character takes an octet at least
    fitting = bisect_right(ends, most, key=lambda end: len(write(_ended(text, end))))
    if not fitting:
        return None
    end = _word_end(text, ends[fitting - 1])
    octets = write(_ended(text, end))
    return octets if end >= FEWEST and len(octets) <= most else None


def _ended(text: str, end: int) -> str:
    return text[:end].rstrip() + ELLIPSIS


def _word_end(text: str, end: int) -> int:
    """Where the last whole word ends, unless that gives up too much."""
    if text[end : end + 1].isspace():
        return end
    blank = max(text.rfind(blank, 0, end) for blank in " \n\t")
    return blank if end - blank <= _MOST_OF_A_WORD and blank >= FEWEST else end


def boundaries(text: str) -> Sequence[int]:
    """Where a text may be cut, its end aside: before no mark, joiner or second half of a flag.

    Coarser than the grapheme clusters of UAX 29 nowhere that matters to a shortened text.
    """
    if text.isascii():
        return range(1, len(text))
    ends, halves = [], 0
    for end in range(1, len(text)):
        halves = halves + 1 if text[end - 1] in _FLAG_HALVES else 0
        if not _joined(text[end - 1], text[end], halves):
            ends.append(end)
    return ends


def _joined(before: str, after: str, halves: int) -> bool:
    """Whether two characters are one to a reader; ``halves`` of flags stand before ``after``."""
    if before == _JOINER or after in _EXTENDING or unicodedata.category(after)[0] == "M":
        return True
    return after in _FLAG_HALVES and halves % 2 == 1


_JOINER = "\u200d"
_FLAG_HALVES = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
#: Joiners, skin tones and tags: they belong to what stands before them (UAX 29, GB9).
_EXTENDING = frozenset((_JOINER, "\u200c", *map(chr, (*range(0x1F3FB, 0x1F400), 0xFE0E, 0xFE0F))))


# The options that cards and events share.


def parse_parts(text: str) -> int:
    """A number of parts; raises ValueError outside of 1..255."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_PARTS):
        raise ValueError(f"expected a number of parts 1..{MOST_PARTS}")
    return int(text)


def parse_flag(text: str) -> bool:
    """Yes or no; raises ValueError for anything else."""
    if text not in ("yes", "no"):
        raise ValueError("expected yes or no")
    return text == "yes"


OPTIONS: Iterable[Option] = (
    Option("max-parts", "parts a message may have, 1 to 255", parse_parts, PARTS),
    Option(
        "strict",
        "yes: reject what does not fit whole, instead of leaving fields out",
        parse_flag,
        default=False,
    ),
)

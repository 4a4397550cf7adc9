"""How much a message may hold, and which fields go in if it cannot hold all.

A card or an event is a list of fields, each with its octets as written and its rank. Rank 0 is
compulsory; the others go in by rank, 1 before 2, and fields of equal rank in written order. A
field that does not fit is shortened if possible, else left out; both are listed losses.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from converters.api import Action, Loss, Option
from converters.errors import GuardError
from converters.shared import parsers
from smsenc import Coding, udh
from smsenc.model import ports
from smsenc.splitting import MOST_PARTS, capacity

#: Parts of one message by default: all phones that know cards accept three.
PARTS = 3
#: A shortened text with fewer characters is useless and is left out.
FEWEST = 10
#: Shows a reader that a text was cut; in ASCII, so that it never needs a charset.
ELLIPSIS = "..."
#: A text loses at most this many more characters so that it ends with a complete word.
_MOST_OF_A_WORD = 20


class Field(NamedTuple):
    """A property as written: ``what`` names it in a loss, ``rank`` is its importance.

    ``shorter`` gives a shortened form in at most a number of octets, or None if none is useful.
    ``line`` is its line in the source, from 1.
    """

    what: str
    octets: bytes
    rank: int
    shorter: Callable[[int], bytes | None] | None = None
    line: int | None = None


@lru_cache(256)  # a tenth of the time of a short tune
def room(parts: int, *, port: int) -> int:
    """Octets of payload for a port that fit in ``parts`` (3GPP TS 23.040, 9.2.3.24)."""
    elements = [ports(port)]
    if parts > 1:
        elements.append(udh.concatenation(0, parts, 1))
    return parts * capacity(len(udh.encode(tuple(elements))), Coding.OCTETS)


def fit(
    fields: Sequence[Field], room: int, fixed: int = 0, *, strict: bool = False
) -> tuple[bytes, tuple[Loss, ...]]:
    """Octets of the fields that fit in ``room`` beside ``fixed`` others, in written order.

    Raises GuardError if the compulsory fields alone do not fit, and with ``strict`` if any field
    does not; it names the first one.
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


# Texts are cut between words if one ends nearby, else between what a reader sees as characters.


def shortened(text: str, write: Callable[[str], bytes], most: int) -> bytes | None:
    """Octets of the longest beginning of ``text`` that ``write`` puts in ``most`` octets.

    It ends with an ellipsis. None if too little would be left. No character is cut: ``write``
    always gets complete ones.
    """
    ends = boundaries(text[: max(most, 0) + 1])  # a character takes at least one octet
    fitting = bisect_right(ends, most, key=lambda end: len(write(_ended(text, end))))
    if not fitting:
        return None
    end = _word_end(text, ends[fitting - 1])
    octets = write(_ended(text, end))
    return octets if end >= FEWEST and len(octets) <= most else None


def _ended(text: str, end: int) -> str:
    return text[:end].rstrip() + ELLIPSIS


def _word_end(text: str, end: int) -> int:
    """Where the last complete word ends, unless that loses too much of the text."""
    if text[end : end + 1].isspace():
        return end
    space = max(text.rfind(space, 0, end) for space in " \n\t")
    return space if end - space <= _MOST_OF_A_WORD and space >= FEWEST else end


def boundaries(text: str) -> Sequence[int]:
    """Where a text may be cut: never before a mark, a joiner or the second half of a flag.

    The end of the text is not among them. For the texts that are shortened here this is as good
    as the grapheme clusters of UAX 29.
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
    """Whether two characters are one to a reader; ``halves`` of flags are before ``after``."""
    if before == _JOINER or after in _EXTENDING or unicodedata.category(after)[0] == "M":
        return True
    return after in _FLAG_HALVES and halves % 2 == 1


_JOINER = "\u200d"
_FLAG_HALVES = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
#: Joiners, skin tones and variation selectors: part of the character before (UAX 29, GB9).
_EXTENDING = frozenset((_JOINER, "\u200c", *map(chr, (*range(0x1F3FB, 0x1F400), 0xFE0E, 0xFE0F))))


# The options that cards and events share.

OPTIONS: Iterable[Option] = (
    Option(
        "max-parts",
        f"most parts per message, 1 to {MOST_PARTS}; default {PARTS}",
        parsers.whole_number(1, MOST_PARTS, "a number of parts"),
        PARTS,
    ),
    Option(
        "strict",
        "yes: reject a message that does not fit, instead of shortening it",
        parsers.flag,
        default=False,
    ),
)

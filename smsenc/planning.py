"""Choose the coding of a text: the fewest parts, then the fewest changes.

Candidates are the default alphabet, the allowed national tables, each of them with substitutes if
those are allowed, and UCS-2. The parts of each are counted as ``split`` would make them.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from smsenc import gsm7
from smsenc.alphabets import LOCKING_LANGUAGES, SINGLE_LANGUAGES, septets_of
from smsenc.errors import EncodeError, OptionError
from smsenc.model import Coding, MessageClass, Payload, shifts
from smsenc.national import Language
from smsenc.splitting import STANDARD, Limits, count
from smsenc.substitute import Replacement, Substitute, level_of
from smsenc.substitute import substitute as substitutes
from smsenc.text import encode_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Offender(NamedTuple):
    """A character that GSM 7-bit lacks, and its offset in the original text."""

    offset: int
    character: str


class Plan(NamedTuple):
    """A text, ready to be split, and its cost.

    ``units`` are septets or 16-bit units of the text; ``room`` is what the last part could still
    hold, in the same units. ``offenders`` are the characters that the default alphabet lacks,
    whether or not they were replaced; ``extra`` is how many parts they add, compared with one
    septet for each.
    """

    payload: Payload
    parts: int
    room: int
    replaced: tuple[Replacement, ...] = ()
    offenders: tuple[Offender, ...] = ()
    extra: int = 0

    @property
    def units(self) -> int:
        """Length of the text, in septets or 16-bit units."""
        size = len(self.payload.data)
        return size // 2 if self.payload.coding is Coding.UCS2 else size


def plan(  # noqa: PLR0913 - each is a separate policy
    text: str,
    *,
    coding: str = "auto",
    languages: Sequence[Language] = (),
    substitute: Substitute | str = Substitute.NEVER,
    limits: Limits = STANDARD,
    message_class: MessageClass | None = None,
) -> Plan:
    """The best way to send ``text``.

    ``coding`` is "auto", "gsm7" or "ucs2"; ``languages`` are national tables that the phones have;
    ``substitute`` says how far the text may be changed. Of plans with equal parts the one with
    fewer changes is chosen, then the default alphabet, then tables of one language. Raises
    EncodeError if the coding cannot hold the text, SplitError if it needs more than 255 parts,
    OptionError for an unknown coding or substitute, and if ``Substitute.FULL`` needs the extra
    ``smsenc[full]``, which is not installed.
    """
    level = level_of(substitute)
    if coding not in ("auto", Coding.GSM7, Coding.UCS2):
        raise OptionError(f"expected auto, gsm7 or ucs2, found {coding!r}", name="coding")
    candidates: list[Plan] = []
    if coding != Coding.UCS2:
        candidates += _in_septets(text, languages, level, limits)
    if coding != Coding.GSM7 and not _settled(candidates):
        candidates.append(_counted(encode_text(text, coding=Coding.UCS2), limits))
    if not candidates:
        raise _unencodable(text, level)
    best = min(candidates, key=_dearness)
    offenders = () if _settled([best]) else _offenders(text)
    if offenders:
        extra = best.parts - _counted(_without(text, offenders), limits).parts
        best = best._replace(offenders=offenders, extra=max(extra, 0))
    if message_class is None:
        return best
    return best._replace(payload=replace(best.payload, message_class=message_class))


def _settled(candidates: Sequence[Plan]) -> bool:
    """Whether the default alphabet holds the unchanged text: UCS-2 then needs no fewer parts."""
    return any(
        not found.replaced and not found.payload.elements and found.payload.coding is Coding.GSM7
        for found in candidates
    )


def _dearness(found: Plan) -> tuple[int, int, bool]:
    """What decides between plans, of equal ones the first; a phone may lack one of two tables."""
    several = len({language for language in found.payload.languages if language}) > 1
    return found.parts, len(found.replaced), several


def _in_septets(
    text: str, languages: Sequence[Language], level: Substitute, limits: Limits
) -> Iterator[Plan]:
    """A candidate for each allowed pair of tables, with substitutes only if it needs them."""
    allowed = (Language.DEFAULT, *languages)
    pairs = product(
        (language for language in LOCKING_LANGUAGES if language in allowed),
        (language for language in SINGLE_LANGUAGES if language in allowed),
    )
    for pair in pairs:
        replaced: tuple[Replacement, ...] = ()
        septets = gsm7.try_encode(text, *pair)
        if septets is None and level is not Substitute.NEVER:
            changed, replaced = substitutes(text, level, septets_of(*pair))
            septets = gsm7.try_encode(changed, *pair)
        if septets is not None:
            payload = Payload(data=septets, coding=Coding.GSM7, elements=shifts(*pair))
            yield _counted(payload, limits, replaced)


def _counted(payload: Payload, limits: Limits, replaced: tuple[Replacement, ...] = ()) -> Plan:
    parts, room = count(payload, limits=limits)
    return Plan(payload=payload, parts=parts, room=room, replaced=replaced)


def _offenders(text: str) -> tuple[Offender, ...]:
    table = septets_of(Language.DEFAULT, Language.DEFAULT)
    return tuple(Offender(n, c) for n, c in enumerate(text) if c not in table)


def _without(text: str, offenders: Sequence[Offender]) -> Payload:
    """The text with a character of one septet instead of each offender."""
    plain = str.maketrans(dict.fromkeys({character for _, character in offenders}, "?"))
    return encode_text(text.translate(plain), coding=Coding.GSM7)


def _unencodable(text: str, level: Substitute) -> EncodeError:
    """The error for the first character that has no allowed substitute."""
    table = septets_of(Language.DEFAULT, Language.DEFAULT)
    _, replaced = substitutes(text, level, table)
    helped = {n + k for n, original, _ in replaced for k in range(len(original))}
    offset, character = next(o for o in _offenders(text) if o.offset not in helped)
    return EncodeError(
        f"expected a GSM 7-bit character, found {character!r} (U+{ord(character):04X})",
        character=character,
        offset=offset,
    )

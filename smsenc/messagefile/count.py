"""What a text costs, which characters make it expensive, and which substitutes would help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from smsenc import (
    Language,
    OptionError,
    Plan,
    SmsencError,
    Substitute,
    decode_text,
    encode_text,
    plan,
)
from smsenc.alphabets import septets_of
from smsenc.cleanup import Change, clean_text
from smsenc.messagefile.model import Message
from smsenc.messagefile.packing import Package, package
from smsenc.messagefile.profile import CLICKATELL
from smsenc.model import Coding, Segment
from smsenc.national import NATIONAL
from smsenc.scripts import EMOJI, scripts_of
from smsenc.splitting import join, split
from smsenc.substitute import substitute as substituted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


_EURO = "\u20ac"
#: What a message file holds without Unicode.
_IN_FILES = frozenset(
    c for c in septets_of(Language.DEFAULT, Language.DEFAULT) if CLICKATELL.writable(c)
) | {"\n"}


class Place(NamedTuple):
    """A character and its place in the text: line and column, both from 1."""

    line: int
    column: int
    character: str


class Way(NamedTuple):
    """A way to send a text in fewer parts: options of ``count``, and the parts that remain."""

    languages: tuple[Language, ...]
    substitute: Substitute
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A text as it would be sent: its parts, and its message file.

    ``text`` is what is sent, ``changes`` are those of the clean-up. ``file`` is None if no message
    file can hold the text; ``refused`` then says why. ``substituted`` is the plan with typographic
    substitutes, None if they save no part.
    """

    text: str
    plan: Plan
    changes: tuple[Change, ...]
    offenders: tuple[Place, ...]
    file: Package | None
    refused: SmsencError | None
    substituted: Plan | None

    def ways(self) -> list[Way]:
        """Ways that save parts, the cheapest first, but Latin letters last, and not for emoji."""
        if self.plan.parts == 1 or self.plan.payload.coding is not Coding.UCS2:
            return []
        plain = self.substituted.parts if self.substituted else self.plan.parts
        ways = [Way((), Substitute.TYPOGRAPHIC, plain), *_national(self.text, plain)]
        try:
            full = plan(self.text, substitute=Substitute.FULL).parts
        except OptionError:
            full = plain  # without the package that it needs
        if full < plain and self._other_than_emoji() == self.text:
            ways.append(Way((), Substitute.FULL, full))
        found = (way for way in ways if way.parts < self.plan.parts)
        return sorted(found, key=lambda way: (way.substitute is Substitute.FULL, way.parts))

    def file_of(self, way: Way) -> Package | None:
        """The message file of the text with the substitutes of a way."""
        return _in_a_file(self.text, plan(self.text, substitute=way.substitute), way.substitute)[0]

    def replaced_in_file(self) -> tuple[str, ...]:
        """Characters of the plan that only the message file replaces, each once."""
        if self.file is None or self.file.forced or self.file.segments[0].coding is Coding.UCS2:
            return ()
        planned = dict.fromkeys(decode_text(self.plan.payload))
        return tuple(character for character in planned if character not in _IN_FILES)

    def without_euro(self) -> int | None:
        """The parts of the message file with EUR for each euro sign; None if that saves none."""
        if self.file is None or self.file.forced != _EURO:
            return None
        text = decode_text(self.plan.payload).replace(_EURO, "EUR")
        other = _packed(text)[0]
        parts = len(other.segments) if other else len(self.file.segments)
        return parts if parts < len(self.file.segments) else None

    def in_tables(self) -> bool:
        """Whether national tables of GSM 7-bit hold the text, on phones that have them."""
        return plan(self.text, languages=NATIONAL).payload.coding is Coding.GSM7

    def without_emoji(self) -> Way | None:
        """The parts that it would be in GSM 7-bit without its emoji; None if they do not matter.

        Without its emoji alone, otherwise with typographic substitutes as well.
        """
        kept = self._other_than_emoji()
        if kept == self.text or self.plan.payload.coding is not Coding.UCS2:
            return None
        for level in (Substitute.NEVER, Substitute.TYPOGRAPHIC):
            found = plan(kept, substitute=level)
            if found.payload.coding is Coding.GSM7 and found.parts < self.plan.parts:
                return Way((), level, found.parts)
        return None

    def _other_than_emoji(self) -> str:
        at = self.plan.offenders
        scripts = scripts_of(one.character for one in at)
        emoji = {one.offset for one, script in zip(at, scripts, strict=True) if script == EMOJI}
        return "".join(c for offset, c in enumerate(self.text) if offset not in emoji)

    def texts(self) -> tuple[str, ...]:
        """The text of each part: of the message file, or without one as planned."""
        national = any(self.plan.payload.languages)
        segments = self.file.segments if self.file and not national else _segments(self.plan)
        return texts_of(segments)


def texts_of(segments: Sequence[Segment]) -> tuple[str, ...]:
    """The text of each part of a message."""
    payload = join(segments)
    size = 2 if payload.coding is Coding.UCS2 else 1
    ends = [size * units for units in accumulate(one.units for one in segments)]
    cuts = zip((0, *ends), ends, strict=False)
    parts = (replace(payload, data=payload.data[start:end]) for start, end in cuts)
    return tuple(map(decode_text, parts))


def _segments(found: Plan) -> tuple[Segment, ...]:
    return split(found.payload, reference=1)


def count(
    text: str, *, languages: Sequence[Language] = (), substitute: str = Substitute.NEVER
) -> Count:
    """Count a text as it is sent; raises SmsencError if it cannot be sent at all."""
    clean = clean_text(text)
    if not clean.text.strip():
        raise OptionError("expected a text, found none", name="TEXT")
    found = plan(clean.text, languages=languages, substitute=substitute)
    better = plan(clean.text, languages=languages, substitute=Substitute.TYPOGRAPHIC)
    file, refused = _in_a_file(clean.text, found, substitute)
    return Count(
        text=clean.text,
        plan=found,
        changes=clean.changes,
        offenders=tuple(_places(clean.text, found)),
        file=file,
        refused=refused,
        substituted=better if better.parts < found.parts else None,
    )


def _in_a_file(text: str, found: Plan, level: str) -> tuple[Package | None, SmsencError | None]:
    """The message file of a planned text, as a campaign writes it.

    Characters that the file lacks, such as the euro sign, have their substitutes if that is
    cheaper.
    """
    file, refused = _packed(decode_text(found.payload))
    if file and file.forced and level == Substitute.FULL:
        other = _packed(substituted(text, Substitute.FULL, _IN_FILES)[0])[0]
        if other and not other.forced and len(other.segments) <= len(file.segments):
            return other, None
    return file, refused


def _packed(text: str) -> tuple[Package | None, SmsencError | None]:
    template = Message(to=("10000000",), text="")
    try:
        return package(encode_text(text), template, reference=1), None
    except SmsencError as error:
        return None, error


def _national(text: str, most: int) -> Iterator[Way]:
    """The way with national tables, if it takes fewer parts than ``most``: with one if possible."""
    plans = [plan(text, languages=one) for one in (*((each,) for each in NATIONAL), NATIONAL)]
    best = min(plans, key=lambda found: found.parts)
    if best.parts < most:
        used = dict.fromkeys(one for one in best.payload.languages if one)
        yield Way(tuple(used), Substitute.NEVER, best.parts)


def _places(text: str, found: Plan) -> Iterable[Place]:
    line, start, position = 1, 0, 0
    for offset, character in found.offenders:
        while (end := text.find("\n", position, offset)) >= 0:
            line, start = line + 1, end + 1
            position = start
        position = offset
        yield Place(line, offset - start + 1, character)


def languages(names: Iterable[str]) -> tuple[Language, ...]:
    """Languages by name, in any case; ``all`` means all of them. Raises OptionError."""
    known = {language.name.lower(): language for language in Language if language}
    found: list[Language] = []
    for name in names:
        if name.lower() == "all":
            found.extend(known.values())
        elif name.lower() in known:
            found.append(known[name.lower()])
        else:
            raise OptionError(
                f"expected all, {', '.join(known)}, found {name!r}", name="--language"
            )
    return tuple(dict.fromkeys(found))

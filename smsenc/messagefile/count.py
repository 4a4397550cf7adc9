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
from smsenc.cleanup import Change, clean_text
from smsenc.messagefile.model import Message
from smsenc.messagefile.packing import Package, package
from smsenc.model import Coding, Segment
from smsenc.national import NATIONAL
from smsenc.splitting import join, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


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
        """Ways that save parts, the cheapest first."""
        if self.plan.parts == 1 or self.plan.payload.coding is not Coding.UCS2:
            return []
        plain = self.substituted.parts if self.substituted else self.plan.parts
        ways = [Way((), Substitute.TYPOGRAPHIC, plain), *_national(self.text, plain)]
        try:
            full = plan(self.text, substitute=Substitute.FULL).parts
        except OptionError:
            full = plain  # without the package that it needs
        if full < plain:
            ways.append(Way((), Substitute.FULL, full))
        found = (way for way in ways if way.parts < self.plan.parts)
        return sorted(found, key=lambda way: way.parts)

    def texts(self) -> tuple[str, ...]:
        """The text of each part: of the message file, or without one as planned."""
        national = any(self.plan.payload.languages)
        segments = self.file.segments if self.file and not national else _segments(self.plan)
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
    file, refused = _in_a_file(decode_text(found.payload))
    return Count(
        text=clean.text,
        plan=found,
        changes=clean.changes,
        offenders=tuple(_places(clean.text, found)),
        file=file,
        refused=refused,
        substituted=better if better.parts < found.parts else None,
    )


def _in_a_file(text: str) -> tuple[Package | None, SmsencError | None]:
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

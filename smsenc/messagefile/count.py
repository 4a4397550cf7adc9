"""What a text costs, which characters make it expensive, and which substitutes would help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from smsenc import Language, OptionError, Plan, SmsencError, Substitute, encode_text, plan
from smsenc.messagefile.model import Message
from smsenc.messagefile.packing import Package, package

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Place(NamedTuple):
    """A character and its place in the text: line and column, both from 1."""

    line: int
    column: int
    character: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A text as it would be sent: its parts, and its message file.

    ``file`` is None if no message file can hold the text; ``refused`` then says why.
    ``substituted`` is the plan with typographic substitutes, None if they save no part.
    """

    plan: Plan
    offenders: tuple[Place, ...]
    file: Package | None
    refused: SmsencError | None
    substituted: Plan | None


def count(
    text: str, *, languages: Sequence[Language] = (), substitute: str = Substitute.NEVER
) -> Count:
    """Count a text; raises SmsencError if it cannot be sent at all."""
    found = plan(text, languages=languages, substitute=substitute)
    better = plan(text, languages=languages, substitute=Substitute.TYPOGRAPHIC)
    file, refused = _in_a_file(text)
    return Count(
        plan=found,
        offenders=tuple(_places(text, found)),
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

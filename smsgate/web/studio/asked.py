"""From the fields of the form to what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from smsenc import Language, Substitute
from smsenc.messagefile import count
from smsgate.web.forms import Form
from smsgate.web.problems import ProblemError

#: What the fields of converters' options begin with.
OPTION = "o-"
#: The field with the controls that the page has: their converter, and the key of the source.
SHOWN = "shown"
#: The number in files that are made before anybody has typed one.
EXAMPLE = "448311234567"
_LONGEST_OPTION = 2000  # characters
_LONGEST_NAME = 200
_MOST_ITEMS = 10**6


class Origin(StrEnum):
    """Where the source is: typed, chosen as a file, or a tune's notes that were changed."""

    TEXT = "text"
    FILE = "file"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or what was typed; its name is text from outside."""

    name: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be made; ``kept`` is the key of a file that was sent before.

    ``number`` is as typed. ``item`` is the message of the source, from 1. ``options`` are those of
    the controls of ``controls_of``, which may be another converter than that of the source.
    """

    name: str
    origin: Origin
    kept: str = ""
    kind: str | None = None
    controls_of: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    item: int = 1
    flash: bool = False
    languages: tuple[Language, ...] = ()
    substitute: Substitute = Substitute.NEVER
    number: str = ""


def origin_of(form: Form) -> Origin:
    """Which field has the source: a file that comes with the form is always it."""
    if form.files:
        return Origin.FILE
    given = form.get("from", Origin.TEXT)
    return Origin(given) if given in tuple(Origin) else Origin.TEXT


def typed(form: Form, origin: Origin) -> Source | None:
    """What was typed or comes with the form; None for a file that was sent before."""
    if form.files:
        return Source(form.files[0].name[-_LONGEST_NAME:], form.files[0].octets)
    if origin is Origin.FILE:
        return None
    name = "notes.rtttl" if origin is Origin.NOTES else "text"
    text = form.fields.get(origin.value, "").replace("\r\n", "\n")
    return Source(name, text.encode())


def asked(form: Form, origin: Origin, name: str, kept: str = "") -> Asked:
    """What the fields ask for, of a source with that name. Raises SmsencError."""
    language = form.get("language")
    converter, _, shown_for = form.get(SHOWN).partition(":")
    is_same = not form.files and (not converter or shown_for == kept)
    return Asked(
        name=name,
        origin=origin,
        kept=kept,
        kind=form.get("kind") or None if is_same and origin is not Origin.NOTES else None,
        controls_of=converter,
        options=_options(form),
        item=_item(form.get("item", "1")) if is_same else 1,
        flash=form.get("flash") == "yes",
        languages=count.languages([language] if language else ()),
        substitute=_substitute(form.get("substitute", Substitute.NEVER)),
        number=form.get("to"),
    )


def _options(form: Form) -> dict[str, str]:
    found = {}
    for name, value in form.fields.items():
        if name.startswith(OPTION) and value.strip():
            if len(value) > _LONGEST_OPTION:
                raise ProblemError("problems.form")
            found[name.removeprefix(OPTION)] = value.strip()
    return found


def _item(text: str) -> int:
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_ITEMS))
    return max(1, int(text)) if digits else 1


def _substitute(text: str) -> Substitute:
    return Substitute(text) if text in tuple(Substitute) else Substitute.NEVER

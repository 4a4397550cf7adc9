"""Sources of vCard 2.1, 3.0 and 4.0 to messages: one card of vCard 2.1 each, for port 23F4."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from converters.api import Converter, Item, Option
from converters.cards import writer
from converters.cards.reader import read
from converters.cards.sniffing import sniff
from converters.shared import contentlines, fitting
from converters.shared.parsers import CHARSETS, choice, flag
from smsenc import Port


class Form(StrEnum):
    """How much of a card is written."""

    FULL = "full"
    NAME_NUMBER = "name-number"


_WRITERS = {Form.FULL: writer.fitted, Form.NAME_NUMBER: writer.name_and_number}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSettings:
    """The options of the converter; ``charset`` is its name in CHARSET."""

    max_parts: int
    strict: bool
    charset: str
    form: Form
    groups: bool


OPTIONS = (
    *fitting.OPTIONS,
    Option(
        "charset", "utf-8, latin-1 or ascii: how letters are written", choice(CHARSETS), "UTF-8"
    ),
    Option(
        "form",
        "full, or name-number for phones made before 2000",
        choice({form.value: form for form in Form}),
        Form.FULL,
    ),
    Option("groups", "yes: send the cards of groups too, by their names", flag, default=False),
)


def convert(octets: bytes, settings: CardSettings) -> Iterator[Item]:
    """One item for each card. Raises SourceError if there is none."""
    room = fitting.room(settings.max_parts, port=Port.VCARD)
    write = partial(
        _WRITERS[settings.form], room=room, charset=settings.charset, strict=settings.strict
    )
    found = read(octets, groups=settings.groups)
    return contentlines.packed("vcard", Port.VCARD, found, write)


CONVERTER = Converter(
    name="vcard",
    summary="vCard 2.1, 3.0 and 4.0 to contacts for phones",
    suffixes=(".vcf", ".vcard"),
    sniff=sniff,
    convert=convert,
    options=OPTIONS,
    settings_class=CardSettings,
)

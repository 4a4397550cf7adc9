"""The same source on other phones: other kinds of picture, other sizes, phones with fewer notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from converters.api import AnyConverter
from converters.pipeline import converter_of
from converters.shared.parsers import Choice
from smsgate.web import texts
from smsgate.web.studio.asked import Asked
from smsgate.web.studio.controls import SIZES, known
from smsgate.web.studio.made import Made, make

#: Options with a value for each kind of phone, and those that do not go with another value of them.
_OPTIONS = {"target": "size", "phone": "notes"}


class Variant(NamedTuple):
    """What it is called, and the message."""

    label: str
    made: Made


def has_variants(converter: AnyConverter | None) -> bool:
    """Whether a converter has an option for kinds of phones."""
    return converter is not None and not _OPTIONS.keys().isdisjoint(converter.option_names)


def variants(asked: Asked, octets: bytes) -> tuple[Variant, ...]:
    """The source for each phone. Raises SmsencError if it cannot be read at all."""
    converter = converter_of(asked.name, octets, asked.kind)
    return tuple(
        Variant(label, make(replace(asked, options=options), octets))
        for label, options in (*_by_choice(converter, asked), *_by_size(converter, asked))
    )


def _by_choice(converter: AnyConverter, asked: Asked) -> Iterator[tuple[str, dict[str, str]]]:
    for option in converter.options:
        if option.name in _OPTIONS and isinstance(option.parse, Choice):
            others = {k: v for k, v in asked.options.items() if k != _OPTIONS[option.name]}
            for key in option.parse.values:
                label = known(f"studio.choices.{option.name}.{key}", key)
                yield label, others | {option.name: key}


def _by_size(converter: AnyConverter, asked: Asked) -> Iterator[tuple[str, dict[str, str]]]:
    if "size" in converter.option_names:
        for size in SIZES:
            label = texts.text("studio.in-size", size=size)
            yield label, {**asked.options, "size": size}

"""Options of converters: ``-O name=value`` for all, and flags for those that people often need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Annotated

import typer

from smsenc import Language, OptionError
from smsenc.messagefile import count
from smsgate.cli.commandline import OptionGroup

#: Which converter reads the sources.
As = Annotated[
    str | None, typer.Option("--as", metavar="KIND", help="Converter; see smsenc formats.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeOptions(OptionGroup):
    """What a picture is converted to, and what is taken from a tune.

    A flag is named after the option that it sets; ``--no-…`` sets it to no.
    """

    option: Annotated[
        list[str] | None,
        typer.Option(
            "-O", "--option", metavar="KEY=VALUE", help="Converter option; see smsenc formats."
        ),
    ] = None
    mcc_mnc: Annotated[
        str | None,
        typer.Option(metavar="262-07", help="Network of an operator logo: MCC and MNC."),
    ] = None
    track: Annotated[str | None, typer.Option(metavar="N", help="MIDI: track with the melody.")] = (
        None
    )
    channel: Annotated[
        str | None, typer.Option(metavar="N", help="MIDI: channel with the melody.")
    ] = None
    skyline: Annotated[
        bool, typer.Option("--skyline", help="MIDI: take the highest notes of the voice.")
    ] = False
    start: Annotated[str | None, typer.Option(metavar="SECONDS", help="MIDI: where to start.")] = (
        None
    )
    bars: Annotated[
        str | None, typer.Option(metavar="N", help="MIDI: number of bars to convert.")
    ] = None
    transpose: Annotated[
        str | None, typer.Option(metavar="SEMITONES", help="MIDI: semitones up; down if negative.")
    ] = None
    no_quantise: Annotated[
        bool, typer.Option("--no-quantise", help="MIDI: keep the finest note lengths.")
    ] = False
    phone: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Tunes: phone that will play them.")
    ] = None

    def given(self) -> dict[str, str]:
        """Values by option; raises OptionError where one option has two values."""
        values: dict[str, str] = {}
        for key, value in (*map(_pair, self.option or ()), *self._flags()):
            if values.setdefault(key, value) != value:
                raise OptionError("given twice, with different values", name=f"-O {key}")
        return values

    def _flags(self) -> Iterator[tuple[str, str]]:
        for field in fields(self):
            name, value = field.name.replace("_", "-"), getattr(self, field.name)
            if value is True:
                yield (name[3:], "no") if name.startswith("no-") else (name, "yes")
            elif isinstance(value, str):
                yield name, value


@dataclass(frozen=True, slots=True, kw_only=True)
class ConverterOptions(ShapeOptions):
    """The same, and what matters only for messages that are sent."""

    strict: Annotated[
        bool, typer.Option("--strict", help="Reject what does not fit completely.")
    ] = False
    tz: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Time zone to write events in.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageOptions(OptionGroup):
    """National tables, for texts that no message file carries."""

    language: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="National table of the phones (turkish …), or all; not in message files.",
        ),
    ] = None

    def languages(self) -> tuple[Language, ...]:
        """The languages; raises OptionError for an unknown name."""
        return count.languages(self.language or ())


def _pair(option: str) -> tuple[str, str]:
    key, equals, value = option.partition("=")
    if not equals or not key:
        raise OptionError(f"expected KEY=VALUE, found {option!r}", name="-O")
    return key, value

"""Options of converters: ``-O name=value`` for all, and flags for those that people often need."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from smsenc import Language, OptionError
from smsgate.cli import settingsfile
from smsgate.cli.commandline import OptionGroup
from smsgate.cli.output import note

if TYPE_CHECKING:
    from converters.optionuse import OptionUse

#: Which converter reads the sources.
As = Annotated[
    str | None, typer.Option("--as", metavar="KIND", help="Converter; see smsenc formats.")
]
#: How far characters of a text may be replaced: a level of ``smsenc.substitute``.
HowFar = Annotated[
    str,
    typer.Option(
        "--substitute", metavar="HOW", help="Replace characters: never, typographic or full."
    ),
]


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
        for key, value in (*map(_pair, self.option or ()), *self._flags().values()):
            if values.setdefault(key, value) != value:
                raise OptionError("given twice, with different values", name=f"-O {key}")
        return values

    def typed(self) -> dict[str, str]:
        """How each option was typed: ``--bars``, ``-O bars``. Settings were not typed."""
        pairs = {key: f"-O {key}" for key, _ in map(_pair, self.option or ())}
        return pairs | {
            key: flag
            for flag, (key, value) in self._flags().items()
            if not settingsfile.is_setting(os.environ, flag[2:], value)
        }

    def note_unused(self, use: OptionUse) -> None:
        """Print each option that was typed and that no format of the sources has."""
        if unused := dict(use.lines()):
            typed = self.typed()
            for name in filter(typed.get, unused):
                note(f"{typed[name]}: {unused[name]}")

    def _flags(self) -> dict[str, tuple[str, str]]:
        """The option that each flag sets, and its value."""
        found: dict[str, tuple[str, str]] = {}
        for parameter, value in vars(self).items():
            name = parameter.replace("_", "-")
            if value is True:
                found[f"--{name}"] = (name[3:], "no") if name.startswith("no-") else (name, "yes")
            elif isinstance(value, str):
                found[f"--{name}"] = name, value
        return found


class ZonedOptions(ShapeOptions):
    """The same, and the zone of events."""

    tz: Annotated[str | None, typer.Option(metavar="ZONE", help="Time zone of events.")] = None


class ConverterOptions(ZonedOptions):
    """The same, and what matters only for messages that are sent."""

    strict: Annotated[
        bool, typer.Option("--strict", help="Reject what does not fit completely.")
    ] = False


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
        if not self.language:
            return ()
        from smsenc.messagefile import count  # noqa: PLC0415 - seldom needed

        return count.languages(self.language)


class RefusedLanguageOptions(LanguageOptions):
    """For a command that writes only message files: it says why it has none, and no help does."""

    language: Annotated[list[str] | None, typer.Option(metavar="NAME", hidden=True)] = None


def _pair(option: str) -> tuple[str, str]:
    key, equals, value = option.partition("=")
    if not equals or not key:
        raise OptionError(f"expected KEY=VALUE, found {option!r}", name="-O")
    return key, value

"""Options of converters as they are typed: ``-O name=value``, and flags that stand for one.

A command that takes them has a parameter ``options``; ``takes`` puts the flags in its place.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, NamedTuple

import typer


class Flag(NamedTuple):
    """A row: a flag of the command line, and the option of the converters that it sets."""

    typed: str
    option: str
    help: str
    metavar: str = ""
    means: str = ""  #: the option's value where the flag takes none

    @property
    def parameter(self) -> inspect.Parameter:
        """What the command's signature says of it."""
        kind = bool if self.means else str | None
        given = typer.Option(self.typed, metavar=self.metavar or None, help=self.help)
        return _parameter(self.variable, Annotated[kind, given], False if self.means else None)

    @property
    def variable(self) -> str:
        """The name of the function's parameter."""
        return self.typed.strip("-").replace("-", "_")


STRICT = Flag("--strict", "strict", "Reject what does not fit whole.", means="yes")
ZONE = Flag("--tz", "tz", "Zone that events are written in.", "ZONE")
#: What a picture is made for, and what of a tune is played on what.
SHAPING = (
    Flag("--mcc-mnc", "mcc-mnc", "Network of an operator logo.", "262-07"),
    Flag("--track", "track", "MIDI: the track with the voice.", "N"),
    Flag("--channel", "channel", "MIDI: the channel with the voice.", "N"),
    Flag("--start", "start", "MIDI: where to start.", "SECONDS"),
    Flag("--bars", "bars", "MIDI: how many bars to take.", "N"),
    Flag("--transpose", "transpose", "MIDI: up, or down below 0.", "SEMITONES"),
    Flag("--no-quantise", "quantise", "MIDI: the finest time a tone has.", means="no"),
    Flag("--phone", "phone", "Tunes: the phone that plays it.", "MODEL"),
)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


_OPTION = _parameter(
    "option",
    Annotated[
        list[str] | None,
        typer.Option("-O", "--option", metavar="KEY=VALUE", help="Setting of a converter."),
    ],
    None,
)


def takes(*flags: Flag) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command ``-O`` and these flags in the place of its parameter ``options``."""

    def change(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def run(**typed: Any) -> None:
            given = {flag: typed.pop(flag.variable) for flag in flags}
            function(options=_options(typed.pop("option") or (), given), **typed)

        return shown_as(run, function, "options", [_OPTION, *(flag.parameter for flag in flags)])

    return change


def shown_as(
    run: Callable[..., None],
    function: Callable[..., None],
    name: str,
    shown: Iterable[inspect.Parameter],
) -> Callable[..., None]:
    """``run`` with the signature of ``function``, but ``shown`` in the place of ``name``."""
    own = inspect.signature(function, eval_str=True)
    parameters = [
        new.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for old in own.parameters.values()
        for new in (shown if old.name == name else [old])
    ]
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {new.name: new.annotation for new in parameters}
    return run


def _options(typed: Iterable[str], flags: Mapping[Flag, str | bool | None]) -> dict[str, str]:
    """Options by name; raises OptionError where one is given two values."""
    from smsenc import OptionError

    pairs = [*map(_pair, typed)]
    pairs += [(flag.option, flag.means or str(value)) for flag, value in flags.items() if value]
    given: dict[str, str] = {}
    for key, value in pairs:
        if given.setdefault(key, value) != value:
            raise OptionError("expected the option once, found it again", name=f"-O {key}")
    return given


def _pair(option: str) -> tuple[str, str]:
    from smsenc import OptionError

    key, equals, value = option.partition("=")
    if not equals or not key:
        raise OptionError(f"expected KEY=VALUE, found {option!r}", name="-O")
    return key, value

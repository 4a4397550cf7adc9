"""From the command line to a function: options as frozen values, errors as exit codes."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Self, TypeVar, dataclass_transform, get_type_hints

import typer

from smsenc import OptionError
from smsgate.cli import (
    errorlines,  # noqa: F401 - cannot be loaded any more if too many files are open
)
from smsgate.cli.exits import Exit, exit_codes
from smsgate.cli.output import note

#: Flags that several commands have.
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object per line.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite existing files.")]


def number(least: int, most: int, *, metavar: str, text: str) -> object:
    """An option for a number from ``least`` to ``most``; ``{}`` in its help is that range.

    Typer's own ``min`` and ``max`` show the range as ``1<=x<=255``, and accept NaN.
    """

    def check(value: float | None) -> float | None:
        if value is not None and not least <= value <= most:
            raise typer.BadParameter(f"expected {least} to {most}, found {value:g}")
        return value

    return typer.Option(metavar=metavar, help=text.format(f"{least} to {most}"), callback=check)


Choice = TypeVar("Choice", bound=StrEnum)


def one_of(choices: Iterable[Choice], text: str, name: str) -> Choice:
    """The member with this value; raises OptionError for option ``name``."""
    members = {one.value: one for one in choices}
    if text not in members:
        raise OptionError(f"expected one of {', '.join(members)}, found {text!r}", name=name)
    return members[text]


@dataclass_transform(frozen_default=True, kw_only_default=True)
class OptionGroup:
    """Options and arguments that a command gets as one value.

    A subclass annotates them as typer's parameters are annotated, and gives their defaults. It is
    no dataclass, which takes as long to make as a small module to load.
    """

    def __init__(self, **values: object) -> None:
        vars(self).update(values)

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """A parameter of the command for each option."""
        hints = get_type_hints(cls, include_extras=True).items()
        required = inspect.Parameter.empty
        return [parameter(name, hint, getattr(cls, name, required)) for name, hint in hints]

    @classmethod
    def collect(cls, values: Mapping[str, object]) -> Self:
        """The group with what was typed for each parameter."""
        build: Callable[..., Self] = cls
        return build(**values)


def parameter(name: str, annotation: object, default: object) -> inspect.Parameter:
    """A keyword of a command; ``inspect.Parameter.empty`` as default makes it required."""
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def command(function: Callable[..., Exit]) -> Callable[..., None]:
    """Make a command of a function whose parameters are option groups.

    Typer sees their options instead. The function's exit code, or its error's, ends the command.
    """
    given = inspect.signature(function, eval_str=True).parameters
    groups: dict[str, type[OptionGroup]] = {name: one.annotation for name, one in given.items()}
    options = {name: group.parameters() for name, group in groups.items()}

    @functools.wraps(function)
    def run(**typed: object) -> None:
        with exit_codes(), _plugin_faults():
            values = {
                name: group.collect({one.name: typed[one.name] for one in options[name]})
                for name, group in groups.items()
            }
            code = function(**values)
        raise typer.Exit(code)

    return _with_parameters(run, [one for group in options.values() for one in group])


@contextmanager
def _plugin_faults() -> Iterator[None]:
    """Print at the end what is wrong with formats of other packages, if a command needed any."""
    try:
        yield
    finally:
        if registry := sys.modules.get("converters.registry"):
            for fault in registry.skipped():
                note(fault)


def _with_parameters(
    run: Callable[..., None], parameters: list[inspect.Parameter]
) -> Callable[..., None]:
    """The same function with the signature that typer is to see."""
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run

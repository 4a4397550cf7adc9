"""The gateway's parameters as flags, made from their table in ``smsenc.messagefile.options``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Annotated, Self

import typer

from smsenc.messagefile.options import OPTIONS, GatewayOption
from smsgate.cli.commandline import OptionGroup, parameter

Pack = Annotated[
    str,
    typer.Option(
        metavar="WAY", help="Who splits binary messages: parts (smsenc), gateway, msg-type."
    ),
]
Profile = Annotated[
    str, typer.Option(metavar="NAME|FILE", help="What the gateway accepts; see smsenc profiles.")
]


class GatewayOptions(OptionGroup):
    """What was typed for each parameter, for ``smsenc.messagefile.options.message_fields``."""

    typed: Mapping[str, str | bool]

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """A flag for each row of the table."""
        return [_flag(option) for option in OPTIONS]

    @classmethod
    def collect(cls, values: Mapping[str, object]) -> Self:
        """The flags that were typed."""
        typed = ((option.argument, values[_name(option)]) for option in OPTIONS)
        return cls(typed={name: value for name, value in typed if isinstance(value, str | bool)})


def _flag(option: GatewayOption) -> inspect.Parameter:
    flag = typer.Option(option.name, metavar=option.metavar, help=option.help)
    if option.metavar is None:
        return parameter(_name(option), Annotated[bool, flag], default=False)
    return parameter(_name(option), Annotated[str | None, flag], default=None)


def _name(option: GatewayOption) -> str:
    """The parameter's name, which may not be a word of Python's, as ``from`` is."""
    return f"{option.argument}_"

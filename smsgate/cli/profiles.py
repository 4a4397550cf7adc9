"""``smsenc profiles``: what gateways accept."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from smsenc.messagefile.profile import to_table
from smsgate.cli import wording
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.output import say
from smsgate.outbox import profiles as known


class Options(OptionGroup):
    """What to show."""

    name: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME|FILE", help="Profiles to show; all if none is named."),
    ] = None
    json: Json = False


@command
def profiles(options: Options) -> Exit:
    """Show what each known gateway accepts.

    \b
    Examples:
      smsenc profiles
      smsenc profiles my-gateway.toml --json

    Your own profiles are in ~/.config/smsenc/profiles/NAME.toml.
    """
    for name in options.name or known.names(os.environ):
        profile = known.load(name, os.environ)
        if options.json:
            say(wording.as_json({"name": profile.name, **to_table(profile)}))
        else:
            say("\n".join(known.lines(profile)))
    return Exit.OK

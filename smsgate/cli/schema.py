"""``smsenc schema``: what the JSON of a command looks like."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from smsenc import OptionError
from smsgate.cli import schemafiles
from smsgate.cli.commandline import OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.output import say


class Options(OptionGroup):
    """Of which command."""

    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND", help="Words of a command, or error; all if none."),
    ] = None


@command
def schema(options: Options) -> Exit:
    """Print the JSON Schema of what a command prints with --json.

    \b
    Examples:
      smsenc schema
      smsenc schema convert
      smsenc schema gateway status > status.schema.json

    The schemas are of JSON Schema 2020-12, and each is complete. "error" is
    that of the errors which each command prints on standard error with --json.
    Without a command, the names and titles of all are printed.
    """
    if options.command is None:
        known = [name for name in schemafiles.names() if name != "common"]
        width = max(map(len, known))
        for name in known:
            say(f"{name:{width}}  {schemafiles.load(name)['title']}")
        return Exit.OK
    name = "-".join(options.command).replace(" ", "-")
    if name not in schemafiles.names():
        found = " ".join(options.command)
        raise OptionError(f"no schema of {found!r}: smsenc schema lists all", name="COMMAND")
    say(json.dumps(schemafiles.bundled(name), indent=2))
    return Exit.OK

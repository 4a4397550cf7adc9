"""``smsenc formats``: the formats that can be converted."""

from __future__ import annotations

from typing import Annotated

import typer

from converters import registry
from converters.known import Listed
from smsenc import OptionError
from smsgate.cli import wording
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.output import say


class Options(OptionGroup):
    """Which format, and how to print."""

    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only this format; without it, all.")
    ] = None
    json: Json = False

    def chosen(self) -> tuple[Listed, ...]:
        """The formats to show; raises OptionError for an unknown name."""
        every = registry.descriptions()
        found = tuple(one for one in every if self.name in (None, one["name"]))
        if not found:
            names = ", ".join(one["name"] for one in every)
            raise OptionError(f"expected one of {names}, found {self.name!r}", name="NAME")
        return found


@command
def formats(options: Options) -> Exit:
    """List formats that convert reads, with their options.

    \b
    Examples:
      smsenc formats
      smsenc formats calendar
      smsenc formats --json
    """
    for record in options.chosen():
        lines = wording.format_lines(record)
        say(wording.as_json(record) if options.json else "\n".join(lines))
    return Exit.OK

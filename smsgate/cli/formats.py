"""``smsenc formats``: the formats that can be converted."""

from __future__ import annotations

from dataclasses import dataclass

from converters import registry
from smsgate.cli import wording
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.output import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(OptionGroup):
    """How to print."""

    json: Json = False


@command
def formats(options: Options) -> Exit:
    """List the formats that convert reads, and their options.

    \b
    Examples:
      smsenc formats
      smsenc formats --json
    """
    for record in registry.descriptions():
        lines = wording.format_lines(record)
        say(wording.as_json(record) if options.json else "\n".join(lines))
    return Exit.OK

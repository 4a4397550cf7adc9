"""``smsenc gateway`` alone: what its commands are."""

from __future__ import annotations

import difflib
from typing import Annotated

import typer

from smsenc import OptionError
from smsgate.cli.commandline import OptionGroup, command
from smsgate.cli.commands import SUBCOMMANDS, next_words
from smsgate.cli.exits import Exit

_PREFIX = "gateway "


def _next(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """What a shell may offer, with the summaries."""
    words = next_words(" ".join(("gateway", *(ctx.params.get("words") or ()))))
    return [(word, text) for word, text in words.items() if word.startswith(incomplete)]


class Options(OptionGroup):
    """What was typed in place of a command."""

    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND", help="See below.", autocompletion=_next),
    ] = None


@command
def gateway(options: Options) -> Exit:
    """Run an SMS gateway: files in by FTP, messages out by SMPP.

    \b
    Examples:
      smsenc gateway run
      smsenc gateway status
      smsenc gateway account add --credit 100

    Message files that are uploaded to the FTP server are sent over SMPP, and
    a log beside each file says what became of it. smsenc gateway run makes
    all that is needed, with a simulated phone network. What can be set: see
    smsenc docs, Keys of gateway.toml.
    """
    words = " ".join(options.words or ())
    names = [row.name.removeprefix(_PREFIX) for row in SUBCOMMANDS if row.name.startswith(_PREFIX)]
    begun = [name for name in names if words and name.startswith(f"{words} ")]
    similar = begun or difflib.get_close_matches(words, names, 3)
    raise OptionError(f"expected a command: {', '.join(similar or names)}")

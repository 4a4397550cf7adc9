"""``smsenc count``: how many parts a text takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from converters import records
from converters.shared import charsets
from smsenc.messagefile import count as counting
from smsgate.cli import wording
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.output import say
from smsgate.outbox.reading import STDIN, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(OptionGroup):
    """What to count."""

    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text, or - for standard input.")]
    language: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Use this national table, or all; may be repeated."),
    ] = None
    substitute: Annotated[
        str,
        typer.Option(metavar="HOW", help="Replace characters: never, typographic or full."),
    ] = "never"
    json: Json = False


@command
def count(options: Options) -> Exit:
    """Count the parts of a text, and list characters that cost extra.

    \b
    Examples:
      smsenc count "Your order is ready…"
      smsenc count - --json < letter.txt
      smsenc count "Teşekkürler" --language turkish

    Units are septets, or 16-bit units in UCS-2. In a message file a text may
    need more parts, because the file's charset lacks some GSM 7-bit characters.
    """
    text = options.text
    if text == STDIN:
        text = charsets.decode(read(text))[0].rstrip("\r\n")
    allowed = counting.languages(options.language or ())
    found = counting.count(text, languages=allowed, substitute=options.substitute)
    if options.json:
        say(wording.as_json(records.count_record(found)))
    else:
        say("\n".join(wording.count_lines(found)))
    return Exit.OK

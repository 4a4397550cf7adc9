"""``smsenc count``: how many parts a text takes."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from converters import records
from converters.shared import charsets
from smsenc import OptionError
from smsenc.messagefile import count as counting
from smsgate.cli import wording
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.converteroptions import HowFar
from smsgate.cli.countlines import cost_lines, costs, count_lines, folded, shown_lines
from smsgate.cli.exits import Exit
from smsgate.cli.output import note, say
from smsgate.outbox.reading import STDIN, read


class Options(OptionGroup):
    """What to count."""

    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text, or - for standard input.")]
    language: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Use this national table, or all; may be repeated."),
    ] = None
    substitute: HowFar = "never"
    prices: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="TOML file with a price per part for each country."),
    ] = None
    show: Annotated[bool, typer.Option("--show", help="Print the text of each part.")] = False
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
    need more parts, because the file's charset lacks some GSM 7-bit characters,
    and because a line break takes two. Prices are those of the message file.
    The text is cleaned as in convert and batch: separators become line breaks,
    a tab becomes a space.
    """
    allowed = counting.languages(options.language or ())
    found = counting.count(_text(options), languages=allowed, substitute=options.substitute)
    prices = None
    if options.prices:
        from smsgate.campaign.costs.prices import read_prices  # noqa: PLC0415 - loads phonenumbers

        prices = read_prices(options.prices)
    if options.json:
        record = records.count_record(found)
        if options.show:
            record["texts"] = list(found.texts())
        if prices:
            record |= {"currency": prices.currency, "costs": costs(found, prices)}
        say(wording.as_json(record))
        return Exit.OK
    say("\n".join(folded(count_lines(found))), people=True)
    if prices:
        say("\n".join(cost_lines(found, prices)))
    if options.show:
        say("\n".join(shown_lines(found)))
    return Exit.OK


def _text(options: Options) -> str:
    """The text that was typed, or that of standard input; raises OptionError for a file's name."""
    if options.text != STDIN:
        if os.path.isfile(options.text):
            message = f"{options.text} is a file: use smsenc count - < {options.text}"
            raise OptionError(message, name="TEXT")
        return options.text
    text, charset = charsets.decode(read(STDIN))
    if charset == charsets.FALLBACK:
        note(f"! charset guessed: not UTF-8, read as {charset}")
    return text

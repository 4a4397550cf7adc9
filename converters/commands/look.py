"""``smsenc inspect``, ``preview``, ``count`` and ``formats``: they show, and send nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from converters.commands.app import Exit, command, leave, note, say
from converters.commands.options import options


@command("Look")
def inspect(
    what: Annotated[
        list[str],
        typer.Argument(metavar="FILE|FOLDER|-|UDH:DATA[:DCS]...", help="Message files or parts."),
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
) -> None:
    """Show what the phone gets from message files or from parts in hex.

    \b
    Examples:
      smsenc inspect outbox/
      smsenc inspect outbox/000001-logo.txt --json
      smsenc inspect 06050415830000:3000480E01FF...:F5

    Parts may come in any order; missing ones are named. DCS is hex and may be
    followed by :UDL, which text of GSM 7-bit needs to be exact.
    """
    from converters import report
    from converters.inspect import inspect as look
    from smsenc import SmsencError

    good = bad = 0
    for shown in look(what):
        good, bad = (good, bad + 1) if shown.error else (good + 1, bad)
        if shown.error:
            note(str(shown.error))
        if json:
            say(report.as_json(report.shown_record(shown)))
        elif not shown.error:
            say("\n".join(report.shown_lines(shown)))
    if not good and not bad:
        raise SmsencError(f"expected message files, found none in {', '.join(what)}")
    raise typer.Exit(Exit.OK if not bad else Exit.SOME_REJECTED if good else Exit.ALL_REJECTED)


@command("Look")
def preview(
    what: Annotated[
        list[str], typer.Argument(metavar="SOURCE|PARTS...", help="A source, or received parts.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="File to write.")],
    option: Annotated[
        list[str] | None,
        typer.Option("-O", "--option", metavar="KEY=VALUE", help="Setting of a converter."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an earlier file.")] = False,
) -> None:
    """See or hear what the phone makes of a message, before it is sent.

    \b
    Examples:
      smsenc preview logo.png -o screen.png
      smsenc preview 000012-tune.txt -o tune.wav

    The format is told by OUT's suffix.
    """
    from converters.decode import preview as make
    from converters.inspect import inspect as look
    from converters.outbox import write_file
    from smsenc import SmsencError

    given = options(option or (), max_parts=None, strict=False, tz=None)
    for shown in look(what, given):
        if shown.error:
            leave(str(shown.error), Exit.ALL_REJECTED)
        if shown.payload:
            try:
                octets = make(shown.payload, out.suffix.lower())
            except SmsencError as error:
                leave(str(error.at(source=shown.source)), Exit.ALL_REJECTED)
            write_file(out, octets, force=force)
            return
    raise SmsencError(f"expected a message, found none in {', '.join(what)}")


@command("Look")
def count(
    text: Annotated[str, typer.Argument(help="The text, or - for standard input.")],
    language: Annotated[
        list[str] | None, typer.Option(help="National table that the phones have, or all.")
    ] = None,
    substitute: Annotated[
        str, typer.Option(help="never, typographic or full: how far it may be changed.")
    ] = "never",
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Count what a text costs and name the characters that make it dear.

    \b
    Examples:
      smsenc count "Your order is ready…"
      smsenc count - --json < letter.txt
      smsenc count "Teşekkürler" --language turkish

    Units are septets or, in UCS-2, 16-bit units. A message file may take more
    parts than the air: its charset lacks some of GSM 7-bit.
    """
    from converters import charset, report
    from converters import count as counting
    from converters.sources import STDIN, read

    given = charset.decode(read(text))[0].rstrip("\r\n") if text == STDIN else text
    allowed = counting.languages(language or ())
    found = counting.count(given, languages=allowed, substitute=substitute)
    if json:
        say(report.as_json(report.count_record(found)))
    else:
        say("\n".join(report.count_lines(found)))


@command("Look")
def formats(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a format.")] = False,
) -> None:
    """List the formats that convert takes, and their options.

    \b
    Examples:
      smsenc formats
      smsenc formats --json
    """
    from converters import registry, report

    for row in registry.converters().values():
        if json:
            say(report.as_json(report.format_record(row)))
        else:
            say("\n".join(report.format_lines(row)))

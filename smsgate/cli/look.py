"""``smsenc inspect``, ``preview``, ``count`` and ``formats``: they show, and send nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smsgate.cli.app import Exit, command, leave, note, say
from smsgate.cli.options import SHAPING, takes


@command("Look")
@takes(*SHAPING)
def inspect(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|FOLDER|-|UDH:DATA[:DCS]...", help="Message files, parts or sources."
        ),
    ],
    *,
    options: dict[str, str],
    json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
) -> None:
    """Show what the phone gets from message files or from parts in hex.

    \b
    Examples:
      smsenc inspect outbox/
      smsenc inspect outbox/000001-logo.txt --json
      smsenc inspect 06050415830000:3000480E01FF...:F5
      smsenc inspect tune.mid --channel 4

    Of a source it shows what the phone would get, and what there was to choose.
    Parts may come in any order; missing ones are named. DCS is hex and may be
    followed by :UDL, which text of GSM 7-bit needs to be exact.
    """
    from converters.received.inspect import inspect as look
    from smsenc import SmsencError
    from smsgate.cli import wording
    from smsgate.runs.received import files

    good = bad = 0
    for shown in look(files(what), options):
        good, bad = (good, bad + 1) if shown.error else (good + 1, bad)
        if shown.error:
            note(str(shown.error))
        if json:
            say(wording.as_json(wording.shown_record(shown)))
        elif not shown.error:
            say("\n".join(wording.shown_lines(shown)))
    if not good and not bad:
        raise SmsencError(f"expected message files, found none in {', '.join(what)}")
    raise typer.Exit(Exit.OK if not bad else Exit.SOME_REJECTED if good else Exit.ALL_REJECTED)


@command("Look")
@takes(*SHAPING)
def preview(
    what: Annotated[
        list[str], typer.Argument(metavar="SOURCE|PARTS...", help="A source, or received parts.")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="File to write.")],
    *,
    options: dict[str, str],
    image: Annotated[bool, typer.Option("--image", help="Draw it, as a PNG file.")] = False,
    contact_sheet: Annotated[
        bool, typer.Option("--contact-sheet", help="Draw a picture in every way there is.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over an earlier file.")] = False,
) -> None:
    """See or hear what the phone makes of a message, before it is sent.

    \b
    Examples:
      smsenc preview logo.png -o screen.png --mcc-mnc 262-07
      smsenc preview photo.jpg -o ways.png --contact-sheet
      smsenc preview tune.mid -o tune.wav --start 30 --bars 8
      smsenc preview 000012-tune.txt -o notes.png --image

    The format is told by OUT's suffix: a tune is heard as .wav and seen as .png.
    A contact sheet names what each way of drawing costs.
    """
    from converters.received import export
    from smsenc import OptionError, SmsencError
    from smsgate.outbox.writing import write_file
    from smsgate.runs.received import files

    suffix = ".png" if image or contact_sheet else out.suffix.lower()
    if suffix == ".png" and out.suffix.lower() not in ("", ".png"):
        raise OptionError(f"expected .png for a picture, found {out.suffix}", name="--out")
    make = export.contact_sheet if contact_sheet else export.previewed
    try:
        octets = make(list(files(what)), suffix, options)
    except OptionError:
        raise
    except SmsencError as error:
        leave(str(error), Exit.ALL_REJECTED)
    write_file(out, octets, force=force)


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
    from converters.shared import charsets
    from smsenc.messagefile import count as counting
    from smsgate.cli import wording
    from smsgate.outbox.reading import STDIN, read

    given = charsets.decode(read(text))[0].rstrip("\r\n") if text == STDIN else text
    allowed = counting.languages(language or ())
    found = counting.count(given, languages=allowed, substitute=substitute)
    if json:
        say(wording.as_json(wording.count_record(found)))
    else:
        say("\n".join(wording.count_lines(found)))


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
    from converters.registry import descriptions
    from smsgate.cli import wording

    for record in descriptions():
        say(wording.as_json(record) if json else "\n".join(wording.format_lines(record)))

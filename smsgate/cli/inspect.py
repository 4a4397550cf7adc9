"""``smsenc inspect``: what a phone displays for message files, parts or sources."""

from __future__ import annotations

from typing import Annotated

import typer

from converters import records
from converters.optionuse import OptionUse
from converters.received.inspect import ALL_ROWS
from converters.received.inspect import inspect as read_messages
from smsenc import OptionError, SmsencError
from smsgate.cli import errorlines, wording
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.converteroptions import As, ZonedOptions
from smsgate.cli.exits import Exit
from smsgate.cli.output import note, note_skipped, say
from smsgate.cli.tally import Tally
from smsgate.runs.received import files


class Options(OptionGroup):
    """What to show."""

    what: Annotated[
        list[str],
        typer.Argument(metavar="WHAT", help="Files, folders, .zip, -, or hex."),
    ]
    as_: As = None
    row: Annotated[
        str | None, typer.Option(metavar="N|all", help="Row to show of a file with csv: lines.")
    ] = None
    json: Json = False

    def number(self) -> int:
        """The row to show, from 1, or ALL_ROWS; raises OptionError for anything else."""
        if self.row is None:
            return 1
        if self.row == "all":
            return ALL_ROWS
        if not (self.row.isascii() and self.row.isdigit() and len(self.row) < 10 and int(self.row)):
            raise OptionError(f"expected a row from 1 on, or all, found {self.row!r}", name="--row")
        return int(self.row)


@command
def inspect(options: Options, shape: ZonedOptions) -> Exit:
    """Show what a phone displays for messages, sources or parts in hex.

    \b
    Examples:
      smsenc inspect outbox/
      smsenc inspect outbox/000001-logo.txt --json
      smsenc inspect 0011000B917407010932F40000FF05E8329BFD06
      smsenc inspect 06050415830000:3000480E01FF...:F5
      smsenc inspect tune.mid --channel 4

    For a source, such as a picture or a tune, it shows what the phone would
    receive, and the alternatives, such as the voices of a tune. Parts may come
    in any order; missing ones are named.

    Hex is a PDU (SMS-SUBMIT, SMS-DELIVER or SMS-STATUS-REPORT, with or without
    a service centre), what a modem answered (+CMGL, +CMGR, +CMT …), or
    UDH:DATA[:DCS[:UDL]]. DCS (data coding scheme) is hex. UDL is the length of
    the user data in septets or octets; without it, a GSM 7-bit text may show
    one character too many.
    """
    tally, rows, given = Tally(), 0, shape.given()
    use = OptionUse(given, options.as_)
    found = use.watched(files(options.what, note_skipped))
    for shown in read_messages(found, given, options.as_, options.number()):
        rows += shown.rows
        if shown.error:
            tally.rejected += 1
            errorlines.rejected(shown.error)
        else:
            tally.messages += 1
        for warning in shown.warnings:
            note(f"{shown.source}: {warning}")
        if options.json:
            say(wording.as_json(records.shown_record(shown)))
        elif not shown.error:
            say("\n".join(wording.shown_lines(shown)), people=True)
    shape.note_unused(use)
    if options.row and tally.messages and not rows:
        note("! --row ignored: no message has rows")
    if not tally.messages and not tally.rejected:
        raise SmsencError(f"no message files in {', '.join(options.what)}")
    return tally.code

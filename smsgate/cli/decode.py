"""``smsenc decode``: received messages become files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from converters.received.export import one_file
from converters.received.inspect import Shown
from converters.received.inspect import inspect as read_messages
from smsenc import Payload, SmsencError
from smsgate.cli import errorlines
from smsgate.cli.commandline import OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.outfile import OutOptions
from smsgate.cli.output import note, note_skipped
from smsgate.cli.tally import Tally
from smsgate.runs.received import files


class Options(OptionGroup):
    """What to read, and what to write."""

    parts: Annotated[
        list[str], typer.Argument(metavar="PARTS", help="Message files, folders, .zip, or hex.")
    ]
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="File to write: .vcf, .ics, .txt …, or -.")
    ]


@command
def decode(options: Options, to: OutOptions) -> Exit:
    """Save received messages as files.

    \b
    Examples:
      smsenc decode outbox/ contacts.vcf
      smsenc decode 000007-meeting.p1-2.txt 000007-meeting.p2-2.txt event.ics
      smsenc decode outbox/ - --suffix .vcf | grep TEL

    The suffix of OUT determines the format; - is standard output. Messages that
    do not fit the format are reported and skipped.
    """
    tally, name = Tally(), to.name(options.out)
    payloads: list[Payload] = []
    for shown in read_messages(files(options.parts, note_skipped)):
        for warning in shown.warnings:
            note(f"{shown.source}: {warning}")
        try:
            payloads.append(_payload(shown, name))
            tally.messages += 1
        except SmsencError as error:
            errorlines.rejected(error.at(source=shown.source))
            tally.rejected += 1
    if not tally.messages and not tally.rejected:
        raise SmsencError(f"no message files in {', '.join(options.parts)}")
    if payloads:
        to.write(options.out, one_file(payloads, name).octets)
        note(f"{len(payloads)} written to {options.out}")
    return tally.code


def _payload(shown: Shown, out: str) -> Payload:
    """The payload of a message; prints what of it the file ``out`` cannot hold."""
    if shown.payload is None:
        raise shown.error or SmsencError(f"expected a message, found a {shown.kind}")
    for loss in one_file([shown.payload], out).losses:
        note(f"{shown.source}: {loss}")
    return shown.payload

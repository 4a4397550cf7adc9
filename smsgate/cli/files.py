"""``smsenc decode`` and ``smsenc transcode``: from messages and files to files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smsgate.cli.app import Exit, command, leave, note
from smsgate.cli.options import SHAPING, takes


@command("Make")
def decode(
    parts: Annotated[
        list[str], typer.Argument(metavar="PARTS...", help="Message files, folders, or hex.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write: .vcf, .ics, .txt …")],
    force: Annotated[bool, typer.Option("--force", help="Write over earlier files.")] = False,
) -> None:
    """Write received messages back as files, their format told by OUT's suffix.

    \b
    Examples:
      smsenc decode outbox/ contacts.vcf
      smsenc decode 000007-meeting.p1-2.txt 000007-meeting.p2-2.txt event.ics

    Messages of another kind than OUT holds are named and left out.
    """
    from converters.received.export import one_file
    from converters.received.inspect import inspect as look
    from smsenc import SmsencError
    from smsgate.outbox.writing import write_file
    from smsgate.runs.received import files

    good, bad = [], 0
    for shown in look(files(parts)):
        try:
            if shown.payload is None:
                raise shown.error or SmsencError("expected a message, found none")
            for loss in one_file([shown.payload], out.name).losses:
                note(f"{shown.source}: {loss}")
            good.append(shown.payload)
        except SmsencError as error:
            note(str(error.at(source=shown.source)))
            bad += 1
    if good:
        write_file(out, one_file(good, out.name).octets, force=force)
        note(f"{len(good)} written to {out}")
    raise typer.Exit(Exit.OK if not bad else Exit.SOME_REJECTED if good else Exit.ALL_REJECTED)


@command("Make")
@takes(*SHAPING)
def transcode(
    source: Annotated[str, typer.Argument(metavar="IN", help="File to read.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write.")],
    *,
    options: dict[str, str],
    force: Annotated[bool, typer.Option("--force", help="Write over an earlier file.")] = False,
) -> None:
    """Turn a file into another format that phones know, told by suffix.

    \b
    Examples:
      smsenc transcode tune.mid tune.rtttl --transpose -12
      smsenc transcode logo.png logo.nol --mcc-mnc 262-07

    It goes the way of a message and back, so OUT holds what a phone would.
    """
    from converters.received.export import transcode as turn
    from smsenc import OptionError, SmsencError
    from smsgate.outbox.reading import read
    from smsgate.outbox.writing import write_file

    try:
        written = turn(source, read(source), out.name, options)
    except OptionError:
        raise
    except SmsencError as error:
        leave(str(error.at(source=source)), Exit.ALL_REJECTED)
    write_file(out, written.octets, force=force)
    for loss in written.losses:
        note(f"{source}: {loss}")

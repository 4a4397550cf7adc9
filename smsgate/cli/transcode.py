"""``smsenc transcode``: a file in one format becomes a file in another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from converters.received.export import transcode as transcoded
from smsenc import OptionError, SmsencError
from smsgate.cli.commandline import OptionGroup, command
from smsgate.cli.converteroptions import ShapeOptions
from smsgate.cli.exits import Exit, leave
from smsgate.cli.outfile import OutOptions
from smsgate.cli.output import note
from smsgate.outbox.reading import read


class Options(OptionGroup):
    """What to read, and what to write."""

    source: Annotated[str, typer.Argument(metavar="IN", help="File to read.")]
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write, or -.")]


@command
def transcode(options: Options, to: OutOptions, shape: ShapeOptions) -> Exit:
    """Convert a file to another phone format.

    \b
    Examples:
      smsenc transcode tune.mid tune.rtttl --transpose -12
      smsenc transcode logo.png logo.nol --mcc-mnc 262-07

    The suffixes of IN and OUT determine the formats. The file is converted to
    a message and back, so OUT contains what a phone would receive. As OUT,
    - is standard output.
    """
    source, name = options.source, to.name(options.out)
    try:
        written = transcoded(source, read(source), name, shape.given())
    except OptionError:
        raise
    except SmsencError as error:
        leave(str(error.at(source=source)), Exit.ALL_REJECTED)
    to.write(options.out, written.octets)
    for loss in written.losses:
        note(f"{source}: {loss}")
    return Exit.OK

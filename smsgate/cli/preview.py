"""``smsenc preview``: a picture or a sound of a message."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Annotated

import typer

from converters.optionuse import OptionUse
from converters.received import export
from smsenc import OptionError, SmsencError
from smsgate.cli.commandline import OptionGroup, command
from smsgate.cli.converteroptions import As, ZonedOptions
from smsgate.cli.exits import Exit, leave
from smsgate.cli.outfile import OutOptions
from smsgate.cli.output import note, note_skipped
from smsgate.runs.received import files


class Options(OptionGroup):
    """What to read, and what to write."""

    what: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE|PARTS", help="A source, or parts: files, .zip, hex."),
    ]
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="File to write, or -.")]
    as_: As = None
    image: Annotated[bool, typer.Option("--image", help="Write a picture, as PNG.")] = False
    contact_sheet: Annotated[
        bool,
        typer.Option("--contact-sheet", help="Show every dithering method, as PNG."),
    ] = False

    def suffix(self, to: OutOptions) -> str:
        """The format to write."""
        if not (self.image or self.contact_sheet):
            return PurePath(to.name(self.out)).suffix.lower()
        suffix = (to.suffix or self.out.suffix).lower()
        if suffix not in ("", ".png"):
            raise OptionError(f"expected .png for a picture, found {suffix}", name="--out")
        return ".png"


@command
def preview(options: Options, to: OutOptions, shape: ZonedOptions) -> Exit:
    """See or hear a message as the phone presents it.

    \b
    Examples:
      smsenc preview logo.png -o screen.png --mcc-mnc 262-07
      smsenc preview photo.jpg -o ways.png --contact-sheet
      smsenc preview tune.mid -o tune.wav --start 30 --bars 8
      smsenc preview 000012-tune.txt -o notes.png --image
      smsenc preview contact.vcf -o screen.png

    The suffix of OUT determines the format. A contact, an event, a text or a
    picture becomes the phone's screen as .png; a tune becomes sound as .wav,
    and a picture of its notes, bars and seconds as .png. Of several messages
    the first is shown. A contact sheet shows a picture with every dithering
    method, and the number of parts that each one takes.
    """
    make = export.contact_sheet if options.contact_sheet else export.previewed
    suffix = options.suffix(to)
    given = shape.given()
    use = OptionUse(given, options.as_)
    found = list(use.watched(files(options.what, note_skipped)))
    if not found:
        raise SmsencError(f"no message files in {', '.join(options.what)}")
    try:
        made = make(found, suffix, given, options.as_)
    except OptionError:
        raise
    except SmsencError as error:
        leave(str(error), Exit.ALL_REJECTED)
    to.write(options.out, made.octets)
    for loss in made.losses:
        note(str(loss))
    shape.note_unused(use)
    return Exit.OK

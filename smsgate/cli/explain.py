"""``smsenc explain``: the octets of a message, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from converters import records
from converters.received import octetmaps
from converters.received.octetmaps import As, Explained
from smsenc import SmsencError
from smsgate.cli import octetlines, wording
from smsgate.cli.commandline import Json, OptionGroup, command, one_of
from smsgate.cli.exits import Exit
from smsgate.cli.output import has_colours, note, note_skipped, say, say_styled
from smsgate.cli.tally import Tally
from smsgate.runs.received import files


class Options(OptionGroup):
    """What to explain."""

    what: Annotated[
        list[str],
        typer.Argument(metavar="HEX|FILE", help="Hex, a file with hex, or a message file; or -."),
    ]
    as_: Annotated[
        str | None,
        typer.Option("--as", metavar="KIND", help="What it is; see above."),
    ] = None
    everything: Annotated[
        bool,
        typer.Option("--all", help="Show each septet of a text, and the bits of each note."),
    ] = False
    json: Json = False


@command
def explain(options: Options) -> Exit:
    """Show what each octet of a part, PDU or message file says.

    \b
    Examples:
      smsenc explain 0011000B917407010932F40000FF05E8329BFD06
      smsenc explain 06050415830000:3000480E01FF:F5
      smsenc explain 0000001000000015000000000000002A
      smsenc explain 07911326040000F0040B911346610089F60000... --as deliver
      smsenc explain outbox/000001-logo.txt --json

    Each line has an offset, octets or bits, a field with its value, and the
    clause of the specification. Faults are marked below the field where they
    are.

    KIND is part (UDH:DATA[:DCS[:UDL]]), smpp, file (a message file), or a TPDU:
    deliver, submit, status-report, deliver-report, submit-report or command;
    tpdu is any of them without a service centre in front, pdu any with one.
    Without --as, octets are an SMPP PDU if their command_id says so. Otherwise
    they are read as deliver, submit or status-report, with a service centre or
    else without one, and then as the other three; the first reading without
    faults counts. If all have faults, it is the one that gets furthest.

    A message with faults ends with exit code 4, and what cannot be read with 3.
    """
    kind = one_of(octetmaps.CHOICES, options.as_, "--as") if options.as_ is not None else None
    tally = Tally()
    for found in _explained(options.what, kind):
        if isinstance(found, SmsencError):
            tally.rejected += 1
            note(str(found))
        else:
            tally.messages += 1
            tally.rejected += bool(found.map.faults)
            _show(found, options)
    if not tally.messages and not tally.rejected:
        raise SmsencError(f"no messages in {', '.join(options.what)}")
    return tally.code


def _explained(what: list[str], kind: As | None) -> Iterator[Explained | SmsencError]:
    for name, octets in files(what, note_skipped, octetmaps.LARGEST):
        if isinstance(octets, SmsencError):
            yield octets.at(source=name)
            continue
        try:
            for found in octetmaps.explain(name, octets, kind):
                yield found.at(source=name) if isinstance(found, SmsencError) else found
        except SmsencError as error:
            yield error.at(source=name)


def _show(found: Explained, options: Options) -> None:
    if options.json:
        say(wording.as_json(records.map_record(found)))
        return
    colours = has_colours()
    for line in octetlines.lines(found, everything=options.everything, colours=colours):
        say_styled(line)
    say()

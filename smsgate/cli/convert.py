"""``smsenc convert``: sources become message files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from converters.optionuse import OptionUse
from converters.pipeline import Job, Outcome
from smsenc import OptionError, SmsencError
from smsgate.cli import wording
from smsgate.cli.commandline import Json, OptionGroup, command, number
from smsgate.cli.converteroptions import As, ConverterOptions, LanguageOptions
from smsgate.cli.exits import Exit
from smsgate.cli.gatewayoptions import GatewayOptions
from smsgate.cli.jobs import JobOptions, Show, job, printer, recipients
from smsgate.cli.output import note, note_skipped
from smsgate.cli.tally import Tally
from smsgate.outbox import runs
from smsgate.outbox.folder import Outbox
from smsgate.outbox.runs import RunKind
from smsgate.runs.batch import run
from smsgate.runs.identity import SourceReader, conversion_key
from smsgate.runs.sources import find_sources


class Options(OptionGroup):
    """What to convert, and what to write."""

    source: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE", help="Files, folders, or - for standard input."),
    ]
    out: Annotated[str, typer.Option(metavar="FOLDER", help="Folder for the message files.")] = (
        "outbox"
    )
    as_: As = None
    format_: Annotated[
        str,
        typer.Option(
            "--format", metavar="NAME", help="ftp; pdu (hex); at (modem); smstools; json."
        ),
    ] = "ftp"
    reference: Annotated[
        int, number(1, 255, metavar="N", text="First concatenation reference, {}.")
    ] = 1
    name_: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", help="Name of this run; another name sends it again."
        ),
    ] = ""
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False
    json: Json = False
    force: Annotated[
        bool, typer.Option("--force", help="Send pictures that are all of one colour, too.")
    ] = False

    def outbox(self) -> Path:
        """The folder to write to; raises OptionError where its name is empty."""
        if not self.out:
            raise OptionError("expected a folder, found ''", name="--out")
        return Path(self.out)


@command
def convert(
    options: Options,
    to: JobOptions,
    conversion: ConverterOptions,
    national: LanguageOptions,
    gateway: GatewayOptions,
) -> Exit:
    """Convert contacts, events, tunes, pictures and texts to messages.

    \b
    Examples:
      smsenc convert contacts.vcf --to +448311234567
      smsenc convert logo.png --to 448311234567 --mcc-mnc 262-07
      smsenc convert tune.mid --to 448311234567 --track 3 --bars 8
      echo "Meet at 5" | smsenc convert - --to 448311234567 --flash
      smsenc convert note.txt --to 905301234567 --language turkish --format at

    A file may contain many contacts or events; each becomes a message. The
    messages are added to those in the folder. The same command on the same day
    writes the same files, which smsenc upload sends once; on another day, or
    with --name, it writes new ones.

    The gateway log-in comes from SMSENC_API_ID, SMSENC_USER and
    SMSENC_PASSWORD, or from a TOML file that SMSENC_CREDENTIALS names. Without a
    log-in the files contain placeholders, which smsenc upload can fill in later.
    """
    tally = Tally()
    show = printer(options.outbox(), as_json=options.json, dry=options.dry_run)
    if not (numbers := recipients(to, tally, show)):
        return Exit.ALL_REJECTED
    made = job(
        numbers,
        to,
        conversion,
        gateway,
        kind=options.as_,
        sources=options.source,
        format_=options.format_,
        languages=national.languages(),
        force=options.force,
    )
    remarks = _convert(options, made, tally, show, conversion)
    for line in wording.conversion_lines(tally, made, options.out, remarks, dry=options.dry_run):
        note(line)
    return tally.code


def _convert(
    options: Options, job: Job, tally: Tally, show: Show, conversion: ConverterOptions
) -> list[str]:
    """Convert every source; returns what is to be said about the outbox."""
    reader = SourceReader()
    names = list(_sources(options, tally, show))
    use = OptionUse(conversion.given(), options.as_)
    use.see(names, reader.read)
    conversion.note_unused(use)
    key = conversion_key(names, job, options.reference, reader)
    identity = runs.identity(RunKind.CONVERT, key, options.name_)
    outbox = Outbox(Path(options.out), secret=job.template.ready)

    def run_all(mark: str, writer: Outbox | None) -> None:
        made = replace(job, mark=mark)
        for outcome in run(names, made, writer, reference=options.reference, read=reader.read):
            tally.add(outcome)
            show(outcome)

    if options.dry_run:
        run_all(outbox.planned_mark(identity), None)
        return []
    with outbox as writer:
        run_all(writer.begin(identity).mark, writer)
        writer.finish()
        return list(wording.outbox_lines(options.out, others=writer.others(), sent=writer.sent))


def _sources(options: Options, tally: Tally, show: Show) -> Iterator[str]:
    """Names of sources that can be read; the others are counted and shown.

    Raises SmsencError where there are none of either.
    """
    for source in find_sources(options.source, outbox=Path(options.out)):
        tally.sources += not source.skipped
        if source.error:
            tally.rejected += 1
            error = source.error.at(source=source.name)
            show(Outcome(source=source.name, item=0, error=error))
        elif source.skipped:
            note_skipped(source.name, source.skipped)
        else:
            yield source.name
    if not tally.sources:
        raise SmsencError(f"nothing to convert in {', '.join(options.source)}")

"""``smsenc convert``: sources become message files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from converters.commands.app import Exit, command, note, say
from converters.commands.options import options
from converters.commands.tally import Tally

if TYPE_CHECKING:
    from converters.pipeline import Job, Outcome


@command("Make")
def convert(
    source: Annotated[list[str], typer.Argument(help="Files, folders, or - for standard input.")],
    to: Annotated[list[str] | None, typer.Option(help="Recipient; may be repeated.")] = None,
    to_file: Annotated[list[str] | None, typer.Option(help="File with a number a line.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the message files.")] = Path("outbox"),
    as_: Annotated[
        str | None, typer.Option("--as", metavar="KIND", help="Converter; see smsenc formats.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("-O", "--option", metavar="KEY=VALUE", help="Setting of a converter."),
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--from", metavar="ID", help="Sender: digits or 11 letters.")
    ] = None,
    flash: Annotated[bool, typer.Option("--flash", help="Show texts at once.")] = False,
    max_parts: Annotated[
        int | None, typer.Option(min=1, max=255, help="Refuse what needs more parts.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Reject what does not fit whole.")
    ] = False,
    tz: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Zone that events are written in.")
    ] = None,
    reference: Annotated[
        int, typer.Option(min=0, max=255, help="First concatenation reference.")
    ] = 1,
    format_: Annotated[
        str, typer.Option("--format", help="ftp: message files; pdu: TPDUs in hex, one a line.")
    ] = "ftp",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over earlier files.")] = False,
) -> None:
    """Make message files from cards, events, tunes, pictures and texts.

    \b
    Examples:
      smsenc convert contacts.vcf --to +448311234567
      smsenc convert logo.png --to 448311234567 -O mcc-mnc=262-07
      echo "Meet at 5" | smsenc convert - --to 448311234567 --flash

    A file may hold many cards or events: each is a message of its own.
    Without SMSENC_API_ID, SMSENC_USER and SMSENC_PASSWORD in the environment
    the files carry placeholders and are not ready to be sent.
    """
    from converters.batch import recipients
    from smsenc import OptionError, SmsencError

    numbers, bad_numbers = recipients(to or (), to_file or ())
    for error in bad_numbers:
        note(str(error))
    if not numbers and not bad_numbers:
        raise OptionError("expected a recipient, found none", name="--to")
    if not numbers:
        raise typer.Exit(Exit.ALL_REJECTED)
    job = _job(
        numbers,
        sender=sender,
        kind=as_,
        options=options(option or (), max_parts=max_parts, strict=strict, tz=tz),
        flash=flash,
        max_parts=max_parts,
        format_=format_,
    )
    tally = Tally(rejected=len(bad_numbers))
    show = _outcome_printer(out, as_json=json)
    _convert(source, job, out, tally, show, reference=reference, dry=dry_run, force=force)
    if not tally.sources:
        raise SmsencError(f"expected sources, found none in {', '.join(source)}")
    _summary(tally, job, out, dry=dry_run)
    raise typer.Exit(tally.code)


def _job(
    numbers: tuple[str, ...],
    *,
    sender: str | None,
    kind: str | None,
    options: Mapping[str, str],
    flash: bool,
    max_parts: int | None,
    format_: str,
) -> Job:
    from converters.credentials import find
    from converters.pipeline import Job
    from converters.registry import check_options
    from smsenc import OptionError
    from smsenc.messagefile import Message

    if sender is not None and format_ != "ftp":
        raise OptionError("expected no sender in a TPDU to be submitted", name="--from")
    check_options(options, kind)
    template = Message(to=numbers[:1], text="", sender=sender, credentials=find(os.environ))
    return Job(
        recipients=numbers,
        template=template,
        kind=kind,
        options=options,
        flash=flash,
        max_parts=max_parts,
        format=format_,
    )


def _outcome_printer(out: Path, *, as_json: bool) -> Callable[[Outcome], None]:
    from converters import report

    last = ""

    def show(outcome: Outcome) -> None:
        nonlocal last
        paths = tuple(str(out / name) for name, _ in outcome.files)
        if outcome.error:
            note(str(outcome.error))
        if as_json:
            say(report.as_json(report.outcome_record(outcome, paths)))
            return
        if outcome.error:
            return
        if outcome.source != last:
            say(report.printable(outcome.source))
            last = outcome.source
        for line in report.outcome_lines(outcome, paths):
            say(line)

    return show


def _convert(
    given: list[str],
    job: Job,
    out: Path,
    tally: Tally,
    show: Callable[[Outcome], None],
    *,
    reference: int,
    dry: bool,
    force: bool,
) -> None:
    from contextlib import nullcontext

    from converters.batch import run
    from converters.outbox import Outbox
    from converters.sources import sources

    def names() -> Iterator[str]:
        for source in sources(given, outbox=out):
            tally.sources += not source.skipped
            if source.error:
                note(f"{source.name}: {source.error}")
                tally.rejected += 1
            elif source.skipped:
                note(f"{source.name}: passed over: {source.skipped}")
            else:
                yield source.name

    outbox = Outbox(out, secret=job.template.ready, force=force)
    if dry:
        outbox.look()
    with nullcontext() if dry else outbox as writer:
        for outcome in run(names(), job, writer, reference=reference):
            tally.add(outcome)
            show(outcome)
        if writer:
            tally.strangers = writer.strangers()


def _summary(tally: Tally, job: Job, out: Path, *, dry: bool) -> None:
    from converters.report import count

    written = "would be written" if dry else "written"
    numbers = len(job.recipients)
    note(
        f"{count(tally.messages, 'message')} in {count(tally.files, 'file')} {written} to {out}; "
        f"{count(tally.parts * numbers, 'part')} to pay for {count(numbers, 'number')}"
    )
    if tally.rejected:
        note(f"{tally.rejected} rejected")
    if tally.strangers:
        note(f"{out} also holds {count(tally.strangers, 'message file')} of other runs")
    if job.format == "ftp" and not job.template.ready:
        note("not ready: no credentials (SMSENC_API_ID, SMSENC_USER, SMSENC_PASSWORD)")

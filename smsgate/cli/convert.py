"""``smsenc convert``: sources become message files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smsgate.cli import gateway
from smsgate.cli.app import command, note
from smsgate.cli.making import job, printer, recipients
from smsgate.cli.options import SHAPING, STRICT, ZONE, takes
from smsgate.cli.tally import Tally

if TYPE_CHECKING:
    from converters.pipeline import Job, Outcome


@command("Make")
@gateway.sends
@takes(STRICT, ZONE, *SHAPING)
def convert(
    source: Annotated[list[str], typer.Argument(help="Files, folders, or - for standard input.")],
    *,
    to: Annotated[list[str] | None, typer.Option(help="Recipient; may be repeated.")] = None,
    to_file: Annotated[list[str] | None, typer.Option(help="File with a number a line.")] = None,
    out: Annotated[str, typer.Option(help="Folder for the message files.")] = "outbox",
    as_: Annotated[
        str | None, typer.Option("--as", metavar="KIND", help="Converter; see smsenc formats.")
    ] = None,
    options: dict[str, str],
    parameters: dict[str, str | bool | None],
    flash: Annotated[bool, typer.Option("--flash", help="Show texts at once.")] = False,
    max_parts: Annotated[
        int | None, typer.Option(min=1, max=255, help="Refuse what needs more parts.")
    ] = None,
    reference: Annotated[
        int, typer.Option(min=0, max=255, help="First concatenation reference.")
    ] = 1,
    format_: Annotated[
        str, typer.Option("--format", help="ftp; pdu: TPDUs in hex; smstools; json.")
    ] = "ftp",
    pack: gateway.Pack = "parts",
    profile: gateway.Profile = "clickatell",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over earlier files.")] = False,
) -> None:
    """Make message files from cards, events, tunes, pictures and texts.

    \b
    Examples:
      smsenc convert contacts.vcf --to +448311234567
      smsenc convert logo.png --to 448311234567 --mcc-mnc 262-07
      smsenc convert tune.mid --to 448311234567 --track 3 --bars 8
      echo "Meet at 5" | smsenc convert - --to 448311234567 --flash

    A file may hold many cards or events: each is a message of its own.
    Without SMSENC_API_ID, SMSENC_USER and SMSENC_PASSWORD in the environment
    the files carry placeholders and are not ready to be sent.
    """
    from smsenc import OptionError, SmsencError

    if not out:
        raise OptionError("expected a folder, found ''", name="--out")
    folder = Path(out)
    show = printer(folder, as_json=json)
    tally = Tally()
    numbers = recipients(to or (), to_file or (), tally, show)
    made = job(
        numbers,
        parameters=parameters,
        pack=pack,
        profile=profile,
        kind=as_,
        options=options | ({"max-parts": str(max_parts)} if max_parts else {}),
        flash=flash,
        max_parts=max_parts,
        format_=format_,
    )
    _convert(source, made, folder, tally, show, reference=reference, dry=dry_run, force=force)
    if not tally.sources:
        raise SmsencError(f"expected sources, found none in {', '.join(source)}")
    _summary(tally, made, folder, dry=dry_run)
    raise typer.Exit(tally.code)


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

    from converters.pipeline import Outcome
    from smsgate.outbox.folder import Outbox
    from smsgate.runs.batch import run
    from smsgate.runs.sources import find_sources

    def names() -> Iterator[str]:
        for source in find_sources(given, outbox=out):
            tally.sources += not source.skipped
            if source.error:
                tally.rejected += 1
                error = source.error.at(source=source.name)
                show(Outcome(source=source.name, item=0, error=error))
            elif source.skipped:
                note(f"{source.name}: passed over: {source.skipped}")
            else:
                yield source.name

    outbox = Outbox(out, secret=job.template.ready, force=force)
    if dry:
        outbox.check_empty()
    with nullcontext() if dry else outbox as writer:
        for outcome in run(names(), job, writer, reference=reference):
            tally.add(outcome)
            show(outcome)
        if writer:
            tally.strangers = writer.others()


def _summary(tally: Tally, job: Job, out: Path, *, dry: bool) -> None:
    from smsgate.cli.wording import count

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

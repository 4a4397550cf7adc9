"""``smsenc batch``: one text or attachment for everybody in a table."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smsgate.cli import gateway
from smsgate.cli.app import Exit, command, note, say
from smsgate.cli.options import SHAPING, STRICT, ZONE, takes

if TYPE_CHECKING:
    from smsenc.messagefile import Message
    from smsgate.campaign.costs.bill import Bill
    from smsgate.campaign.engine import Report, Shard
    from smsgate.campaign.rows.job import Campaign
    from smsgate.campaign.tables.model import Chunk, Table


@command("Make")
@gateway.sends
@takes(STRICT, ZONE, *SHAPING)
def batch(
    recipients: Annotated[str, typer.Argument(help="Table: CSV, TSV, JSON lines, .xlsx, .vcf.")],
    *,
    text: Annotated[str | None, typer.Option(help="Text; #name# is the column's cell.")] = None,
    text_file: Annotated[Path | None, typer.Option(help="File with the text.")] = None,
    attach: Annotated[str | None, typer.Option(help="File for all: a card, tune, logo …")] = None,
    out: Annotated[Path, typer.Option(help="Folder, or .zip archive.")] = Path("outbox"),
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=NAME", help="to=: the number; attach=: a file a row; or NEW=."),
    ] = None,
    delimiter: Annotated[str | None, typer.Option(help="Between cells; else found out.")] = None,
    charset: Annotated[str | None, typer.Option(help="Of the table; else found out.")] = None,
    region: Annotated[
        str | None, typer.Option(metavar="GB", help="Where national numbers are dialled.")
    ] = None,
    opt_out: Annotated[str | None, typer.Option(help="File of numbers that get nothing.")] = None,
    unique: Annotated[bool, typer.Option("--unique", help="Each number once.")] = False,
    substitute: Annotated[
        bool,
        typer.Option("--substitute", help="Plain quotes and dashes, where that spares Unicode."),
    ] = False,
    rejects: Annotated[Path | None, typer.Option(help="CSV file for rows left out.")] = None,
    prices: Annotated[str | None, typer.Option(help="TOML file: price of a part.")] = None,
    max_cost: Annotated[str | None, typer.Option(help="Refuse a campaign that costs more.")] = None,
    max_parts: Annotated[
        int | None, typer.Option(min=1, max=255, help="Refuse rows that need more parts.")
    ] = None,
    options: dict[str, str],
    parameters: dict[str, str | bool | None],
    profile: gateway.Profile = "clickatell",
    flash: Annotated[bool, typer.Option("--flash", help="Show texts at once.")] = False,
    reference: Annotated[
        int, typer.Option(min=1, max=255, help="First concatenation reference.")
    ] = 1,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes of this machine.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="TCP://…", help="dask cluster to work on.")
    ] = None,
    shard: Annotated[str, typer.Option(metavar="I/N", help="The I-th of N runs.")] = "1/1",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the bill alone.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The bill as a JSON object.")] = False,
) -> None:
    """Send everybody in a table a text with their own words, or a file.

    \b
    Examples:
      smsenc batch people.csv --text "Hello #name#!" --dry-run --prices prices.toml
      smsenc batch people.csv --text-file note.txt --region GB --out outbox.zip
      smsenc batch people.xlsx --column to=Mobile --column attach=Card
      smsenc batch people.csv --attach tune.rtttl --jobs 4

    A run that was killed goes on where it was when the same command is given
    again; one that has ended writes nothing more. OUT.journal, beside OUT,
    keeps the books.
    """
    from smsenc import OptionError
    from smsenc.messagefile import PLACEHOLDER
    from smsgate.campaign.costs.bill import Bill
    from smsgate.campaign.costs.prices import read_prices
    from smsgate.campaign.engine import RunSettings, rehearse, run
    from smsgate.campaign.schedule import workers
    from smsgate.campaign.tables.kinds import open_table
    from smsgate.outbox.credentials import find

    table = open_table(
        recipients, columns=_roles(column or ()), charset=charset, delimiter=delimiter
    )
    campaign = _campaign(
        table,
        text=_text(text, text_file),
        attach=attach,
        message=_message(parameters, flash=flash),
        options=options,
        region=region,
        opt_out=opt_out,
        unique=unique,
        substitute=substitute,
        max_parts=max_parts,
        reference=reference,
        limit=_limit(profile),
    )
    price_table = read_prices(prices) if prices else None
    cost_limit, piece, log_in = _money(max_cost, prices), _shard(shard), find(os.environ)
    place = _place(out, piece)
    _check_rejects(rejects, place, (recipients, text_file, attach, opt_out, prices))
    if unique and piece.of > 1:
        raise OptionError("expected no --shard with it: shards do not compare", name="--unique")
    _tell(campaign)
    settings = RunSettings(credentials=log_in, shard=piece, rejects=rejects)
    report = None
    with workers(jobs, scheduler) as over:
        if dry_run or cost_limit is not None:
            with _progress(table) as show:
                report = rehearse(campaign, settings, over=over, progress=show)
            _guard_cost(Bill(report.tally, price_table), cost_limit)
        if not dry_run:
            with _progress(table) as show:
                report = run(campaign, place, settings, over=over, progress=show)
            out = place
    if report is None:
        return
    bill = Bill(report.tally, price_table)
    _print(report, bill, recipients, out, dry=dry_run, as_json=json)
    if log_in == PLACEHOLDER:
        note("not ready: no credentials (SMSENC_API_ID, SMSENC_USER, SMSENC_PASSWORD)")
    raise typer.Exit(_code(report))


# What was typed ----------------------------------------------------------------------------------


def _roles(typed: Iterable[str]) -> dict[str, str]:
    from smsenc import OptionError

    roles: dict[str, str] = {}
    for option in typed:
        role, equals, name = option.partition("=")
        if not (role and equals and name) or role in roles:
            raise OptionError(
                f"expected ROLE=NAME, each role once, found {option!r}", name="--column"
            )
        roles[role] = name
    return roles


def _text(text: str | None, path: Path | None) -> str | None:
    from converters.shared import charsets
    from smsenc import OptionError, SmsencError
    from smsgate.outbox.reading import read

    if path is None:
        return text
    if text is not None:
        raise OptionError("expected either --text or --text-file, found both", name="--text-file")
    try:
        return charsets.decode(read(str(path)))[0].removesuffix("\n").removesuffix("\r")
    except SmsencError as error:
        raise error.at(source=str(path)) from None


def _message(parameters: dict[str, str | bool | None], *, flash: bool) -> Message:
    from dataclasses import replace

    from smsenc.messagefile import check_schedule
    from smsenc.messagefile.options import message_fields
    from smsgate.campaign.rows.job import BLANK

    made = replace(BLANK, msg_type="SMS_FLASH") if flash else BLANK
    message = replace(made, **message_fields(parameters))
    check_schedule(message, now=int(time.time()))
    return message


def _campaign(
    table: Table, *, text: str | None, attach: str | None, options: dict[str, str], **rest: Any
) -> Campaign:
    """The campaign as typed; what is wrong with it is found before anything is written."""
    from converters.registry import check_options
    from smsenc.messagefile.names import slug
    from smsgate.campaign.rows.job import Campaign, check

    check_options(options, None)
    campaign = Campaign(
        table=table,
        slug=slug(table.path),
        text=text,
        attach=attach,
        attach_column=dict(table.aliases).get("attach"),
        attachments=os.path.dirname(table.path) or ".",
        options=tuple(sorted(options.items())),
        **rest,
    )
    check(campaign)
    return campaign


def _limit(name: str) -> int:
    """How many recipients a file takes; raises OptionError for a profile with other wishes."""
    from dataclasses import replace

    from smsenc import OptionError
    from smsenc.messagefile.profile import CLICKATELL
    from smsgate.outbox.profiles import load

    profile = load(name, os.environ)
    most = profile.most_messages
    if replace(profile, name=CLICKATELL.name, most_messages=CLICKATELL.most_messages) != CLICKATELL:
        raise OptionError(
            "expected one that differs from clickatell in most_messages alone, for a campaign",
            name="--profile",
        )
    return most


def _money(text: str | None, prices: str | None) -> Decimal | None:
    from smsenc import OptionError

    if text is None:
        return None
    if prices is None:
        raise OptionError("expected --prices with it, found none", name="--max-cost")
    try:
        cost = Decimal(text)
    except InvalidOperation:
        cost = Decimal(-1)
    if not cost.is_finite() or cost < 0:
        raise OptionError(f"expected an amount such as 12.50, found {text!r}", name="--max-cost")
    return cost


def _shard(text: str) -> Shard:
    from smsenc import OptionError
    from smsgate.campaign.engine import Shard

    index, slash, of = text.partition("/")
    if not (slash and index.isdecimal() and of.isdecimal() and 1 <= int(index) <= int(of) <= 9999):
        raise OptionError(f"expected 1/4 to 4/4, for instance, found {text!r}", name="--shard")
    return Shard(int(index), int(of))


def _place(out: Path, shard: Shard) -> Path:
    """Each shard has an outbox of its own, and so a journal of its own."""
    if shard.of == 1:
        return out
    return out.with_name(f"{out.stem}-{shard.number}-of-{shard.of}{out.suffix}")


def _check_rejects(path: Path | None, out: Path, inputs: Iterable[str | Path | None]) -> None:
    """A file for rejects that cannot be written, or is in use, is found before all the others."""
    from smsenc import OptionError
    from smsgate.outbox import journal

    if path is None:
        return
    used = {os.path.realpath(name) for name in (out, journal.path_of(out), *inputs) if name}
    if os.path.realpath(path) in used:
        raise OptionError(f"expected a file of its own, found {path}", name="--rejects")
    if path.is_dir() or not path.parent.is_dir():
        raise OptionError(f"expected a file in a folder that is there: {path}", name="--rejects")


def _guard_cost(bill: Bill, most: Decimal | None) -> None:
    from converters.errors import GuardError

    if most is None:
        return
    if bill.unpriced:
        raise GuardError(
            f"expected a price for every part, found none for {bill.unpriced}", name="--max-cost"
        )
    if bill.total > most:
        raise GuardError(
            f"expected at most {most}, found a cost of {bill.total}", name="--max-cost"
        )


# What is said ------------------------------------------------------------------------------------


def _tell(campaign: Campaign) -> None:
    """What was found out about the table, and what is wrong in the list of those who opted out."""
    from dataclasses import replace

    from smsgate.campaign.rows.job import template_of
    from smsgate.campaign.rows.numbers import Numbers
    from smsgate.campaign.rows.optout import read_optout

    note(f"{campaign.table.path}: {', '.join((campaign.table.kind, *campaign.table.notes))}")
    if campaign.substitute and template_of(campaign) != template_of(
        replace(campaign, substitute=False)
    ):
        note("! text: characters substituted")
    if campaign.opt_out is not None:
        for error in read_optout(campaign.opt_out, Numbers(campaign.region))[1]:
            note(str(error))


@contextmanager
def _progress(table: Table) -> Iterator[Callable[[Report, Chunk], None]]:
    """A bar where somebody looks, else a line every ten seconds, on standard error."""
    from smsgate.cli.progress import Progress

    size = os.path.getsize(table.path)
    progress = Progress("rows")
    progress(0)

    def show(report: Report, chunk: Chunk) -> None:
        # How many rows there will be follows from how far in the file these reach.
        progress(report.rows, share=chunk.end / size if chunk.end else None)

    try:
        yield show
    finally:
        progress.close()


def _print(report: Report, bill: Bill, table: str, out: Path, *, dry: bool, as_json: bool) -> None:
    from smsgate.cli.wording import as_json as line
    from smsgate.cli.wording import count as counted

    if as_json:
        say(line(_record(report, bill, out)))
    elif dry:
        for text in bill.lines():
            say(text)
    for row, column, _, reason, _ in report.examples:
        note(f"{table}:{row}: {f'{column}: ' if column else ''}{reason}")
    would = "would be " if dry else ""
    rows = f"{report.sent:,} of {counted(report.rows, 'row')}"
    note(f"{rows} {would}written to {counted(report.files, 'file')} in {out}")
    if not dry and report.written < report.sent:
        note(f"{report.sent - report.written:,} of them were written by earlier runs")
    for count, what in (
        (report.rejected, "rejected (--rejects FILE gives them all back)"),
        (report.duplicates, "left out: twice in the table"),
        (report.opted_out, "left out: opted out"),
        (report.substituted, "with characters substituted"),
    ):
        if count:
            note(f"{count:,} {what}")
    for loss in sorted(report.notes):
        note(f"! {loss}")


def _record(report: Report, bill: Bill, out: Path) -> dict[str, Any]:
    names = (
        "rows",
        "sent",
        "written",
        "rejected",
        "duplicates",
        "opted_out",
        "substituted",
        "files",
    )
    counts = {name: getattr(report, name) for name in names}
    return {"out": str(out)} | counts | {"bill": bill.record(), "losses": sorted(report.notes)}


def _code(report: Report) -> Exit:
    """A guard's refusals alone are told apart from bad rows."""
    if not report.rejected:
        return Exit.OK
    if report.rejected == report.guarded:
        return Exit.REFUSED
    return Exit.SOME_REJECTED if report.sent else Exit.ALL_REJECTED

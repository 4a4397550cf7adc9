"""``smsenc batch``: one text or file for everybody in a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from converters.errors import GuardError, SourceError
from converters.optionuse import OptionUse
from converters.outputs.job import check_languages
from converters.shared.words import counted, quoted
from smsenc import OptionError
from smsenc.messagefile import PLACEHOLDER
from smsgate.campaign.costs.bill import Bill
from smsgate.campaign.engine import Report, RunSettings, rehearse, run
from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.rows.optout import read_optout
from smsgate.campaign.samples import samples
from smsgate.campaign.schedule import Map, workers
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk, Table, opt_out_columns
from smsgate.campaign.tables.standardinput import on_disk
from smsgate.cli import errorlines, wording
from smsgate.cli.batchoptions import BatchOptions, Settings, settings
from smsgate.cli.commandline import command
from smsgate.cli.converteroptions import ConverterOptions, RefusedLanguageOptions
from smsgate.cli.exits import Exit, of_run
from smsgate.cli.gatewayoptions import GatewayOptions
from smsgate.cli.output import note, say
from smsgate.cli.progress import Progress
from smsgate.outbox.reading import read

_MOST_SHOWN = 20


@command
def batch(
    options: BatchOptions,
    conversion: ConverterOptions,
    national: RefusedLanguageOptions,
    gateway: GatewayOptions,
) -> Exit:
    """Make a message for everybody in a table: a text or a file.

    \b
    Examples:
      smsenc batch people.csv --text "Hi #name#!" --dry-run --prices prices.toml
      smsenc batch people.csv --text-file note.txt --region GB --out outbox.zip
      smsenc batch people.xlsx --column to=Mobile --column attach=Card
      smsenc batch people.csv --attach tune.rtttl --jobs 4

    If a run is stopped, the same command continues it. Once the campaign is
    complete, it writes nothing more that day; on another day, or with --name,
    it is a new campaign, which adds its files to OUT. Rows that are added to
    the table are added to its campaign. smsenc upload sends the files.
    """
    if national.languages():
        check_languages("ftp")  # the only format of a campaign
    named = options.recipients
    with on_disk(named) as path:
        return _batch(
            named, BatchOptions(**vars(options) | {"recipients": path}), conversion, gateway
        )


def _batch(
    named: str, options: BatchOptions, conversion: ConverterOptions, gateway: GatewayOptions
) -> Exit:
    """Make the campaign; ``named`` is the table as the user typed it."""
    chosen = settings(options, conversion, gateway)
    if not kinds.has_rows(chosen.campaign.table):
        raise OptionError("nothing to do: the table has no rows", source=named)
    table = chosen.campaign.table
    note(f"{named}: {', '.join((table.kind, *table.notes))}")
    for column in opt_out_columns(table.columns):
        note(f"! column {quoted(column)} leaves out nobody: --opt-out FILE takes a list of numbers")
    _guard_opt_out(chosen.campaign, force=options.force)
    with _rows_of(named), workers(options.jobs, options.scheduler) as over:
        report = _run(chosen, over, options)
    bill = Bill(report.tally, chosen.prices)
    if options.json:
        say(wording.as_json(wording.campaign_record(report, bill, chosen.out)))
    elif options.dry_run:
        say("\n".join(bill.lines()))
        for line in wording.sample_lines(samples(chosen.campaign, options.sample)):
            say(line)
    for row in report.examples:
        errorlines.rejected(
            SourceError(row.reason, source=named, line=row.row, name=row.column or None)
        )
    for line in wording.campaign_lines(
        report, chosen.out, rejects=chosen.rejects, dry=options.dry_run
    ):
        note(line)
    _note_unused(chosen.campaign, conversion)
    if report.written and not options.dry_run and chosen.log_in == PLACEHOLDER:
        note(wording.NO_LOG_IN)
    return of_run(report.sent, report.rejected, report.guarded)


def _note_unused(campaign: Campaign, conversion: ConverterOptions) -> None:
    """Print the options that the attachment does not have; each row may have one of its own."""
    use = OptionUse(dict(campaign.options))
    if campaign.attach:
        use.see((campaign.attach,), read)
    elif campaign.attach_column is None:
        use.add("a text for a table", ())
    conversion.note_unused(use)


def _guard_opt_out(campaign: Campaign, *, force: bool) -> None:
    """Report lines of the opt-out list that are not numbers; refuse them without ``force``."""
    if campaign.opt_out is None:
        return
    wrong = read_optout(campaign.opt_out, Numbers(campaign.region))[1]
    for error in wrong[:_MOST_SHOWN]:
        errorlines.rejected(error)
    if len(wrong) > _MOST_SHOWN:
        note(f"and {len(wrong) - _MOST_SHOWN} more")
    if wrong and not force:
        raise GuardError(
            f"{counted(len(wrong), 'line')} cannot be read, and each may be somebody who opted "
            "out: correct the list (the number is first, a note is after a comma), or use --force "
            "to leave such lines out of it",
            source=campaign.opt_out,
        )


@contextmanager
def _rows_of(named: str) -> Iterator[None]:
    """Add the name of the table to what is refused because of one of its rows."""
    try:
        yield
    except GuardError as error:
        raise error if error.line is None else error.at(source=named) from None


def _run(chosen: Settings, over: Map, options: BatchOptions) -> Report:
    """Rehearse the campaign if its cost is limited, and run it unless that is all."""
    table, dry = chosen.campaign.table, options.dry_run
    how = RunSettings(
        credentials=chosen.log_in,
        shard=chosen.shard,
        rejects=chosen.rejects,
        name=options.name_,
        force=options.force,
    )
    if dry or chosen.max_cost is not None:
        with _progress(table) as show:
            report = rehearse(chosen.campaign, chosen.out, how, over=over, progress=show)
        _guard_cost(Bill(report.tally, chosen.prices), chosen.max_cost)
        if dry:
            return report
    with _progress(table) as show:
        return run(chosen.campaign, chosen.out, how, over=over, progress=show)


def _guard_cost(bill: Bill, most: Decimal | None) -> None:
    if most is None:
        return
    if bill.unpriced:
        parts = counted(bill.unpriced, "part")
        verb = "has" if bill.unpriced == 1 else "have"
        raise GuardError(f"{parts} {verb} no price in --prices", name="--max-cost")
    if bill.total > most:
        raise GuardError(
            f"the campaign costs {bill.money(bill.total)}, more than {bill.money(most)}",
            name="--max-cost",
        )


@contextmanager
def _progress(table: Table) -> Iterator[Callable[[Report, Chunk], None]]:
    """A function that shows how much of the table is done."""
    size = os.path.getsize(table.path)
    with Progress("rows") as progress:
        progress(0)
        # How much is done follows from the position of a chunk in the file.
        yield lambda report, chunk: progress(report.rows, share=chunk.end / size)

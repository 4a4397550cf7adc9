"""``smsenc batch``: one text or file for everybody in a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from converters.errors import GuardError
from converters.outputs.job import check_languages
from converters.shared.words import counted
from smsenc import OptionError
from smsenc.messagefile import PLACEHOLDER
from smsgate.campaign.costs.bill import Bill
from smsgate.campaign.engine import Report, RunSettings, rehearse, run
from smsgate.campaign.rows.job import Campaign, template_of
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.rows.optout import read_optout
from smsgate.campaign.samples import samples
from smsgate.campaign.schedule import Map, workers
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk, Table
from smsgate.campaign.tables.standardinput import on_disk
from smsgate.cli import wording
from smsgate.cli.batchoptions import BatchOptions, Settings, settings
from smsgate.cli.commandline import command
from smsgate.cli.converteroptions import ConverterOptions, LanguageOptions
from smsgate.cli.exits import Exit, of_run
from smsgate.cli.gatewayoptions import GatewayOptions
from smsgate.cli.output import note, say
from smsgate.cli.progress import Progress

_MOST_SHOWN = 20


@command
def batch(
    options: BatchOptions,
    conversion: ConverterOptions,
    national: LanguageOptions,
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
        return _batch(named, replace(options, recipients=path), conversion, gateway)


def _batch(
    named: str, options: BatchOptions, conversion: ConverterOptions, gateway: GatewayOptions
) -> Exit:
    """Make the campaign; ``named`` is the table as the user typed it."""
    chosen = settings(options, conversion, gateway)
    if not kinds.has_rows(chosen.campaign.table):
        raise OptionError("nothing to do: the table has no rows", source=named)
    for line in _remarks(named, chosen.campaign):
        note(line)
    _guard_opt_out(chosen.campaign, force=options.force)
    with workers(options.jobs, options.scheduler) as over:
        report = _run(chosen, over, name=options.name_, dry=options.dry_run)
    bill = Bill(report.tally, chosen.prices)
    if options.json:
        say(wording.as_json(wording.campaign_record(report, bill, chosen.out)))
    elif options.dry_run:
        say("\n".join(bill.lines()))
        for line in wording.sample_lines(samples(chosen.campaign, options.sample)):
            say(line)
    lines = wording.campaign_lines(
        report, named, chosen.out, rejects=chosen.rejects, dry=options.dry_run
    )
    for line in lines:
        note(line)
    if report.written and not options.dry_run and chosen.log_in == PLACEHOLDER:
        note(wording.NO_LOG_IN)
    return of_run(report.sent, report.rejected, report.guarded)


def _remarks(named: str, campaign: Campaign) -> Iterator[str]:
    """What was detected about the table and the text."""
    yield f"{named}: {', '.join((campaign.table.kind, *campaign.table.notes))}"
    plain = replace(campaign, substitute=False)
    if campaign.substitute and template_of(campaign) != template_of(plain):
        yield "! text: characters substituted"


def _guard_opt_out(campaign: Campaign, *, force: bool) -> None:
    """Report lines of the opt-out list that are not numbers; refuse them without ``force``."""
    if campaign.opt_out is None:
        return
    wrong = read_optout(campaign.opt_out, Numbers(campaign.region))[1]
    for error in wrong[:_MOST_SHOWN]:
        note(str(error))
    if len(wrong) > _MOST_SHOWN:
        note(f"and {len(wrong) - _MOST_SHOWN} more")
    if wrong and not force:
        raise GuardError(
            f"{counted(len(wrong), 'line')} cannot be read, and each may be somebody who opted "
            "out: correct the list, or use --force to leave such lines out of it",
            source=campaign.opt_out,
        )


def _run(chosen: Settings, over: Map, *, name: str, dry: bool) -> Report:
    """Rehearse the campaign if its cost is limited, and run it unless ``dry``."""
    table = chosen.campaign.table
    how = RunSettings(
        credentials=chosen.log_in, shard=chosen.shard, rejects=chosen.rejects, name=name
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

"""Options of ``smsenc batch``, and the campaign that they describe."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from converters import optionchecks
from converters.shared import charsets
from smsenc import OptionError, SmsencError
from smsenc.messagefile import Credentials, Message, check_schedule
from smsenc.messagefile.names import slug
from smsenc.messagefile.options import message_fields
from smsenc.messagefile.profile import CLICKATELL
from smsenc.substitute import level_of
from smsgate.campaign.costs.prices import Prices, read_prices
from smsgate.campaign.engine import Shard
from smsgate.campaign.rows.job import BLANK, Campaign, check, with_values
from smsgate.campaign.tables.kinds import open_table
from smsgate.campaign.tables.model import Table
from smsgate.cli.commandline import Json, OptionGroup, number
from smsgate.cli.converteroptions import ConverterOptions, HowFar
from smsgate.cli.gatewayoptions import GatewayOptions, Profile
from smsgate.cli.jobs import Flash, MaxParts
from smsgate.outbox import credentials, home, profiles
from smsgate.outbox.reading import read


class BatchOptions(OptionGroup):
    """Who gets what, what it may cost, and where it is worked out."""

    recipients: Annotated[
        str, typer.Argument(metavar="TABLE", help="CSV, TSV, JSON lines, .xlsx or .vcf.")
    ]
    text: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Text; #name# is replaced by the column's cell."),
    ] = None
    text_file: Annotated[Path | None, typer.Option(metavar="FILE", help="File with the text.")] = (
        None
    )
    attach: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Send this file to everybody: a contact, tune, logo …"),
    ] = None
    out: Annotated[str, typer.Option(metavar="OUT", help="Folder, or .zip archive.")] = "outbox"
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=NAME",
            help="to=NAME: column of numbers; attach=NAME: column of files; WORD=NAME: #WORD#"
            " means column NAME.",
        ),
    ] = None
    delimiter: Annotated[
        str | None, typer.Option(metavar="CHAR", help="Cell delimiter; detected if not given.")
    ] = None
    charset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Charset of the table; detected if not given."),
    ] = None
    sheet: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Sheet of a spreadsheet; the first if not given."),
    ] = None
    region: Annotated[
        str | None, typer.Option(metavar="GB", help="Country of numbers without a country code.")
    ] = None
    opt_out: Annotated[
        str | None, typer.Option(metavar="FILE", help="File of numbers that get nothing.")
    ] = None
    unique: Annotated[bool, typer.Option("--unique", help="Send to each number once.")] = False
    substitute: HowFar = "never"
    rejects: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write rejected rows to this CSV file.")
    ] = None
    prices: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="TOML file with a price per part for each country."),
    ] = None
    max_cost: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="Refuse a campaign that costs more.")
    ] = None
    max_parts: MaxParts = None
    profile: Profile = "clickatell"
    flash: Flash = False
    reference: Annotated[
        int, number(1, 255, metavar="N", text="First concatenation reference, {}.")
    ] = 1
    jobs: Annotated[int, number(1, 256, metavar="N", text="Parallel processes, {}.")] = 1
    scheduler: Annotated[
        str | None, typer.Option(metavar="TCP://…", help="Run on this dask cluster.")
    ] = None
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Do only the I-th of N shares of the table.")
    ] = "1/1"
    name_: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", help="Name of this run; another name sends it again."
        ),
    ] = ""
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Send although the opt-out list has unreadable lines, or other files in OUT"
            " that wait have its numbers.",
        ),
    ] = False
    sample: Annotated[
        int,
        number(
            0,
            100,
            metavar="N",
            text="With --dry-run: texts to show, {}: first, longest, most expensive.",
        ),
    ] = 3
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the bill, and write nothing.")
    ] = False
    json: Json = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options mean; checked."""

    campaign: Campaign
    out: Path
    shard: Shard
    prices: Prices | None
    max_cost: Decimal | None
    log_in: Credentials
    rejects: Path | None


def settings(
    options: BatchOptions, conversion: ConverterOptions, gateway: GatewayOptions
) -> Settings:
    """The settings; raises an error for all that can be found wrong before a file is written."""
    table = open_table(
        options.recipients,
        columns=_roles(options.column or ()),
        charset=options.charset,
        delimiter=options.delimiter,
        sheet=options.sheet,
    )
    campaign = _campaign(table, options, conversion.given(), gateway)
    shard = _shard(options)
    out = _out(options.out, shard)
    _check_rejects(options, out)
    return Settings(
        campaign=campaign,
        out=out,
        shard=shard,
        prices=read_prices(options.prices) if options.prices else None,
        max_cost=_max_cost(options),
        log_in=credentials.find(os.environ),
        rejects=options.rejects,
    )


def _roles(typed: Iterable[str]) -> dict[str, str]:
    roles: dict[str, str] = {}
    for option in typed:
        role, equals, name = option.partition("=")
        if not (role and equals and name) or role in roles:
            raise OptionError(
                f"expected ROLE=NAME, each role once, found {option!r}", name="--column"
            )
        roles[role] = name
    return roles


def _campaign(
    table: Table, options: BatchOptions, conversion: dict[str, str], gateway: GatewayOptions
) -> Campaign:
    optionchecks.check(conversion, None, [options.attach] if options.attach else ())
    campaign = Campaign(
        table=table,
        slug=slug(table.path),
        message=_message(options, gateway),
        text=_text(options),
        attach=options.attach,
        attach_column=dict(table.aliases).get("attach"),
        attachments=os.path.dirname(table.path) or ".",
        options=tuple(sorted(conversion.items())),
        region=options.region,
        opt_out=options.opt_out,
        unique=options.unique,
        substitute=level_of(options.substitute),
        max_parts=options.max_parts,
        reference=options.reference,
        limit=_limit(options.profile),
    )
    check(campaign)
    return with_values(campaign)


def _message(options: BatchOptions, gateway: GatewayOptions) -> Message:
    blank = replace(BLANK, msg_type="SMS_FLASH") if options.flash else BLANK
    message = replace(blank, **message_fields(gateway.typed))
    check_schedule(message, now=int(time.time()))
    return message


def _text(options: BatchOptions) -> str | None:
    """The text; a file's last line end is not part of it."""
    if options.text_file is None:
        return options.text
    if options.text is not None:
        raise OptionError("expected either --text or --text-file, found both", name="--text-file")
    name = str(options.text_file)
    try:
        return charsets.decode(read(name))[0].removesuffix("\n").removesuffix("\r")
    except SmsencError as error:
        raise error.at(source=name) from None


def _limit(name: str) -> int:
    """How many recipients a file takes; raises OptionError if the profile has other differences."""
    profile = profiles.load(name, os.environ)
    most = profile.most_messages
    if replace(profile, name=CLICKATELL.name, most_messages=CLICKATELL.most_messages) != CLICKATELL:
        raise OptionError(
            "batch accepts only profiles that differ from clickatell in nothing but most_messages",
            name="--profile",
        )
    return most


def _max_cost(options: BatchOptions) -> Decimal | None:
    text = options.max_cost
    if text is None:
        return None
    if options.prices is None:
        raise OptionError("needs --prices", name="--max-cost")
    try:
        cost = Decimal(text)
    except InvalidOperation:
        cost = Decimal(-1)
    if not cost.is_finite() or cost < 0:
        raise OptionError(f"expected an amount such as 12.50, found {text!r}", name="--max-cost")
    return cost


def _shard(options: BatchOptions) -> Shard:
    text = options.shard
    index, slash, of = text.partition("/")
    if not (slash and index.isdecimal() and of.isdecimal() and 1 <= int(index) <= int(of) <= 9999):
        raise OptionError(
            f"expected I/N with I from 1 to N, such as 1/4, found {text!r}", name="--shard"
        )
    if options.unique and int(of) > 1:
        raise OptionError("cannot be combined with --shard", name="--unique")
    return Shard(int(index), int(of))


def _out(name: str, shard: Shard) -> Path:
    """The outbox; each shard has its own, and so its own journal."""
    if not name:
        raise OptionError("expected a folder or a .zip archive, found ''", name="--out")
    out = Path(name)
    if shard.of == 1:
        return out
    return out.with_name(f"{out.stem}-{shard.number}-of-{shard.of}{out.suffix}")


def _check_rejects(options: BatchOptions, out: Path) -> None:
    """Raise OptionError if the file for rejects has another use, or cannot be written."""
    path = options.rejects
    if path is None:
        return
    inputs = (options.recipients, options.text_file, options.attach, options.opt_out)
    used = (out, *inputs, options.prices)
    real = os.path.realpath(path)
    records = os.path.join(os.path.realpath(home.folder_of(out)), "")
    if real.startswith(records) or real in {os.path.realpath(name) for name in used if name}:
        raise OptionError(f"expected a file that is not used otherwise: {path}", name="--rejects")
    if path.is_dir() or not path.parent.is_dir():
        raise OptionError(f"expected a file in an existing folder: {path}", name="--rejects")

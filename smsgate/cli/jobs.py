"""What convert and watch share: recipients, the job, and how each message is printed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from converters import optionchecks, records
from converters.pipeline import Job, Outcome
from smsenc import Language, OptionError
from smsenc.messagefile import Message, check_schedule
from smsenc.messagefile.options import message_fields
from smsenc.messagefile.packing import way
from smsgate.cli import errorlines, wording
from smsgate.cli.commandline import OptionGroup, number
from smsgate.cli.converteroptions import ConverterOptions
from smsgate.cli.gatewayoptions import GatewayOptions, Pack, Profile
from smsgate.cli.output import say
from smsgate.cli.tally import Tally
from smsgate.masking import printable
from smsgate.outbox import credentials, profiles
from smsgate.runs import batch

#: Prints one message.
Show = Callable[[Outcome], None]
Flash = Annotated[
    bool, typer.Option("--flash", help="Display texts at once, without storing them.")
]
MaxParts = Annotated[
    int | None,
    number(
        1,
        255,
        metavar="N",
        text="Most parts per message, {}; default 3, or no limit for texts.",
    ),
]


class JobOptions(OptionGroup):
    """Who gets the messages, and how they are sent."""

    to: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER", help="Recipient; may be repeated."),
    ] = None
    to_file: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="File with one number per line; may be repeated."),
    ] = None
    flash: Flash = False
    max_parts: MaxParts = None
    pack: Pack = "parts"
    profile: Profile = "clickatell"


def recipients(options: JobOptions, tally: Tally, show: Show) -> tuple[str, ...]:
    """The recipients; numbers of a file that are rejected are shown, as messages are."""
    numbers, refused = batch.recipients(options.to or (), options.to_file or ())
    for error in refused:
        tally.rejected += 1
        show(Outcome(source=error.source or "", item=0, kind="recipient", error=error))
    if not numbers and not refused:
        raise OptionError("no recipient: use --to NUMBER or --to-file FILE", name="--to")
    return numbers


def job(  # noqa: PLR0913 - the groups of options, and what convert adds
    numbers: tuple[str, ...],
    options: JobOptions,
    conversion: ConverterOptions,
    gateway: GatewayOptions,
    *,
    kind: str | None = None,
    sources: Sequence[str] = (),
    format_: str = "ftp",
    languages: tuple[Language, ...] = (),
    force: bool = False,
) -> Job:
    """What is the same for every message, with the gateway's log-in from the environment.

    ``sources`` are those that the user named. With ``force``, pictures of one colour are sent, too.
    """
    given = conversion.given()
    if options.max_parts:
        given["max-parts"] = str(options.max_parts)
    optionchecks.check(given, kind, sources)
    if force:
        given["plain"] = "yes"  # those that do not know it ignore it
    template = Message(
        to=numbers[:1],
        text="",
        credentials=credentials.find(os.environ),
        **message_fields(gateway.typed),
    )
    check_schedule(template, now=int(time.time()))
    return Job(
        recipients=numbers,
        template=template,
        kind=kind,
        options=given,
        flash=options.flash,
        max_parts=options.max_parts,
        format=format_,
        languages=languages,
        pack=way(options.pack),
        profile=profiles.load(options.profile, os.environ),
    )


def printer(out: Path, *, as_json: bool, dry: bool = False) -> Show:
    """A function that prints each message; its files are in the folder ``out``."""
    last = ""

    def show(outcome: Outcome) -> None:
        nonlocal last
        paths = tuple(str(out / name) for name, _ in outcome.files)
        if outcome.error:
            errorlines.rejected(outcome.error)
        if as_json:
            say(wording.as_json(records.outcome_record(outcome, paths, dry=dry)))
        elif not outcome.error:
            lines = wording.outcome_lines(outcome, paths)
            heading = [] if outcome.source == last else [printable(outcome.source)]
            last = outcome.source
            say("\n".join((*heading, *lines)), people=True)

    return show

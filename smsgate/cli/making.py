"""What the commands that make message files share: recipients, the job, the printing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from smsgate.cli.app import Exit, note, say
from smsgate.cli.tally import Tally

if TYPE_CHECKING:
    from converters.pipeline import Job, Outcome


def recipients(
    typed: list[str] | tuple[()],
    listed: list[str] | tuple[()],
    tally: Tally,
    show: Callable[[Outcome], None],
) -> tuple[str, ...]:
    """The recipients; those of a file that are refused are shown, as messages are."""
    from converters.pipeline import Outcome
    from smsenc import OptionError
    from smsgate.runs import batch

    numbers, refused = batch.recipients(typed, listed)
    for error in refused:
        tally.rejected += 1
        show(Outcome(source=error.source or "", item=0, kind="recipient", error=error))
    if not numbers and not refused:
        raise OptionError("expected a recipient, found none", name="--to")
    if not numbers:
        raise typer.Exit(Exit.ALL_REJECTED)
    return numbers


def job(
    numbers: tuple[str, ...],
    *,
    parameters: Mapping[str, str | bool | None],
    kind: str | None,
    options: Mapping[str, str],
    flash: bool,
    max_parts: int | None,
    format_: str = "ftp",
    pack: str = "parts",
    profile: str = "clickatell",
) -> Job:
    """What is the same for every message, with the log-in of the environment."""
    from converters.pipeline import Job
    from converters.registry import check_options
    from smsenc.messagefile import Message, check_schedule
    from smsenc.messagefile.options import message_fields
    from smsenc.messagefile.packing import way
    from smsgate.outbox.credentials import find
    from smsgate.outbox.profiles import load

    check_options(options, kind)
    template = Message(
        to=numbers[:1], text="", credentials=find(os.environ), **message_fields(parameters)
    )
    check_schedule(template, now=int(time.time()))
    return Job(
        recipients=numbers,
        template=template,
        kind=kind,
        options=options,
        flash=flash,
        max_parts=max_parts,
        format=format_,
        pack=way(pack),
        profile=load(profile, os.environ),
    )


def printer(out: Path, *, as_json: bool) -> Callable[[Outcome], None]:
    """What shows each message, as lines or as JSON; ``out`` leads the names of its files."""
    from smsgate.cli import wording

    last = ""

    def show(outcome: Outcome) -> None:
        nonlocal last
        paths = tuple(str(out / name) for name, _ in outcome.files)
        if outcome.error:
            note(str(outcome.error))
        if as_json:
            say(wording.as_json(wording.outcome_record(outcome, paths)))
            return
        if outcome.error:
            return
        if outcome.source != last:
            say(wording.printable(outcome.source))
            last = outcome.source
        for line in wording.outcome_lines(outcome, paths):
            say(line)

    return show

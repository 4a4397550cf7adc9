"""``smsenc lint``: mistakes in message files."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Annotated

import typer

from converters.errors import GuardError
from smsenc import SmsencError
from smsgate.cli import wording
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.gatewayoptions import Profile
from smsgate.cli.output import note, note_skipped, say
from smsgate.masking import printable
from smsgate.outbox.lint import judge, lines, record
from smsgate.outbox.profiles import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(OptionGroup):
    """What to check, and how strictly."""

    what: Annotated[
        list[str],
        typer.Argument(metavar="FILE|FOLDER|-", help="Message files, from any program."),
    ]
    profile: Profile = "clickatell"
    strict: Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")] = False
    fix: Annotated[
        bool, typer.Option("--fix", help="Make the repairs that do not change the message.")
    ] = False
    json: Json = False


@command
def lint(options: Options) -> Exit:
    """Find mistakes in message files, and explain how to fix them.

    \b
    Examples:
      smsenc lint outbox/
      smsenc lint message.txt --fix
      smsenc lint outbox/ --strict --json

    In a folder it checks every .txt file, and whether all parts of a message
    are there. The exit code is 4 if there is an error, or with --strict any
    finding; 7 if a file cannot be repaired because it was sent.
    """
    checked = refused = guarded = 0
    profile = load(options.profile, os.environ)
    for one in judge(options.what, profile, now=int(time.time()), fix=options.fix):
        if one.skipped:
            note_skipped(one.source, one.skipped)
            continue
        checked += 1
        refused += one.refused or (options.strict and bool(one.findings))
        guarded += isinstance(one.error, GuardError)
        if one.error:
            note(str(one.error))
        if options.json:
            say(wording.as_json(record(one)))
        else:
            for line in lines(one):
                say(printable(line))
    if guarded:
        return Exit.REFUSED
    if not checked:
        raise SmsencError(f"no message files in {', '.join(options.what)}")
    return Exit.SOME_REJECTED if refused else Exit.OK

"""``smsenc lint`` and ``profiles``: message files judged, and what gateways take."""

from __future__ import annotations

import os
import time
from typing import Annotated

import typer

from smsgate.cli import gateway
from smsgate.cli.app import Exit, command, note, say


@command("Look")
def lint(
    what: Annotated[
        list[str], typer.Argument(metavar="FILE|FOLDER|-...", help="Message files, anyone's.")
    ],
    profile: gateway.Profile = "clickatell",
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Make the repairs that change nothing sent.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a file.")] = False,
) -> None:
    """Say what is wrong in message files, where, and what to do.

    \b
    Examples:
      smsenc lint outbox/
      smsenc lint stranger.txt --fix
      smsenc lint outbox/ --strict --json

    Exits with 4 when there is an error, or with --strict anything at all. Of a
    folder every .txt file is judged, and whether the parts of sets are there.
    """
    from smsenc import SmsencError
    from smsgate.cli import wording
    from smsgate.outbox.lint import judge, lines, record
    from smsgate.outbox.profiles import load

    judged = refused = 0
    found = load(profile, os.environ)
    for one in judge(what, found, now=int(time.time()), fix=fix):
        judged += 1
        refused += one.refused or (strict and bool(one.findings))
        if one.error:
            note(str(one.error))
        if json:
            say(wording.as_json(record(one)))
        else:
            for line in lines(one):
                say(wording.printable(line))
    if not judged:
        raise SmsencError(f"expected message files, found none in {', '.join(what)}")
    raise typer.Exit(Exit.SOME_REJECTED if refused else Exit.OK)


@command("Look")
def profiles(
    name: Annotated[
        list[str] | None, typer.Argument(metavar="NAME|FILE...", help="Those alone.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a profile.")] = False,
) -> None:
    """Show what each known gateway takes.

    \b
    Examples:
      smsenc profiles
      smsenc profiles my-gateway.toml --json

    Your own stand in ~/.config/smsenc/profiles/NAME.toml.
    """
    from smsenc.messagefile.profile import to_table
    from smsgate.cli import wording
    from smsgate.outbox import profiles as known

    for one in name or known.names(os.environ):
        found = known.load(one, os.environ)
        if json:
            say(wording.as_json({"name": found.name, **to_table(found)}))
        else:
            say("\n".join(known.lines(found)))

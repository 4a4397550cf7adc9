"""``smsenc gateway check``: what is wrong with a gateway."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from converters.shared.words import counted
from smsgate.cli import wording
from smsgate.cli.commandline import Json, command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway.settingsoptions import SettingsOptions
from smsgate.cli.output import note, say
from smsgate.errors import OutboxError
from smsgate.gateway import checks, database, warnings
from smsgate.gateway.configuration import ConfigurationError
from smsgate.gateway.databases.opening import opened
from smsgate.gateway.settings import RouteSettings, Settings


class Options(SettingsOptions):
    """Which gateway."""

    connect: Annotated[
        bool, typer.Option("--connect", help="Log in to the message centre of each route.")
    ] = False
    json: Json = False


class _Kind(StrEnum):
    FAULT = "fault"
    WARNING = "warning"
    BOUND = "bound"


_Findings = Iterator[tuple[_Kind, str]]


@command
def gateway_check(options: Options) -> Exit:
    """Find what is wrong with a gateway before it fails.

    \b
    Examples:
      smsenc gateway check
      smsenc gateway check --data /var/lib/gateway --config gateway.toml
      smsenc gateway check --connect

    It checks each key of gateway.toml, the database and its ledger, who can
    read the folders, whether files can be renamed between them, when the
    certificate expires, the host names of the FTP server and of message
    centres, and whether the hosts of callback URLs may be called. Exit code 3:
    there is a fault.
    Warnings are of messages in state unknown, of paused routes for which messages
    wait, and of the account that the first start made, if there are others.
    Before the first start, all but the database is checked; a folder given with
    --data that is not there is a warning.

    With --connect it logs in to the message centre of each route, for at most
    ten seconds, and sends nothing. One that allows a single session refuses it
    while the gateway runs.
    """
    counts = dict.fromkeys(_Kind, 0)
    for kind, text in _found(options):
        counts[kind] += 1
        say(wording.as_json({kind: text}) if options.json else _line(kind, text))
    faults, warned = counts[_Kind.FAULT], counts[_Kind.WARNING]
    if not options.json:
        more = f", {counted(warned, 'warning')}" if warned else ""
        say((counted(faults, "fault") if faults else "no faults") + more)
    return Exit.ALL_REJECTED if faults else Exit.OK


def _line(kind: _Kind, text: str) -> str:
    match kind:
        case _Kind.FAULT:
            return text
        case _Kind.WARNING:
            return f"warning: {text}"
        case _Kind.BOUND:
            return f"route {text}: the message centre accepts the log-in"


def _found(options: Options) -> _Findings:
    try:
        settings = options.settings()
        base = None if _is_new(options, settings) else opened(settings)
    except ConfigurationError as error:
        yield from ((_Kind.FAULT, str(fault)) for fault in error.faults)
        return
    except OutboxError as error:
        yield _Kind.FAULT, str(error)
        return
    if base is None:
        yield from _before_the_start(options, settings)
    try:
        for fault in checks.faults(settings, base, database.now()):
            yield _Kind.FAULT, fault
        for line in base.read(warnings.warnings) if base else ():
            yield _Kind.WARNING, line
    finally:
        if base:
            base.close()
    if options.connect:
        yield from _connected(settings.routes)


def _before_the_start(options: Options, settings: Settings) -> _Findings:
    note(f"not started yet: smsenc gateway run makes {settings.data / database.NAME}")
    if options.data and not settings.data.exists():  # it may be mistyped
        yield _Kind.WARNING, f"{settings.data}: no such folder"


def _is_new(options: Options, settings: Settings) -> bool:
    return not options.is_made() and checks.is_new(settings)


def _connected(routes: tuple[RouteSettings, ...]) -> _Findings:
    if not routes:
        note("no route is configured: there is no message centre to connect to")
    for name, problem in checks.of_log_ins(routes):
        yield (_Kind.FAULT, problem) if problem else (_Kind.BOUND, name)

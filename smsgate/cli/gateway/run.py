"""``smsenc gateway run``: FTP server, queue, senders and logs, until a signal comes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from converters.received.inspect import Shown
from converters.shared.words import quoted
from smsenc import OptionError
from smsgate.cli import serving, wording
from smsgate.cli.commandline import Json, command, number, one_of
from smsgate.cli.exits import Exit
from smsgate.cli.gateway import greeting, pages, tuning
from smsgate.cli.gateway.settingsoptions import SettingsOptions, told
from smsgate.cli.output import OutputError, note, say
from smsgate.gateway import checks, configuration
from smsgate.gateway.configuration import ConfigurationError
from smsgate.gateway.configurationkeys import TABLES
from smsgate.gateway.database import NAME
from smsgate.gateway.reports.lines import LEVELS, EventLog
from smsgate.gateway.service import Gateway
from smsgate.gateway.settings import ANY, Receipts, Role, RouteSettings, Settings
from smsgate.outbox.lock import lock
from smsgate.outbox.writing import outbox_errors
from smsgate.simulator import service as simulator
from smsgate.smppclient import Smsc, parse

#: Routes that the command line makes; messages remember the name of theirs.
_SIMULATOR = "simulator"
_ROUTE = "route"


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


def _silent(_line: str) -> None:
    """Leave it to the log."""


class Options(SettingsOptions):
    """Where to listen, and the way to phones; what is typed counts more than the file."""

    ftp_host: Annotated[
        str, typer.Option(metavar="HOST", help="Address of the FTP server.  [default: 127.0.0.1]")
    ] = ""
    ftp_port: Annotated[
        int | None,
        number(0, 65535, metavar="PORT", text="FTP port, {}; 0 takes a free one.  [default: 2121]"),
    ] = None
    http_port: Annotated[
        int | None,
        number(0, 65535, metavar="PORT", text="HTTP port, {}.  [default: 8080]"),
    ] = None
    http_host: Annotated[
        str, typer.Option(metavar="HOST", help="Address of the pages.  [default: 127.0.0.1]")
    ] = ""
    behind_proxy: Annotated[
        str,
        typer.Option(
            metavar="ADDRESSES",
            help="Proxies that say for whom they ask, such as 127.0.0.1; they must use TLS.",
        ),
    ] = ""
    route: Annotated[
        str,
        typer.Option(
            metavar="SMPP",
            help="Message centre, smpp://user@host:port; password in SMSENC_SMPP_PASSWORD.",
        ),
    ] = ""
    node: Annotated[
        str,
        typer.Option(metavar="NAME", help="Name of this node.  [default: that of the host]"),
    ] = ""
    roles: Annotated[
        str,
        typer.Option(
            metavar="ROLES", help="What it does: ftp, send, callback, web.  [default: all]"
        ),
    ] = ""
    upgrade_first: Annotated[
        bool, typer.Option("--upgrade", help="First change a database of an earlier version.")
    ] = False
    json: Json = False
    log_format: Annotated[
        str, typer.Option(metavar="FORMAT", help="Log: text (for people) or json.")
    ] = "text"
    log_level: Annotated[
        str,
        typer.Option(
            metavar="LEVEL",
            help="Log from debug, info, warning or error on.  [default: warning; info for json]",
        ),
    ] = ""
    log_numbers: Annotated[
        bool, typer.Option("--log-numbers", help="Log numbers of phones as a whole.")
    ] = False
    log_texts: Annotated[
        bool, typer.Option("--log-texts", help="Log the texts of messages (level debug).")
    ] = False

    def log(self, node: str = "") -> EventLog:
        """The log, with the name of the node in each line; raises OptionError."""
        as_json = one_of(LogFormat, self.log_format, "--log-format") is LogFormat.JSON
        level = self.log_level or ("info" if as_json else "warning")
        if level not in LEVELS:
            raise OptionError(f"expected one of {', '.join(LEVELS)}", name="--log-level")
        return EventLog(
            sys.stderr,
            json=as_json,
            level=LEVELS[level],
            node=node,
            numbers=self.log_numbers,
            texts=self.log_texts,
        )

    def settings(self) -> Settings:
        """The file's settings with what was typed; raises OptionError."""
        found = SettingsOptions.settings(self)  # super() is lost with slots
        ftp = replace(found.ftp, **_given(host=self.ftp_host or None, port=self.ftp_port))
        http = replace(
            found.http,
            **_given(host=self.http_host or None, port=self.http_port),
            **_typed("--behind-proxy", "http", "behind-proxy", _split(self.behind_proxy)),
        )
        routes = (_route(self.route),) if self.route else found.routes
        node = replace(
            found.node,
            **_typed("--node", "node", "name", self.node),
            **_typed("--roles", "node", "roles", self.roles),
        )
        return replace(found, ftp=ftp, http=http, routes=routes, node=node)


def _given(**values: object) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",")] if text else []


def _typed(option: str, table: str, key: str, given: str | list[str]) -> dict[str, Any]:
    """A value that may be in gateway.toml, as it is read there; raises OptionError."""
    if not given:
        return {}
    found = next(one for one in TABLES[table] if one.name == key)
    try:
        return {found.field: found.kind.read(given, Path())}
    except ValueError:
        text = given if isinstance(given, str) else ", ".join(given)
        what = f"expected {found.kind.expected}, found {quoted(text)}"
        raise OptionError(what, name=option) from None


def _route(url: str) -> RouteSettings:
    try:
        host, port, user, tls = parse(url)
        password = os.environ.get("SMSENC_SMPP_PASSWORD", "")
        smsc = Smsc(host=host, port=port, user=user, password=password, tls=tls)
    except OptionError as error:
        error.name = "--route"
        raise
    return RouteSettings(name=_ROUTE, smsc=smsc, numbers=(ANY,))


@command
def gateway_run(options: Options) -> Exit:
    """Run the gateway until SIGTERM or Ctrl-C.

    \b
    Examples:
      smsenc gateway run
      smsenc gateway run --data /var/lib/gateway --config gateway.toml
      smsenc gateway run --data gateway/ --route smpp://me@smsc.example.com:2775
      smsenc gateway run --data new/ --ftp-port 0 --http-port 0 --json

    The first start makes the folder, an account, and a user of the pages, whose
    passwords are shown once. Without a route, a simulated phone network shows each message as
    smsenc inspect does, and sends receipts. After a signal, the gateway waits
    for the answers to what it has sent, and ends; what waits is sent after the
    next start. A second signal ends it at once.

    With --json, one line says where it listens, and messages are not shown.
    Lines of the log go to standard error; they have no texts, and only the last
    digits of numbers, unless --log-texts or --log-numbers ask for them.
    """
    tuning.tune()
    options.log()  # a wrong option is said before anything is made
    try:
        settings = options.settings()
    except ConfigurationError as error:
        told(error)
    _refuse(checks.of_given(settings))
    _prepare(options)
    if options.upgrade_first and options.is_made():
        options.upgrade()
    return asyncio.run(_run(settings, options))


def _refuse(faults: Iterable[str]) -> None:
    """Raise OptionError for faults with which no gateway starts; all are printed."""
    if found := [OptionError(fault) for fault in faults]:
        told(ConfigurationError(found))


def _prepare(options: Options) -> None:
    """Make the folder, private; raises OptionError for one that nobody asked for."""
    folder = options.folder
    ours = any((folder / name).exists() for name in (NAME, configuration.NAME))
    if not (options.data or ours) and folder.exists():
        for other in sorted(folder.iterdir())[:1]:
            what = f"{folder} has other files, such as {quoted(other.name)}"
            raise OptionError(f"{what}: give the folder with --data")
    with outbox_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with lock(folder, "another gateway uses this folder"):
            pass  # the gateway holds it later, the simulator in it earlier


async def _run(settings: Settings, options: Options) -> Exit:
    """Serve until a signal comes; raises OutputError if messages cannot be shown."""
    stop, as_json = _Stop(), options.json
    log = options.log(settings.node.name)
    tell = _silent if options.log_format == LogFormat.JSON else note
    async with AsyncExitStack() as ends:
        inside, simulated = None, not settings.routes and Role.SEND in settings.node.roles
        if simulated:
            show = None if as_json else stop.guarded_show
            inside = await ends.enter_async_context(_simulator(settings, show))
            settings = replace(settings, routes=(_inner_route(inside),))
        load = partial(_again, options, settings if simulated else None)
        api = inside.app if inside else None
        shown = pages.of(settings, inside)
        made = Gateway(settings, inside=api, pages=shown, tell=tell, report=log, load=load)
        gateway = await ends.enter_async_context(made)
        stop.catch_signals()
        _reload_on_signal(gateway)
        greeting.greet(gateway, settings, as_json=as_json, simulated=simulated)
        ended = asyncio.ensure_future(gateway.ended())
        await asyncio.wait((stop.asked, ended), return_when=asyncio.FIRST_COMPLETED)
        for one in filter(asyncio.Future.done, (ended, stop.asked)):
            one.result()  # raises the error that ended it
        ended.cancel()
        return Exit.OK


def _again(options: Options, simulated: Settings | None) -> Settings:
    """The settings of the file as it is now; raises OptionError.

    Without a route in it, the simulator stays if it runs, and a new one needs a restart.
    """
    found = options.settings()
    if found.routes:
        return found
    if simulated is None:
        raise OptionError("no route is left: start the gateway again to have the simulator")
    return replace(found, routes=simulated.routes)


def _reload_on_signal(gateway: Gateway) -> None:
    """SIGHUP reloads, unless it is ignored, or says that a terminal was closed."""
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN or sys.stdin.isatty():
        return
    running: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.get_running_loop().create_task(gateway.reload())
        running.add(task)
        task.add_done_callback(running.discard)

    asyncio.get_running_loop().add_signal_handler(hangup, reload)


def _simulator(settings: Settings, show: Callable[[Shown], object] | None) -> simulator.Simulator:
    wanted = simulator.Settings(port=0, http_port=None, folder=settings.data / _SIMULATOR)
    return simulator.Simulator(wanted, show=show, tell=note)


def _inner_route(inside: simulator.Simulator) -> RouteSettings:
    host, port = inside.smpp
    smsc = Smsc(host=host, port=port, user="gateway")
    return RouteSettings(name=_SIMULATOR, smsc=smsc, receipts=Receipts.ALWAYS, numbers=(ANY,))


class _Stop:
    """``asked`` is done at the first signal; a second one acts as if nobody handled it."""

    def __init__(self) -> None:
        self.asked: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def catch_signals(self) -> None:
        """Handle signals from now on."""
        serving.on_signals(self._came)

    def _came(self, _number: int) -> None:
        serving.stop_handling()
        if not self.asked.done():
            self.asked.set_result(None)

    def guarded_show(self, message: Shown) -> None:
        """Show a message; standard output that fails ends the command."""
        try:
            say("\n".join(wording.shown_lines(message)), people=True)
        except OutputError as error:
            if not self.asked.done():
                self.asked.set_exception(error)

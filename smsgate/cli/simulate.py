"""``smsenc simulate``: a message centre and its phones, on this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from converters.received.inspect import Shown
from smsenc import OptionError
from smsenc.smpp import mapping
from smsgate import extras
from smsgate.cli import serving, wording
from smsgate.cli.commandline import Json, OptionGroup, command, number
from smsgate.cli.exits import Exit
from smsgate.cli.output import OutputError, note, say
from smsgate.loopback import is_loopback
from smsgate.outbox import secretfile
from smsgate.simulator import behaviour, webhook
from smsgate.simulator.behaviour import Behaviour, Fate, Fault, IdForm
from smsgate.smppclient import Smsc, smsc

if TYPE_CHECKING:  # it needs an extra
    from smsgate.simulator.service import Settings, Simulator

_MOST = 1_000_000


class Options(OptionGroup):
    """Where to listen, and what to keep."""

    host: Annotated[str, typer.Option(metavar="HOST", help="Address of SMPP.")] = "127.0.0.1"
    port: Annotated[
        int, number(0, 65535, metavar="PORT", text="SMPP port, {}; 0 takes a free one.")
    ] = 2775
    http_host: Annotated[
        str, typer.Option(metavar="HOST", help="Address of the inbox and the REST API.")
    ] = "127.0.0.1"
    http_port: Annotated[
        int,
        number(
            0, 65535, metavar="PORT", text="Port of the inbox and the REST API, {}; 0: a free one."
        ),
    ] = 8025
    open_pages: Annotated[
        bool,
        typer.Option(
            "--open-pages", help="Have the inbox, too, where other machines reach --http-host."
        ),
    ] = False
    data: Annotated[
        str,
        typer.Option(
            metavar="DIR", help="Keep messages in this folder.  [default: only until the end]"
        ),
    ] = ""
    keep: Annotated[
        int, number(0, _MOST, metavar="N", text="Keep the newest N messages, {}; 0 keeps all.")
    ] = 500
    max_age: Annotated[
        float | None,
        number(0, 10**9, metavar="SECONDS", text="Delete messages that are older, {}."),
    ] = None
    credentials: Annotated[
        str,
        typer.Option(
            metavar="TOML",
            help='Private file with lines user = "password".  [default: any log-in]',
        ),
    ] = ""
    json: Json = False

    def has_inbox(self) -> bool:
        """Whether pages are served: nobody logs in there."""
        return self.open_pages or is_loopback(self.http_host)

    def notes(self) -> Iterator[str]:
        """What others than the user of this machine can do."""
        if not is_loopback(self.host):
            yield f"everybody who can reach {self.host} can send messages, and get replies"
        if not is_loopback(self.http_host):
            served = "" if self.has_inbox() else "; --open-pages has the inbox there, too"
            yield f"everybody who can reach {self.http_host} reads and changes all{served}"


class NetworkOptions(OptionGroup):
    """How the network behaves."""

    receipts: Annotated[
        str,
        typer.Option(
            metavar="STATE[=P],…",
            help="What becomes of messages: delivered, failed, expired, rejected, late, early or "
            "never, with probabilities.",
        ),
    ] = "delivered"
    suffix: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DIGITS=STATE", help="The state for numbers that end with DIGITS; repeatable."
        ),
    ] = None
    receipt_id: Annotated[
        str, typer.Option(metavar="FORM", help="Message ids in receipts: hex or decimal.")
    ] = "hex"
    receipt_delay: Annotated[
        float,
        number(
            0, behaviour.MOST["receipt_delay"], metavar="SECONDS", text="Time until receipts, {}."
        ),
    ] = 0
    late_delay: Annotated[
        float,
        number(
            0, behaviour.MOST["late_delay"], metavar="SECONDS", text="Time until late receipts, {}."
        ),
    ] = 30
    chaos: Annotated[
        str,
        typer.Option(
            metavar="FAULT=P,…",
            help="Faults by probability: throttle, queue-full, cut, silence, slow, malformed.",
        ),
    ] = ""
    slow_delay: Annotated[
        float,
        number(
            0,
            behaviour.MOST["slow_delay"],
            metavar="SECONDS",
            text="Longest wait of a slow answer, {}.",
        ),
    ] = 2
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Seed of the random numbers, to repeat a run.")
    ] = None
    window: Annotated[
        int,
        number(
            0,
            _MOST,
            metavar="N",
            text="Unanswered messages per session before throttling, {}; 0: no limit.",
        ),
    ] = 0
    rate: Annotated[
        float | None,
        number(0, _MOST, metavar="N", text="Messages per second and log-in before throttling, {}."),
    ] = None

    def behaviour(self) -> Behaviour:
        """The same as values; raises OptionError."""
        if self.receipt_id not in tuple(IdForm):
            what = f"expected hex or decimal, found {self.receipt_id!r}"
            raise OptionError(what, name="--receipt-id")
        return Behaviour(
            receipts=behaviour.chances(self.receipts, Fate, "--receipts"),
            suffixes=behaviour.suffixes(self.suffix or (), "--suffix"),
            receipt_id=IdForm(self.receipt_id),
            receipt_delay=self.receipt_delay,
            late_delay=self.late_delay,
            chaos=behaviour.chances(self.chaos, Fault, "--chaos"),
            slow_delay=self.slow_delay,
            window=self.window,
            rate=self.rate or None,
        )


class OnwardOptions(OptionGroup):
    """Where messages go from here."""

    webhook: Annotated[
        str, typer.Option(metavar="URL", help="POST each message to this URL as JSON.")
    ] = ""
    release: Annotated[
        str,
        typer.Option(
            metavar="SMPP",
            help="Real message centre, smpp://user@host:port, for messages that the REST API "
            "releases; password in SMSENC_SMPP_PASSWORD.",
        ),
    ] = ""
    release_to: Annotated[
        str, typer.Option(metavar="NUMBERS", help="The only numbers that may be released to.")
    ] = ""

    def smsc(self) -> Smsc | None:
        """The real message centre; raises OptionError."""
        if not self.release:
            return None
        try:
            host, port, user, tls = smsc.parse(self.release)
        except OptionError as error:
            error.name = "--release"
            raise
        password = os.environ.get("SMSENC_SMPP_PASSWORD", "")
        return Smsc(host=host, port=port, user=user, password=password, tls=tls)

    def numbers(self) -> frozenset[str]:
        """The numbers of --release-to."""
        given = filter(None, (one.strip() for one in self.release_to.split(",")))
        return frozenset(mapping.number_of(mapping.address(one)) for one in given)


@command
def simulate(options: Options, network: NetworkOptions, onward: OnwardOptions) -> Exit:
    """Run a phone network on this machine to test against.

    \b
    Examples:
      smsenc simulate
      smsenc simulate --receipts delivered=0.9,failed=0.1 --suffix 99=expired
      smsenc simulate --chaos throttle=0.05,cut=0.001 --seed 7
      smsenc simulate --port 0 --http-port 0 --data received/ --json

    It is an SMSC for SMPP 3.4 clients: it accepts every bind, shows each
    message as smsenc inspect does, and sends receipts to those who ask for
    them. A browser shows the phones at http://127.0.0.1:8025/inbox/: what they
    got, replies, receipts and faults. Programs do the same at
    http://127.0.0.1:8025/api/v1 (openapi.json describes it). Ctrl-C ends it.

    With --json, one line says where it listens, and messages are not shown.
    More examples: smsenc docs, A phone network on your desk.
    """
    settings = _settings(options, network, onward)
    for line in options.notes():
        note(line)
    return asyncio.run(_run(settings, as_json=options.json, inbox=options.has_inbox()))


def _settings(options: Options, network: NetworkOptions, onward: OnwardOptions) -> Settings:
    extras.check("web", "smsenc simulate")
    from smsgate.simulator.service import Settings  # noqa: PLC0415 - needs an extra

    if onward.webhook:
        webhook.check(onward.webhook)
    log_ins = secretfile.log_ins(Path(options.credentials)) if options.credentials else None
    return Settings(
        host=options.host,
        port=options.port,
        http_host=options.http_host,
        http_port=options.http_port,
        folder=Path(options.data) if options.data else None,
        keep=options.keep,
        max_age=options.max_age,
        behaviour=network.behaviour(),
        log_ins=log_ins,
        seed=network.seed,
        webhook=onward.webhook,
        release=onward.smsc(),
        release_to=onward.numbers(),
    )


async def _run(settings: Settings, *, as_json: bool, inbox: bool) -> Exit:
    """Simulate until a signal comes; raises OutputError if messages cannot be shown."""
    from smsgate.simulator.service import Simulator  # noqa: PLC0415 - needs an extra
    from smsgate.web.inbox.application import pages  # noqa: PLC0415 - as above

    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def show(shown: Shown) -> None:
        try:
            say("\n".join(wording.shown_lines(shown)), people=True)
        except OutputError as error:
            if not stopped.done():
                stopped.set_exception(error)

    shown = None if as_json else show
    made = pages if inbox else None
    async with Simulator(settings, show=shown, tell=note, pages=made) as simulator:
        serving.catch_signals(stopped)
        _say_where(simulator, as_json=as_json, inbox=inbox)
        return Exit(128 + await stopped)


def _say_where(simulator: Simulator, *, as_json: bool, inbox: bool) -> None:
    smpp, http = simulator.smpp, simulator.http
    if as_json:
        places = {"smpp": smpp, "http": http}
        record = {name: {"host": host, "port": port} for name, (host, port) in places.items()}
        say(wording.as_json(record))
        return
    what, path = ("inbox", "/inbox/") if inbox else ("REST API", "/api/v1")
    note(f"SMPP on {smpp[0]} port {smpp[1]}, {what} at {serving.url(http, path)}")

"""``smsenc studio``: a page to make messages."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import AsyncExitStack
from typing import Annotated

import typer

from smsenc import OptionError
from smsgate import extras
from smsgate.cli import serving, wording
from smsgate.cli.commandline import Json, OptionGroup, command, number
from smsgate.cli.exits import Exit
from smsgate.cli.output import note, say
from smsgate.cli.sendoptions import log_in
from smsgate.loopback import is_loopback
from smsgate.smppclient import Smsc, parse

_KEY = 24  # octets


class Options(OptionGroup):
    """Where to listen, and where to send to."""

    host: Annotated[
        str, typer.Option(metavar="HOST", help="Address of this machine to listen on.")
    ] = "127.0.0.1"
    port: Annotated[int, number(0, 65535, metavar="PORT", text="Port, {}; 0 takes a free one.")] = (
        8026
    )
    smsc: Annotated[
        str,
        typer.Option(
            metavar="smpp://USER@HOST:PORT",
            help="Message centre that the page sends to; smpps:// is TLS.",
        ),
    ] = ""
    json: Json = False

    def address(self) -> str:
        """Where to listen; raises OptionError for what others can reach."""
        if not is_loopback(self.host):
            why = f"expected an address of this machine only, found {self.host!r}"
            raise OptionError(f"{why}: the studio has no log-in", name="--host")
        return self.host

    def centre(self) -> Smsc | None:
        """The message centre with its log-in; raises OptionError."""
        if not self.smsc:
            return None
        host, port, user, tls = parse(self.smsc)
        user, password = log_in(user, os.environ)
        return Smsc(host=host, port=port, user=user, password=password, tls=tls)


@command
def studio(options: Options) -> Exit:
    """See, hear, change and send messages in a browser.

    \b
    Examples:
      smsenc studio
      smsenc studio --port 0 --json
      smsenc studio --smsc smpp://me@localhost:2775

    Open http://127.0.0.1:8026 in a browser on this machine. Drop a picture, a
    tune, a card or an event, or type a text. Ctrl-C ends it; what was dropped
    is kept in memory only.

    The password for --smsc comes from SMSENC_SMPP_PASSWORD, or with the user
    from a TOML file that SMSENC_SMPP_CREDENTIALS names. The address has a key
    then, without which nobody else of this machine can send. With --json, one
    line says where it listens.
    """
    extras.check("web", "smsenc studio")
    host, centre = options.address(), options.centre()
    return asyncio.run(_run(host, options.port, centre, as_json=options.json))


async def _run(host: str, port: int, centre: Smsc | None, *, as_json: bool) -> Exit:
    """Serve until a signal comes."""
    from smsgate import httpserver  # noqa: PLC0415 - needs an extra
    from smsgate.web.studio.app import Studio  # noqa: PLC0415 - needs an extra

    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with AsyncExitStack() as ends:
        sock = httpserver.listening(host, port, "--port", ends)
        place = httpserver.place(sock)
        key = secrets.token_urlsafe(_KEY) if centre else ""
        httpserver.serve(Studio(centre, key).app(host, note), sock, ends)
        serving.catch_signals(stopped)
        _say_where(place, key, as_json=as_json)
        return Exit(128 + await stopped)


def _say_where(place: tuple[str, int], key: str, *, as_json: bool) -> None:
    url = serving.url(place, f"/?key={key}" if key else "/")
    if as_json:
        http: dict[str, object] = {"host": place[0], "port": place[1]}
        say(wording.as_json({"http": http | {"url": url} if key else http}))
    else:
        note(f"the studio is at {url}")

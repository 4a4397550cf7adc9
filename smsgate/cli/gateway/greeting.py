"""What a gateway says when it runs: where it listens, and its first log-ins, once."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from types import MappingProxyType

from smsgate import masking
from smsgate.cli import serving, wording
from smsgate.cli.gateway import shown
from smsgate.cli.output import note, say
from smsgate.gateway.ftp.certificate import AUTHORITY
from smsgate.gateway.service import Gateway
from smsgate.gateway.settings import HttpTls, Settings, Tls
from smsgate.gateway.users import NewUser

#: Where a server that listens on all addresses is reached from its own machine.
_THIS_MACHINE = MappingProxyType({"0.0.0.0": "127.0.0.1", "::": "::1"})  # noqa: S104


def greet(gateway: Gateway, settings: Settings, *, as_json: bool, simulated: bool) -> None:
    """Print where the gateway is and, at its first start, its log-ins; once."""
    new = gateway.account
    if as_json:
        say(wording.as_json(_record(gateway, settings)))
    else:
        ftp, http = gateway.ftp, gateway.http
        where = [f"FTP on {ftp[0]} port {ftp[1]} (TLS {settings.ftp.tls})"] if ftp else []
        where += [f"HTTP on {http[0]} port {http[1]}"] if http else []
        note(", ".join(where) or f"node {settings.node.name} is running")
        if simulated:
            note("no route is configured: a simulated phone network shows the messages here")
        for line in _log_ins(gateway, settings, simulated=simulated):
            say(line)
    if new:
        masking.remember(new.password, new.ftp_password)
    if gateway.admin:
        masking.remember(gateway.admin.password)


def _record(gateway: Gateway, settings: Settings) -> dict[str, object]:
    """Where it listens and its first log-ins; what is not there is left out."""
    found: dict[str, object] = {}
    if gateway.ftp:
        host, port = gateway.ftp
        found["ftp"] = {"host": host, "port": port, "tls": settings.ftp.tls.value}
    if gateway.http:
        found["http"] = dict(zip(("host", "port"), gateway.http, strict=True))
    if gateway.account:
        found["account"] = shown.log_in(gateway.account)
    if gateway.admin:
        found["admin"] = gateway.admin._asdict()
    return found


def _log_ins(gateway: Gateway, settings: Settings, *, simulated: bool) -> Iterator[str]:
    """The first account, how to try it where phones are simulated, and the first user."""
    if gateway.account:
        yield from shown.account_lines(gateway.account)
        if simulated and gateway.ftp:
            yield from _trial(settings, gateway.ftp)
    if gateway.admin:
        yield from _pages(gateway.admin, settings, gateway.http)


def _trial(settings: Settings, ftp: tuple[str, int]) -> Iterator[str]:
    """Lines to try it with, from this machine; samples are for no real phones."""
    host = _THIS_MACHINE.get(ftp[0], ftp[0])
    server = f"--host {host} --port {ftp[1]} {_security(settings)}"
    yield "try it in another terminal:"
    yield "  smsenc convert samples/ --to 448311234567 --out outbox/"
    yield f"  smsenc upload outbox/ {server}"
    yield f"  smsenc log outbox/ {server}"


def _pages(new: NewUser, settings: Settings, http: tuple[str, int] | None) -> Iterator[str]:
    """The log-in of the pages and, if this node has them, their address."""
    yield from shown.user_lines(new)
    if http:
        scheme = "http" if settings.http.tls is HttpTls.OFF else "https"
        yield f"  {serving.url(http, '/', scheme)}"


def _security(settings: Settings) -> str:
    if settings.ftp.tls is Tls.OFF:
        return "--tls none"
    if settings.ftp.certificate:
        return "--tls explicit"
    return f"--tls explicit --ca-file {shlex.quote(str(settings.data / AUTHORITY))}"

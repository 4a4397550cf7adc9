"""The gateway's HTTP server: whether it works, the pages, and the API of a simulator inside."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from smsenc import OptionError
from smsgate import httpserver
from smsgate.errors import OutboxError
from smsgate.gateway import exposure
from smsgate.gateway.ftp import certificate
from smsgate.gateway.reports.exposition import CONTENT_TYPE
from smsgate.gateway.reports.running import Running
from smsgate.gateway.settings import HttpTls, Settings

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send


class Pages(NamedTuple):
    """The application of the pages; ``close`` ends what of them never ends by itself."""

    app: ASGIApp
    close: Callable[[], object]


#: Makes the pages of a gateway; the function gets what goes wrong.
MakePages = Callable[[Running, Callable[[str], object]], Pages]
_OF_PORTS = (errno.EADDRINUSE, errno.EACCES)  # why a port is refused, not an address


def app(
    health: Callable[[], Mapping[str, object]],
    inside: ASGIApp | None,
    metrics: Callable[[], bytes] | None = None,
    pages: ASGIApp | None = None,
) -> Starlette:
    """``/healthz`` answers 200 or 503 with ``health()``, whose ``ok`` says which.

    ``/metrics`` answers with ``metrics()``, which may block. ``inside`` has the paths below
    ``/api``, and ``pages`` all others.
    """

    async def healthz(_request: Request) -> Response:
        found = await asyncio.to_thread(health)  # a server of the database may not answer
        return JSONResponse(dict(found), status_code=200 if found["ok"] else 503)

    async def numbers(_request: Request) -> Response:
        assert metrics  # noqa: S101 - see below
        async with counting:  # one after another
            found = await asyncio.to_thread(metrics)
        return Response(found, headers={"content-type": CONTENT_TYPE})

    counting = asyncio.Lock()
    routes: list[BaseRoute] = [Route("/healthz", healthz)]
    if metrics:
        routes.append(Route("/metrics", numbers))
    if inside:
        routes.append(Route("/api/{path:path}", inside))
    if pages:
        routes.append(Mount("/", pages))
    return Starlette(routes=routes)


class HttpServer:
    """Serves an application as ``[http]`` says."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tls: ssl.SSLContext | None = None

    def start(
        self,
        health: Callable[[], Mapping[str, object]],
        inside: ASGIApp | None,
        metrics: Callable[[], bytes],
        pages: Pages | None,
        ends: AsyncExitStack,
    ) -> tuple[str, int]:
        """Serve ``app`` until ``ends``; where. Raises OptionError, OutboxError.

        ``inside`` has no log-in: it is left out where other machines reach it.
        """
        wanted = self._settings.http
        if wanted.tls is HttpTls.REQUIRED:
            self._tls = context(self._certificate())
        sock = self._listening(ends)
        api = inside if exposure.is_local(wanted) else None
        served = app(health, api, metrics, pages.app if pages else None)
        httpserver.serve(proxied(served, self._settings), sock, ends, self._tls)
        if pages:
            ends.callback(pages.close)
        return httpserver.place(sock)

    def _listening(self, ends: AsyncExitStack) -> socket.socket:
        wanted = self._settings.http
        if fault := exposure.fault(wanted):  # a name may lead elsewhere by now
            raise OptionError(fault)
        try:
            return httpserver.listening(wanted.host, wanted.port, "--http-port", ends)
        except OptionError as error:
            if getattr(error.__cause__, "errno", None) not in _OF_PORTS:
                error.name = "[http] host"  # which is no port
            raise

    def renew(self) -> None:
        """Take the certificate from now on that the file has; raises OutboxError."""
        if self._tls:
            path = self._certificate()
            context(path)  # a wrong one would spoil the one in use
            self._tls.load_cert_chain(path)

    def _certificate(self) -> Path:
        return self._settings.http.certificate or self._settings.data / certificate.NAME


def proxied(served: ASGIApp, settings: Settings) -> ASGIApp:
    """Believe X-Forwarded-For and -Proto of trusted proxies, and of nobody else."""
    proxies = settings.http.behind_proxy
    if not proxies:
        return served
    trusted = [str(one) for one in proxies]
    believing = ProxyHeadersMiddleware(cast("object", served), trusted)  # type: ignore[arg-type]
    return _OverTls(cast("ASGIApp", believing), proxies)


class _OverTls:
    """A proxy that does not say how it was asked was asked over TLS: it must have it.

    Else cookies would be without Secure, for want of a header.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[IPv4Network | IPv6Network]) -> None:
        self._app, self._proxies = app, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._is_proxy(scope.get("client")):
            scope = {**scope, "scheme": "https"}
        await self._app(scope, receive, send)

    def _is_proxy(self, client: tuple[str, int] | None) -> bool:
        try:
            found = ip_address(client[0]) if client else None
        except ValueError:
            return False
        return found is not None and any(found in one for one in self._proxies)


def context(path: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer with a certificate and its key; raises OutboxError."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    found.options |= ssl.OP_NO_RENEGOTIATION
    try:
        found.load_cert_chain(path, password=_no_password)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        what = f"cannot use {path}: expected a PEM file with a certificate and its key"
        raise OutboxError(what) from error
    return found


def _no_password() -> str:
    """A key that needs a password must not ask for it on the terminal."""
    raise ValueError

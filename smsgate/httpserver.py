"""One HTTP server for simulator and gateway: uvicorn in the loop of the program around it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from smsenc import OptionError
from smsgate.errors import reason

if TYPE_CHECKING:
    from starlette.types import ASGIApp

#: Seconds for requests that are being answered when the server ends.
_PATIENCE = 1
_MOST_REQUESTS = 1000  # at the same time, with those of live pages
_BACKLOG = 128
_SLOW = 20.0  # seconds in which a request must come as a whole


class _Protocol(H11Protocol):
    """Ends connections on which no whole request comes in time: they would take the room of all."""

    _before: object = None  # the request at the last look
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to count."""
        super().connection_made(transport)
        self._look = self.loop.call_later(_SLOW, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count no more."""
        if self._look:
            self._look.cancel()
        super().connection_lost(exc)

    def _late(self) -> None:
        waits = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        if waits and self.cycle is self._before:
            self.transport.abort()
            return
        self._before = self.cycle
        self._look = self.loop.call_later(_SLOW, self._late)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the command."""
        yield


def listening(host: str, port: int, name: str, ends: AsyncExitStack) -> socket.socket:
    """A socket that listens, closed with ``ends``; raises OptionError for option ``name``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        found = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else reason(error)
        what = f"cannot listen on {host}:{port}: {why}"
        raise OptionError(what, name=name) from error
    ends.callback(found.close)
    # Its connections have it, too. asyncio sets it only for sockets that are said to be TCP, and
    # without it the second piece of an answer waits 40 ms for the client's word about the first.
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def is_address(name: str) -> bool:
    """Whether the name in a request's Host is an address: nobody can let it lead elsewhere."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def place(found: socket.socket) -> tuple[str, int]:
    """Host and port of a socket."""
    host, port, *_ = found.getsockname()
    return str(host), int(port)


def serve(
    app: ASGIApp,
    sock: socket.socket,
    ends: AsyncExitStack,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve on a socket until ``ends``, over TLS if there is a context for it."""
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # anybody on this machine could say to be somebody else
        limit_concurrency=_MOST_REQUESTS,
        timeout_graceful_shutdown=_PATIENCE,
    )
    config.load()
    config.ssl = tls
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[sock]))

    async def end() -> None:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task

    ends.push_async_callback(end)

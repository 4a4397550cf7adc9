"""The whole simulator: message centre, store, REST API, webhook; started and ended in order."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import uvicorn

from converters.received.inspect import Shown
from smsenc import OptionError
from smsgate.errors import reason
from smsgate.simulator import view
from smsgate.simulator.behaviour import Behaviour
from smsgate.simulator.release import Release
from smsgate.simulator.rest import Api
from smsgate.simulator.server import Server
from smsgate.simulator.store import Message, Store
from smsgate.simulator.webhook import Webhook
from smsgate.smppclient import Smsc

#: Seconds for HTTP requests that are being answered when the simulator ends.
_PATIENCE = 1
_MOST_REQUESTS = 200  # at the same time
_BACKLOG = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What to simulate, and where; without ``folder``, what was received is lost at the end.

    ``keep`` is a number of messages, 0 for no limit, ``max_age`` are seconds. ``log_ins`` are users
    and passwords; None accepts every bind.
    """

    host: str = "127.0.0.1"
    port: int = 2775
    http_port: int = 8025
    folder: Path | None = None
    keep: int = 500
    max_age: float | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)
    log_ins: Mapping[str, str] | None = field(default=None, repr=False)
    seed: int | None = None
    webhook: str = ""
    release: Smsc | None = None
    release_to: frozenset[str] = frozenset()


class Simulator:
    """``async with Simulator(settings) as simulator``: runs, at ``smpp`` and ``http``.

    ``show`` gets each complete message, ``tell`` what goes wrong.
    """

    smpp: tuple[str, int]
    http: tuple[str, int]

    def __init__(
        self,
        settings: Settings,
        *,
        show: Callable[[Shown], object] | None = None,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._show = show
        self._tell = tell
        self._ends = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as ends:
            await self._start(ends)
            self._ends = ends.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._ends.aclose()

    async def _start(self, ends: AsyncExitStack) -> None:
        wanted = self._settings
        http = _listening(wanted.host, wanted.http_port, "--http-port", ends)
        smpp = _listening(wanted.host, wanted.port, "--port", ends)
        self.http, self.smpp = _place(http), _place(smpp)
        rng = random.Random(wanted.seed)  # noqa: S311 - chance, no secret
        folder = wanted.folder or ends.enter_context(_temporary())
        self.store = Store(folder, keep=wanted.keep)
        ends.callback(self.store.close)
        server = Server(self.store, wanted.behaviour, log_ins=wanted.log_ins, rng=rng)
        ends.push_async_callback(server.close)
        self._listen(server, ends)
        release = Release(wanted.release, wanted.release_to)
        ends.push_async_callback(release.close)
        api = Api(server, release, rng)
        _serve_http(api, wanted.host, http, ends)
        await server.listen(smpp)
        if wanted.max_age is not None:
            task = asyncio.create_task(self._forget_old(wanted.max_age, server))
            ends.callback(task.cancel)

    def _listen(self, server: Server, ends: AsyncExitStack) -> None:
        """Show and post each message."""
        if self._show is not None:
            server.listeners.append(self._showing)
        if self._settings.webhook:
            self._webhook = Webhook(self._settings.webhook, self._tell)
            ends.push_async_callback(self._webhook.close)
            server.listeners.append(self._posting)

    def _showing(self, message: Message) -> None:
        if self._show:
            self._show(view.as_shown(message, self.store.segments(message.id)))

    def _posting(self, message: Message) -> None:
        self._webhook.post(view.record(message, self.store.segments(message.id)))

    async def _forget_old(self, age: float, server: Server) -> None:
        while True:
            await asyncio.sleep(min(10.0, max(0.1, age / 4)))
            self.store.delete_older(time.time() - age)
            server.forget()


@contextmanager
def _temporary() -> Iterator[Path]:
    folder = tempfile.mkdtemp(prefix="smsenc-simulate-")
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Http(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the command."""
        yield


def _listening(host: str, port: int, name: str, ends: AsyncExitStack) -> socket.socket:
    """A socket that listens; raises OptionError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        found = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else reason(error)
        what = f"cannot listen on {host}:{port}: {why}"
        raise OptionError(what, name=name) from error
    ends.callback(found.close)
    return found


def _place(listening: socket.socket) -> tuple[str, int]:
    host, port, *_ = listening.getsockname()
    return str(host), int(port)


def _serve_http(api: Api, host: str, listening: socket.socket, ends: AsyncExitStack) -> None:
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        api.app(host),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_MOST_REQUESTS,
        timeout_graceful_shutdown=_PATIENCE,
    )
    http = _Http(config)
    task = asyncio.create_task(http.serve(sockets=[listening]))

    async def end() -> None:
        http.should_exit = True
        with suppress(asyncio.CancelledError):
            await task

    ends.push_async_callback(end)

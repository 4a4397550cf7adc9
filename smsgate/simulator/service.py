"""The whole simulator: message centre, store, REST API, webhook; started and ended in order."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from converters.received.inspect import Shown
from smsgate import httpserver
from smsgate.simulator import view
from smsgate.simulator.actions import Actions
from smsgate.simulator.behaviour import Behaviour
from smsgate.simulator.release import Release
from smsgate.simulator.rest import Api
from smsgate.simulator.server import Server
from smsgate.simulator.store import Message, Store
from smsgate.simulator.webhook import Webhook
from smsgate.smppclient import Smsc

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.routing import BaseRoute


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What to simulate, and where; without ``folder``, what was received is lost at the end.

    ``keep`` is a number of messages, 0 for no limit, ``max_age`` are seconds. ``log_ins`` are users
    and passwords; None accepts every bind. ``host`` is for SMPP; at ``http_host``
    nobody logs in. Without ``http_port`` somebody else serves ``app``.
    """

    host: str = "127.0.0.1"
    port: int = 2775
    http_host: str = "127.0.0.1"
    http_port: int | None = 8025
    folder: Path | None = None
    keep: int = 500
    max_age: float | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)
    log_ins: Mapping[str, str] | None = field(default=None, repr=False)
    seed: int | None = None
    webhook: str = ""
    release: Smsc | None = None
    release_to: frozenset[str] = frozenset()


class Pages(NamedTuple):
    """Routes beside the REST API, and what ends their streams."""

    routes: Sequence[BaseRoute]
    close: Callable[[], object]


#: Makes them of what people can do, and of what is told of errors.
MakePages = Callable[[Actions, Callable[[str], object]], Pages]


class Simulator:
    """``async with Simulator(settings) as simulator``: runs, at ``smpp`` and ``http``.

    ``app`` is the REST API with the ``pages``; ``actions`` are what people can do. ``show`` gets
    each complete message, ``tell`` what goes wrong.
    """

    smpp: tuple[str, int]
    http: tuple[str, int]
    app: Starlette
    actions: Actions

    def __init__(
        self,
        settings: Settings,
        *,
        show: Callable[[Shown], object] | None = None,
        tell: Callable[[str], object] = lambda _: None,
        pages: MakePages | None = None,
    ) -> None:
        self._settings = settings
        self._show = show
        self._tell = tell
        self._make_pages = pages
        self._pages: Pages | None = None
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
        http = None
        if wanted.http_port is not None:
            http = httpserver.listening(wanted.http_host, wanted.http_port, "--http-port", ends)
            self.http = httpserver.place(http)
        smpp = httpserver.listening(wanted.host, wanted.port, "--port", ends)
        self.smpp = httpserver.place(smpp)
        rng = random.Random(wanted.seed)  # noqa: S311 - chance, no secret
        folder = wanted.folder or ends.enter_context(_temporary())
        self.store = Store(folder, keep=wanted.keep)
        ends.callback(self.store.close)
        server = Server(self.store, wanted.behaviour, log_ins=wanted.log_ins, rng=rng)
        ends.push_async_callback(server.close)
        self._listen(server, ends)
        release = Release(wanted.release, wanted.release_to)
        ends.push_async_callback(release.close)
        actions = self.actions = Actions(server, release, rng)
        self._pages = self._make_pages(actions, self._tell) if self._make_pages else None
        further = self._pages.routes if self._pages else ()
        self.app = Api(server, actions).app(wanted.http_host, further)
        if http is not None:
            httpserver.serve(self.app, http, ends)
        ends.callback(self._close_pages)
        await server.listen(smpp)
        if wanted.max_age is not None:
            task = asyncio.create_task(self._forget_old(wanted.max_age, server))
            ends.callback(task.cancel)

    def _close_pages(self) -> None:
        """End what of the pages never ends by itself; the server would wait for it."""
        if self._pages:
            self._pages.close()

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

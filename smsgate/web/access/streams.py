"""Live pages end with the session: who was logged out must not go on reading."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_AGAIN = 10.0  # seconds between two looks


class _OverError(OSError):
    """A stream may not go on."""


class Ending:
    """Passes a request on; if its answer is an event stream, this ends when ``lives`` says no."""

    def __init__(self, app: ASGIApp, lives: Callable[[], Awaitable[bool]]) -> None:
        self._app = app
        self._lives = lives

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        looked: float | None = None  # when; only of streams
        over = False

        async def sending(message: Message) -> None:
            nonlocal looked, over
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                looked = time.monotonic() if kind.startswith("text/event-stream") else None
            elif looked is not None and time.monotonic() - looked > _AGAIN:
                looked = time.monotonic()
                over = not await self._lives()
            if over:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _OverError
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except (_OverError, ClientDisconnect):
            if not over:
                raise

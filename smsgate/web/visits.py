"""Tokens against forged requests (CSRF) for pages without a log-in.

A visitor gets a cookie that no other site's request carries, and each form the token that belongs
to it. Pages with a log-in take the token of the session instead.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "smsenc-visit"
_OCTETS = 16


class Visits:
    """Has ``request.state.csrf`` for each request; the tokens end with the process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._key = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its token."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cookie = HTTPConnection(scope).cookies.get(COOKIE, "")
        is_new = len(cookie) != 2 * _OCTETS
        if is_new:
            cookie = secrets.token_hex(_OCTETS)
        token = hmac.new(self._key, cookie.encode(), hashlib.sha256).hexdigest()
        scope.setdefault("state", {})["csrf"] = token

        async def sending(message: Message) -> None:
            if is_new and message["type"] == "http.response.start":
                value = f"{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Strict"
                MutableHeaders(scope=message).append("Set-Cookie", value)
            await send(message)

        await self._app(scope, receive, sending)

"""Only requests by a name or address of this host: no page of a name that somebody lets lead here.

So a foreign page cannot become one of our origin (DNS rebinding), and no link that we make leads
elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import Request

from smsgate.gateway.settings import HttpSettings
from smsgate.httpserver import is_address
from smsgate.web.pages import page
from smsgate.web.texts import text

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_HOST = re.compile(
    r"(?:(?P<name>[a-z0-9.-]{1,253}?)\.?|\[(?P<address>[0-9a-f:.]+)\])(?::[0-9]{1,5})?"
)


class Hosts:
    """Passes on requests whose Host is an address, localhost, or a name of the settings."""

    def __init__(self, app: ASGIApp, http: HttpSettings) -> None:
        self._app = app
        self._names = {"localhost", http.host.lower(), *http.name}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "http" and not self._is_ours(Headers(scope=scope).getlist("host")):
            answer = page(Request(scope), "problem.html", 421, line=text("access.host"))
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, given: list[str]) -> bool:
        found = _HOST.fullmatch(given[0].lower()) if len(given) == 1 else None
        if not found:
            return False
        name = found["name"] or found["address"]
        return name in self._names or is_address(name)

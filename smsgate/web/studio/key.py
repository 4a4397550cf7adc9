"""A key that opens the studio: other users of the machine could send with the operator's log-in."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse

from smsgate.web import assets
from smsgate.web.pages import problem
from smsgate.web.texts import text

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

#: The parameter of the first address, and the cookie that it becomes.
PARAMETER, COOKIE = "key", "smsenc-studio"


class Keyed:
    """Refuses requests without the ``key``, but for what the page that says so loads."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        answer = self._answer(Request(scope)) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send)

    def _answer(self, request: Request) -> Response | None:
        root = request.scope.get("root_path", "")
        path = request.url.path.removeprefix(root)
        name = f"{COOKIE}-{request.url.port}"  # cookies are for all ports of a host
        if path == "/" and self._fits(request.query_params.get(PARAMETER, "")):
            found = RedirectResponse(f"{root}/", 303)
            found.set_cookie(name, self._key, httponly=True, samesite="strict")
            return found
        if path.startswith(f"{assets.PREFIX}/") or self._fits(request.cookies.get(name, "")):
            return None
        return problem(request, text("studio.locked"), 403)

    def _fits(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._key.encode())

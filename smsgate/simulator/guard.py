"""What no HTTP request gets past: foreign pages, and bodies without end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from smsgate.httpserver import is_address

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

#: Octets of a request's body.
LARGEST = 1 << 20


class BadRequestError(Exception):
    """A request that cannot be answered otherwise than with an error; ``status`` is HTTP's."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def refusal(message: str, status: int) -> JSONResponse:
    """The answer that says what is wrong."""
    return JSONResponse({"error": {"message": message}}, status)


class Guard:
    """Refuses requests that a web page of another site makes.

    The Host of a request must be an address, ``localhost`` or ``host``: a name of the attacker's
    that leads here (DNS rebinding) is refused. So is another Origin than that Host.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            problem = self._problem(headers.get("host", ""), headers.get("origin"))
            if problem:
                await refusal(problem, 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _problem(self, host: str, origin: str | None) -> str:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            name = ""
        if name not in ("localhost", self._host) and not is_address(name):
            return "expected an address or localhost as Host"
        if origin is not None and origin.partition("://")[2] != host:
            return "expected no request of another site's page"
        return ""


async def body_of(request: Request) -> dict[str, object]:
    """The JSON object in a request; raises BadRequestError."""
    octets = bytearray()
    async for piece in request.stream():
        octets += piece
        if len(octets) > LARGEST:
            raise BadRequestError(f"expected at most {LARGEST} octets", 413)
    try:
        found = json.loads(octets)
    except (ValueError, RecursionError):
        raise BadRequestError("expected JSON") from None
    if not isinstance(found, dict):
        raise BadRequestError("expected a JSON object")
    return found

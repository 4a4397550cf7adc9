"""The pages to log in and out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from smsgate.errors import OutboxError
from smsgate.gateway import sessions
from smsgate.gateway.database import Database
from smsgate.web.access import cookies, keeping, places
from smsgate.web.access.door import Door, TooEarlyError
from smsgate.web.forms import form_of
from smsgate.web.pages import page, redirect
from smsgate.web.problems import ProblemError
from smsgate.web.texts import text

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_LARGEST = 16 << 10  # octets of a form
_LONGEST = 200  # characters of a name or address


def routes(door: Door, database: Database) -> list[BaseRoute]:
    """The routes of these pages."""
    made = _Pages(door, database)
    return [
        Route(places.LOGIN, made.show, methods=["GET"]),
        Route(places.LOGIN, made.enter, methods=["POST"]),
        Route(places.LOGOUT, made.leave, methods=["POST"]),
    ]


class _Pages:
    def __init__(self, door: Door, database: Database) -> None:
        self._door = door
        self._database = database

    async def show(self, request: Request) -> Response:
        wanted = places.local(request.query_params.get("next", places.FIRST))
        if request.state.who:
            return redirect(request, wanted)
        return _form(request, wanted)

    async def enter(self, request: Request) -> Response:
        form = await form_of(request, largest=_LARGEST)
        wanted = places.local(form.get("next"))
        name, password = form.get("name")[:_LONGEST], form.fields.get("password", "")
        try:
            token = await self._door.enter(name, password, _address(request))
        except TooEarlyError as early:
            answer = _form(request, wanted, 429, name, text("access.early", count=early.seconds))
            answer.headers["Retry-After"] = str(early.seconds)
            return answer
        except OutboxError:
            raise ProblemError("access.away", status=503) from None
        if token is None:
            return _form(request, wanted, 403, name, text("access.wrong"))
        await self._end(request)
        answer = redirect(request, wanted)
        cookies.give(request, answer, token)
        return answer

    async def leave(self, request: Request) -> Response:
        await form_of(request, largest=_LARGEST)
        try:
            await self._end(request)
        except OutboxError:
            raise ProblemError("access.away", status=503) from None
        answer = redirect(request, places.LOGIN)
        cookies.give(request, answer, "")
        return answer

    async def _end(self, request: Request) -> None:
        """End the session that the browser has."""
        if request.state.who:
            work = partial(sessions.end, given=cookies.token(request))
            await keeping.change(self._database, work)


def _form(
    request: Request, wanted: str, status: int = 200, name: str = "", line: str = ""
) -> Response:
    """The page to log in with; a visitor without a token gets one."""
    token = cookies.token(request) or sessions.token()
    request.state.csrf = cookies.csrf(token)
    site = replace(request.state.site, sections=(), scripts=())
    given = {"next": wanted, "name": name, "line": line, "site": site}
    answer = page(request, "access/login.html", status, **given)
    if not cookies.token(request):
        cookies.give(request, answer, token)
    return answer


def _address(request: Request) -> str:
    """From where a request comes; a proxy that is not set up well may say anything."""
    return request.client.host[:_LONGEST] if request.client else ""

"""In front of the gateway's pages: who is asking, and whether that is enough.

guarded(routes, site, database, settings.http) is their application, with pages to log in and out.
Each request gets ``state.who`` and ``state.csrf`` from its session, which is looked up once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smsgate.errors import OutboxError
from smsgate.gateway import database as databases
from smsgate.gateway import sessions
from smsgate.gateway.database import Database
from smsgate.gateway.sessions import Session
from smsgate.gateway.settings import HttpSettings, SessionLimits
from smsgate.web import assets
from smsgate.web.access import cookies, keeping, pages, places
from smsgate.web.access.door import Door
from smsgate.web.access.hosts import Hosts
from smsgate.web.access.streams import Ending
from smsgate.web.application import application
from smsgate.web.pages import LogOut, Site, by_script, page, problem
from smsgate.web.texts import text
from smsgate.web.who import Role, Who

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

#: What answers 401 must say (RFC 9110, 11.6.1); browsers do not ask for a password with it.
_CHALLENGE = {"WWW-Authenticate": 'Cookie realm="smsenc"'}
_OWN = ("same-origin", "none")  # Sec-Fetch-Site of our pages, and of what somebody has typed


def guarded(  # noqa: PLR0913 - what it works with
    routes: Sequence[BaseRoute],
    site: Site,
    database: Database,
    http: HttpSettings,
    *,
    tell: Callable[[str], object] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> Starlette:
    """The application of these routes, for users who are logged in.

    ``tell`` gets what goes wrong, one line each; ``clock`` counts the seconds between log-ins.
    """
    door = Door(database, clock, tell)
    middleware = [
        Middleware(Hosts, http=http),
        Middleware(Guard, database=database, limits=http.sessions),
    ]
    return application(site, [*pages.routes(door, database), *routes], middleware, tell)


class Guard:
    """Passes on what somebody who is logged in asks for, and the page to log in with."""

    def __init__(self, app: ASGIApp, database: Database, limits: SessionLimits) -> None:
        self._app = app
        self._database = database
        self._limits = limits
        self._late = min(sessions.LATE, limits.idle / 4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on with ``state.who`` and ``state.csrf``."""
        if scope["type"] != "http":
            return
        if places.path_of(scope).startswith(f"{assets.PREFIX}/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            answer = await self._refusal(request)
        except OutboxError:
            answer = _said(request, "access.away", 503)
        if answer is None:
            token = cookies.token(request)
            ending = Ending(self._app, partial(self._lives, token))
            await ending(scope, receive, send)
        else:
            await answer(scope, receive, send)

    async def _refusal(self, request: Request) -> Response | None:
        """The answer to a request that is not passed on; else its state is set."""
        token = cookies.token(request)
        session = await self._session(token, request) if token else None
        request.state.csrf = cookies.csrf(token or sessions.token())  # without one, none is right
        request.state.who = who = _who(session) if session else None
        if who:
            root = request.scope.get("root_path", "")
            request.state.log_out = LogOut(f"{root}{places.LOGOUT}", request.state.csrf)
        if not _is_own(request):
            return _said(request, "problems.forged", 403)
        if who or places.path_of(request.scope) == places.LOGIN:
            return None
        return _to_log_in(request)

    async def _session(self, token: str, request: Request) -> Session | None:
        """The session of a token, which is used by this request unless it is a live page's."""
        now = databases.now()
        found = await self._loaded(token, now)
        is_live = "text/event-stream" in request.headers.get("Accept", "")
        if found and now - found.seen > self._late and not is_live:
            work = partial(sessions.use, given=token, now=now)
            with suppress(OutboxError):  # what is there can be read
                await keeping.change(self._database, work)
        return found

    async def _loaded(self, token: str, now: float) -> Session | None:
        work = partial(sessions.load, given=token, limits=self._limits, now=now)
        return await keeping.read(self._database, work)

    async def _lives(self, token: str) -> bool:
        """Whether a session still goes on."""
        try:
            return await self._loaded(token, databases.now()) is not None
        except OutboxError:
            return True  # the next look will say it


class ForAdmins:
    """An application inside the pages that only admins may use."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        request = Request(scope)
        who: Who | None = getattr(request.state, "who", None)
        if who and who.role is Role.ADMIN:
            await self._app(scope, receive, send)
        else:
            await _said(request, "problems.forbidden", 403)(scope, receive, send)


def _who(session: Session) -> Who:
    return Who(session.name, Role(session.role), session.account)


def _is_own(request: Request) -> bool:
    """Whether a form can be of our pages, as far as the browser says."""
    safe = request.method in ("GET", "HEAD")
    return safe or request.headers.get("Sec-Fetch-Site", "none") in _OWN


def _to_log_in(request: Request) -> Response:
    """Browsers are led to the page to log in with; scripts and streams are told."""
    is_page = "text/html" in request.headers.get("Accept", "")
    if is_page and not by_script(request):
        root = request.scope.get("root_path", "")
        return RedirectResponse(f"{root}{places.login(request.scope)}", 303)
    answer = page(request, "access/left.html", 401)
    answer.headers.update(_CHALLENGE)
    return answer


def _said(request: Request, key: str, status: int) -> Response:
    return problem(request, text(key), status)

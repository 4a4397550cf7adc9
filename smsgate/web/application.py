"""One application of pages: its routes with all that protects and surrounds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request

from smsgate.masking import cleaned
from smsgate.web import assets
from smsgate.web.headers import Headers
from smsgate.web.pages import Site, problem
from smsgate.web.problems import ProblemError
from smsgate.web.texts import text

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


def application(
    site: Site,
    routes: Sequence[BaseRoute],
    middleware: Sequence[Middleware],
    tell: Callable[[str], object] = lambda _: None,
) -> Starlette:
    """The application; ``middleware`` must give each request its ``state.csrf``.

    ``tell`` gets a line for each error that is ours.
    """
    return Starlette(
        routes=[assets.ROUTE, *routes],
        middleware=[Middleware(Headers), Middleware(_Outer, site=site, tell=tell), *middleware],
        exception_handlers={ProblemError: _problem, HTTPException: _refused},
    )


class _Outer:
    """Has ``request.state.site`` for each request, and a page for what nobody expected."""

    def __init__(self, app: ASGIApp, site: Site, tell: Callable[[str], object]) -> None:
        self._app, self._site, self._tell = app, site, tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {}), "site": self._site}
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if begun:
                raise
            self._tell(
                f"internal error in the pages: {cleaned(f'{type(error).__name__}: {error}')}"
            )
            answer = problem(Request(scope), text("problems.internal"), 500)
            await answer(scope, receive, send)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - it is its handler
    return problem(request, str(error), error.status)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is its handler
    known = {404: "problems.missing", 405: "problems.method", 403: "problems.forbidden"}
    line = text(known.get(error.status_code, "problems.form"))
    return problem(request, line, error.status_code)

"""One line about what was done, which the next page shows once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from smsgate.web.pages import page as plain
from smsgate.web.pages import redirect

if TYPE_CHECKING:
    from starlette.datastructures import URL
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, Response

COOKIE = "smsenc-done"
_LONGEST = 400  # characters of a line
_SECONDS = 60


def done(request: Request, path: str, line: str) -> Response:
    """Go on with another page, which says what was done."""
    answer = redirect(request, path)
    answer.set_cookie(
        COOKIE,
        quote(line[:_LONGEST]),
        max_age=_SECONDS,
        httponly=True,
        samesite="strict",
        secure=_is_secure(request.url),
    )
    return answer


def page(
    request: Request, template: str, /, status: int = 200, *, done: str = "", **given: object
) -> HTMLResponse:
    """A page with that line, if something was done."""
    line = done or unquote(request.cookies.get(COOKIE, ""))[:_LONGEST]
    answer = plain(request, template, status, done=line, **given)
    if COOKIE in request.cookies:
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _is_secure(url: URL) -> bool:
    return url.scheme == "https"

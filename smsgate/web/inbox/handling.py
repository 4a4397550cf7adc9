"""What the handlers of all pages of the inbox share."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smsenc import SmsencError
from smsgate.simulator.guard import BadRequestError
from smsgate.web.pages import page, redirect
from smsgate.web.problems import ProblemError
from smsgate.web.texts import text

if TYPE_CHECKING:
    from smsgate.simulator.actions import Actions
    from smsgate.web.live import Live

Handler = Callable[[Request], Awaitable[Response]]
_READING = ("GET", "HEAD")


class Pages:
    """Some pages: their handlers, with the simulator's ``actions`` and the streams.

    ``tell`` gets a line for each change by a user who has logged in.
    """

    def __init__(
        self, actions: Actions, live: Live, tell: Callable[[str], object] = lambda _: None
    ) -> None:
        self._actions = actions
        self._tell = tell
        self._store = actions.store
        self._live = live

    def paths(self) -> Iterator[tuple[str, str, Handler]]:
        """Method, path and handler of each page."""
        raise NotImplementedError

    def routes(self) -> list[Route]:
        """The same as routes."""
        return [
            Route(path, _checked(handler), methods=[method])
            for method, path, handler in self.paths()
        ]

    def _page(
        self, request: Request, template: str, status: int = 200, **given: object
    ) -> Response:
        chaos = bool(self._actions.behaviour.chaos)
        return page(request, template, status, may=may(request), chaos=chaos, **given)

    def _told(self, request: Request, what: str, id_: str = "", n: int = 0) -> None:
        """Tell who has done what, one of the texts ``inbox.done``, to a message or to others."""
        who = getattr(request.state, "who", None)
        if who is not None:
            about = f"{text('inbox.message')} {id_}" if id_ else text("inbox.phones")
            self._tell(f"{who.name}: {about}: {text(f'inbox.done.{what}', count=n)}")


def may(request: Request) -> bool:
    """Whether the user may change something; where nobody logs in, everybody may."""
    who = getattr(request.state, "who", None)
    return who is None or who.changes(None)


def _checked(handler: Handler) -> Handler:
    @wraps(handler)
    async def answer(request: Request) -> Response:
        who = getattr(request.state, "who", None)
        reads = request.method in _READING and (who is None or who.sees(None))
        if not (reads or may(request)):
            raise ProblemError("problems.forbidden", status=403)
        return await handler(request)

    return answer


@contextmanager
def refusals() -> Iterator[None]:
    """Say errors of the library to the user."""
    try:
        yield
    except BadRequestError as error:
        raise ProblemError(said=str(error), status=error.status) from None
    except SmsencError as error:
        raise ProblemError(said=str(error)) from None


def onward(request: Request, path: str, what: str, **counts: int) -> Response:
    """Go on with a page that says what was done, one of the texts ``inbox.done``."""
    given = {"done": what} | {name: str(count) for name, count in counts.items() if count}
    return redirect(request, f"{path}{_and(path)}{urlencode(given)}")


def updates(request: Request, path: str) -> dict[str, Any]:
    """Whether a page at a path changes by itself, and the addresses where it does and does not."""
    start = f"{request.scope.get('root_path', '')}{path}"
    stop = f"{start}{_and(start)}live=0"
    return {"lives": request.query_params.get("live") != "0", "start": start, "stop": stop}


def _and(path: str) -> str:
    return "&" if "?" in path else "?"


def version(*shown: object) -> str:
    """A text that changes with what is shown."""
    return hashlib.sha256(repr(shown).encode("utf-8", "replace")).hexdigest()[:16]

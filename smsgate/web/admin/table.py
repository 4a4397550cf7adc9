"""All pages of the gateway in one table: where each is, what it is, and who may use it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route

from smsgate.gateway.reports.running import Running
from smsgate.web.admin import (
    accountchanges,
    accounts,
    callbacks,
    files,
    messages,
    numbers,
    overview,
    queue,
    replies,
    ways,
)
from smsgate.web.admin.actions import Action, ask, perform
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.views import View, show, stream
from smsgate.web.live import Live
from smsgate.web.pages import Section, Site
from smsgate.web.who import Role, Who

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_SECTIONS = (
    Section("admin.section.overview", "/"),
    Section("admin.section.accounts", "/accounts"),
    Section("admin.section.queue", "/queue"),
    Section("admin.section.routes", "/routes"),
    Section("admin.section.messages", "/messages"),
    Section("admin.section.files", "/files"),
    Section("admin.section.numbers", "/numbers"),
    Section("admin.section.replies", "/replies"),
    Section("admin.section.callbacks", "/callbacks"),
)
#: What the pages share.
SITE = Site(title="admin.title", sections=_SECTIONS, styles=("admin.css",), scripts=("updates.js",))

EVERYBODY = frozenset(Role)
ADMINS = frozenset((Role.ADMIN,))
OWNERS = frozenset((Role.ADMIN, Role.OWNER))


class Entry(NamedTuple):
    """A page; who sees rows of which account is a matter of its queries (``scope``)."""

    path: str
    does: View | Action
    roles: frozenset[Role]


#: Of two entries that fit, the first counts.
TABLE = (
    Entry("/", overview.VIEW, EVERYBODY),
    Entry("/accounts", accounts.ALL_VIEW, EVERYBODY),
    Entry("/accounts/add", accountchanges.ADD, ADMINS),
    Entry("/accounts/{api_id}", accounts.ONE_VIEW, EVERYBODY),
    Entry("/accounts/{api_id}/ledger", accounts.LEDGER_VIEW, EVERYBODY),
    Entry("/accounts/{api_id}/credit", accountchanges.CREDIT, ADMINS),
    Entry("/accounts/{api_id}/close", accountchanges.CLOSE, ADMINS),
    Entry("/accounts/{api_id}/freeze", accountchanges.FREEZE, ADMINS),
    Entry("/accounts/{api_id}/open", accountchanges.OPEN, ADMINS),
    Entry("/accounts/{api_id}/password", accountchanges.PASSWORD, ADMINS),
    Entry("/accounts/{api_id}/pause", accountchanges.PAUSE, ADMINS),
    Entry("/accounts/{api_id}/resume", accountchanges.RESUME, ADMINS),
    Entry("/queue", queue.VIEW, EVERYBODY),
    Entry("/queue/{queue}/pause", queue.PAUSE, ADMINS),
    Entry("/queue/{queue}/resume", queue.RESUME, ADMINS),
    Entry("/queue/{queue}/{api_id}", queue.GROUP_VIEW, EVERYBODY),
    Entry("/routes", ways.VIEW, EVERYBODY),
    Entry("/routes/{name}/pause", ways.PAUSE, ADMINS),
    Entry("/routes/{name}/resume", ways.RESUME, ADMINS),
    Entry("/messages", messages.LIST_VIEW, EVERYBODY),
    Entry("/messages/{uid}", messages.ONE_VIEW, EVERYBODY),
    Entry("/messages/{uid}/cancel", messages.CANCEL, OWNERS),
    Entry("/messages/{uid}/resend", messages.RESEND, OWNERS),
    Entry("/files", files.LIST_VIEW, EVERYBODY),
    Entry("/files/{id}", files.ONE_VIEW, EVERYBODY),
    Entry("/numbers", numbers.VIEW, EVERYBODY),
    Entry("/numbers/add", numbers.ADD, OWNERS),
    Entry("/numbers/remove", numbers.REMOVE, OWNERS),
    Entry("/replies", replies.VIEW, EVERYBODY),
    Entry("/replies/{uid}", replies.ONE_VIEW, EVERYBODY),
    Entry("/replies/{uid}/assign", replies.ASSIGN, ADMINS),
    Entry("/callbacks", callbacks.VIEW, EVERYBODY),
    Entry("/callbacks/retry", callbacks.RETRY_ALL, ADMINS),
    Entry("/callbacks/{id}/retry", callbacks.RETRY, ADMINS),
)


def routes(
    running: Callable[[], Running], live: Live, tell: Callable[[str], object] = lambda _: None
) -> list[BaseRoute]:
    """The pages of the gateway that ``running`` gives once it has started.

    Whoever asks must be logged in: ``request.state.who`` and ``request.state.csrf`` are set.
    ``tell`` gets a line for each change that somebody makes.
    """
    desk = Desk(running, live, tell)
    return [one for entry in TABLE for one in _routes(desk, entry)]


def live_path(path: str) -> str:
    """Where the stream of a page is."""
    return f"{path.rstrip('/')}/live"


def _routes(desk: Desk, entry: Entry) -> Iterator[BaseRoute]:
    does, roles = entry.does, entry.roles
    if isinstance(does, Action):
        yield _route(entry.path, "GET", roles, partial(ask, desk, does))
        yield _route(entry.path, "POST", roles, partial(perform, desk, does))
        return
    if does.part:
        yield _route(live_path(entry.path), "GET", roles, partial(stream, desk, does))
    yield _route(entry.path, "GET", roles, partial(show, desk, does))


def _route(
    path: str,
    method: str,
    roles: frozenset[Role],
    work: Callable[[Request], Awaitable[Response]],
) -> Route:
    async def answer(request: Request) -> Response:
        who: Who = request.state.who
        if who.role not in roles:
            raise HTTPException(403)
        return await work(request)

    return Route(path, answer, methods=[method])

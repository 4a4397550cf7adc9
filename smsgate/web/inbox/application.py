"""The inbox as one application, which the simulator or the gateway mounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from smsgate.simulator.service import Pages
from smsgate.web.application import application
from smsgate.web.inbox.fields import named
from smsgate.web.inbox.handling import Pages as Shown
from smsgate.web.inbox.lists import ListPages
from smsgate.web.inbox.messages import MessagePages
from smsgate.web.inbox.network import ApiPages, NetworkPages
from smsgate.web.inbox.replying import ReplyPages
from smsgate.web.live import Live
from smsgate.web.pages import Section, Site
from smsgate.web.visits import Visits

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from smsgate.simulator.actions import Actions

_PREFIX = "/inbox"
_SECTIONS = (
    Section("inbox.messages", "/"),
    Section("inbox.reply", "/reply"),
    Section("inbox.network", "/network"),
)
_API = Section("inbox.api", "/api")
_SITE = Site(
    title="inbox.title",
    sections=_SECTIONS,
    styles=("inbox.css",),
    scripts=("inbox.js", "updates.js"),
    shared={"named": named},
)
_KINDS = (ListPages, MessagePages, ReplyPages, NetworkPages)


def pages(actions: Actions, tell: Callable[[str], object]) -> Pages:
    """The routes of the inbox for a simulator; the first page leads to it."""
    live = Live(tell)
    routes = _routes((*_KINDS, ApiPages), actions, live, tell)
    site = replace(_SITE, sections=(*_SITE.sections, _API))
    made = application(site, routes, (Middleware(Visits),), tell)
    return Pages((Route("/", _onward), Mount(_PREFIX, made)), live.close)


def inner(
    actions: Actions, live: Live, tell: Callable[[str], object], above: Section, *, has_api: bool
) -> Starlette:
    """The same inside the application ``above``, which gives tokens and says who has logged in.

    ``has_api``: the REST API is served as well. ``tell`` gets what users do.
    """
    kinds = (*_KINDS, ApiPages) if has_api else _KINDS
    sections = (*_SITE.sections, _API) if has_api else _SITE.sections
    site = replace(_SITE, above=above, sections=sections)
    return application(site, _routes(kinds, actions, live, tell), (), tell)


def _routes(
    kinds: Sequence[type[Shown]], actions: Actions, live: Live, tell: Callable[[str], object]
) -> list[Route]:
    return [route for kind in kinds for route in kind(actions, live, tell).routes()]


async def _onward(request: Request) -> Response:
    return RedirectResponse(f"{request.scope.get('root_path', '')}{_PREFIX}/", 303)

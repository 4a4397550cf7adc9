"""Pages that show something, and their live parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from smsenc.messagefile.logs import STATUSES
from smsgate.gateway.queue import pauses
from smsgate.web.admin import notes
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.scope import Asked, asked
from smsgate.web.pages import fragment, redirect
from smsgate.web.who import Who

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

#: What all templates use.
_COMMON: Mapping[str, Any] = {"statuses": STATUSES, "said": pauses.said}
#: In place of what belongs to one session.
_SHARED: Mapping[str, Any] = {"csrf": "", "log_out": None}
#: The event of streams.
EVENT = "part"
Given = Mapping[str, Any]


#: Reads what a template shows; it must wait for nothing but the database.
Gather = Callable[[Desk, Connection, Asked], Given]


def _nothing(_desk: Desk, _conn: Connection, _found: Asked) -> Given:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page: its template, and what that shows.

    ``part`` is the template of what lives on it, which shows what ``of_part`` gathers: it depends
    on the path and on who asks alone. ``later`` reads what is in no database, in a thread.
    ``elsewhere`` is a path that a question leads to instead.
    """

    template: str
    gather: Gather = _nothing
    part: str = ""
    of_part: Gather = _nothing
    later: Callable[[Desk, Asked, Given], Given] | None = None
    elsewhere: Callable[[Asked], str] = lambda _: ""


async def show(desk: Desk, view: View, request: Request) -> Response:
    """Answer with the page."""
    found = asked(request)
    if path := view.elsewhere(found):
        return redirect(request, path)

    def work(conn: Connection) -> dict[str, Any]:
        return {**view.gather(desk, conn, found), **view.of_part(desk, conn, found)}

    given = await desk.read(work)
    if view.later:
        given |= await desk.thread(partial(view.later, desk, found, given))
    given |= {**_COMMON, "asked": found, "part": view.part, "lives": found.get("live") != "0"}
    return await desk.thread(partial(notes.page, request, view.template, **given))


async def stream(desk: Desk, view: View, request: Request) -> Response:
    """Answer with what lives on the page, again and again; the same for all who see the same."""
    found = asked(request)
    who = Who("", found.who.role, found.who.account)
    quiet = Asked(who, found.path, {})

    async def render() -> str:
        given = {**_COMMON, **await desk.read(partial(_gathered, desk, view, quiet))}
        return await desk.thread(
            partial(fragment, request, view.part, **_SHARED, who=who, asked=quiet, **given)
        )

    await render()  # what may not be seen is not there
    root = request.scope.get("root_path", "")
    path = tuple(sorted(found.path.items()))
    key = root, view.part, path, who.role, who.account
    return desk.live.response(key, render, EVENT, found.who.name)


def _gathered(desk: Desk, view: View, found: Asked, conn: Connection) -> Given:
    return view.of_part(desk, conn, found)

"""What can be done: each is asked for with a page of its own, and done by its form.

The page says what would happen, without anything being done; the form has the values again, which
are checked again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from smsgate.gateway import database
from smsgate.web.admin import notes
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.scope import Asked, asked
from smsgate.web.forms import form_of
from smsgate.web.problems import ProblemError
from smsgate.web.texts import catalogue, text

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.requests import Request
    from starlette.responses import Response

Values = Mapping[str, Any]
_LARGEST = 16 << 10  # octets of a form
_AWAY = 500  # the least status that does not say whether it was done
_ONCE, _LONGEST_ONCE = "once", 64  # the field that makes a form one of its own


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: a line, and a secret that is shown once."""

    line: str
    secret: str = field(default="", repr=False)


def _nothing(_found: Asked) -> Values:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Its texts are ``admin.ask.<name>``, ``admin.do.<name>`` and ``admin.hint.<name>``.

    ``read`` checks the values, and raises ProblemError. ``look`` reads what the question shows, and
    raises ProblemError for what is not there or is another's. ``do`` does it, in one transaction,
    and raises an error of ours if it cannot. ``back`` is the page afterwards. ``danger``: it cannot
    be taken back. ``once``: sent a second time, the same form would do it again, and is refused.
    """

    name: str
    look: Callable[[Connection, Asked, Values], Values]
    do: Callable[[Connection, Asked, Values, float], Done]
    back: Callable[[Asked], str]
    read: Callable[[Asked], Values] = _nothing
    danger: bool = False
    once: bool = False


async def ask(desk: Desk, action: Action, request: Request) -> Response:
    """The page that asks whether it is to be done."""
    found = asked(request)
    values = action.read(found)
    given = await desk.read(lambda conn: action.look(conn, found, values))
    key = f"admin.hint.{action.name}"
    fields = {name: found.get(name) for name in values if name in found.given}
    return notes.page(
        request,
        "admin/ask.html",
        asked=found,
        question=text(f"admin.ask.{action.name}", **{**found.path, **values, **given}),
        hint=text(key) if key in catalogue() else "",
        button=text(f"admin.do.{action.name}"),
        fields=fields | ({_ONCE: secrets.token_urlsafe()} if action.once else {}),
        back=action.back(found),
        danger=action.danger,
    )


async def perform(desk: Desk, action: Action, request: Request) -> Response:
    """Do it, and say so."""
    form = await form_of(request, largest=_LARGEST)
    found = asked(request, form.fields)
    values = action.read(found)
    done = await _change(desk, action, found, values)
    desk.tell(f"{found.who.name}: {done.line}")
    path = action.back(found)
    if done.secret:
        given: dict[str, Any] = {"asked": found, "secret": done.secret, "back": path}
        return notes.page(request, "admin/secret.html", done=done.line, **given)
    return notes.done(request, path, done.line)


async def _change(desk: Desk, action: Action, found: Asked, values: Values) -> Done:
    """Do it; if nothing was done, the same form may be sent again."""
    work = partial(_work, action, found, values)
    once = found.get(_ONCE)[:_LONGEST_ONCE]
    if not action.once or not once:
        return await desk.change(work)
    desk.send_once(once)
    try:
        return await desk.change(work)
    except ProblemError as error:
        if error.status < _AWAY:  # otherwise it may have been done
            desk.send_again(once)
        raise


def _work(action: Action, found: Asked, values: Values, conn: Connection) -> Done:
    action.look(conn, found, values)
    return action.do(conn, found, values, database.now())

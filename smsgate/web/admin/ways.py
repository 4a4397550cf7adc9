"""Routes: what each does, and why it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from smsgate.gateway import credits as amounts
from smsgate.gateway import database, routes
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.routing.breaker import Breaker
from smsgate.gateway.settings import RouteSettings
from smsgate.gateway.states import RouteState, State
from smsgate.gateway.tables import message
from smsgate.web.admin.actions import Action, Done, Values
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.scope import Asked, missing
from smsgate.web.admin.views import Given, View
from smsgate.web.texts import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from smsgate.gateway.reports.running import Stats

#: States of messages that a route was given.
_GIVEN = (State.SENT, State.DELIVERED, State.FAILED, State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A route; ``word`` says how it is. Owners do not get what is of all accounts together."""

    name: str
    state: RouteState
    word: str
    waiting: int
    problem: str = ""
    breaker: Breaker | None = None
    stats: Stats | None = None
    settings: RouteSettings | None = None
    given: Mapping[str, int] | None = None

    @property
    def is_well(self) -> bool:
        """Whether it sends."""
        return self.word == "open"

    @property
    def price(self) -> str:
        """Credits for a part."""
        return amounts.shown(amounts.of(self.settings.price)) if self.settings else ""


def ways(desk: Desk, conn: Connection, found: Asked) -> list[Way]:
    """All routes, by name."""
    problems = dict(routes.problems(conn)) | {
        name: one for name, one in desk.gateway.senders.problems().items() if one
    }
    breakers, waiting = routes.breakers(conn), _waiting(desk, conn, found)
    made = []
    for name, state in routes.states(conn).items():
        breaker, count = breakers[name], waiting.get(name, 0)
        word = _word(state, breaker, problems.get(name, ""))
        way = Way(name=name, state=state, word=word, waiting=count)
        made.append(
            _inside(desk, conn, way, breaker, problems.get(name, "")) if found.sees_all else way
        )
    return made


def _word(state: RouteState, breaker: Breaker, problem: str) -> str:
    """The first of these that is so."""
    if state is not RouteState.OPEN:
        return state.value
    if not breaker.is_closed:
        return "resting"
    return "failing" if problem else "open"


def _inside(desk: Desk, conn: Connection, way: Way, breaker: Breaker, problem: str) -> Way:
    """With what only those see who see all."""
    settings = {one.name: one for one in desk.gateway.settings().routes}
    counted = desk.by_route(conn).value.get(way.name, {})
    return Way(
        name=way.name,
        state=way.state,
        word=way.word,
        waiting=way.waiting,
        problem=problem,
        breaker=breaker,
        stats=desk.gateway.senders.stats().get(way.name),
        settings=settings.get(way.name),
        given={one.value: counted.get(one.value, 0) for one in _GIVEN},
    )


def _waiting(desk: Desk, conn: Connection, found: Asked) -> Mapping[str, int]:
    key = ("ways", found.who.account)
    return desk.kept(key, partial(_count, found=found))(conn).value


def _count(conn: Connection, found: Asked) -> Mapping[str, int]:
    columns = message.c.way
    query = select(columns, func.count()).where(state_is(State.WAITING))
    rows = conn.execute(query.where(*found.of(message.c.account)).group_by(columns))
    return MappingProxyType({row[0]: row[1] for row in rows})


def gather(desk: Desk, conn: Connection, found: Asked) -> Given:
    """What the page shows."""
    return {"ways": ways(desk, conn, found), "now": database.now()}


VIEW = View(template="admin/routes.html", part="admin/parts/routes.html", of_part=gather)


# Pause and resume ---------------------------------------------------------------------------------


def _look(conn: Connection, found: Asked, _values: Values) -> Values:
    if found.path["name"] not in routes.states(conn):
        raise missing()
    return {}


def _set(
    state: RouteState, key: str, conn: Connection, found: Asked, _values: Values, _now: float
) -> Done:
    name = found.path["name"]
    routes.set_state(conn, name, state)
    return Done(text(key, name=name))


def _back(_found: Asked) -> str:
    return "/routes"


PAUSE = Action(
    name="route-pause",
    look=_look,
    do=partial(_set, RouteState.PAUSED, "admin.done.route-pause"),
    back=_back,
)
RESUME = Action(
    name="route-resume",
    look=_look,
    do=partial(_set, RouteState.OPEN, "admin.done.route-resume"),
    back=_back,
)


def troubles(made: list[Way]) -> Iterator[tuple[str, str]]:
    """What is wrong with routes: the key of a text, and the name."""
    for one in made:
        if not one.is_well and not (one.word == "unused" and not one.waiting):
            yield f"admin.trouble.{one.word}", one.name

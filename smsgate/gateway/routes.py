"""Routes as commands see them: state, why nothing is sent, and what they have sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select, update

from smsenc import OptionError
from smsgate.gateway.databases.upsert import add
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.routing.breaker import Breaker
from smsgate.gateway.states import RouteState, State
from smsgate.gateway.tables import message, route


def states(conn: Connection) -> dict[str, RouteState]:
    """All routes of this gateway, by name."""
    rows = conn.execute(select(route.c.name, route.c.state).order_by(route.c.name))
    return {row[0]: RouteState(row[1]) for row in rows}


def problems(conn: Connection) -> dict[str, str]:
    """Why a route sends nothing, for people; routes without a problem are not there."""
    rows = conn.execute(select(route.c.name, route.c.problem).where(route.c.problem.is_not(None)))
    return {row[0]: row[1] for row in rows}


def breakers(conn: Connection) -> dict[str, Breaker]:
    """The breakers of all routes, by name."""
    rows = conn.execute(select(route.c.name, route.c.failures, route.c.broken))
    return {row[0]: Breaker(row[1], row[2]) for row in rows}


def waiting(conn: Connection) -> dict[str, int]:
    """How many messages wait for each route; those for which none does are not there."""
    columns = message.c.way
    query = select(columns, func.count()).where(state_is(State.WAITING)).group_by(columns)
    return {row[0]: row[1] for row in conn.execute(query)}


def configure(conn: Connection, names: Collection[str]) -> None:
    """What the gateway has at its start: new routes are open, those that went unused.

    A paused route stays paused, and no problem is known yet.
    """
    add(conn, route, [{"name": one, "state": RouteState.OPEN} for one in sorted(names)])
    hold = select(route.c.name).order_by(route.c.name).with_for_update()
    conn.execute(hold).all()  # in an order that is always the same
    known = states(conn)
    for name, state in known.items():
        if name in names and state is RouteState.UNUSED:
            _set(conn, name, RouteState.OPEN)
        elif name not in names and state is RouteState.OPEN:
            _set(conn, name, RouteState.UNUSED)
    conn.execute(update(route).values(problem=None))


def publish(conn: Connection, found: Mapping[str, str]) -> None:
    """Keep the problems of routes for commands; an empty text is none."""
    for name, problem in sorted(found.items()):
        conn.execute(update(route).where(route.c.name == name).values(problem=problem or None))


def set_state(conn: Connection, name: str, state: RouteState) -> None:
    """Pause a route, or open it again; raises OptionError for one that is not configured."""
    known = [one for one, now in states(conn).items() if now is not RouteState.UNUSED]
    if name not in known:
        names = ", ".join(known) or "none: it has not been started yet"
        raise OptionError(f"no route {name!r}: the gateway has {names}")
    _set(conn, name, state)


def _set(conn: Connection, name: str, state: RouteState) -> None:
    conn.execute(update(route).where(route.c.name == name).values(state=state))


def counts(conn: Connection) -> dict[str, dict[str, int]]:
    """How many messages each route was given, by state; states without any are not there."""
    columns = (message.c.route, message.c.state)
    query = select(*columns, func.count()).where(message.c.route.is_not(None)).group_by(*columns)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name, state, count in conn.execute(query):
        found[name][State(state).value] = count
    return found

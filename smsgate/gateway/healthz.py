"""``/healthz``: whether a node works, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from smsgate.errors import OutboxError
from smsgate.gateway import routes
from smsgate.gateway.database import Database
from smsgate.gateway.states import RouteState

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from smsgate.gateway.sending.fleet import Fleet


def look(database: Database, fleet: Fleet, *, sends: bool) -> dict[str, Any]:
    """No texts, numbers or passwords.

    ``ok`` needs a database that can be used and, where messages are sent, a route that is bound;
    ``problems`` says what of these is not so.
    """
    states, broken = _states(database)
    wrong: Mapping[str, str] = {
        "database": database.problem or ("" if states else "it cannot be read"),
        "routes": "" if fleet.works or not sends else "none is connected",
    }
    problems = {part: why for part, why in wrong.items() if why}
    return {"ok": not problems, "problems": problems, "routes": fleet.health(states, broken)}


def _states(database: Database) -> tuple[dict[str, RouteState], set[str]]:
    """The states of all routes, and those whose breaker is not closed; none without a database."""
    try:
        return database.read(_read)
    except OutboxError:
        return {}, set()


def _read(conn: Connection) -> tuple[dict[str, RouteState], set[str]]:
    breakers = routes.breakers(conn)
    return routes.states(conn), {name for name, one in breakers.items() if not one.is_closed}

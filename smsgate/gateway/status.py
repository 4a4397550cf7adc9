"""What a gateway is doing, as ``smsenc gateway status --json`` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smsgate.gateway import routes
from smsgate.gateway.nodes import leases
from smsgate.gateway.queue import counts, pauses
from smsgate.gateway.routing.breaker import Breaker
from smsgate.gateway.states import RouteState

if TYPE_CHECKING:
    from sqlalchemy import Connection


def record(conn: Connection, *, running: bool) -> dict[str, Any]:
    """Messages by state; and by api_id or name, accounts and routes with their state and counts.

    Balances are credits as text, so that nothing is rounded. ``running`` is repeated; a gateway
    that has ended has no ``problem``. A route that is not configured any more is there as long as
    there are messages of it. ``paused`` says which accounts and queues are.
    """
    accounts = {
        api_id: {"balance": one["balance"], "state": one["state"], **one["messages"]}
        for api_id, one in counts.accounts(conn).items()
    }
    by_route = routes.counts(conn)
    problems = routes.problems(conn) if running else {}
    waiting, breakers = routes.waiting(conn), routes.breakers(conn)
    found = {
        name: {
            "state": state.value,
            "problem": problems.get(name, ""),
            "waiting": waiting.get(name, 0),
            **_breaker(breakers[name]),
            **by_route.get(name, {}),
        }
        for name, state in routes.states(conn).items()
        if state is not RouteState.UNUSED or name in by_route or name in waiting
    }
    messages = counts.messages(conn)
    paused = [pauses.said(one) for one in pauses.named(conn)]
    return {
        "running": running,
        "messages": messages,
        "accounts": accounts,
        "routes": found,
        "nodes": nodes(conn) if running else [],
        "paused": paused,
    }


def nodes(conn: Connection) -> list[dict[str, Any]]:
    """The nodes that are alive or were lost lately; ``seen`` is seconds ago."""
    return [
        {
            "name": one.name,
            "state": one.state.value,
            "roles": list(one.roles),
            "seen": round(max(0.0, one.seen), 1),
        }
        for one in leases.listed(conn)
    ]


def _breaker(found: Breaker) -> dict[str, Any]:
    """``broken`` is until when the route rests, in UNIX seconds; None if it does not."""
    return {"failures": found.failures, "broken": found.broken or None}

"""After a commit of which nobody knows whether it was kept: what it announced is given back."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import select

from smsgate.gateway.queue import outcomes
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.states import State
from smsgate.gateway.tables import message

if TYPE_CHECKING:
    from sqlalchemy import Connection


def reconcile(
    conn: Connection, route: str, node: int | None, known: Collection[int], now: float
) -> list[int]:
    """Give back what a node has announced to a route, but for messages that it knows; which.

    What it does not know has not left, because its octets go out after the commit.
    """
    mine = message.c.route == route, message.c.node == node, state_is(State.ANNOUNCED)
    found = conn.execute(select(message.c.id).where(*mine).order_by(message.c.id)).scalars()
    lost = [one for one in found if one not in known]
    lot = [Outcome(one, (), Ended.GIVEN_BACK, node=node) for one in lost]
    outcomes.record(conn, route, lot, now)
    return lost

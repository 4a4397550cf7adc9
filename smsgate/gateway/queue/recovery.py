"""Recovery: what a node had announced when it stopped may have gone, and nobody has answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from smsgate.gateway.queue import moves
from smsgate.gateway.queue.moves import Move, Row
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.settings import Unknown
from smsgate.gateway.states import State, Status
from smsgate.gateway.tables import message

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NOTE = "the gateway stopped before the message centre answered"


def recover(
    conn: Connection, policies: Mapping[str, Unknown], now: float, node: int | None = None
) -> list[int]:
    """Hold or resend what ``node``, or any, has announced, as the policy of its route says.

    It returns what waits again; numbers may have been listed meanwhile.

    ``policies`` are by name. Messages of a route that is not there any more are held.
    """
    mine = () if node is None else (message.c.node == node,)
    query = moves.selected(state_is(State.ANNOUNCED), *mine).order_by(message.c.route, message.c.id)
    found = moves.rows(conn.execute(query.with_for_update()))
    made = [_recovered(row, policies.get(row.route or "")) for row in found]
    moves.write(conn, made, now)
    return [one.message for one in made if one.state is State.WAITING]


def _recovered(row: Row, policy: Unknown | None) -> Move:
    if policy is Unknown.RESEND:
        return moves.move(row, State.WAITING, Status.QUEUED, _NOTE)
    return moves.move(row, State.UNKNOWN, row.status, _NOTE)

"""The end of validity: what has not left the gateway by then never does, and costs nothing."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam

from smsgate.gateway.queue import ledger, moves
from smsgate.gateway.queue.statements import Query, state_is
from smsgate.gateway.states import State, Status
from smsgate.gateway.tables import message

#: Messages in one transaction, so that others need not wait long.
LOT = 1000
_NOTE = "its validity was over before it was sent"

_OVER = Query(
    moves.selected(state_is(State.WAITING, State.DELAYED), message.c.expires <= bindparam("now"))
    .order_by(message.c.expires)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True),  # somebody else is deciding about it
    *("now", "most"),
)


def expire(conn: Connection, now: float, most: int = LOT) -> int:
    """Expire up to ``most`` messages that are over-aged; returns how many: repeat it until 0.

    Those of an account that somebody else holds stay for the next time: who cancels what waits for
    a number holds its account, and then the messages.
    """
    over = moves.rows(_OVER.rows(conn, now, most))
    free = ledger.free(conn, [row.account for row in over]) if over else ()
    found = [row for row in over if row.account in free]
    if not found:
        return 0
    sent = moves.accepted(conn, found)
    moves.write(
        conn,
        [
            moves.ended(row, State.EXPIRED, Status.EXPIRED, sent.get(row.message, 0), _NOTE)
            for row in found
        ],
        now,
    )
    return len(found)

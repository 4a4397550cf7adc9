"""What is too old goes: PDUs that are in replies, and replies that are in the logs."""

from __future__ import annotations

from sqlalchemy import Connection, Select, delete, select

from smsgate.gateway.logs.replylots import Logged
from smsgate.gateway.logs.retention import MESSAGES
from smsgate.gateway.states import InboundState
from smsgate.gateway.tables import inbound, reply

#: Seconds that PDUs stay after they are in a reply, or longer if parts may still come.
PDUS = 2 * 86_400.0
#: Rows of each table in one transaction.
LOT = 1000
_OVER = (InboundState.DONE.value, InboundState.REPEATED.value)


def prune(conn: Connection, now: float, reply_parts: float, older: float = MESSAGES) -> int:
    """Delete what is too old, in one lot; how many rows: call again until 0.

    Replies go after ``older`` seconds; those that are not in the log of their account yet stay.
    """
    since = now - max(PDUS, 3 * reply_parts)
    over = select(inbound.c.id).where(inbound.c.time < since, inbound.c.state.in_(_OVER))
    odd = select(inbound.c.id).where(
        inbound.c.time < now - older, inbound.c.state == InboundState.ODD.value
    )
    written = (reply.c.logged == int(Logged.YES)) | reply.c.account.is_(None)
    old = select(reply.c.id).where(reply.c.time < now - older, written)
    count = sum(_deleted(conn, query) for query in (over, odd))
    some = old.order_by(reply.c.time).limit(LOT)
    return count + conn.execute(delete(reply).where(reply.c.id.in_(some))).rowcount


def _deleted(conn: Connection, query: Select[*tuple[int]]) -> int:
    some = query.order_by(inbound.c.id).limit(LOT)
    return conn.execute(delete(inbound).where(inbound.c.id.in_(some))).rowcount

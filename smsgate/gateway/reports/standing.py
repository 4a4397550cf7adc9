"""What there is now, asked of the database: a few counts over indexes of open messages.

Of final messages there are many, and nobody counts them here: the sums of statuses tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, literal_column, select

from smsgate.gateway.queue import counts
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.reports.figures import MOST_ACCOUNTS, OTHER
from smsgate.gateway.states import (
    CallbackKind,
    CallbackState,
    InboundState,
    NodeState,
    State,
    Status,
)
from smsgate.gateway.tables import account, callback, event, inbound, message, node

#: States that have an index of their own.
_OPEN = (State.DELAYED, State.WAITING, State.ANNOUNCED, State.UNKNOWN)
_FINAL = (Status.RECEIVED, Status.ERROR_WITH_MESSAGE, Status.ERROR_DELIVERING)
#: Events that are looked through for receipts, and messages of which they are measured.
_SCANNED, _SAMPLE = 5000, 200


@dataclass(frozen=True, slots=True)
class Standing:
    """``queued`` are waiting messages by account and queue; ``oldest`` seconds by queue.

    ``callbacks`` wait to be sent, by kind, ``phones`` are messages from phones that are in no reply
    yet, by state, and ``nodes`` those that are alive. ``receipts`` are the seconds from answer to
    receipt of some messages after the event ``seen``.
    """

    queued: Mapping[tuple[str, str], int] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
    oldest: Mapping[str, float] = field(default_factory=dict)
    callbacks: Mapping[str, int] = field(default_factory=dict)
    phones: Mapping[str, int] = field(default_factory=dict)
    nodes: int = 0
    receipts: Sequence[float] = ()
    seen: int = 0


def look(conn: Connection, now: float, seen: int | None) -> Standing:
    """Count; receipts are those since the event ``seen``, none if that is None."""
    last = conn.execute(select(func.max(event.c.id))).scalar() or 0
    return Standing(
        _queued(conn),
        {one.value: _number(conn, one) for one in _OPEN},
        {str(queue): age for queue, age in counts.oldest(conn, now).items()},
        _callbacks(conn),
        {one.value: _phones(conn, one) for one in (InboundState.NEW, InboundState.PART)},
        _nodes(conn),
        () if seen is None else _receipts(conn, max(seen, last - _SCANNED)),
        last,
    )


def _queued(conn: Connection) -> dict[tuple[str, str], int]:
    columns = (message.c.account, message.c.queue)
    query = select(*columns, func.count()).where(state_is(State.WAITING)).group_by(*columns)
    rows = conn.execute(query).all()
    kept = dict.fromkeys(row[0] for row in sorted(rows, key=lambda row: -row[2]))
    shown = list(kept)[:MOST_ACCOUNTS]
    names = {
        row[0]: row[1]
        for row in conn.execute(select(account.c.id, account.c.api_id))
        if row[0] in shown
    }
    found: dict[tuple[str, str], int] = {}
    for number, queue, count in rows:
        key = (names.get(number, OTHER), str(queue))
        found[key] = found.get(key, 0) + count
    return found


def _number(conn: Connection, state: State) -> int:
    query = select(func.count()).select_from(message).where(state_is(state))
    return conn.execute(query).scalar() or 0


def _callbacks(conn: Connection) -> dict[str, int]:
    waits = callback.c.state == literal_column(f"'{CallbackState.WAITING}'")
    query = select(callback.c.kind, func.count()).where(waits).group_by(callback.c.kind)
    rows = conn.execute(query).all()
    return {kind.value: 0 for kind in CallbackKind} | {row[0]: row[1] for row in rows}


def _phones(conn: Connection, state: InboundState) -> int:
    in_state = inbound.c.state == literal_column(f"'{state}'")
    query = select(func.count()).select_from(inbound).where(in_state)
    return conn.execute(query).scalar() or 0


def _nodes(conn: Connection) -> int:
    query = select(func.count()).select_from(node).where(node.c.state == NodeState.ALIVE)
    return conn.execute(query).scalar() or 0


def _receipts(conn: Connection, after: int) -> list[float]:
    """Seconds from status 003 to a receipt, of the newest messages."""
    final = event.alias("final")
    sent = (
        select(func.max(event.c.time))
        .where(
            event.c.message == final.c.message,
            event.c.status == int(Status.DELIVERED_TO_GATEWAY),
        )
        .scalar_subquery()
    )
    query = (
        select(final.c.time - sent)
        .where(final.c.id > after, final.c.status.in_([int(one) for one in _FINAL]))
        .order_by(final.c.id.desc())
        .limit(_SAMPLE)
    )
    return [float(one) for one in conn.execute(query).scalars() if one is not None]

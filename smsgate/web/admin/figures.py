"""Counts and rates that several pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from smsgate.gateway import database
from smsgate.gateway.queue import counts
from smsgate.gateway.queue.counts import Group
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.states import State, Status
from smsgate.gateway.tables import account, event, message
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.kept import Moment
from smsgate.web.admin.scope import Asked

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SECONDS = 10  # over which a rate is measured
_LEAST = 0.5  # seconds that so many events are taken to span
_EVENTS = 30_000  # that are looked at for it
#: What happened to a message, by the statuses that say so.
_RATES: Mapping[str, tuple[Status, ...]] = {
    "accepted": (Status.QUEUED, Status.DELAYED),
    "sent": (Status.DELIVERED_TO_GATEWAY,),
    "received": (Status.RECEIVED,),
    "failed": (Status.ERROR_WITH_MESSAGE, Status.ERROR_DELIVERING, Status.ROUTING_ERROR),
}
#: States whose messages have an index of their own, and so are counted at once.
_INDEXED = (State.DELAYED, State.WAITING, State.ANNOUNCED, State.UNKNOWN)


class Waiting(NamedTuple):
    """A group of messages that wait, with the account's api_id and for how many seconds."""

    api_id: str
    queue: int
    messages: int
    seconds: float


def states(desk: Desk, conn: Connection, found: Asked) -> Moment[dict[str, int]]:
    """Messages by state of all accounts, or of the one that is shown; not older than it says.

    All are counted at once for everybody: a count of one account takes as long.
    """
    totals = desk.totals(conn)
    if found.who.account is not None:
        shown = [totals.value.get(found.who.account, {})]
    else:
        shown = list(totals.value.values())
    return Moment({one.value: sum(of.get(one, 0) for of in shown) for one in State}, totals.time)


def open_states(desk: Desk, conn: Connection, found: Asked) -> Mapping[str, int]:
    """The same for messages that are not over, as it is now."""
    key = ("open", found.who.account)
    return desk.kept(key, partial(_open, found=found))(conn).value


def _open(conn: Connection, found: Asked) -> Mapping[str, int]:
    query = select(func.count()).select_from(message).where(*found.of(message.c.account))
    return MappingProxyType(
        {one.value: conn.execute(query.where(state_is(one))).scalar() or 0 for one in _INDEXED}
    )


def rates(conn: Connection, found: Asked) -> dict[str, float]:
    """How many messages a second were accepted, sent and received in the last ten seconds.

    If much happened then: in those that the last events span.
    """
    now = database.now()
    last = conn.execute(select(func.max(event.c.id))).scalar() or 0
    lately = event.c.id > last - _EVENTS, event.c.time > now - _SECONDS
    query = select(event.c.status, func.count()).where(*lately, *found.of(event.c.account))
    rows: dict[int, int] = {row[0]: row[1] for row in conn.execute(query.group_by(event.c.status))}
    seconds = _spanned(conn, last - _EVENTS, now)
    return {
        name: sum(rows.get(int(one), 0) for one in some) / seconds for name, some in _RATES.items()
    }


def _spanned(conn: Connection, before: int, now: float) -> float:
    """The seconds in which the events behind one happened, if these are fewer than ten."""
    query = select(event.c.time).where(event.c.id <= before).order_by(event.c.id.desc())
    begun = conn.execute(query.limit(1)).scalar() if before > 0 else None
    return float(_SECONDS if begun is None else min(_SECONDS, max(_LEAST, now - begun)))


def waiting(desk: Desk, conn: Connection, found: Asked) -> list[Waiting]:
    """What waits, by account and queue."""
    key = ("groups", found.who.account)
    groups = desk.kept(key, partial(counts.groups, account_id=found.who.account))(conn).value
    names = api_ids(conn, groups)
    now = database.now()
    return [
        Waiting(names.get(one.account, "?"), one.queue, one.messages, max(0.0, now - one.since))
        for one in groups
    ]


def api_ids(conn: Connection, groups: Sequence[Group]) -> dict[int, str]:
    """The names of accounts."""
    keys = sorted({one.account for one in groups})
    query = select(account.c.id, account.c.api_id).where(account.c.id.in_(keys))
    return {row[0]: row[1] for row in conn.execute(query)} if keys else {}

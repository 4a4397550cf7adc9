"""The queue: what waits, by priority and account, and what is paused."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, select

from smsgate.gateway.pieces import PAGE
from smsgate.gateway.queue import counts, pauses
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.states import State
from smsgate.gateway.tables import message
from smsgate.web.admin import figures
from smsgate.web.admin.accountchanges import begin_pause, end_pause
from smsgate.web.admin.actions import Action, Done, Values
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.scope import Asked, account_id, missing, number
from smsgate.web.admin.views import Given, View
from smsgate.web.texts import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_GROUPS = 200  # of accounts and queues that are shown
_COLUMNS = (
    *(message.c.id, message.c.uid, message.c.recipient, message.c.due, message.c.expires),
    *(message.c.parts, message.c.attempts, message.c.way),
)


def gather(desk: Desk, conn: Connection, found: Asked) -> Given:
    """What waits now."""
    groups = figures.waiting(desk, conn, found)
    queues = [
        (
            queue,
            sum(one.messages for one in groups if one.queue == queue),
            max((one.seconds for one in groups if one.queue == queue), default=0.0),
        )
        for queue in pauses.QUEUES
    ]
    states = figures.open_states(desk, conn, found)
    return {
        "queues": queues,
        "groups": groups,
        "most": _GROUPS,
        "paused": pauses.named(conn, found.who.account),
        "delayed": states[State.DELAYED],
        "sending": states[State.ANNOUNCED],
        "rates": figures.rates(conn, found),
    }


VIEW = View(template="admin/queue.html", part="admin/parts/queue.html", of_part=gather)


# The messages of a queue of an account ------------------------------------------------------------


def gather_group(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """A piece of what waits, in the order in which it is sent by each route."""
    queue = _queue(found)
    key = account_id(conn, found, found.path["api_id"])
    way, after = found.get("way")[:32], number(found.get("after") or "0")
    rows: list[Any] = []
    for name in counts.ways(conn):
        if name >= way:
            most = PAGE + 1 - len(rows)
            of = message.c.way == name, message.c.account == key, message.c.queue == queue
            rows += _rows(conn, of, after if name == way else 0, most)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return {"api_id": found.path["api_id"], "queue": queue, "rows": rows[:PAGE], "last": last}


def _rows(
    conn: Connection, of: Sequence[ColumnElement[bool]], after: int, most: int
) -> Sequence[Any]:
    """By the index of waiting messages."""
    query = select(*_COLUMNS).where(state_is(State.WAITING), *of, message.c.id > after)
    return conn.execute(query.order_by(message.c.id).limit(most)).mappings().all() if most else ()


def _queue(found: Asked) -> int:
    queue = number(found.path["queue"])
    if queue not in pauses.QUEUES:
        raise missing()
    return queue


GROUP_VIEW = View(template="admin/group.html", gather=gather_group)


# Pause and resume ---------------------------------------------------------------------------------


def _look(conn: Connection, found: Asked, _values: Values) -> Values:
    queue, api_id = _queue(found), found.get("api_id")
    if api_id:
        account_id(conn, found, api_id)
    return {"what": pauses.said(pauses.Named(api_id, queue))}


def _whose(found: Asked) -> Values:
    return {"api_id": found.get("api_id")}


def _begin(conn: Connection, found: Asked, values: Values, now: float) -> Done:
    said = begin_pause(conn, values["api_id"], _queue(found), now)
    return Done(text("admin.done.pause", what=said))


def _end(conn: Connection, found: Asked, values: Values, _now: float) -> Done:
    said = end_pause(conn, values["api_id"], _queue(found))
    return Done(text("admin.done.resume", what=said))


def _back(_found: Asked) -> str:
    return "/queue"


_action = partial(Action, look=_look, read=_whose, back=_back)
PAUSE = _action(name="queue-pause", do=_begin)
RESUME = _action(name="queue-resume", do=_end)

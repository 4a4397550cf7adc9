"""What accounts are told by callbacks, and what they are still to be told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal_column, select

from smsenc import OptionError
from smsgate.gateway import database
from smsgate.gateway.callbacks import breaker, targets
from smsgate.gateway.callbacks import shown as callbacks
from smsgate.gateway.pieces import newest
from smsgate.gateway.states import CallbackState
from smsgate.gateway.tables import account, callback, message, reply
from smsgate.web.admin.actions import Action, Done, Values
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.scope import Asked, missing, number
from smsgate.web.admin.views import Given, View
from smsgate.web.texts import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OPEN = (CallbackState.WAITING, CallbackState.SENDING, CallbackState.FAILED)
_WAITING: ColumnElement[bool] = literal_column(f"state = '{CallbackState.WAITING}'")
_MOST = 100  # callbacks of one message
_LINES = 100  # URLs that are shown


class Line(NamedTuple):
    """A URL by its origin: what waits for it, when the first is due, until when it rests."""

    api_id: str
    kind: str
    origin: str
    waiting: int
    due: float | None
    rests_until: float | None


def _query() -> Select[Any]:
    joined = callback.join(account, account.c.id == callback.c.account)
    joined = joined.join(message, message.c.id == callback.c.message, isouter=True)
    joined = joined.join(reply, reply.c.id == callback.c.reply, isouter=True)
    columns = (
        *(callback.c.id, account.c.api_id, callback.c.kind, callback.c.status, callback.c.state),
        *(callback.c.time, callback.c.due, callback.c.tries, callback.c.note, callback.c.changed),
        *(message.c.uid.label("message"), reply.c.uid.label("reply")),
    )
    return select(*columns).select_from(joined)


def gather_list(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """A piece of those that are not told yet, the newest first."""
    where = (callback.c.state.in_(_OPEN), *found.of(callback.c.account))
    if found.get("failed"):
        where = (callback.c.state == CallbackState.FAILED, *where[1:])
    before = number(found.get("before") or "0")
    return {
        "piece": newest(conn, _query(), callback.c.id, *where, before=before),
        "failed": bool(found.get("failed")),
    }


def gather_now(desk: Desk, conn: Connection, found: Asked) -> Given:
    """Each URL that is shown."""
    waiting = desk.kept(("callbacks", found.who.account), partial(_count, found=found))
    counted = dict(waiting(conn).value)
    names = set(_names(conn, found))
    given = {
        subject: target
        for subject, target in targets.of(desk.gateway.settings()).items()
        if subject.api_id in names
    }
    healths = breaker.healths(conn, sorted({one.url.digest for one in given.values()}))
    now = database.now()
    lines = []
    for subject, target in sorted(given.items()):
        count, due = counted.pop((subject.api_id, subject.kind.value), (0, None))
        health = healths.get(target.url.digest, breaker.Health())
        until = health.until if health.rests_at(now) else None
        lines.append(Line(subject.api_id, subject.kind.value, target.url.origin, count, due, until))
    lines += [Line(*key, "-", count, due, None) for key, (count, due) in sorted(counted.items())]
    if len(lines) > _LINES:  # these first for which something waits, or that rest
        lines.sort(key=lambda one: not (one.waiting or one.rests_until))
    return {"lines": lines[:_LINES], "more": max(0, len(lines) - _LINES)}


def _names(conn: Connection, found: Asked) -> list[str]:
    return list(conn.execute(select(account.c.api_id).where(*found.of(account.c.id))).scalars())


def _count(conn: Connection, found: Asked) -> Mapping[tuple[str, str], tuple[int, float]]:
    """What waits, by api_id and kind: how many, and when the first is due. By an index."""
    columns = callback.c.account, callback.c.kind
    query = select(*columns, func.count().label("count"), func.min(callback.c.due).label("due"))
    query = query.where(_WAITING, *found.of(callback.c.account)).group_by(*columns)
    some = query.subquery()
    joined = select(account.c.api_id, some.c.kind, some.c.count, some.c.due).join(
        some, some.c.account == account.c.id
    )
    return MappingProxyType({(row[0], row[1]): (row[2], row[3]) for row in conn.execute(joined)})


def of_message(conn: Connection, uid: str) -> list[Any]:
    """The callbacks about a message, the oldest first."""
    query = _query().where(message.c.uid == uid).order_by(callback.c.id).limit(_MOST)
    return list(conn.execute(query).mappings())


VIEW = View(
    template="admin/callbacks.html",
    gather=gather_list,
    part="admin/parts/callbacks.html",
    of_part=gather_now,
)


# Another try --------------------------------------------------------------------------------------


def _look(conn: Connection, found: Asked, _values: Values) -> Values:
    key = number(found.path["id"])
    query = select(callback.c.id).where(callback.c.id == key, *found.of(callback.c.account))
    if conn.execute(query).scalar() is None:
        raise missing()
    return {}


def _nothing(_conn: Connection, _found: Asked, _values: Values) -> Values:
    return {}


def _retry(conn: Connection, found: Asked, _values: Values, now: float) -> Done:
    key = number(found.path["id"])
    count = callbacks.retry(conn, now, key)
    if not count:
        raise OptionError(text("admin.no-callback", id=key))
    return Done(text("admin.done.callback-retry", count=count))


def _retry_all(conn: Connection, _found: Asked, _values: Values, now: float) -> Done:
    return Done(text("admin.done.callback-retry", count=callbacks.retry(conn, now)))


def _back(_found: Asked) -> str:
    return "/callbacks"


RETRY = Action(name="callback-retry", look=_look, do=_retry, back=_back)
RETRY_ALL = Action(name="callback-retry-all", look=_nothing, do=_retry_all, back=_back)

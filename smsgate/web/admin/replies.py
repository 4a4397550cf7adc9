"""What phones have written, and whose that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from smsenc import OptionError
from smsgate.gateway import accounts, listed
from smsgate.gateway.pieces import newest
from smsgate.gateway.replies import keeping
from smsgate.gateway.tables import account, reply
from smsgate.web.admin.actions import Action, Done, Values
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.scope import Asked, missing, number
from smsgate.web.admin.views import Given, View
from smsgate.web.problems import ProblemError
from smsgate.web.texts import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SHORT, _LONG = 300, 70_000  # characters of a text in the list, and on its own page
_COLUMNS = (
    *(reply.c.id, reply.c.uid, reply.c.time, reply.c.handset, reply.c.number, reply.c.route),
    *(reply.c.parts, reply.c.text, reply.c.data, reply.c.note, account.c.api_id),
)


def _query() -> Select[Any]:
    joined = reply.join(account, account.c.id == reply.c.account, isouter=True)
    return select(*_COLUMNS).select_from(joined)


def gather(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """A piece of the replies, the newest first."""
    where = [*found.of(reply.c.account)]
    if found.get("nobody"):
        where.append(reply.c.account.is_(None))
    if typed := found.get("number"):
        digits = listed.digits(typed)
        if not digits:
            raise ProblemError(said=listed.expected(typed))
        where.append(reply.c.handset == digits)
    before = number(found.get("before") or "0")
    fields = {one: found.get(one) for one in ("number", "nobody") if found.get(one)}
    return {
        "piece": newest(conn, _query(), reply.c.id, *where, before=before),
        "fields": fields,
        "most": _SHORT,
    }


VIEW = View(template="admin/replies.html", gather=gather)


def gather_one(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """One with the whole of its text."""
    query = _query().where(reply.c.uid == found.path["uid"].lower(), *found.of(reply.c.account))
    row = conn.execute(query).mappings().first()
    if row is None:
        raise missing()
    return {"row": row, "most": _LONG}


ONE_VIEW = View(template="admin/reply.html", gather=gather_one)


# A reply that is nobody's -------------------------------------------------------------------------


def _whose(found: Asked) -> Values:
    if not found.get("api_id"):
        raise ProblemError("admin.no-account")
    return {"api_id": found.get("api_id")}


def _look(conn: Connection, found: Asked, values: Values) -> Values:
    query = select(reply.c.handset).where(reply.c.uid == found.path["uid"].lower())
    handset = conn.execute(query.where(*found.of(reply.c.account))).scalar()
    if handset is None:
        raise missing()
    if accounts.find(conn, values["api_id"]) is None:
        raise ProblemError("admin.no-such-account", api_id=values["api_id"])
    return {"handset": handset}


def _assign(conn: Connection, found: Asked, values: Values, now: float) -> Done:
    uid, api_id = found.path["uid"].lower(), values["api_id"]
    if why := keeping.give(conn, uid, accounts.known(conn, api_id).id, now):
        raise OptionError(text("admin.not-changed", uid=uid, why=why))
    return Done(text("admin.done.reply-assign", uid=uid, api_id=api_id))


def _back(_found: Asked) -> str:
    return "/replies"


ASSIGN = Action(name="reply-assign", read=_whose, look=_look, do=_assign, back=_back, danger=True)

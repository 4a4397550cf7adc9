"""Messages: searched for, and one with all that became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, select

from smsenc import OptionError
from smsgate.gateway import listed, resending
from smsgate.gateway.pieces import Piece, newest
from smsgate.gateway.queue import changes
from smsgate.gateway.queue.accept import first_uid, moment_of
from smsgate.gateway.queue.shown import show
from smsgate.gateway.queue.statements import lots, state_is
from smsgate.gateway.states import State
from smsgate.gateway.tables import account, file, message
from smsgate.web.admin import contents
from smsgate.web.admin.actions import Action, Done, Values
from smsgate.web.admin.callbacks import of_message
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.moments import charges
from smsgate.web.admin.scope import Asked, missing, number
from smsgate.web.admin.views import Given, View
from smsgate.web.problems import ProblemError
from smsgate.web.texts import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

UID = re.compile("[0-9A-Fa-f]{32}")
#: States that have an index in the order of ids.
_INDEXED = (State.UNKNOWN,)
_FILES, _MOST_FILES = 100, 10_000  # of a name: whose messages are shown, that are looked at
_SLACK = 10_000  # ids: messages of two nodes are accepted at the same time
_COLUMNS = (
    *(message.c.id, message.c.uid, message.c.recipient, message.c.state, message.c.status),
    *(message.c.parts, message.c.account, message.c.file, message.c.route, message.c.note),
)
_FIELDS = ("number", "file", "state", "account", "since", "until")


# Search -------------------------------------------------------------------------------------------


class Wanted(NamedTuple):
    """What is searched for: conditions, those that an index has, and ids that can be left out."""

    conditions: tuple[ColumnElement[bool], ...] = ()
    by_index: tuple[ColumnElement[bool], ...] = ()
    above: int = 0
    before: int = 0


def gather_list(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """A piece of the messages that are searched for, the newest first."""
    piece = _piece(conn, found, _wanted(conn, found))
    fields = {name: found.get(name) for name in _FIELDS if found.get(name)}
    return {
        "piece": piece._replace(rows=_named(conn, piece)),
        "fields": fields,
        "states": list(State),
        "moment": moment_of,
    }


def _piece(conn: Connection, found: Asked, wanted: Wanted | None) -> Piece:
    if wanted is None:
        return Piece(())
    before = number(found.get("before") or "0")
    before = min(before or wanted.before, wanted.before or before)
    return newest(
        conn,
        select(*_COLUMNS),
        message.c.id,
        *wanted.conditions,
        by_index=wanted.by_index,
        before=before,
        above=wanted.above,
    )


def _named(conn: Connection, piece: Piece) -> list[Mapping[str, Any]]:
    """The rows with the names of accounts and files."""
    of_accounts = _names(conn, account.c.id, account.c.api_id, {r["account"] for r in piece.rows})
    of_files = _names(conn, file.c.id, file.c.name, {row["file"] for row in piece.rows})
    return [
        {
            **row,
            "api_id": of_accounts.get(row["account"], "?"),
            "name": of_files.get(row["file"], ""),
        }
        for row in piece.rows
    ]


def _names(
    conn: Connection, key: ColumnElement[int], name: ColumnElement[str], keys: set[int]
) -> dict[int, str]:
    if not keys:
        return {}
    return {row[0]: row[1] for row in conn.execute(select(key, name).where(key.in_(keys)))}


def _wanted(conn: Connection, found: Asked) -> Wanted | None:
    """None if there can be nothing."""
    wanted: Wanted | None = Wanted(found.of(message.c.account))
    for narrow in (_by_account, _by_file, _by_state, _by_number, _by_time):
        wanted = wanted and narrow(conn, found, wanted)
    return wanted


def _with(wanted: Wanted, *conditions: ColumnElement[bool]) -> Wanted:
    return wanted._replace(conditions=(*wanted.conditions, *conditions))


def _indexed(wanted: Wanted, condition: ColumnElement[bool]) -> Wanted:
    return wanted._replace(by_index=(*wanted.by_index, condition))


def _by_account(conn: Connection, found: Asked, wanted: Wanted) -> Wanted | None:
    name = found.get("account")
    if not name:
        return wanted
    query = select(account.c.id).where(account.c.api_id == name, *found.of(account.c.id))
    key = conn.execute(query).scalar()
    return None if key is None else _with(wanted, message.c.account == key)


def _by_file(conn: Connection, found: Asked, wanted: Wanted) -> Wanted | None:
    """A file by its number, or those of a name, which an index finds by account and name."""
    if key := found.get("of"):
        query = select(file.c.id).where(file.c.id == number(key), *found.of(file.c.account))
        one = conn.execute(query).scalar()
        return None if one is None else _indexed(wanted, message.c.file == one)
    name = found.get("file")
    if not name:
        return wanted
    mine = conn.execute(select(account.c.id).where(*found.of(account.c.id))).scalars().all()
    keys: list[int] = []
    for some in lots(mine):
        query = select(file.c.id).where(file.c.account.in_(some), file.c.name == name)
        keys += conn.execute(query.limit(_MOST_FILES)).scalars()
    keys = sorted(keys)[-_FILES:]
    if not keys:
        return None
    return (
        _indexed(wanted, message.c.file == keys[0])
        if len(keys) == 1
        else _with(wanted, message.c.file.in_(keys))
    )


def _by_state(_conn: Connection, found: Asked, wanted: Wanted) -> Wanted | None:
    name = found.get("state")
    if not name:
        return wanted
    if name not in list(State):
        raise ProblemError("admin.no-state")
    if State(name) in _INDEXED:
        of = found.of(message.c.account)
        return wanted._replace(by_index=(*wanted.by_index, state_is(State(name)), *of))
    return _with(wanted, message.c.state == name)


def _by_number(_conn: Connection, found: Asked, wanted: Wanted) -> Wanted | None:
    typed = found.get("number")
    if not typed:
        return wanted
    digits = listed.digits(typed)
    if not digits:
        raise ProblemError(said=listed.expected(typed))
    return _with(wanted, message.c.recipient == digits)


def _by_time(conn: Connection, found: Asked, wanted: Wanted) -> Wanted | None:
    """By the time in the uids, which an index finds; ids rise with it."""
    if since := _moment(found.get("since")):
        uid = first_uid(since)
        query = select(message.c.id).where(message.c.uid >= uid).order_by(message.c.uid)
        first = conn.execute(query.limit(1)).scalar()
        if first is None:
            return None
        above = max(0, first - _SLACK)
        wanted = _with(wanted, message.c.uid >= uid)._replace(above=above)
    if until := _moment(found.get("until")):
        uid = first_uid(until)
        query = select(message.c.id).where(message.c.uid < uid).order_by(message.c.uid.desc())
        last = conn.execute(query.limit(1)).scalar()
        if last is None:
            return None
        wanted = _with(wanted, message.c.uid < uid)._replace(before=last + _SLACK)
    return wanted


def _moment(typed: str) -> float:
    """UNIX seconds of a time in UTC, 0 for none; raises ProblemError."""
    if not typed:
        return 0.0
    try:
        found = datetime.fromisoformat(typed)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ProblemError("admin.no-time") from None


def _to_one(found: Asked) -> str:
    uid = found.get("id")
    if not uid:
        return ""
    if not UID.fullmatch(uid):
        raise ProblemError("admin.no-id")
    return f"/messages/{uid.lower()}"


LIST_VIEW = View(template="admin/messages.html", gather=gather_list, elsewhere=_to_one)


# One message --------------------------------------------------------------------------------------


def _one(conn: Connection, found: Asked, *, words: bool) -> dict[str, Any]:
    uid, owner = found.path["uid"], found.who.account
    shown = show(conn, uid, text=words, charges=False, account_id=owner)
    if shown is None:
        raise missing()
    return shown


def gather_one(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """What does not change: what it says."""
    shown = _one(conn, found, words=True)
    return {"content": contents.of(conn, shown["uid"], shown["text"])}


def gather_now(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """What changes."""
    shown = _one(conn, found, words=False)
    accepted = moment_of(shown["uid"])
    moments = filter(None, (accepted, shown["changed"]))
    return {
        "message": shown | {"ledger": charges(conn, shown["uid"], moments)},
        "callbacks": of_message(conn, shown["uid"]),
        "accepted": accepted,
        "may_cancel": shown["state"] in (State.WAITING, State.DELAYED),
        "may_resend": shown["state"] in resending.STATES,
    }


ONE_VIEW = View(
    template="admin/message.html",
    gather=gather_one,
    part="admin/parts/message.html",
    of_part=gather_now,
)


# Cancel and send again ----------------------------------------------------------------------------


def _look(conn: Connection, found: Asked, _values: Values) -> Values:
    """Nothing but that it is there, and of an account that is shown."""
    uid = found.path["uid"].lower()
    query = select(message.c.recipient).where(message.c.uid == uid)
    recipient = conn.execute(query.where(*found.of(message.c.account))).scalar()
    if recipient is None:
        raise missing()
    return {"recipient": recipient}


def _change(
    change: Any, key: str, conn: Connection, found: Asked, _values: Values, now: float
) -> Done:
    uid = found.path["uid"].lower()
    if why := change(conn, uid, now):
        raise OptionError(text("admin.not-changed", uid=uid, why=why))
    return Done(text(key, uid=uid))


def _back(found: Asked) -> str:
    return f"/messages/{found.path['uid']}"


CANCEL = Action(
    name="message-cancel",
    look=_look,
    do=partial(_change, changes.cancel, "admin.done.message-cancel"),
    back=_back,
    danger=True,
)
RESEND = Action(
    name="message-resend",
    look=_look,
    do=partial(_change, resending.resend, "admin.done.message-resend"),
    back=_back,
    danger=True,
)

"""Accounts: all of them, one with what it used, and its ledger."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import Select, select

from smsgate.gateway import credits as amounts
from smsgate.gateway import database
from smsgate.gateway.accounts import Account
from smsgate.gateway.callbacks import urls
from smsgate.gateway.pieces import PAGE, Piece, indexed
from smsgate.gateway.queue import pauses
from smsgate.gateway.queue.pauses import ALL, Named
from smsgate.gateway.settings import AccountSettings, Settings
from smsgate.gateway.states import AccountState
from smsgate.gateway.tables import account, ledger, message
from smsgate.web.admin import figures
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.plot import plot
from smsgate.web.admin.scope import Asked, account_id, missing, number
from smsgate.web.admin.views import Given, View

if TYPE_CHECKING:
    from sqlalchemy import Connection

_RECENT = 10
_COLUMNS = [account.c[name] for name in Account._fields]


class Limit(NamedTuple):
    """What is set for an account: the key of a text, and its value; ``is_own``: for it alone."""

    text: str
    value: object
    is_own: bool = False


# All accounts -------------------------------------------------------------------------------------


def gather_all(desk: Desk, conn: Connection, found: Asked) -> Given:
    """A piece of the accounts, the oldest first."""
    after = number(found.get("after") or "0")
    query = select(*_COLUMNS).where(account.c.id > after, *found.of(account.c.id))
    rows = conn.execute(query.order_by(account.c.id).limit(PAGE + 1)).all()
    waiting: Counter[str] = Counter()
    for one in figures.waiting(desk, conn, found):
        waiting[one.api_id] += one.messages
    return {
        "accounts": [Account._make(row) for row in rows[:PAGE]],
        "after": rows[PAGE - 1].id if len(rows) > PAGE else 0,
        "waiting": waiting,
        "shown": amounts.shown,
    }


def _wanted(found: Asked) -> str:
    name = found.get("api_id")
    return f"/accounts/{quote(name, safe='')}" if name else ""


ALL_VIEW = View(template="admin/accounts.html", gather=gather_all, elsewhere=_wanted)


# One account --------------------------------------------------------------------------------------


def read_one(conn: Connection, found: Asked) -> Account:
    """The account of the path, if it is shown; raises ProblemError."""
    query = select(*_COLUMNS).where(account.c.api_id == found.path["api_id"])
    row = conn.execute(query.where(*found.of(account.c.id))).first()
    if row is None:
        raise missing()
    return Account._make(row)._replace(state=AccountState(row.state))


def gather_one(desk: Desk, conn: Connection, found: Asked) -> Given:
    """What does not change by itself."""
    one = read_one(conn, found)
    usage = desk.usages.of(conn, one.id, database.now())
    used = [(day.date, day.used / amounts.CREDIT) for day in usage.days]
    return {
        "usage": usage,
        "plot": plot(used),
        "credits": _credits,
        "limits": limits(desk.gateway.settings(), one.api_id),
    }


def _credits(value: float) -> str:
    return amounts.shown(round(value * amounts.CREDIT))


def gather_now(desk: Desk, conn: Connection, found: Asked) -> Given:
    """What changes all the time."""
    one = read_one(conn, found)
    waiting = figures.waiting(desk, conn, found)
    paused = pauses.named(conn, one.id)
    return {
        "account": one,
        "balance": amounts.shown(one.balance),
        "waiting": [group for group in waiting if group.api_id == one.api_id],
        "paused": paused,
        "is_paused": Named(one.api_id, ALL) in paused,
        "ledger": conn.execute(_ledger(one.id).limit(_RECENT)).mappings().all(),
        "shown": amounts.shown,
    }


def limits(settings: Settings, api_id: str) -> list[Limit]:
    """What is set for an account: no URL beyond its origin, and no password."""
    own = settings.accounts.get(api_id, AccountSettings())
    given = settings.limits
    settle = given.settle if own.settle is None else own.settle
    return [
        Limit("admin.limit.waiting", given.most_waiting_per_account),
        Limit("admin.limit.file", given.messages_per_file),
        Limit("admin.limit.size", settings.ftp.largest_file),
        Limit("admin.limit.connections", settings.ftp.per_account),
        Limit("admin.limit.settle", f"{settle:g}", own.settle is not None),
        Limit("admin.limit.prefix", own.prefix or "-", bool(own.prefix)),
        Limit("admin.limit.callback", _origin(own.callback), bool(own.callback)),
        Limit("admin.limit.replies", _origin(own.reply_callback), bool(own.reply_callback)),
        Limit("admin.limit.user", own.callback_user or "-", bool(own.callback_user)),
    ]


def _origin(url: str) -> str:
    return urls.parse(url).origin if url else "-"


ONE_VIEW = View(
    template="admin/account.html",
    gather=gather_one,
    part="admin/parts/account.html",
    of_part=gather_now,
)


# Its ledger ---------------------------------------------------------------------------------------


def _ledger(key: int) -> Select[Any]:
    columns = ledger.c.id, ledger.c.time, ledger.c.kind, ledger.c.amount, ledger.c.note
    joined = ledger.join(message, message.c.id == ledger.c.message, isouter=True)
    query = select(*columns, message.c.uid).select_from(joined).where(ledger.c.account == key)
    return query.order_by(ledger.c.id.desc())


def gather_ledger(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """A piece of the ledger, the newest first."""
    key = account_id(conn, found, found.path["api_id"])
    before = number(found.get("before") or "0")
    query = _ledger(key).order_by(None)
    piece: Piece = indexed(conn, query, ledger.c.id, before=before)
    return {"api_id": found.path["api_id"], "piece": piece, "shown": amounts.shown}


LEDGER_VIEW = View(template="admin/ledger.html", gather=gather_ledger)

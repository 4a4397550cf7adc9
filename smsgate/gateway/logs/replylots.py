"""The database's side of mo.log: which replies come next, and that they are written.

Replies are planned in a commit before any line of them is written, so a gateway that is killed in
the middle writes the same lines again at the same offsets.

A reply is written in the home of its account, which is the storage that its last message file came
to. It stays with the home that has planned it, also when the account moves meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from sqlalchemy import ColumnElement, Connection, literal_column, select, update

from smsgate.gateway.databases.upsert import upsert
from smsgate.gateway.logs.folders import Place
from smsgate.gateway.logs.replylines import ReplyRow
from smsgate.gateway.tables import account, reply, reply_log

#: The most replies of an account, and the most accounts, in one lot.
LOT, ACCOUNTS = 500, 200


class Logged(IntEnum):
    """Whether a reply is in mo.log."""

    NO = 0
    PLANNED = 1  # some of its lines may be
    YES = 2


@dataclass(frozen=True, slots=True)
class Lot:
    """Replies of an account that are written next, and where its log ends."""

    account: int
    rows: list[ReplyRow]
    place: Place | None


_UNWRITTEN: ColumnElement[bool] = literal_column("logged < 2")  # as in the partial index
_COLUMNS = [reply.c[name] for name in ReplyRow._fields]


def behind(conn: Connection, resting: Collection[int], home: str = "") -> list[int]:
    """Accounts with replies that a home has not written, without those that are resting."""
    is_here = (reply.c.logged == int(Logged.PLANNED)) & (reply.c.home == home)
    comes_here = (reply.c.logged == int(Logged.NO)) & (account.c.home == home)
    query = select(reply.c.account).join(account, account.c.id == reply.c.account)
    query = query.where(_UNWRITTEN, is_here | comes_here).distinct()
    if resting:
        query = query.where(reply.c.account.not_in(resting))
    return list(conn.execute(query.order_by(reply.c.account).limit(ACCOUNTS)).scalars())


def plan(conn: Connection, accounts: Iterable[int], home: str = "") -> list[Lot]:
    """The next replies of these accounts: those that the home has planned before, or new ones."""
    return [_lot(conn, one, home) for one in accounts]


def _lot(conn: Connection, of: int, home: str) -> Lot:
    rows = _rows(conn, of, Logged.PLANNED, reply.c.home == home)
    if not rows:
        comes_here = select(account.c.home).where(account.c.id == of).scalar_subquery() == home
        rows = _rows(conn, of, Logged.NO, comes_here)
        _set(conn, rows, Logged.PLANNED, home)
    mine = reply_log.c.home == home, reply_log.c.account == of
    found = conn.execute(select(reply_log.c.size, reply_log.c.inode).where(*mine)).first()
    return Lot(of, rows, Place(*found) if found else None)


def _rows(
    conn: Connection, of: int, logged: Logged, condition: ColumnElement[bool]
) -> list[ReplyRow]:
    """Replies in this state, which no other home plans meanwhile."""
    query = select(*_COLUMNS).where(
        _UNWRITTEN, reply.c.account == of, reply.c.logged == int(logged), condition
    )
    query = query.order_by(reply.c.id).limit(LOT).with_for_update(of=reply)
    return [ReplyRow._make(row) for row in conn.execute(query)]


def place(conn: Connection, places: Mapping[int, Place], home: str = "") -> None:
    """Commit where logs end."""
    rows = [
        {"home": home, "account": of, "size": size, "inode": inode}
        for of, (size, inode) in sorted(places.items())
    ]
    upsert(conn, reply_log, rows)


def settle(
    conn: Connection, lots: Iterable[Lot], places: Mapping[int, Place], home: str = ""
) -> None:
    """Commit that the lots of accounts with a place are written."""
    place(conn, places, home)
    for lot in lots:
        if lot.account in places:
            _set(conn, lot.rows, Logged.YES, home)


def _set(conn: Connection, rows: Iterable[ReplyRow], logged: Logged, home: str) -> None:
    ids = [row.id for row in rows]
    values = {"logged": int(logged), "home": home}
    conn.execute(update(reply).where(reply.c.id.in_(ids)).values(values))

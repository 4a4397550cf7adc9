"""Replies as commands show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, select

from smsgate.gateway.tables import account, reply

#: Replies that are read at once.
PAGE = 500


class Shown(NamedTuple):
    """A reply; ``account`` is an api_id, and empty if it is nobody's."""

    id: int
    uid: str
    time: float
    account: str | None
    handset: str
    number: str
    route: str
    parts: int
    text: str | None
    udh: str
    data: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which replies: of an account, or those that are nobody's, from a time on."""

    account: str = ""
    undelivered: bool = False
    since: float = 0.0


def page(conn: Connection, wanted: Wanted, after: int) -> list[Shown]:
    """The next replies behind the one with the key ``after``, at most PAGE."""
    columns = [account.c.api_id if name == "account" else reply.c[name] for name in Shown._fields]
    query = select(*columns).join(account, account.c.id == reply.c.account, isouter=True)
    query = query.where(reply.c.id > after, reply.c.time >= wanted.since)
    if wanted.account:
        query = query.where(account.c.api_id == wanted.account)
    if wanted.undelivered:
        query = query.where(reply.c.account.is_(None))
    return [Shown._make(row) for row in conn.execute(query.order_by(reply.c.id).limit(PAGE))]

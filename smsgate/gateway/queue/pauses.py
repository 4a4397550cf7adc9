"""Pauses: messages of an account, or of a queue, wait until somebody lets them go again.

Files are accepted meanwhile, and messages whose validity ends expire.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, literal_column, select

from smsgate.gateway.queue.statements import Query
from smsgate.gateway.tables import account, pause

QUEUES = (1, 2, 3)
ALL = 0


class Pause(NamedTuple):
    """An account and a queue; ALL stands for every one."""

    account: int
    queue: int


class Named(NamedTuple):
    """A pause for people; empty and ALL stand for every one."""

    api_id: str
    queue: int


_NOW = Query(select(pause.c.account, pause.c.queue).where(pause.c.account >= literal_column("0")))


def now(conn: Connection) -> frozenset[Pause]:
    """All pauses."""
    return frozenset(Pause._make(row) for row in _NOW.rows(conn))


def begin(conn: Connection, one: Pause, moment: float) -> bool:
    """Pause; whether that is new."""
    if one in now(conn):
        return False
    conn.execute(insert(pause).values(**one._asdict(), since=moment))
    return True


def end(conn: Connection, one: Pause) -> bool:
    """Let messages go; whether they were paused so."""
    mine = pause.c.account == one.account, pause.c.queue == one.queue
    return bool(conn.execute(delete(pause).where(*mine)).rowcount)


def open_queues(pauses: Collection[Pause], account_id: int) -> tuple[int, ...]:
    """The queues of an account whose messages may go."""
    if not pauses:
        return QUEUES
    return tuple(
        queue
        for queue in QUEUES
        if not any(one.account in (ALL, account_id) and one.queue in (ALL, queue) for one in pauses)
    )


def named(conn: Connection, account_id: int | None = None) -> list[Named]:
    """All pauses, or those of one account and of all accounts; with the names of accounts."""
    joined = pause.join(account, account.c.id == pause.c.account, isouter=True)
    query = select(account.c.api_id, pause.c.queue).select_from(joined)
    if account_id is not None:
        query = query.where(pause.c.account.in_((ALL, account_id)))
    rows = conn.execute(query.order_by(pause.c.account, pause.c.queue))
    return [Named(api_id or "", queue) for api_id, queue in rows]


def said(one: Named) -> str:
    """``account 1234567``, ``queue 3``, ``queue 3 of account 1234567``."""
    queue = f"queue {one.queue}" if one.queue else ""
    owner = f"account {one.api_id}" if one.api_id else ""
    return " of ".join(filter(None, (queue, owner)))

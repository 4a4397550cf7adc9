"""Replies that are pushed: each has one row, written in the transaction that keeps the reply."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, insert, literal, select, update

from smsgate.gateway.callbacks.targets import Subject
from smsgate.gateway.queue.statements import lots
from smsgate.gateway.states import CallbackKind, CallbackState
from smsgate.gateway.tables import account, callback, reply


def enqueue_reply(conn: Connection, reply_id: int, now: float) -> None:
    """Have an account told of a reply that it has got, if it has a URL for replies.

    Call it once, in the transaction that gives the reply to the account.
    """
    columns = {
        "account": reply.c.account,
        "kind": literal(CallbackKind.REPLY.value),
        "reply": reply.c.id,
        "time": reply.c.time,
        "state": literal(CallbackState.WAITING.value),
        "due": literal(now),
        "changed": literal(now),
    }
    found = select(*columns.values()).join(account, account.c.id == reply.c.account)
    found = found.where(reply.c.id == reply_id, account.c.replies_pushed == 1)
    conn.execute(insert(callback).from_select(list(columns), found))


def publish(conn: Connection, subjects: Iterable[Subject]) -> None:
    """Keep which accounts have a URL for replies, so that commands know it without settings."""
    wanted = {one.api_id for one in subjects if one.kind is CallbackKind.REPLY}
    query = select(account.c.api_id).where(account.c.replies_pushed == 1)
    known = set(conn.execute(query).scalars())
    for value, names in ((1, wanted - known), (0, known - wanted)):
        for some in lots(sorted(names)):
            chosen = account.c.api_id.in_(some), account.c.replies_pushed != value
            query = select(account.c.id).where(*chosen).order_by(account.c.id)
            ids = conn.execute(query.with_for_update()).scalars().all()  # held as all do
            new = update(account).where(account.c.id.in_(ids))
            conn.execute(new.values(replies_pushed=value))

"""Replies in the database: kept, charged, published, and obeyed, in one transaction."""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from smsenc.messagefile.wishes import Wish, wish
from smsgate.gateway import listed
from smsgate.gateway.callbacks.replies import enqueue_reply
from smsgate.gateway.credits import CREDIT
from smsgate.gateway.listed import Kind
from smsgate.gateway.queue import ledger
from smsgate.gateway.replies.joining import Content
from smsgate.gateway.replies.owners import Owner, Owners
from smsgate.gateway.tables import reply

_NUMBER = re.compile("[0-9]{3,15}")
#: What a reply costs, in millionths of a credit: it is never lost for want of credit.
CHARGE = CREDIT // 3
#: What else happens to a reply that an account has got, in the same transaction: its key and time.
FOLLOWERS: tuple[Callable[[Connection, int, float], object], ...] = (enqueue_reply,)


class Whole(NamedTuple):
    """A message from a phone, joined; ``rows`` are those of ``inbound`` that it is made of."""

    route: str
    handset: str
    number: str
    content: Content
    parts: int
    time: float
    rows: tuple[int, ...]


class Kept(NamedTuple):
    """A reply of an account, or of nobody."""

    id: int
    account: int | None
    handset: str
    text: str | None


def keep(conn: Connection, lot: Sequence[Whole], owners: Owners, now: float) -> list[Kept]:
    """Store messages in this order, and do what follows for those that have an account."""
    owned = [(one, owners.of(one.handset, one.number, one.content.text)) for one in lot]
    for key in sorted({owner.account for _, owner in owned if owner.account is not None}):
        listed.hold(conn, key)
    kept = [_insert(conn, one, owner) for one, owner in owned]
    _follow(conn, kept, now)
    return kept


def give(conn: Connection, uid: str, account: int, now: float) -> str:
    """Give a reply that is nobody's to an account; empty if done, else why it is not."""
    listed.hold(conn, account)
    query = select(reply.c.id, reply.c.handset, reply.c.text).where(reply.c.uid == uid.lower())
    row = conn.execute(query).first()
    if row is None:
        return "no reply has this id"
    mine = update(reply).where(reply.c.id == row.id, reply.c.account.is_(None))
    if not conn.execute(mine.values(account=account)).rowcount:
        return "it is an account's already"
    _follow(conn, [Kept(row.id, account, row.handset, row.text)], now)
    return ""


def _insert(conn: Connection, one: Whole, owner: Owner) -> Kept:
    values = {
        "uid": secrets.token_hex(16),
        "account": owner.account,
        "route": one.route,
        "handset": owner.handset,
        "number": one.number,
        "text": one.content.text,
        "udh": one.content.udh,
        "data": one.content.data,
        "parts": one.parts,
        "time": one.time,
        "note": one.content.note or None,
    }
    key = conn.execute(insert(reply).values(values)).inserted_primary_key
    return Kept(int(key[0]) if key else 0, owner.account, owner.handset, one.content.text)


def _follow(conn: Connection, kept: Iterable[Kept], now: float) -> None:
    """Charge replies, publish them, and list or unlist phones; the rows of accounts are held."""
    mine = sorted((one.account, one) for one in kept if one.account is not None)
    entries = [ledger.Entry(key, ledger.Kind.REPLY, -CHARGE, None) for key, _ in mine]
    ledger.book(conn, entries, now)
    for _, one in mine:
        for follower in FOLLOWERS:
            follower(conn, one.id, now)
    _obey(conn, mine, now)


def _obey(conn: Connection, mine: Iterable[tuple[int, Kept]], now: float) -> None:
    """The last word of each phone counts."""
    wishes: dict[tuple[int, str], bool] = {}
    for key, one in mine:
        asked = wish(one.text or "")
        if asked is not None and _NUMBER.fullmatch(one.handset):
            wishes[key, one.handset] = asked is Wish.STOP
    sorted_ = defaultdict(list)
    for (key, handset), stops in wishes.items():
        sorted_[key, stops].append(handset)
    for (key, stops), handsets in sorted_.items():
        if stops:
            listed.add(conn, key, handsets, Kind.OPTED_OUT, now)
        else:
            listed.remove(conn, key, handsets, Kind.OPTED_OUT)

"""Counts: how many messages are in which state, in all and by account, and how long they wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from smsgate.gateway import credits as amounts
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.states import State
from smsgate.gateway.tables import account, message

QUEUES = (1, 2, 3)


def messages(conn: Connection) -> dict[str, int]:
    """How many messages are in each state; states without any are there as well."""
    query = select(message.c.state, func.count()).group_by(message.c.state)
    return _all({row[0]: row[1] for row in conn.execute(query)})


def unknown(conn: Connection) -> int:
    """How many messages were sent and not answered; only their index is read."""
    query = select(func.count()).select_from(message).where(state_is(State.UNKNOWN))
    return conn.execute(query).scalar() or 0


def accounts(conn: Connection) -> dict[str, dict[str, Any]]:
    """By api_id: ``state``, ``balance`` in credits as text, and ``messages`` as above."""
    found = by_account(conn)
    query = select(account.c.id, account.c.api_id, account.c.state, account.c.balance)
    return {
        row.api_id: {
            "state": row.state,
            "balance": amounts.shown(row.balance),
            "messages": _all(found.get(row.id, {})),
        }
        for row in conn.execute(query.order_by(account.c.id))
    }


def by_account(conn: Connection) -> dict[int, dict[str, int]]:
    """How many messages of each account are in each state; what there is none of is absent."""
    columns = (message.c.account, message.c.state)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for number, state, count in conn.execute(select(*columns, func.count()).group_by(*columns)):
        found[number][state] = count
    return dict(found)


class Group(NamedTuple):
    """Messages of an account that wait in a queue: how many, and since when the first does."""

    account: int
    queue: int
    messages: int
    since: float


def groups(conn: Connection, account_id: int | None = None) -> list[Group]:
    """All that wait, or those of an account, in the order of account and queue.

    Only the index of waiting messages is read.
    """
    found: dict[tuple[int, int], Group] = {}
    for way in ways(conn):
        for one in _groups(conn, way, account_id):
            key = (one.account, one.queue)
            other = found.get(key, one._replace(messages=0))
            since = min(one.since, other.since)
            found[key] = one._replace(messages=one.messages + other.messages, since=since)
    return [found[key] for key in sorted(found)]


def _groups(conn: Connection, way: str, account_id: int | None) -> list[Group]:
    columns = (message.c.account, message.c.queue)
    query = select(*columns, func.count().label("count"), func.min(message.c.id).label("first"))
    query = query.where(state_is(State.WAITING), message.c.way == way).group_by(*columns)
    if account_id is not None:
        query = query.where(message.c.account == account_id)
    counted = query.subquery()
    joined = select(counted.c.account, counted.c.queue, counted.c.count, message.c.due).join(
        message, message.c.id == counted.c.first
    )
    return [Group._make(row) for row in conn.execute(joined)]


def oldest(conn: Connection, now: float) -> dict[int, float]:
    """For each queue the seconds that its first waiting message of any account has waited.

    0 if none waits; queues other than 1, 2 and 3 do not occur.
    """
    ages = dict.fromkeys(QUEUES, 0.0)
    names = list(ways(conn))
    for number in conn.execute(select(account.c.id)).scalars().all():
        for way, queue in product(names, QUEUES):
            due = _first_due(conn, way, number, queue)
            ages[queue] = max(ages[queue], now - (now if due is None else due))
    return ages


def waiting(conn: Connection) -> dict[str, int]:
    """How many messages each account has waiting, by its api_id; accounts without any are absent.

    Only the index of waiting messages is read.
    """
    counted = select(message.c.account, func.count().label("waiting")).where(
        state_is(State.WAITING)
    )
    found = counted.group_by(message.c.account).subquery()
    query = select(account.c.api_id, found.c.waiting).join(found, found.c.account == account.c.id)
    return {row[0]: row[1] for row in conn.execute(query)}


def ways(conn: Connection) -> Iterator[str]:
    """The routes that messages wait for; each look-up skips all messages of one."""
    column = message.c.way
    look = select(func.min(column)).where(state_is(State.WAITING))
    found = conn.execute(look).scalar()
    while found is not None:
        yield found
        found = conn.execute(look.where(column > found)).scalar()


def _first_due(conn: Connection, way: str, account_id: int, queue: int) -> float | None:
    columns = message.c
    of_queue = (columns.way == way, columns.account == account_id, columns.queue == queue)
    query = select(message.c.due).where(state_is(State.WAITING), *of_queue)
    return conn.execute(query.order_by(message.c.id).limit(1)).scalar()


def _all(found: dict[str, int]) -> dict[str, int]:
    return {state.value: found.get(state.value, 0) for state in State}

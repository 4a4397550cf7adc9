"""Credits: a row for each change, and each account's balance, which is the sum of its rows.

    ledger.grant(conn, account, credits.of(Decimal(10)), "trial", now)

A message's credits are reserved when it is accepted. Its last row says what became of them:
``settle`` adds what it did not cost, ``return`` what a message gets back that was not sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from smsgate.gateway import credits as amounts
from smsgate.gateway.queue.statements import Among, Changed, Query, added, is_postgresql
from smsgate.gateway.tables import account, ledger


class Kind(StrEnum):
    """Why a balance changes."""

    GRANT = "grant"
    RESERVE = "reserve"
    SETTLE = "settle"
    RETURN = "return"
    REPLY = "reply"


class Entry(NamedTuple):
    """A row: what it adds to the balance, in millionths of a credit."""

    account: int
    kind: Kind
    amount: int
    message: int | None


_ADD = added(ledger, "account", "time", "kind", "amount", "message")
_CHANGE = Changed(account.c.id, {"balance": account.c.balance + bindparam("more")}, ["more"])
_AVAILABLE = Query(
    select(account.c.balance).where(account.c.id == bindparam("key")).with_for_update(), "key"
)

_HOLD = Among(
    account.c.id,
    lambda listed: select(account.c.id).where(listed).order_by(account.c.id).with_for_update(),
)

_FREE = Among(
    account.c.id,
    lambda listed: select(account.c.id).where(listed).with_for_update(skip_locked=True),
)


def grant(conn: Connection, account_id: int, amount: int, note: str, now: float) -> None:
    """Add an amount to a balance, or take a negative one from it. Raises LookupError."""
    row = {"account": account_id, "kind": Kind.GRANT, "amount": amount, "note": note, "time": now}
    conn.execute(insert(ledger).values(row))
    new = update(account).where(account.c.id == account_id)
    if not conn.execute(new.values(balance=account.c.balance + amount)).rowcount:
        raise LookupError(f"no account has the id {account_id}")


def balance(conn: Connection, account_id: int) -> int:
    """The sum of an account's rows, in millionths of a credit."""
    total = func.coalesce(func.sum(ledger.c.amount), 0)
    return int(conn.execute(select(total).where(ledger.c.account == account_id)).scalar_one())


def first(conn: Connection, account_id: int) -> int:
    """What an account was given when it was made, in millionths of a credit."""
    query = select(ledger.c.amount).where(ledger.c.account == account_id)
    return conn.execute(query.order_by(ledger.c.id).limit(1)).scalar() or 0


def available(conn: Connection, account_id: int) -> int:
    """What an account can spend, held for this transaction; 0 if there is no such account."""
    return int(_AVAILABLE.value(conn, account_id) or 0)


def hold(conn: Connection, accounts: Iterable[int]) -> None:
    """Hold the balances of accounts for this transaction, in an order that is always the same."""
    if is_postgresql(conn):
        _HOLD(conn, sorted(accounts))


def free(conn: Connection, accounts: Iterable[int]) -> set[int]:
    """Those of accounts whose balances nobody else holds; they are held for this transaction."""
    if is_postgresql(conn):
        return {row[0] for row in _FREE(conn, sorted(set(accounts)))}
    return set(accounts)


def book(conn: Connection, entries: Sequence[Entry], now: float) -> None:
    """Write the rows of messages, and the balances with them."""
    _ADD(conn, [(one.account, now, one.kind.value, *one[2:]) for one in entries])
    sums = {key: amount for key, amount in sorted(_sums(entries).items()) if amount}
    hold(conn, sums)
    _CHANGE(conn, [(amount, key) for key, amount in sums.items()])


def check(conn: Connection) -> list[str]:
    """A line for each account whose balance is not the sum of its rows; none is right."""
    sums = select(ledger.c.account, func.sum(ledger.c.amount).label("total"))
    totals = sums.group_by(ledger.c.account).subquery()
    total = func.coalesce(totals.c.total, 0)
    query = (
        select(account.c.api_id, account.c.balance, total)
        .join(totals, totals.c.account == account.c.id, isouter=True)
        .where(account.c.balance != total)
        .order_by(account.c.id)
    )
    return [
        f"account {api_id}: expected a balance of {amounts.shown(int(rows))} credits, the sum of "
        f"its ledger, found {amounts.shown(found)}"
        for api_id, found, rows in conn.execute(query)
    ]


def _sums(entries: Iterable[Entry]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for one in entries:
        sums[one.account] = sums.get(one.account, 0) + one.amount
    return sums

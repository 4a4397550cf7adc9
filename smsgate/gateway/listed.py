"""Numbers that get no messages: opted out, blocked or delisted, of one account or of all.

A number is listed and a message is accepted only while the account's row is held. So no message is
accepted after its number was listed, and those that wait are cancelled in the same transaction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Insert, Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from converters.shared.words import quoted, shortened
from smsgate.gateway.queue import moves
from smsgate.gateway.queue.statements import lots, state_is
from smsgate.gateway.states import State, Status
from smsgate.gateway.tables import account as accounts
from smsgate.gateway.tables import listed as table
from smsgate.gateway.tables import message

#: The account of numbers that are listed for all accounts.
ALL = 0
_LONGEST = 16
_NUMBER = re.compile(r"\+?([0-9]{3,15})")
_SPACES = re.compile(r"[ ()./-]+")
_LONGEST_SHOWN = 40  # characters of what is no number
#: For account ALL there is no row to hold, so two may list the same number at the same time.
_INSERTS: Mapping[str, Insert] = MappingProxyType(
    {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }
)
_NOTE = "its number gets no messages any more"


class Kind(StrEnum):
    """Why a number is listed."""

    OPTED_OUT = "opted-out"  # its phone has asked for no more messages
    BLOCKED = "blocked"
    DELISTED = "delisted"


#: The errors of messages to them (``smsenc.messagefile.logs.ERRORS``).
CODES: Mapping[str, int] = MappingProxyType(
    {Kind.OPTED_OUT: 122, Kind.BLOCKED: 121, Kind.DELISTED: 128}
)


class Entry(NamedTuple):
    """A number in the list of an account, or of ALL."""

    account: int
    number: str
    kind: str
    time: float


def digits(text: str) -> str:
    """A number that a person writes, in digits; empty if it is none."""
    found = _NUMBER.fullmatch(_SPACES.sub("", text.strip()))
    return found[1] if found else ""


def expected(found: str) -> str:
    """What is wrong with a number that is none."""
    said = quoted(shortened(found, _LONGEST_SHOWN))
    return f"expected a number of 3 to 15 digits, found {said}"


def hold(conn: Connection, account: int) -> None:
    """Hold the rows of an account, or of ALL, for this transaction."""
    query = select(accounts.c.id).order_by(accounts.c.id).with_for_update()
    conn.execute(query if account == ALL else query.where(accounts.c.id == account)).all()


def codes(conn: Connection, account: int, numbers: Iterable[str]) -> dict[str, int]:
    """The errors of those of an account's numbers that are listed.

    The account's row must be held until the messages to the others are committed.
    """
    if conn.execute(select(table.c.number).limit(1)).first() is None:
        return {}
    found: dict[str, int] = {}
    for some in lots(dict.fromkeys(numbers)):
        query = select(table.c.number, table.c.kind).where(
            table.c.number.in_(some), table.c.account.in_((ALL, account))
        )
        for number, kind in conn.execute(query.order_by(table.c.number, table.c.kind)):
            found.setdefault(number, CODES[kind])
    return found


def add(
    conn: Connection, account: int, numbers: Collection[str], kind: Kind, now: float
) -> tuple[int, int]:
    """List numbers, and cancel the messages that wait for them: how many of each.

    Numbers that are listed already do not count.
    """
    hold(conn, account)
    new = 0
    for some in lots(dict.fromkeys(one for one in numbers if 0 < len(one) <= _LONGEST)):
        rows = [
            {"number": one, "account": account, "kind": kind.value, "time": now} for one in some
        ]
        new += _insert(conn, rows)
    return new, cancel(conn, account, numbers, now)


def _insert(conn: Connection, rows: Sequence[Mapping[str, object]]) -> int:
    known = _known(conn, rows)
    missing = [row for row in rows if row["number"] not in known]
    if missing:
        conn.execute(_INSERTS[conn.dialect.name], missing)
    return len(missing)


def _known(conn: Connection, rows: Sequence[Mapping[str, object]]) -> set[str]:
    first = rows[0]
    query = select(table.c.number).where(
        table.c.number.in_([row["number"] for row in rows]),
        table.c.account == first["account"],
        table.c.kind == first["kind"],
    )
    return set(conn.execute(query).scalars())


def remove(conn: Connection, account: int, numbers: Iterable[str], kind: Kind) -> int:
    """Take numbers from a list; how many were in it."""
    hold(conn, account)
    count = 0
    for some in lots(dict.fromkeys(numbers)):
        mine = table.c.account == account, table.c.kind == kind.value
        count += conn.execute(delete(table).where(table.c.number.in_(some), *mine)).rowcount
    return count


def cancel(conn: Connection, account: int, numbers: Iterable[str], now: float) -> int:
    """Cancel the messages of an account, or of ALL, that wait for these numbers; how many.

    Their credits are returned. What is being sent at the moment cannot be called back.
    """
    count = 0
    for some in lots(dict.fromkeys(numbers)):
        found = moves.rows(conn.execute(_waiting(account, some)).all())
        had = moves.accepted(conn, found)
        cancelled = [
            moves.ended(row, State.CANCELLED, Status.CANCELLED, had.get(row.message, 0), _NOTE)
            for row in found
        ]
        moves.write(conn, cancelled, now)
        count += len(found)
    return count


def bars(conn: Connection, uid: str) -> str:
    """Why a message may not be sent again: its number is listed. Empty if it may.

    The row of its account is held for this transaction.
    """
    query = select(message.c.account, message.c.recipient).where(message.c.uid == uid.lower())
    found = conn.execute(query).first()
    if found is None:
        return ""
    hold(conn, found.account)
    return _NOTE if codes(conn, found.account, [found.recipient]) else ""


def stop(conn: Connection, messages: Collection[int], now: float) -> int:
    """Cancel those of these messages that wait again, but whose numbers were listed; how many."""
    if not messages or conn.execute(select(table.c.number).limit(1)).first() is None:
        return 0
    found: dict[int, set[str]] = {}
    for some in lots(messages):
        query = select(message.c.account, message.c.recipient).where(message.c.id.in_(some))
        for account, number in conn.execute(query):
            found.setdefault(account, set()).add(number)
    count = 0
    for account, numbers in sorted(found.items()):
        hold(conn, account)
        count += cancel(conn, account, codes(conn, account, numbers), now)
    return count


def _waiting(account: int, numbers: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """They are locked in the order of their ids; ``+ 0`` keeps SQLite from reading all by id."""
    conditions: list[ColumnElement[bool]] = [
        state_is(State.WAITING, State.DELAYED),
        message.c.expires > 0,  # so that SQLite reads the index of those that wait
        message.c.recipient.in_(numbers),
    ]
    if account != ALL:
        conditions.append(message.c.account == account)
    return moves.selected(*conditions).order_by(message.c.id + 0).with_for_update()


def entries(  # noqa: PLR0913, PLR0917 - what is wanted
    conn: Connection,
    whose: Collection[int] | None,
    kind: Kind | None,
    after: Entry | None,
    most: int,
    until: str = "",
) -> list[Entry]:
    """Entries in the order of number, account and kind, from the one behind ``after`` on.

    They are those of the accounts ``whose`` (ALL: of the list for all), None: of every one.
    With ``until``, those up to this number.
    """
    key = (table.c.number, table.c.account, table.c.kind)
    query = select(table.c.account, table.c.number, table.c.kind, table.c.time)
    if whose is not None:
        query = query.where(table.c.account.in_(whose))
    if kind is not None:
        query = query.where(table.c.kind == kind.value)
    if after is not None:
        query = query.where(_behind(after))
    if until:
        query = query.where(table.c.number <= until)
    return [Entry._make(row) for row in conn.execute(query.order_by(*key).limit(most))]


def ahead(conn: Connection, after: Entry | None, count: int) -> str:
    """The number that is so many entries behind ``after``; empty if there are fewer."""
    query = select(table.c.number)
    if after is not None:
        query = query.where(_behind(after))
    key = (table.c.number, table.c.account, table.c.kind)
    return conn.execute(query.order_by(*key).offset(count).limit(1)).scalar() or ""


def _behind(after: Entry) -> ColumnElement[bool]:
    number, account, kind = table.c.number, table.c.account, table.c.kind
    same = number == after.number
    return (
        (number > after.number)
        | (same & (account > after.account))
        | (same & (account == after.account) & (kind > after.kind))
    )

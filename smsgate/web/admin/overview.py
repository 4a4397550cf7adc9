"""The first page: what there is, how fast it goes, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from smsgate.gateway import credits as amounts
from smsgate.gateway import database, status
from smsgate.gateway.callbacks import shown as callbacks
from smsgate.gateway.queue import pauses
from smsgate.gateway.states import AccountState, CallbackState, NodeState, State
from smsgate.gateway.tables import account, callback
from smsgate.web.admin import figures, ways
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.scope import Asked
from smsgate.web.admin.views import Given, View
from smsgate.web.texts import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MOST = 10_000  # failed callbacks that are counted


def gather(desk: Desk, conn: Connection, found: Asked) -> Given:
    """What the page shows."""
    made = ways.ways(desk, conn, found)
    totals = figures.states(desk, conn, found)
    states = {**totals.value, **figures.open_states(desk, conn, found)}
    rates = figures.rates(conn, found)
    waiting = figures.waiting(desk, conn, found)
    return {
        "states": states,
        "as_of": totals.time,
        "rates": rates,
        "ways": made,
        "parts": sum(one.stats.rate for one in made if one.stats) if found.sees_all else None,
        "oldest": max((one.seconds for one in waiting), default=0.0),
        "troubles": list(_troubles(desk, conn, found, made, states)),
        "balance": _balance(conn, found),
    }


def _troubles(
    desk: Desk, conn: Connection, found: Asked, made: list[ways.Way], states: dict[str, int]
) -> Iterator[str]:
    """A line for each thing that is wrong."""
    yield from (text(key, name=name) for key, name in ways.troubles(made))
    yield from _of_accounts(conn, found)
    if count := states[State.UNKNOWN]:
        yield text("admin.trouble.unknown", count=count)
    if count := _failed_callbacks(conn, found):
        yield text("admin.trouble.callbacks", count=count)
    if found.sees_all:
        yield from _of_all(desk, conn)


def _of_accounts(conn: Connection, found: Asked) -> Iterator[str]:
    for one in pauses.named(conn, found.who.account):
        yield text("admin.trouble.pause", what=pauses.said(one))
    for row in () if found.sees_all else _mine(conn, found):
        if row.state != AccountState.OPEN:
            yield text(f"admin.trouble.{row.state}", name=row.api_id)
        if row.balance <= 0:
            yield text("admin.trouble.empty", name=row.api_id)


def _of_all(desk: Desk, conn: Connection) -> Iterator[str]:
    if problem := desk.gateway.database.problem:
        yield text("admin.trouble.database", problem=problem)
    if count := callbacks.resting(conn, database.now()):
        yield text("admin.trouble.urls", count=count)
    lost = (one for one in status.nodes(conn) if one["state"] == NodeState.LOST)
    yield from (text("admin.trouble.lost", name=one["name"]) for one in lost)


def _mine(conn: Connection, found: Asked) -> list[Any]:
    columns = account.c.api_id, account.c.state, account.c.balance
    return list(conn.execute(select(*columns).where(*found.of(account.c.id))))


def _balance(conn: Connection, found: Asked) -> str | None:
    """The balance of the one account that is shown."""
    if found.sees_all:
        return None
    query = select(account.c.balance).where(*found.of(account.c.id))
    return amounts.shown(conn.execute(query).scalar() or 0)


def _failed_callbacks(conn: Connection, found: Asked) -> int:
    failed = select(callback.c.account).where(callback.c.state == CallbackState.FAILED)
    some = failed.where(*found.of(callback.c.account)).limit(_MOST).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar() or 0


VIEW = View(template="admin/overview.html", part="admin/parts/overview.html", of_part=gather)

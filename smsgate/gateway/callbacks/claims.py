"""Claims: a node takes callbacks that are due, calls their URLs, and says how that ended.

What a node has taken that has ended or is lost is given back in the transaction that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, literal_column, or_, select, update

from smsgate.gateway.callbacks import timetable
from smsgate.gateway.queue import claimed
from smsgate.gateway.queue.pushes import HOLDING
from smsgate.gateway.queue.statements import is_postgresql, lots
from smsgate.gateway.states import CallbackKind, CallbackState
from smsgate.gateway.tables import account
from smsgate.gateway.tables import callback as table

_WAITING = table.c.state == literal_column(f"'{CallbackState.WAITING}'")  # as its index has it
_EARLIER = table.alias("earlier")
#: An earlier callback of the same message that must come first.
_HELD = exists().where(
    _EARLIER.c.message == table.c.message,
    _EARLIER.c.id < table.c.id,
    or_(
        _EARLIER.c.state == CallbackState.SENDING,
        and_(_EARLIER.c.state == CallbackState.WAITING, _EARLIER.c.tries < HOLDING),
    ),
)
_MOST = 1000  # rows in one statement
_OLD = "given up: for seven days its URL rested, or the settings had none"


class Claim(NamedTuple):
    """A callback that this node sends now; ``tries`` have failed before."""

    id: int
    kind: CallbackKind
    message: int | None
    tries: int
    claimed: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a claim ended: told, not told, or given back without a try.

    ``final``: no further try can succeed.
    """

    claim: Claim
    ok: bool = False
    detail: str = ""
    given_back: bool = False
    final: bool = field(default=False, kw_only=True)


def subjects(conn: Connection) -> list[tuple[int, str]]:
    """The accounts that have callbacks waiting, due or not: id and api_id."""
    waiting = exists().where(_WAITING, table.c.account == account.c.id)
    rows = conn.execute(select(account.c.id, account.c.api_id).where(waiting))
    return [(row[0], row[1]) for row in rows]


def claim(  # noqa: PLR0913, PLR0917 - what decides
    conn: Connection, of: int, kind: CallbackKind, most: int, node: int, now: float
) -> list[Claim]:
    """Take up to that many callbacks of an account that are due, the oldest first.

    Of a message, one comes after the other, unless the first has failed too often.
    """
    due = (_WAITING, table.c.account == of, table.c.kind == kind, table.c.due <= now, ~_HELD)
    query = select(table.c.id, table.c.message, table.c.tries).where(*due)
    query = query.order_by(table.c.due, table.c.id).limit(most)
    rows = conn.execute(query.with_for_update(skip_locked=True, of=table)).all()
    if rows:
        values = {"state": CallbackState.SENDING, "node": node, "claimed": now}
        ids = [row.id for row in rows]
        conn.execute(update(table).where(table.c.id.in_(ids)).values(values))
    return [Claim(row.id, kind, row.message, row.tries, now) for row in rows]


def record(conn: Connection, outcomes: Sequence[Outcome], node: int, now: float) -> None:
    """Keep how claims ended; what another node has taken meanwhile is changed by success only."""
    if is_postgresql(conn):
        for some in lots(sorted(one.claim.id for one in outcomes)):
            claimed.hold(conn, table.c.id.in_(some))
    told: dict[str, list[int]] = {}
    for one in outcomes:
        if one.ok:
            told.setdefault(one.detail, []).append(one.claim.id)
        elif one.given_back:
            conn.execute(update(table).where(*_mine(one.claim, node)).values(claimed.FREE))
        else:
            _fail(conn, one, node, now)
    for detail, ids in told.items():
        values = claimed.FREE | {"state": CallbackState.DONE, "changed": now, "note": detail}
        for some in lots(sorted(ids)):
            open_ = table.c.id.in_(some), or_(claimed.SENDING, _WAITING)
            conn.execute(update(table).where(*open_).values(values))


def _mine(claim: Claim, node: int) -> tuple[ColumnElement[bool], ...]:
    known = table.c.node == node, table.c.claimed == claim.claimed
    return (table.c.id == claim.id, claimed.SENDING, *known)


def _fail(conn: Connection, one: Outcome, node: int, now: float) -> None:
    tries = one.claim.tries + 1
    pause = None if one.final else timetable.pause(one.claim.kind, tries)
    state = CallbackState.FAILED if pause is None else CallbackState.WAITING
    due = now + (pause or 0.0)
    values = claimed.FREE | {
        "state": state,
        "tries": tries,
        "due": due,
        "changed": now,
        "note": one.detail,
    }
    changed = conn.execute(update(table).where(*_mine(one.claim, node)).values(values)).rowcount
    if changed and pause is not None and tries < HOLDING and one.claim.message is not None:
        later = table.c.message == one.claim.message, table.c.id > one.claim.id
        # One that somebody else has at the moment is held up by its turn as well.
        held = claimed.hold(conn, *later, _WAITING, table.c.due < due, skip=True)
        conn.execute(update(table).where(table.c.id.in_(held)).values(due=due))


def give_back_old(conn: Connection, node: int, now: float, lease: float) -> int:
    """The same for what nodes but this one have held for longer than a lease; how many.

    A claim from the future is as old: the clock was set back.
    """
    over = or_(table.c.claimed < now - lease, table.c.claimed > now + lease)
    found = claimed.hold(conn, claimed.SENDING, table.c.node != node, over, skip=True)
    return claimed.free(conn, found)


def give_up(conn: Connection, of: int, kind: CallbackKind, now: float) -> int:
    """End an account's callbacks that nobody could try for seven days; repeat it until 0."""
    old = _WAITING, table.c.account == of, table.c.kind == kind
    query = select(table.c.id).where(*old, table.c.due < now - timetable.OLDEST)
    query = query.order_by(table.c.due).limit(_MOST).with_for_update(skip_locked=True)
    ids = conn.execute(query).scalars().all()
    values = {"state": CallbackState.FAILED, "changed": now, "note": _OLD}
    if ids:
        conn.execute(update(table).where(table.c.id.in_(ids)).values(values))
    return len(ids)

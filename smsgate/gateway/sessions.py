"""Sessions of the pages: who is logged in, and until when. Functions work on a connection.

A session is known by a token that only the browser has. It ends after ``idle`` seconds without use,
and in any case after ``longest``.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from smsgate.gateway.settings import SessionLimits
from smsgate.gateway.states import AccountState, UserRole
from smsgate.gateway.tables import account, page_session, page_user

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Seconds by which the time of the last use may be behind: a page needs no commit.
LATE = 60.0
#: Sessions of one user; the oldest end first.
MOST = 50
#: Rows in one transaction.
LOT = 1000
_OCTETS = 32  # of a token


class Session(NamedTuple):
    """A user who is logged in; ``account`` is the key of an owner's."""

    name: str
    role: UserRole
    account: int | None
    seen: float


def token() -> str:
    """A new token: 43 characters."""
    return secrets.token_urlsafe(_OCTETS)


def begin(conn: Connection, user: int, stored: str, now: float) -> str | None:
    """Begin a session of a user who has this hash; the token. None if it has another meanwhile."""
    query = select(page_user.c.password_hash).where(page_user.c.id == user)
    row = conn.execute(query.where(page_user.c.disabled == 0).with_for_update()).first()
    if row is None or row[0] != stored:
        return None
    of_user = select(page_session.c.digest).where(page_session.c.user == user)
    surplus = of_user.order_by(page_session.c.created.desc()).offset(MOST - 1).limit(LOT)
    conn.execute(delete(page_session).where(page_session.c.digest.in_(surplus)))
    new = token()
    row_of = {"digest": _digest(new), "user": user, "created": now, "seen": now}
    conn.execute(insert(page_session).values(row_of))
    return new


def load(conn: Connection, given: str, limits: SessionLimits, now: float) -> Session | None:
    """The session of a token; None if there is none, or it is over."""
    joined = page_session.join(page_user, page_session.c.user == page_user.c.id).outerjoin(
        account, page_user.c.account == account.c.id
    )
    columns = page_user.c.name, page_user.c.role, page_user.c.account, page_session.c.seen
    query = select(*columns).select_from(joined)
    row = conn.execute(
        query.where(
            page_session.c.digest == _digest(given),
            page_user.c.disabled == 0,
            or_(page_user.c.account.is_(None), account.c.state != AccountState.CLOSED),
            ~_over(limits, now),
        )
    ).first()
    return Session(row[0], UserRole(row[1]), row[2], row[3]) if row else None


def use(conn: Connection, given: str, now: float) -> None:
    """Note that a session is used."""
    old = and_(page_session.c.digest == _digest(given), page_session.c.seen < now)
    conn.execute(update(page_session).where(old).values(seen=now))


def end(conn: Connection, given: str) -> None:
    """End a session."""
    conn.execute(delete(page_session).where(page_session.c.digest == _digest(given)))


def end_all(conn: Connection, user: int) -> None:
    """End all sessions of a user."""
    conn.execute(delete(page_session).where(page_session.c.user == user))


def prune(conn: Connection, limits: SessionLimits, now: float) -> int:
    """Delete sessions that are over, in one lot; how many."""
    some = select(page_session.c.digest).where(_over(limits, now)).limit(LOT)
    return conn.execute(delete(page_session).where(page_session.c.digest.in_(some))).rowcount


def _over(limits: SessionLimits, now: float) -> ColumnElement[bool]:
    return or_(
        page_session.c.seen <= now - limits.idle, page_session.c.created <= now - limits.longest
    )


def _digest(given: str) -> str:
    return hashlib.sha256(given.encode()).hexdigest()

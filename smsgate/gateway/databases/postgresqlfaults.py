"""What errors of PostgreSQL and of the way to it mean."""

from __future__ import annotations

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from smsgate.masking import cleaned
from smsgate.smppclient.connecting import why

#: What a statement may raise that is not wrapped by SQLAlchemy.
ERRORS = (
    *(AsyncAdapt_asyncpg_dbapi.Error, asyncpg.PostgresError),
    *(asyncpg.InterfaceError, asyncpg.InternalClientError),
)
#: What a connection raises that is lost, or from which no answer came in time.
LOST = (TimeoutError, ConnectionError)
_LONGEST = 200  # characters of a reason

#: SQLSTATEs (https://www.postgresql.org/docs/15/errcodes-appendix.html), or how they begin.
_CONFLICT = ("40001", "40P01")  # the transaction was undone for the sake of another
_ENDED = ("08", "57P", "25P03", "25P04")  # the connection, or the server
_BUSY = ("53", "55P03", "57014", "58030")  # no room, locked, too slow, no disk


def is_conflict(error: BaseException) -> bool:
    """Whether another transaction was in the way, so that the same work may succeed at once."""
    return _state(error).startswith(_CONFLICT)


def is_lost(error: BaseException) -> bool:
    """Whether the connection is lost, and with it all that was not committed."""
    if isinstance(error, PoolTimeoutError):
        return False
    origin = _origin(error)
    state = _state(error)
    is_closed = isinstance(
        origin, (asyncpg.InterfaceError, AsyncAdapt_asyncpg_dbapi.InterfaceError)
    )
    return (
        isinstance(origin, (OSError, TimeoutError))
        # The server said that it ends the connection, while a statement was being sent.
        or isinstance(origin.__cause__ or origin, asyncpg.InternalClientError)
        or state.startswith(_ENDED)
        or (is_closed and "closed" in str(origin))
    )


def passes(error: BaseException) -> bool:
    """Whether another try may succeed."""
    return (
        isinstance(error, PoolTimeoutError)
        or is_lost(error)
        or is_conflict(error)
        or _state(error).startswith(_BUSY)
    )


def reason(error: BaseException) -> str:
    """What is wrong, in one line."""
    if isinstance(error, PoolTimeoutError):
        return "all connections are in use"
    origin = _origin(error)
    if isinstance(origin, TimeoutError):
        return "it does not answer"
    if isinstance(origin, OSError):
        return cleaned(why(origin), _LONGEST)
    found = origin.__cause__ or origin  # without SQLAlchemy's name of its class
    return cleaned(str(found).partition("\n")[0] or type(found).__name__, _LONGEST)


def _origin(error: BaseException) -> BaseException:
    return (error.orig or error) if isinstance(error, DBAPIError) else error


def _state(error: BaseException) -> str:
    return getattr(_origin(error), "sqlstate", None) or ""

"""The clock by which nodes are judged: that of the database, so that theirs need not agree."""

from __future__ import annotations

from sqlalchemy import Connection, Float, cast, func, select

from smsgate.gateway import database as databases

#: Seconds on the clock of PostgreSQL at this statement, not at the start of the transaction.
_MOMENT = select(cast(func.extract("epoch", func.clock_timestamp()), Float))


def moment(conn: Connection) -> float:
    """The time in UNIX seconds; with SQLite, whose only node is this process, the gateway's."""
    if is_alone(conn):
        return databases.now()
    return float(conn.execute(_MOMENT).scalar_one())


def is_alone(conn: Connection) -> bool:
    """Whether the database serves one node only."""
    return conn.dialect.name == "sqlite"

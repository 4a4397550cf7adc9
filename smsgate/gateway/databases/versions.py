"""Which version of the tables a database has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, String, Table, insert, inspect, select, text

from smsgate.errors import OutboxError
from smsgate.gateway import tables
from smsgate.gateway.databases.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection

_KEY = "version"
#: What Alembic would make; it is not loaded for it, as that takes a while.
_STAMP = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
_LOCK = 0x534D5347  # any number: of the lock under which tables are made


def make(conn: Connection) -> None:
    """Make the tables of an empty database; raises OutboxError for one of another version."""
    hold(conn)
    if found(conn) is None:
        tables.metadata.create_all(conn)
        _STAMP.create(conn)
        conn.execute(insert(_STAMP).values(version_num=str(tables.VERSION)))
        note(conn)
    check(conn)


def check(conn: Connection) -> None:
    """Raise OutboxError for tables of another version."""
    version = found(conn)
    if version is None:
        raise OutboxError("the database has no tables of a gateway: smsenc gateway run makes them")
    refuse_newer(version)
    if version != str(tables.VERSION):
        what = f"expected a database of version {tables.VERSION}, found {version}"
        raise OutboxError(f"{what}: smsenc gateway upgrade changes it")


def refuse_newer(version: str) -> None:
    """Raise OutboxError for a version that comes after this one."""
    if not version.isdecimal() or int(version) > tables.VERSION:
        what = f"expected a database of version {tables.VERSION}, found {version}"
        raise OutboxError(f"{what}: use the smsenc that made it")


def found(conn: Connection) -> str | None:
    """The version; None for a database without tables."""
    if not inspect(conn).has_table(tables.setting.name):
        return None
    query = select(tables.setting.c.value).where(tables.setting.c.key == _KEY)
    return conn.execute(query).scalar()


def note(conn: Connection) -> None:
    """Keep that the tables are of this version."""
    upsert(conn, tables.setting, {"key": _KEY, "value": str(tables.VERSION)})


def hold(conn: Connection) -> None:
    """Keep others from making or changing tables, or starting, in this transaction."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})

"""Alembic's part: tables of an earlier version are changed to this one, and their rows are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import func, inspect, select, text

from smsgate.errors import OutboxError
from smsgate.gateway import tables
from smsgate.gateway.databases import versions
from smsgate.gateway.states import NodeState

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Where the steps are.
PLACE = "smsgate.gateway:migrations"
_SILENT = 60.0  # seconds after which a node has ended


def upgrade(conn: Connection) -> str:
    """Bring the tables to this version; the one that they had. Raises OutboxError.

    An empty database gets all tables.
    """
    versions.hold(conn)
    before = versions.found(conn)
    if before is None:
        versions.make(conn)
        return str(tables.VERSION)
    versions.refuse_newer(before)
    if int(before) < tables.VERSION:
        _refuse_if_used(conn)
        if conn.dialect.name == "postgresql":
            conn.execute(text("SET LOCAL statement_timeout = 0"))
        config = configured(conn)
        command.stamp(config, before)  # the first version had no stamp
        command.upgrade(config, str(tables.VERSION))
        versions.note(conn)
    versions.check(conn)
    return before


def configured(conn: Connection) -> Config:
    """Alembic's configuration for a connection."""
    config = Config()
    config.set_main_option("script_location", PLACE)
    config.set_main_option("file_template", "version_%%(rev)s")
    config.attributes["connection"] = conn
    return config


def _refuse_if_used(conn: Connection) -> None:
    """Raise OutboxError if a gateway elsewhere works on the database."""
    node = tables.node.c
    if conn.dialect.name == "sqlite" or not inspect(conn).has_table(tables.node.name):
        return
    since = func.extract("epoch", func.clock_timestamp()) - _SILENT
    query = select(node.name).where(node.state == NodeState.ALIVE, node.seen > since)
    if found := conn.execute(query.limit(1)).scalar():
        raise OutboxError(f"the node {found} works on this database: stop all gateways first")

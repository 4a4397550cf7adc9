"""The processes that work on one database, and what only one of them does at a time."""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table, Text

from smsgate.gateway.tables.base import Id, metadata

#: A running process; it says again and again that it is there.
node = Table(
    "node",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(32), nullable=False),
    Column("roles", Text, nullable=False),
    Column("started", Float, nullable=False),
    Column("seen", Float, nullable=False),  # by the clock of the database
    Column("state", String(8), nullable=False),  # NodeState
    sqlite_autoincrement=True,
)

#: Work that one node does for all, such as writing the logs of a home.
duty = Table(
    "duty",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("node", Id, nullable=False),
)

"""What the logs in the folders lack."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, String, Table, Text

from smsgate.gateway.tables.base import Id, metadata

#: How many octets of an account's history.log, in the storage of all nodes, are in agreement with
#: ``setting.history``.
history = Table(
    "history",
    metadata,
    Column("account", Id, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
)

#: The same, for storage that is a node's own.
home_history = Table(
    "home_history",
    metadata,
    Column("home", String(32), primary_key=True),
    Column("account", Id, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
)

#: Other lines for history.log, such as a file that was not complete; deleted once written.
remark = Table(
    "remark",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Id, nullable=False),
    Column("time", Float, nullable=False),
    Column("file", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("home", String(32), nullable=False, server_default=""),  # whose log it is for
    sqlite_autoincrement=True,
)

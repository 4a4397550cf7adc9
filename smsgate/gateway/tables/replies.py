"""Messages from phones as accounts get them, and numbers that get no messages."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text, text

from smsgate.gateway.tables.base import Id, metadata

#: A whole message from a phone. ``text`` is None for octets, which are in hex in ``data``;
#: ``udh`` is its header in hex, without the place of parts. ``account`` is None as long as nobody
#: knows whose it is.
reply = Table(
    "reply",
    metadata,
    Column("id", Id, primary_key=True),
    Column("uid", String(32), nullable=False, unique=True),
    Column("account", Id),
    Column("route", String(32), nullable=False),
    Column("handset", Text, nullable=False),
    Column("number", Text, nullable=False),  # that it was sent to
    Column("text", Text),
    Column("udh", Text, nullable=False, server_default=""),
    Column("data", Text),
    Column("parts", Integer, nullable=False, server_default="1"),
    Column("time", Float, nullable=False),  # when its first part came
    Column("note", Text),  # what it lacks, for people
    Column("logged", Integer, nullable=False, server_default="0"),  # Logged
    Column("home", String(32), nullable=False, server_default=""),  # whose mo.log it is planned for
    Index(
        "reply_unlogged",
        *("account", "id"),
        sqlite_where=text("logged < 2"),
        postgresql_where=text("logged < 2"),
    ),
    Index("reply_time", "time"),
    sqlite_autoincrement=True,
)

#: How many octets of an account's mo.log in a home are committed, and of which file.
reply_log = Table(
    "reply_log",
    metadata,
    Column("home", String(32), primary_key=True),
    Column("account", Id, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
)

#: Numbers that get no messages of an account; of account 0, they get none at all.
listed = Table(
    "listed",
    metadata,
    Column("number", String(16), primary_key=True),
    Column("account", Id, primary_key=True, autoincrement=False),
    Column("kind", String(9), primary_key=True),  # listed.Kind
    Column("time", Float, nullable=False),
    sqlite_with_rowid=False,
)

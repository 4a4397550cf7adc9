"""Accounts, their credits, and facts about the database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, String, Table, Text

from smsgate.gateway.tables.base import Id, metadata

#: Facts about the database: ``version``, ``history`` (the last event in the logs), ``drain``.
setting = Table(
    "setting",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)

#: ``balance`` is always the sum of the account's ledger rows: both change in one transaction.
account = Table(
    "account",
    metadata,
    Column("id", Id, primary_key=True),
    Column("api_id", String(16), nullable=False, unique=True),
    Column("user", String(64), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("ftp_user", String(64), nullable=False, unique=True),
    Column("ftp_password_hash", String(200), nullable=False),
    Column("state", String(8), nullable=False),  # AccountState
    Column("balance", BigInteger, nullable=False),
    Column("created", Float, nullable=False),
    Column("home", String(32), nullable=False, server_default=""),  # of its last message file
    Column("replies_pushed", Integer, nullable=False, server_default="0"),  # 1: it has a URL
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Id, nullable=False, index=True),
    Column("time", Float, nullable=False),
    Column("kind", String(8), nullable=False),  # ledger.Kind
    Column("amount", BigInteger, nullable=False),  # what it adds to the balance
    Column("message", Id),
    Column("note", Text, nullable=False, server_default=""),
)

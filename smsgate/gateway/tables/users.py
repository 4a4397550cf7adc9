"""Users of the gateway's pages, and their sessions."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Table

from smsgate.gateway.tables.base import Id, metadata

#: Somebody who may log in to the pages; ``account`` is that of an owner.
page_user = Table(
    "page_user",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("role", String(8), nullable=False),  # UserRole
    Column("account", Id),
    Column("created", Float, nullable=False),
    Column("disabled", Integer, nullable=False, server_default="0"),  # 1: nobody can log in
    sqlite_autoincrement=True,
)

#: Somebody who is logged in. What the browser has is in here only as a SHA-256 of it.
page_session = Table(
    "page_session",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user", Id, nullable=False, index=True),
    Column("created", Float, nullable=False),
    Column("seen", Float, nullable=False),  # a minute old at most
)

"""What is not sent for a while, because somebody said so."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, Table

from smsgate.gateway.tables.base import Id, metadata

#: A pause of an account, of a queue, or of a queue of an account; 0 stands for all.
pause = Table(
    "pause",
    metadata,
    Column("account", Id, primary_key=True, autoincrement=False),
    Column("queue", Integer, primary_key=True, autoincrement=False),
    Column("since", Float, nullable=False),
)

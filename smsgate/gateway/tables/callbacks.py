"""What accounts are told over HTTP, and how the URLs fare."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text, text

from smsgate.gateway.states import CallbackState
from smsgate.gateway.tables.base import Id, metadata

_WAITING = text(f"state = '{CallbackState.WAITING}'")
_SENDING = text(f"state = '{CallbackState.SENDING}'")
_DONE = text(f"state = '{CallbackState.DONE}'")
_FAILED = text(f"state = '{CallbackState.FAILED}'")

#: A change of a message, or a reply, that an account is told. There is one row of each ``event``
#: and of each ``reply``, so that nothing is in here twice.
callback = Table(
    "callback",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Id, nullable=False),
    Column("kind", String(6), nullable=False),  # CallbackKind
    Column("event", Id, unique=True),
    Column("message", Id),
    Column("status", Integer),
    Column("charge", BigInteger),
    Column("reply", Id, unique=True),
    Column("time", Float, nullable=False),  # of the change
    Column("state", String(7), nullable=False),  # CallbackState
    Column("due", Float, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),  # that have failed
    Column("changed", Float, nullable=False),
    Column("node", Id),  # that is sending it
    Column("claimed", Float),  # since when
    Column("note", Text),  # how the last try ended, for people
    Index("callback_message", "message"),
    Index(
        "callback_waiting",
        *("account", "kind", "due", "id"),
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    ),
    Index("callback_sending", "claimed", sqlite_where=_SENDING, postgresql_where=_SENDING),
    Index("callback_done", "changed", sqlite_where=_DONE, postgresql_where=_DONE),
    Index("callback_failed", "changed", sqlite_where=_FAILED, postgresql_where=_FAILED),
    sqlite_autoincrement=True,
)

#: A URL: after failures one after another it rests. It is known by its SHA-256, because what it
#: says may be a secret; ``origin`` is its beginning, for people.
callback_url = Table(
    "callback_url",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("rests", Integer, nullable=False, server_default="0"),  # one after another
    Column("until", Float, nullable=False, server_default="0"),  # it rests, or a trial may take
)

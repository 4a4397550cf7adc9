"""Message files, their messages, and what became of them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text, text

from smsgate.gateway.states import State
from smsgate.gateway.tables.base import Id, metadata

#: Message files that were taken out of a folder. ``done`` rows of recipients have been handled,
#: and ``log_size`` octets of the answers are written; both change with the messages.
file = Table(
    "file",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Id, nullable=False),
    Column("name", Text, nullable=False),
    Column("spool", String(32), nullable=False, unique=True),  # its folder in the spool
    Column("size", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of its octets
    Column("taken", Float, nullable=False),
    Column("state", String(8), nullable=False),  # FileState
    Column("content", Text, nullable=False, server_default=""),  # JSON: what all messages share
    Column("done", Integer, nullable=False, server_default="0"),
    Column("accepted", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("log_size", BigInteger, nullable=False, server_default="0"),
    Column("home", String(32), nullable=False, server_default=""),  # whose folders its logs are in
    Index("file_same", "account", "name", "digest"),
)

#: The condition of messages that may move to a more expensive route after some time.
ESCALATES = f"escalates = 1 AND state IN ('{State.WAITING}', '{State.DELAYED}')"

message = Table(
    "message",
    metadata,
    Column("id", Id, primary_key=True),
    Column("uid", String(32), nullable=False, unique=True),  # what logs call it
    Column("account", Id, nullable=False),
    Column("file", Id, nullable=False, index=True),
    Column("line", Integer, nullable=False),
    Column("recipient", String(16), nullable=False),
    Column("text", Text),  # of a row of a template, merged; None: that of the file's content
    Column("state", String(9), nullable=False),
    Column("status", Integer, nullable=False),
    Column("queue", Integer, nullable=False),  # 1 before 2 before 3
    Column("due", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("features", Integer, nullable=False),  # bits that its route must have
    Column("charge", BigInteger, nullable=False),  # reserved; after the answer: settled
    Column("route", String(32)),  # that it was announced to
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("changed", Float, nullable=False),
    Column("note", Text),  # why it failed or is unknown, for people
    Column("way", String(32), nullable=False, server_default=""),  # the route that it waits for
    Column("routed", Float, nullable=False, server_default="0"),  # since when it does
    Column("tried", Text),  # routes that refused it, each followed by a space
    Column("escalates", Integer, nullable=False, server_default="0"),  # 1: also more expensive ones
    Column("callback", Integer, nullable=False, server_default="0"),  # classes that are pushed
    Column("node", Id),  # that announced it
    Column("answers", Integer, nullable=False, server_default="0"),  # 1: replies are the account's
    Index(
        "message_answers",
        "recipient",
        sqlite_where=text("answers = 1"),
        postgresql_where=text("answers = 1"),
    ),
    Index(
        "message_waiting",
        *("way", "account", "queue", "id"),
        sqlite_where=text(f"state = '{State.WAITING}'"),
        postgresql_where=text(f"state = '{State.WAITING}'"),
    ),
    Index(
        "message_escalates",
        *("way", "routed", "id"),
        sqlite_where=text(ESCALATES),
        postgresql_where=text(ESCALATES),
    ),
    Index(
        "message_delayed",
        "due",
        sqlite_where=text(f"state = '{State.DELAYED}'"),
        postgresql_where=text(f"state = '{State.DELAYED}'"),
    ),
    Index(
        "message_expires",
        "expires",
        sqlite_where=text(f"state IN ('{State.WAITING}', '{State.DELAYED}')"),
        postgresql_where=text(f"state IN ('{State.WAITING}', '{State.DELAYED}')"),
    ),
    Index(
        "message_announced",
        "route",
        sqlite_where=text(f"state = '{State.ANNOUNCED}'"),
        postgresql_where=text(f"state = '{State.ANNOUNCED}'"),
    ),
    Index(
        "message_unknown",
        "id",
        sqlite_where=text(f"state = '{State.UNKNOWN}'"),
        postgresql_where=text(f"state = '{State.UNKNOWN}'"),
    ),
)

#: The parts of messages that a message centre has accepted; ``key`` finds them from a receipt.
part = Table(
    "part",
    metadata,
    Column("message", Id, primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1
    Column("route", String(32), nullable=False),
    Column("smsc_id", Text, nullable=False),
    Column("key", Text, nullable=False),  # smsenc.smpp.messageids.plain of smsc_id
    Column("receipt", Integer),  # MessageState of the last receipt
    Index("part_key", "route", "key"),
    sqlite_with_rowid=False,
)

#: Every change of a message that history.log shows, in order.
event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Id, nullable=False),
    Column("message", Id, nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("time", Float, nullable=False),
    Column("charge", BigInteger),
    sqlite_autoincrement=True,
)

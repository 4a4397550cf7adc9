"""Routes, and what came from their message centres."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, String, Table, Text, text

from smsgate.gateway.states import InboundState
from smsgate.gateway.tables.base import Id, metadata

route = Table(
    "route",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("state", String(8), nullable=False),  # RouteState
    Column("problem", Text),  # why nothing is sent, while the gateway runs
    Column("paced", Float, nullable=False, server_default="0"),  # until when its rate is given out
    Column("failures", Integer, nullable=False, server_default="0"),  # one after another
    Column("broken", Float, nullable=False, server_default="0"),  # until when it gets no messages
    Column("served", Float, nullable=False, server_default="0"),  # when a sender was last bound
)

#: Receipts whose part is not known (yet): they may come before the answer to the submit.
early_receipt = Table(
    "early_receipt",
    metadata,
    Column("id", Id, primary_key=True),
    Column("route", String(32), nullable=False),
    Column("key", Text, nullable=False),
    Column("smsc_id", Text, nullable=False),
    Column("state", Integer, nullable=False),  # MessageState
    Column("time", Float, nullable=False),
    Index("early_receipt_key", "route", "key"),
)

#: Messages from phones, as they came. Those in several parts wait for the others: ``mark`` is what
#: all parts share, and ``lot`` the id of the part that came first.
inbound = Table(
    "inbound",
    metadata,
    Column("id", Id, primary_key=True),
    Column("route", String(32), nullable=False),
    Column("time", Float, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("pdu", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False, server_default=InboundState.NEW.value),
    Column("mark", Text),
    Column("lot", Id),
    Column("place", Integer),  # among the parts, from 1
    Column("total", Integer),
    Column("handset", Text),
    Column("reply", Id),  # that it is in
    Column("node", Id),  # that answered it last; None of a gateway that is alone
    Index(
        "inbound_new",
        "id",
        sqlite_where=text(f"state = '{InboundState.NEW}'"),
        postgresql_where=text(f"state = '{InboundState.NEW}'"),
    ),
    Index("inbound_mark", "mark", "time"),
    Index(
        "inbound_waiting",
        *("handset", "lot"),
        sqlite_where=text(f"state = '{InboundState.PART}'"),
        postgresql_where=text(f"state = '{InboundState.PART}'"),
    ),
    Index("inbound_time", "route", "time"),
)

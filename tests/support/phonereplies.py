"""A gateway's database into which message centres deliver what phones write."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gatewayqueue import START, Queue
from sqlalchemy import insert

from smsenc import encode_text, split
from smsenc.smpp import codec, mapping
from smsgate.gateway import database as databases
from smsgate.gateway import tables
from smsgate.gateway.replies.worker import Replies
from smsgate.gateway.settings import Limits, Settings

HANDSET, NUMBER, ROUTE = "447700900123", "448311000000", "main"


def deliver(text="Yes", *, source=HANDSET, to=NUMBER, carry=mapping.Carry.UDHI, reference=7):
    """The deliver_sm of each part of a text."""
    segments = split(encode_text(text), reference=reference)
    ends = {"source": mapping.address(source), "destination": mapping.address(to)}
    return [mapping.deliver(one, carry=carry, **ends) for one in segments]


class Phones(Queue):
    """The queue of ``gatewayqueue``, and what came from phones."""

    def configure(self, **settings):
        limits = replace(Limits(), **settings.pop("limits", {}))
        self.settings = Settings(data=Path(), limits=limits, **settings)
        self.worker = Replies(self.database, self.settings)

    def arrive(self, *bodies, route=ROUTE):
        """Keep PDUs, or their octets, as the receiver does."""
        pdus = [
            one if isinstance(one, bytes) else codec.encode(codec.Pdu(one, 1)) for one in bodies
        ]
        rows = [
            {"route": route, "time": self.now, "digest": hashlib.sha256(one).hexdigest()}
            | {"pdu": one}
            for one in pdus
        ]
        self.run(lambda conn: conn.execute(insert(tables.inbound), rows))

    def look(self):
        """Let the worker do all there is, at ``now``."""
        with clock(self.now):
            return asyncio.run(self.worker.look())

    def replies(self):
        """All replies, in order."""
        return sorted(self.rows(tables.reply), key=lambda row: row["id"])

    def texts(self):
        return [row["text"] for row in self.replies()]

    def inbound_states(self):
        rows = sorted(self.rows(tables.inbound), key=lambda row: row["id"])
        return [row["state"] for row in rows]


def phones(database, **settings):
    """An empty database gets one account."""
    found = Phones(database)
    found.configure(**settings)
    found.account()
    return found


@contextmanager
def clock(now=START):
    """The gateway's clock stands."""
    before = databases.now
    databases.now = lambda: now
    try:
        yield
    finally:
        databases.now = before

"""A session as the message centre sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from smsenc.smpp import Event, Pdu, Role, State, Timers
from smsenc.smpp.pdus import Body
from smsgate.smppclient.session import Session

#: How many deliver_sm may wait for their answers.
_WINDOW = 50


class Outgoing(NamedTuple):
    """A message or a receipt for an ESME, and how often it was sent."""

    system_id: str
    body: Body
    tries: int = 0


class SmscSession(Session):
    """``system_id`` is that of the bind; ``unanswered`` counts submits, ``sent`` what we sent."""

    def __init__(
        self,
        on_events: Callable[[SmscSession, list[Event]], None],
        *,
        timers: Timers | None = None,
    ) -> None:
        super().__init__(
            Role.SMSC, lambda _, events: on_events(self, events), window=_WINDOW, timers=timers
        )
        self.system_id = ""
        self.unanswered = 0
        self.sent: dict[int, Outgoing] = {}

    @property
    def bound(self) -> bool:
        """Whether messages may be submitted or delivered."""
        return self.connection.state in _BOUND

    @property
    def receives(self) -> bool:
        """Whether messages and receipts may be delivered."""
        return self.connection.state in _RECEIVES

    @property
    def closed(self) -> bool:
        """Whether nothing more can be sent."""
        return self.connection.state is State.CLOSED

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there; ``abort`` is for the server that has too many."""
        super().connection_made(transport)
        self.on_events(self, [])

    def reply(self, request: Pdu, body: Body | None = None, status: int = 0) -> None:
        """Answer a request; ``flush`` writes it. A peer that is gone by now gets nothing."""
        if not self.closed:
            self.connection.answer(request, body, status)

    def write_octets(self, octets: bytes) -> None:
        """Write what no PDU is."""
        self.flush()
        if self._transport and not self._transport.is_closing():
            self._transport.write(octets)


_RECEIVES = frozenset((State.BOUND_RX, State.BOUND_TRX))
_BOUND = _RECEIVES | {State.BOUND_TX}

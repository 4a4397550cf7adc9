"""One bound session on one socket: an asyncio protocol around ``smsenc.smpp.Connection``."""

from __future__ import annotations

import asyncio
import socket
from asyncio.trsock import TransportSocket
from collections.abc import Callable
from contextlib import suppress

from smsenc.smpp import Closed, Connection, Event, Pdu, Role, Timers
from smsenc.smpp.pdus import Body

#: Seconds between two looks at the clock: time-outs are as exact as this.
_TICK = 0.25
#: Seconds to write what is left before a socket is closed.
_LINGER = 2.0
#: Octets that wait for a peer to read them; there may be many answers to what it asks.
_MOST_UNREAD = 4 << 20
#: Acknowledge what is read at once. A peer with Nagle's algorithm holds its last answers back until
#: the others are acknowledged, which the system otherwise puts off for 40 ms. Linux only.
_QUICK: int | None = getattr(socket, "TCP_QUICKACK", None)


class Session(asyncio.Protocol):
    """Reads and writes; ``on_events`` gets what happened, ``on_lost`` is called once at the end.

    The role of a message centre uses the same class.
    """

    def __init__(
        self,
        role: Role,
        on_events: Callable[[Session, list[Event]], None],
        *,
        window: int = 10,
        timers: Timers | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        timers = timers or Timers()
        self.connection = Connection(role, window=window, timers=timers, now=self._loop.time())
        self.on_events = on_events
        self.peer = ""
        self.can_write = True
        self.ended = self._loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._socket: TransportSocket | None = None
        self._tick = min(_TICK, timers.response / 4, timers.enquire / 4)
        self._timer: asyncio.TimerHandle | None = None
        self._flushing = False

    # --- The socket ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        self._socket = transport.get_extra_info("socket")
        host, port, *_ = transport.get_extra_info("peername") or ("", 0)
        self.peer = f"{host}:{port}"
        self._timer = self._loop.call_later(self._tick, self._on_tick)

    def data_received(self, data: bytes) -> None:
        """Octets have arrived."""
        self._acknowledge()
        self._handle(self.connection.receive(data, self._loop.time()))

    def _acknowledge(self) -> None:
        """Each time: the system goes back to its own ways."""
        if self._socket and _QUICK is not None:
            with suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)

    def eof_received(self) -> None:
        """The peer sends nothing more."""
        self._handle(self.connection.receive(b"", self._loop.time()))

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        if self._timer:
            self._timer.cancel()
        if not self.connection.closed:
            reason = str(exc or "") or "the connection was lost"
            self._handle([self.connection.close(reason)])
        if not self.ended.done():
            self.ended.set_result(None)

    def pause_writing(self) -> None:
        """The peer reads more slowly than we write."""
        self.can_write = False

    def resume_writing(self) -> None:
        """The peer has read."""
        self.can_write = True
        self.on_events(self, [])

    # --- PDUs ------------------------------------------------------------------------------------

    def send(self, body: Body) -> Pdu:
        """Ask the peer for something; ``flush`` writes it. Raises as ``Connection.send`` does."""
        return self.connection.send(body, self._loop.time())

    def answer(self, request: Pdu, body: Body | None = None, status: int = 0) -> None:
        """Answer a request; a peer that is gone by now gets nothing."""
        if not self.connection.closed:
            self.connection.answer(request, body, status)
            self.flush_soon()

    def flush_soon(self) -> None:
        """Write once for all that is answered in one turn of the loop."""
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what is to be written."""
        self._flushing = False
        octets = self.connection.outgoing()
        if octets and self._transport and not self._transport.is_closing():
            self._transport.write(octets)
            if not self.can_write and self._transport.get_write_buffer_size() > _MOST_UNREAD:
                self.end("the peer does not read")

    def end(self, reason: str) -> None:
        """Close now."""
        if not self.connection.closed:
            self._handle([self.connection.close(reason)])

    def abort(self) -> None:
        """Cut the connection, as a broken network does."""
        if self._transport:
            self._transport.abort()

    def _on_tick(self) -> None:
        self._timer = self._loop.call_later(self._tick, self._on_tick)
        self._handle(self.connection.tick(self._loop.time()))

    def _handle(self, events: list[Event]) -> None:
        self.on_events(self, events)
        self.flush()
        if any(isinstance(event, Closed) for event in events):
            self._close()

    def _close(self) -> None:
        if self._timer:
            self._timer.cancel()
        if self._transport and not self._transport.is_closing():
            self._transport.close()
            # A peer that does not read must not keep the socket open for ever.
            self._loop.call_later(_LINGER, self._transport.abort)

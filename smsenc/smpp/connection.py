"""One SMPP session without a socket or a clock: octets in, events out; PDUs in, octets out.

    connection = Connection(Role.ESME)
    connection.send(BindTransceiver(system_id="me", password="secret"), now)
    socket.sendall(connection.outgoing())
    for event in connection.receive(socket.recv(65536), now): ...

``now`` is any clock in seconds that does not go back. Both roles answer enquire_link, unbind and
what is no PDU by themselves; after each call, what is in ``outgoing`` has to be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from smsenc.smpp import codec, pdus
from smsenc.smpp.errors import SmppError, StateError
from smsenc.smpp.events import Answer, Closed, Event, Overdue, Refused, Request, Stray
from smsenc.smpp.pdus import Body, Pdu
from smsenc.smpp.status import Status

LAST_SEQUENCE = 0x7FFFFFFF


class Role(StrEnum):
    """Which end of the session this is."""

    ESME = "esme"
    SMSC = "smsc"


class State(StrEnum):
    """The session states of SMPP 3.4, 2.2."""

    OPEN = "open"
    BOUND_TX = "bound as transmitter"
    BOUND_RX = "bound as receiver"
    BOUND_TRX = "bound as transceiver"
    UNBOUND = "unbound"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """Seconds: for an answer, for the bind, and of silence before enquire_link (7.2)."""

    response: float = 30.0
    session: float = 30.0
    enquire: float = 30.0


_BOUND: dict[type[Body], State] = {
    pdus.BindTransmitter: State.BOUND_TX,
    pdus.BindReceiver: State.BOUND_RX,
    pdus.BindTransceiver: State.BOUND_TRX,
}
_SUBMITTED = frozenset(
    (
        *(pdus.SubmitSm, pdus.SubmitMulti, pdus.DataSm),
        *(pdus.QuerySm, pdus.CancelSm, pdus.ReplaceSm),
    )
)
_DELIVERED = frozenset((pdus.DeliverSm, pdus.DataSm, pdus.AlertNotification))
_ALWAYS = frozenset((pdus.EnquireLink, pdus.Unbind))
#: Requests by who sends them and the state of the session (2.3); also those of every bound state.
_ALLOWED: dict[tuple[Role, State], frozenset[type[Body]]] = {
    (Role.ESME, State.OPEN): frozenset((*_BOUND, pdus.EnquireLink)),
    (Role.ESME, State.BOUND_TX): _SUBMITTED | _ALWAYS,
    (Role.ESME, State.BOUND_RX): _ALWAYS,
    (Role.ESME, State.BOUND_TRX): _SUBMITTED | _ALWAYS,
    (Role.SMSC, State.OPEN): frozenset((pdus.Outbind, pdus.EnquireLink)),
    (Role.SMSC, State.BOUND_TX): _ALWAYS,
    (Role.SMSC, State.BOUND_RX): _DELIVERED | _ALWAYS,
    (Role.SMSC, State.BOUND_TRX): _DELIVERED | _ALWAYS,
}
#: What does not count as one of the window's requests.
_OUTSIDE_WINDOW = (pdus.EnquireLink, pdus.Unbind, *_BOUND)


class Connection:
    """The state of one session. ``window`` is how many requests may wait for their answers."""

    def __init__(
        self,
        role: Role,
        *,
        window: int = 10,
        timers: Timers | None = None,
        longest: int = codec.LONGEST,
        now: float = 0.0,
    ) -> None:
        self.role = role
        self.state = State.OPEN
        self.window = window
        self._peer = Role.SMSC if role is Role.ESME else Role.ESME
        self._timers = timers or Timers()
        self._longest = longest
        self._sequence = 0
        self._waiting: dict[int, tuple[Pdu, float]] = {}  # the oldest first
        self._outside = 0  # those among them that do not count for the window
        self._in = bytearray()
        self._out: list[bytes] = []
        self._heard = self._opened = now
        self._partial_since: float | None = None

    # --- Out -------------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        """How many more requests the window takes."""
        return self.window - (len(self._waiting) - self._outside)

    @property
    def waiting(self) -> int:
        """How many requests wait for their answers."""
        return len(self._waiting)

    @property
    def closed(self) -> bool:
        """Whether nothing more can be sent or read."""
        return self.state is State.CLOSED

    def outgoing(self) -> bytes:
        """The octets to write; they are forgotten here."""
        octets = b"".join(self._out)
        self._out.clear()
        return octets

    def send(self, body: Body, now: float) -> Pdu:
        """Ask the peer for something.

        Raises StateError for what cannot be sent now, SmppError for a value that cannot be sent.
        """
        kind = type(body)
        if kind not in _ALLOWED.get((self.role, self.state), ()):
            raise StateError(f"expected no {_name(kind)} in a session that is {self.state}")
        outside = kind in _OUTSIDE_WINDOW
        if not outside and self.room < 1:
            raise StateError(f"expected at most {self.window} requests that wait for an answer")
        pdu = Pdu(body, self._next_sequence())
        self._out.append(codec.encode(pdu))
        if codec.response_to(kind):
            self._waiting[pdu.sequence_number] = (pdu, now + self._timers.response)
            self._outside += outside
        return pdu

    def answer(self, request: Pdu, body: Body | None = None, status: int = 0) -> None:
        """Answer a request of the peer; without a body, with an empty one.

        Raises StateError for a request that has no answer, SmppError for a value.
        """
        kind = codec.response_to(type(request.body))
        if kind is None or not isinstance(body or kind(), kind):
            raise StateError(f"expected a body that answers {_name(type(request.body))}")
        self._out.append(codec.encode(Pdu(body or kind(), request.sequence_number, status)))
        bound = _BOUND.get(type(request.body))
        if bound and not status and self.state is State.OPEN:
            self.state = bound

    def close(self, reason: str = "closed") -> Closed:
        """The connection is lost, or is to end now; ``unanswered`` has what is unknown."""
        unanswered = tuple(pdu for pdu, _ in self._waiting.values())
        self._waiting.clear()
        self._outside = 0
        self._in.clear()
        self.state = State.CLOSED
        return Closed(reason, unanswered)

    def _next_sequence(self) -> int:
        """1 to 7FFFFFFF, then 1 again, but none that waits for its answer."""
        while True:
            self._sequence = self._sequence % LAST_SEQUENCE + 1
            if self._sequence not in self._waiting:
                return self._sequence

    # --- In --------------------------------------------------------------------------------------

    def receive(self, octets: bytes, now: float) -> list[Event]:
        """What the next octets of the stream say; no octets are the end of the stream."""
        if self.state is State.CLOSED:
            return []
        if not octets:
            return [self.close("the peer closed the connection")]
        self._heard = now
        self._in += octets
        events: list[Event] = []
        read = self._read(events)
        if read:
            self._partial_since = None
        if self._in and self._partial_since is None:
            self._partial_since = now
        return events

    def _read(self, events: list[Event]) -> int:
        """Take all complete PDUs from the buffer; returns how many octets they had."""
        buffer, at = self._in, 0
        while len(buffer) - at >= codec.HEADER_OCTETS and self.state is not State.CLOSED:
            try:
                header = codec.header(buffer, at, self._longest)
            except SmppError as error:
                sequence = int.from_bytes(buffer[at + 12 : at + 16], "big")
                self._nack(sequence, error.status)
                events += Refused(error, sequence), self.close("the peer sent what is no PDU")
                break
            end = at + header.command_length
            if end > len(buffer):
                break
            self._take(header, bytes(buffer[at:end]), events)
            at = end
        del buffer[:at]
        return at

    def _take(self, header: codec.Header, octets: bytes, events: list[Event]) -> None:
        """One PDU of the peer."""
        sequence = header.sequence_number
        try:
            body = codec.body(header, octets)
        except SmppError as error:
            self._unreadable(header, error, events)
            return
        pdu = Pdu(body, sequence, header.command_status)
        kind = type(body)
        if codec.is_response(kind):
            self._answered(pdu, events)
        elif kind not in _ALLOWED.get((self._peer, self.state), ()):
            self._refuse(pdu, events)
        elif kind is pdus.EnquireLink:
            self.answer(pdu)
        elif kind is pdus.Unbind:
            self.answer(pdu)
            self.state = State.UNBOUND
            events += Request(pdu), self.close("the peer ended the session")
        else:
            events.append(Request(pdu))

    def _answered(self, pdu: Pdu, events: list[Event]) -> None:
        waiting = self._waiting.get(pdu.sequence_number)
        kind = type(pdu.body)
        if waiting is None or kind not in (
            codec.response_to(type(waiting[0].body)),
            pdus.GenericNack,
        ):
            events.append(Stray(pdu))
            return
        request = self._forget(pdu.sequence_number)
        events.append(Answer(request, pdu))
        self._change_state(request, pdu.command_status, events)

    def _change_state(self, request: Pdu, status: int, events: list[Event]) -> None:
        """What an answer to a bind or an unbind changes."""
        bound = _BOUND.get(type(request.body))
        if bound and not status:
            self.state = bound
        elif type(request.body) is pdus.Unbind:
            self.state = State.UNBOUND
            events.append(self.close("the session has ended"))

    def _unreadable(self, header: codec.Header, error: SmppError, events: list[Event]) -> None:
        """A PDU whose length is right and whose body is not: the next one can be read."""
        sequence, reader = header.sequence_number, codec.kind_of(header.command_id)
        waiting = self._waiting.get(sequence)
        if reader and codec.is_response(reader):
            if waiting and codec.response_to(type(waiting[0].body)) is reader:
                request = self._forget(sequence)
                pdu = Pdu(reader(), sequence, header.command_status)
                events.append(Answer(request, pdu, error))
                self._change_state(request, header.command_status, events)
            return
        response = reader and codec.response_to(reader)
        if response:
            self._out.append(codec.encode(Pdu(response(), sequence, error.status)))
        else:
            self._nack(sequence, error.status)
        events.append(Refused(error, sequence))

    def _refuse(self, pdu: Pdu, events: list[Event]) -> None:
        """A request that is not allowed in this state."""
        status = Status.ESME_RINVBNDSTS
        if type(pdu.body) in _BOUND and self.state is not State.OPEN:
            status = Status.ESME_RALYBND
        response = codec.response_to(type(pdu.body))
        if response:
            self._out.append(codec.encode(Pdu(response(), pdu.sequence_number, status)))
        else:
            self._nack(pdu.sequence_number, status)
        what = f"expected no {_name(type(pdu.body))} in a session that is {self.state}"
        events.append(Refused(SmppError(what, status=status), pdu.sequence_number))

    def _nack(self, sequence: int, status: int) -> None:
        self._out.append(codec.encode(Pdu(pdus.GenericNack(), sequence, status)))

    def _forget(self, sequence: int) -> Pdu:
        pdu, _ = self._waiting.pop(sequence)
        self._outside -= type(pdu.body) in _OUTSIDE_WINDOW
        return pdu

    # --- Time ------------------------------------------------------------------------------------

    def tick(self, now: float) -> list[Event]:
        """What is due: answers that did not come; a peer that has long been silent is asked."""
        if self.state is State.CLOSED:
            return []
        events: list[Event] = []
        for sequence, (pdu, due) in list(self._waiting.items()):
            if due > now:
                break
            if type(pdu.body) in _OUTSIDE_WINDOW:
                return [*events, self.close(f"no answer to {_name(type(pdu.body))}")]
            events.append(Overdue(self._forget(sequence)))
        if self._partial_since is not None and now >= self._partial_since + self._timers.response:
            return [*events, self.close("the peer sent a part of a PDU")]
        if self.state is State.OPEN:
            if now >= self._opened + self._timers.session:
                return [*events, self.close("no bind")]
        elif now >= self._heard + self._timers.enquire and not self._outside:
            self.send(pdus.EnquireLink(), now)
        return events

    def next_tick(self) -> float | None:
        """When ``tick`` has something to do, at the latest; None when the connection is closed."""
        if self.state is State.CLOSED:
            return None
        due = [self._opened + self._timers.session]
        if self.state is not State.OPEN:
            due = [] if self._outside else [self._heard + self._timers.enquire]
        if self._partial_since is not None:
            due.append(self._partial_since + self._timers.response)
        due += [when for _, when in list(self._waiting.values())[:1]]
        return min(due, default=None)


def _name(kind: type[Body]) -> str:
    """``submit_sm`` for SubmitSm."""
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in kind.__name__)[1:]

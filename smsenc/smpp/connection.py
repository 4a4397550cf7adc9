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
from itertools import islice

from smsenc.smpp import codec, pdus
from smsenc.smpp.codec import LONGEST
from smsenc.smpp.errors import SmppError, StateError
from smsenc.smpp.events import Answer, Closed, Event, Overdue, Refused, Request, Stray
from smsenc.smpp.pdus import Body, Pdu
from smsenc.smpp.states import ALLOWED, BOUND, OUTSIDE_WINDOW, Role, State
from smsenc.smpp.status import Status

LAST_SEQUENCE = 0x7FFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """Seconds: for an answer, for the bind, and of silence before enquire_link (7.2)."""

    response: float = 30.0
    session: float = 30.0
    enquire: float = 30.0


class Connection:
    """The state of one session. ``window`` is how many requests may wait for their answers."""

    def __init__(
        self,
        role: Role,
        *,
        window: int = 10,
        timers: Timers | None = None,
        longest: int = LONGEST,
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
        self._binding = False  # a bind has no answer yet
        self._ending = False  # an unbind of ours has none

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
        if self._ending or not self._may(self.role, kind):
            raise StateError(f"expected no {_name(kind)} in a session that is {self._described()}")
        outside = kind in OUTSIDE_WINDOW
        if not outside and self.room < 1:
            raise StateError(f"expected at most {self.window} requests that wait for an answer")
        pdu = Pdu(body, self._next_sequence())
        self._out.append(codec.encode(pdu))
        if codec.response_to(kind):
            self._waiting[pdu.sequence_number] = (pdu, now + self._timers.response)
            self._outside += outside
        self._binding |= kind in BOUND
        self._ending |= kind is pdus.Unbind
        return pdu

    def answer(self, request: Pdu, body: Body | None = None, status: int = 0) -> None:
        """Answer a request of the peer; without a body, with an empty one.

        Raises StateError for a request that has no answer and after the end, SmppError for a value.
        """
        if self.state is State.CLOSED:
            raise StateError("expected no answer in a session that is closed")
        kind = codec.response_to(type(request.body))
        if kind is None or not isinstance(body or kind(), kind):
            raise StateError(f"expected a body that answers {_name(type(request.body))}")
        self._out.append(codec.encode(Pdu(body or kind(), request.sequence_number, status)))
        self._bound(type(request.body), status)

    def close(self, reason: str = "closed") -> Closed:
        """The connection is lost, or is to end now; ``unanswered`` has what is unknown."""
        unanswered = tuple(pdu for pdu, _ in self._waiting.values())
        self._waiting.clear()
        self._outside = 0
        self._in.clear()
        self.state = State.CLOSED
        return Closed(reason, unanswered)

    def _may(self, sender: Role, kind: type[Body]) -> bool:
        """Whether one end may ask for this now."""
        return kind in ALLOWED.get((sender, self.state), ()) and not (
            self._binding and kind in BOUND
        )

    def _described(self) -> str:
        """The state, for errors."""
        return "ending" if self._ending else f"{self.state}{', with a bind' * self._binding}"

    def _bound(self, kind: type[Body], status: int) -> None:
        """A bind has its answer."""
        if kind in BOUND:
            self._binding = False
            if not status and self.state is State.OPEN:
                self.state = BOUND[kind]

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
                self._respond(None, sequence, error.status)
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
        try:
            body = codec.body(header, octets)
        except SmppError as error:
            self._unreadable(header, octets, error, events)
            return
        pdu = Pdu(body, header.sequence_number, header.command_status)
        kind = type(body)
        if codec.is_response(kind):
            self._answered(pdu, events)
        elif not self._may(self._peer, kind):
            self._refuse(pdu, events)
        elif kind is pdus.EnquireLink:
            self.answer(pdu)
        elif kind is pdus.Unbind:
            self.answer(pdu)
            events += Request(pdu), self.close("the peer ended the session")
        else:
            self._binding |= kind in BOUND
            events.append(Request(pdu))

    def _answered(self, pdu: Pdu, events: list[Event], error: SmppError | None = None) -> None:
        waiting = self._waiting.get(pdu.sequence_number)
        kind = type(pdu.body)
        if waiting is None or kind not in (
            codec.response_to(type(waiting[0].body)),
            pdus.GenericNack,
        ):
            events.append(Stray(pdu))
            return
        request = self._forget(pdu.sequence_number)
        answer = Answer(request, pdu, error)
        events.append(answer)
        self._bound(type(request.body), answer.status)
        if type(request.body) is pdus.Unbind:
            events.append(self.close("the session has ended"))

    def _unreadable(
        self, header: codec.Header, octets: bytes, error: SmppError, events: list[Event]
    ) -> None:
        """A PDU whose length is right and whose body is not: the next one can be read."""
        sequence, kind = header.sequence_number, codec.kind_of(header.command_id)
        if kind and codec.is_response(kind):
            body = codec.readable(header, octets)
            self._answered(Pdu(body, sequence, header.command_status), events, error)
            return
        if header.command_id < codec.RESPONSE:  # an answer is not answered, even if it is unknown
            self._respond(kind, sequence, error.status)
        events.append(Refused(error, sequence))

    def _refuse(self, pdu: Pdu, events: list[Event]) -> None:
        """A request that is not allowed in this state."""
        kind, sequence = type(pdu.body), pdu.sequence_number
        again = kind in BOUND and (self._binding or self.state is not State.OPEN)
        status = Status.ESME_RALYBND if again else Status.ESME_RINVBNDSTS
        self._respond(kind, sequence, status)
        what = f"expected no {_name(kind)} in a session that is {self._described()}"
        events.append(Refused(SmppError(what, status=status), sequence))

    def _respond(self, kind: type[Body] | None, sequence: int, status: int) -> None:
        """Refuse a request; what has no answer of its own gets a generic_nack (4.3)."""
        response = (kind and codec.response_to(kind)) or pdus.GenericNack
        self._out.append(codec.encode(Pdu(response(), sequence, status)))

    def _forget(self, sequence: int) -> Pdu:
        pdu, _ = self._waiting.pop(sequence)
        self._outside -= type(pdu.body) in OUTSIDE_WINDOW
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
            if type(pdu.body) in OUTSIDE_WINDOW:
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
        due += [when for _, when in islice(self._waiting.values(), 1)]
        return min(due, default=None)


def _name(kind: type[Body]) -> str:
    """``submit_sm`` for SubmitSm."""
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in kind.__name__)[1:]

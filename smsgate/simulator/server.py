"""The message centre: sessions, log-ins, and what is done with each request."""

from __future__ import annotations

import asyncio
import hmac
import random
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from smsenc.smpp import (
    Answer,
    Closed,
    Event,
    Overdue,
    Pdu,
    Request,
    SmppError,
    State,
    Status,
    Tag,
    Timers,
    Tlv,
    codec,
    pdus,
)
from smsgate.simulator.behaviour import Behaviour, Fault
from smsgate.simulator.deliveries import Deliveries
from smsgate.simulator.fates import Fates
from smsgate.simulator.operations import Operations
from smsgate.simulator.smscsession import SmscSession
from smsgate.simulator.store import Message, Store
from smsgate.simulator.submits import Submits

SYSTEM_ID = "smsenc"
_MOST_SESSIONS = 500
#: Seconds for the answers to unbind.
_PATIENCE = 2.0
_SUBMITS = (pdus.SubmitSm, pdus.DataSm, pdus.SubmitMulti)
_OPERATIONS = (pdus.QuerySm, pdus.CancelSm, pdus.ReplaceSm)


class Server:
    """``log_ins`` are users and passwords; without any, every bind is accepted."""

    def __init__(
        self,
        store: Store,
        behaviour: Behaviour,
        *,
        log_ins: Mapping[str, str] | None = None,
        rng: random.Random | None = None,
        timers: Timers | None = None,
    ) -> None:
        self.store = store
        self.deliveries = Deliveries()
        self.fates = Fates(store, behaviour, self.deliveries)
        self.listeners: list[Callable[[Message], None]] = []  #: they get complete messages
        self.sessions: set[SmscSession] = set()
        self._log_ins = log_ins
        self._timers = timers
        self._operations = Operations(store, self.fates)
        rng = rng or random.Random()  # noqa: S311 - chance, no secret
        self._submits = Submits(store, behaviour, self.fates, rng, self._complete)
        self._listening: asyncio.Server | None = None
        self._restore()

    def _restore(self) -> None:
        """Continue what an earlier run has begun."""
        for message in self.store.incomplete():
            places = (one.place for one in self.store.segments(message.id))
            self._submits.joiner.restore(message, places)
        for system_id, octets in self.store.take_waiting():
            self.deliveries.add(system_id, codec.decode(octets).body)
        self.fates.add(self.store.pending())

    async def listen(self, listening: socket.socket) -> None:
        """Accept connections."""
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._session, sock=listening)

    async def close(self) -> None:
        """End all sessions with unbind, and keep what waits."""
        if self._listening:
            self._listening.close()
        ends = [self._end(session) for session in list(self.sessions)]
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*ends), _PATIENCE)
        for session in list(self.sessions):
            session.abort()
        self.fates.close()
        rows = [(one, codec.encode(Pdu(body, 1))) for one, body in self.deliveries.drain()]
        self.store.keep_waiting(rows)

    async def _end(self, session: SmscSession) -> None:
        if not session.bound:
            session.abort()
            return
        session.send(pdus.Unbind())
        session.flush()
        await asyncio.shield(session.ended)

    @property
    def behaviour(self) -> Behaviour:
        """How the network behaves; it can be replaced."""
        return self.fates.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self.fates.behaviour = behaviour
        self._submits.behave(behaviour)

    @property
    def faults(self) -> Mapping[Fault, int]:
        """How often each fault happened."""
        return self._submits.faults

    def forget(self) -> None:
        """Messages were deleted: parts that still come begin others."""
        self._submits.joiner.keep(lambda id_: self.store.message(id_) is not None)

    def _complete(self, message: Message) -> None:
        for listener in self.listeners:
            listener(message)

    # --- Events ----------------------------------------------------------------------------------

    def _session(self) -> SmscSession:
        session = SmscSession(self._on_events, timers=self._timers)
        self.sessions.add(session)
        return session

    def _on_events(self, session: SmscSession, events: list[Event]) -> None:
        if not events:
            self._changed(session)
        for event in events:
            match event:
                case Request(pdu):
                    self._requested(session, pdu)
                case Answer(request, answer):
                    self.deliveries.answered(session, request, answer.command_status)
                case Overdue(request):
                    self.deliveries.overdue(session, request)
                case Closed():
                    self.sessions.discard(session)
                    self.deliveries.left(session)

    def _changed(self, session: SmscSession) -> None:
        """A session is new, or can write again."""
        if session.connection.state is State.OPEN and len(self.sessions) > _MOST_SESSIONS:
            session.abort()
        self.deliveries.writable(session)

    def _requested(self, session: SmscSession, request: Pdu) -> None:
        body = request.body
        if isinstance(body, _SUBMITS):
            self._submits.submit(session, request)
        elif isinstance(body, pdus.Bind):
            self._bind(session, request, body)
        elif isinstance(body, _OPERATIONS):
            try:
                session.reply(request, self._operations.answer(session.system_id, body))
            except SmppError as error:
                session.reply(request, status=error.status)

    def _bind(self, session: SmscSession, request: Pdu, body: pdus.Bind) -> None:
        status = self._checked(body)
        if status:
            session.reply(request, status=status)
            return
        kind = codec.response_to(type(body))
        assert kind is not None  # noqa: S101 - every bind has an answer
        version = (Tlv(Tag.SC_INTERFACE_VERSION, pdus.VERSION),)
        tlvs = version if body.interface_version >= pdus.VERSION else ()
        session.system_id = body.system_id
        session.reply(request, kind(system_id=SYSTEM_ID, tlvs=tlvs))  # type: ignore[call-arg]
        if session.receives:
            self.deliveries.bound(session)

    def _checked(self, body: pdus.Bind) -> int:
        if self._log_ins is None:
            return 0
        password = self._log_ins.get(body.system_id)
        if password is None:
            return Status.ESME_RINVSYSID
        same = hmac.compare_digest(password.encode(), body.password.encode())
        return 0 if same else Status.ESME_RINVPASWD

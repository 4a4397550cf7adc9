"""Messages that ESMEs submit: kept in one commit for all that arrive together, then answered."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from smsenc import SmsencError
from smsenc.smpp import Pdu, SmppError, Status, codec, mapping, pdus, times
from smsgate.simulator import answers, receipts
from smsgate.simulator.behaviour import Behaviour, Fate, Fault
from smsgate.simulator.fates import Fates
from smsgate.simulator.joining import Joiner, Submitted, place_of
from smsgate.simulator.smscsession import SmscSession
from smsgate.simulator.store import Message, Segment, Store
from smsgate.smppclient.bucket import TokenBucket

_REFUSALS = {Fault.THROTTLE: Status.ESME_RTHROTTLED, Fault.QUEUE_FULL: Status.ESME_RMSGQFUL}
_MOST_BUCKETS = 1000


class Kept(NamedTuple):
    """A request whose messages are kept, and its answer."""

    session: SmscSession
    request: Pdu
    answer: pdus.Body
    parts: list[tuple[Segment, Submitted]]
    fault: Fault | None


@dataclass(slots=True)
class _Lot:
    """What arrives in one turn of the loop."""

    messages: dict[int, Message]
    segments: list[Segment]
    kept: list[Kept]


class Submits:
    """``on_complete`` gets the id of each message all of whose parts are there."""

    def __init__(
        self,
        store: Store,
        behaviour: Behaviour,
        fates: Fates,
        rng: random.Random,
        on_complete: Callable[[Message], None],
    ) -> None:
        self.joiner = Joiner()
        self._store = store
        self._behaviour = behaviour
        self._fates = fates
        self.faults: Counter[Fault] = Counter()  #: how often each of them happened
        self._rng = rng
        self._on_complete = on_complete
        self._loop = asyncio.get_running_loop()
        self._next_id = store.next_id()
        self._buckets: dict[str, TokenBucket] = {}
        self._lot = _Lot({}, [], [])
        self._scheduled = False

    def behave(self, behaviour: Behaviour) -> None:
        """Behave otherwise from now on."""
        self._behaviour = behaviour
        self._buckets.clear()

    def submit(self, session: SmscSession, request: Pdu) -> None:
        """Keep the messages of a request, and answer it after the commit."""
        session.unanswered += 1
        fault = self._fault(session)
        if fault:
            self.faults[fault] += 1
        if fault in _REFUSALS:
            self._refuse(session, request, _REFUSALS[fault])
            return
        if fault is Fault.CUT and self._rng.random() < 0.5:
            session.abort()
            return
        try:
            self._keep(session, request, fault)
        except SmppError as error:
            self._refuse(session, request, error.status)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._commit)

    def _fault(self, session: SmscSession) -> Fault | None:
        """What goes wrong: more than the window or the rate allow, or what chaos wants."""
        window = self._behaviour.window
        if window and session.unanswered > window:
            return Fault.THROTTLE
        if self._behaviour.rate is not None and self._bucket(session.system_id).take(1):
            return Fault.THROTTLE
        return self._behaviour.fault(self._rng) if self._behaviour.chaos else None

    def _bucket(self, system_id: str) -> TokenBucket:
        if system_id not in self._buckets:
            while len(self._buckets) >= _MOST_BUCKETS:
                del self._buckets[next(iter(self._buckets))]
            self._buckets[system_id] = TokenBucket(self._behaviour.rate, self._loop.time)
        return self._buckets[system_id]

    def _refuse(self, session: SmscSession, request: Pdu, status: int) -> None:
        session.unanswered -= 1
        session.reply(request, status=status)

    # --- Keeping ---------------------------------------------------------------------------------

    def _keep(self, session: SmscSession, request: Pdu, fault: Fault | None) -> None:
        bodies, refused = answers.messages(request.body)
        now, named = time.time(), self._next_id
        dues = [self._due(body, now) for body in bodies]  # raises before anything is kept
        parts = [
            (self._part(session.system_id, body, named, now, due), body)
            for body, due in zip(bodies, dues, strict=True)
        ]
        answer = answers.accepted(request.body, receipts.shown_id(named), refused)
        self._lot.kept.append(Kept(session, request, answer, parts, fault))

    def _due(self, body: Submitted, now: float) -> tuple[Fate, float]:
        """What becomes of a message, and when; raises SmppError for an address or a time."""
        recipient = body.destination_addr.digits
        if not recipient:
            raise SmppError("expected a number", status=Status.ESME_RINVDSTADR)
        fate = self._behaviour.fate(recipient, self._rng)
        delay = self._behaviour.delay(fate)
        if not isinstance(body, pdus.SubmitSm):
            return fate, now + delay
        if not (body.schedule_delivery_time or body.validity_period):
            return fate, now + delay
        clock = datetime.fromtimestamp(now, UTC)
        begins = _seconds(body.schedule_delivery_time, clock, Status.ESME_RINVSCHED) or now
        ends = _seconds(body.validity_period, clock, Status.ESME_RINVEXPIRY)
        due = max(now, begins) + delay
        return (Fate.EXPIRED, max(ends, now)) if ends and ends < due else (fate, due)

    def _part(
        self, system_id: str, body: Submitted, named: int, now: float, what: tuple[Fate, float]
    ) -> Segment:
        fate, due = what
        place = place_of(body, system_id)
        id_, self._next_id = self._next_id, self._next_id + 1
        sender, recipient = map(mapping.number_of, (body.source_addr, body.destination_addr))
        new = Message(id_, sender, recipient, now, 1, 0, None)
        message = self.joiner.add(new, place) if place else new
        self._lot.messages[message.id] = message
        at_once = due <= now and fate is not Fate.NEVER
        segment = Segment(
            id=id_,
            message=message.id,
            named=named,
            system_id=system_id,
            place=place.sequence if place else 1,
            pdu=codec.encode(Pdu(body, 1)),
            state=receipts.OUTCOMES[fate] if at_once else receipts.ACCEPTED,
            time=now,
            due=None if at_once or fate is Fate.NEVER else due,
            fate=fate,
        )
        self._lot.segments.append(segment)
        return segment

    # --- Answering -------------------------------------------------------------------------------

    def _commit(self) -> None:
        """Commit what has arrived in this turn of the loop, and answer it."""
        lot, self._lot, self._scheduled = self._lot, _Lot({}, [], []), False
        try:
            with self._store.writing():
                self._store.add(lot.messages.values(), lot.segments)
        except SmsencError:
            self.joiner.keep(lambda id_: id_ not in lot.messages)
            for one in lot.kept:
                self._refuse(one.session, one.request, Status.ESME_RSYSERR)
        else:
            for one in lot.kept:
                self._settle(one)
            self._fates.add(lot.segments)
            for message in lot.messages.values():
                if not message.missing:
                    self._on_complete(message)
        for session in {one.session for one in lot.kept}:
            session.flush()

    def _settle(self, one: Kept) -> None:
        """Receipts that are due at once, and the answer, in the order that their fate says."""
        for segment, body in one.parts:
            if segment.fate == Fate.EARLY and segment.due is None:
                self._fates.report(segment, segment.state, body)
        self._answer(one)
        for segment, body in one.parts:
            if segment.due is None and segment.fate not in (Fate.EARLY, Fate.NEVER):
                self._fates.report(segment, segment.state, body)

    def _answer(self, one: Kept) -> None:
        match one.fault:
            case Fault.SILENCE:
                one.session.unanswered -= 1
            case Fault.CUT:
                one.session.abort()
            case Fault.MALFORMED:
                one.session.unanswered -= 1
                octets = codec.encode(Pdu(one.answer, one.request.sequence_number))
                one.session.write_octets(self._rng.choice(answers.MALFORMED)(octets))
            case Fault.SLOW:
                delay = self._rng.uniform(0, self._behaviour.slow_delay)
                self._loop.call_later(delay, self._reply, one)
            case _:
                one.session.unanswered -= 1
                one.session.reply(one.request, one.answer)

    def _reply(self, one: Kept) -> None:
        one.session.unanswered -= 1
        one.session.reply(one.request, one.answer)
        one.session.flush()


def _seconds(text: str, now: datetime, status: int) -> float | None:
    """A time of SMPP in seconds; raises SmppError with a status of the field."""
    try:
        due = times.due(text, now)
    except SmppError as error:
        raise SmppError(error.message, status=status) from None
    return due.timestamp() if due else None

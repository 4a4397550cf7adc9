"""Messages and receipts on their way to the sessions of ESMEs."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator

from smsenc import SmsencError
from smsenc.smpp import Pdu, Status
from smsenc.smpp.pdus import Body
from smsgate.simulator.smscsession import Outgoing, SmscSession

#: The owner of what any session may have.
ANYBODY = ""
_MOST_WAITING = 100_000  # of a system_id
_MOST_TRIES = 10
_PAUSE = 1.0  # seconds before another try
_TEMPORARY = frozenset((Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL, Status.ESME_RX_T_APPN))


class Deliveries:
    """A queue for each system_id; what nobody can receive now is kept, in order."""

    def __init__(self) -> None:
        self.dropped = 0  #: what was refused, or too much
        self._queues: defaultdict[str, deque[Outgoing]] = defaultdict(deque)
        self._sessions: defaultdict[str, list[SmscSession]] = defaultdict(list)

    def add(self, system_id: str, body: Body, tries: int = 0) -> None:
        """Deliver something after all that waits; ``pump`` sends it."""
        queue = self._queues[system_id]
        queue.append(Outgoing(system_id, body, tries))
        if len(queue) > _MOST_WAITING:
            queue.popleft()
            self.dropped += 1

    def pump(self, system_id: str) -> None:
        """Send what the windows of the sessions allow; ``flush`` writes it."""
        queue = self._queues.get(system_id)
        for session in self._receivers(system_id) if queue else ():
            while queue and session.receives and session.connection.room > 0 and session.can_write:
                self._send(session, queue.popleft())

    def flush(self, system_id: str) -> None:
        """Write what ``pump`` has sent."""
        for session in self._receivers(system_id):
            session.flush()

    def _receivers(self, system_id: str) -> Iterator[SmscSession]:
        if system_id != ANYBODY:
            yield from self._sessions.get(system_id, ())
            return
        for sessions in self._sessions.values():
            yield from sessions

    def _send(self, session: SmscSession, one: Outgoing) -> None:
        try:
            pdu = session.send(one.body)
        except SmsencError:
            self.dropped += 1
            return
        session.sent[pdu.sequence_number] = one

    # --- Sessions --------------------------------------------------------------------------------

    def bound(self, session: SmscSession) -> None:
        """A session can receive from now on."""
        self._sessions[session.system_id].append(session)
        self._pump_for(session)

    def left(self, session: SmscSession) -> None:
        """A session is gone; what it has not answered is delivered again."""
        sessions = self._sessions.get(session.system_id, [])
        if session in sessions:
            sessions.remove(session)
            if not sessions:
                del self._sessions[session.system_id]
        self._again(session.sent.values())
        session.sent.clear()
        self.pump(session.system_id)
        self.flush(session.system_id)

    def _again(self, items: Iterable[Outgoing]) -> None:
        for one in reversed(list(items)):
            if one.tries < _MOST_TRIES:
                self._queues[one.system_id].appendleft(one._replace(tries=one.tries + 1))
            else:
                self.dropped += 1

    def _pump_for(self, session: SmscSession) -> None:
        for system_id in (session.system_id, ANYBODY):
            self.pump(system_id)
        session.flush()

    def answered(self, session: SmscSession, request: Pdu, status: int) -> None:
        """An ESME has answered; what it cannot take now is delivered a little later."""
        one = session.sent.pop(request.sequence_number, None)
        if one is not None and status in _TEMPORARY and one.tries < _MOST_TRIES:
            asyncio.get_running_loop().call_later(_PAUSE, self._retry, one)
        elif one is not None and status:
            self.dropped += 1
        self._pump_for(session)

    def overdue(self, session: SmscSession, request: Pdu) -> None:
        """No answer came: deliver it again."""
        one = session.sent.pop(request.sequence_number, None)
        if one is not None:
            self._again([one])
        self._pump_for(session)

    def writable(self, session: SmscSession) -> None:
        """A session can write again."""
        if session.receives:
            self._pump_for(session)

    def _retry(self, one: Outgoing) -> None:
        self._again([one])
        self.pump(one.system_id)
        self.flush(one.system_id)

    # --- All -------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """How many wait for a session that takes them."""
        return sum(map(len, self._queues.values()))

    def drain(self) -> list[tuple[str, Body]]:
        """What waits, for the next run; it is forgotten here."""
        found = [(one.system_id, one.body) for queue in self._queues.values() for one in queue]
        self._queues.clear()
        return found

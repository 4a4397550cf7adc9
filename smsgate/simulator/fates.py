"""Final states of messages, at their time, with the receipts that say so."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Iterable

from smsenc.smpp import codec
from smsgate.simulator import receipts
from smsgate.simulator.behaviour import Behaviour, Fate
from smsgate.simulator.deliveries import Deliveries
from smsgate.simulator.joining import Submitted
from smsgate.simulator.store import Segment, Store

_MOST_AT_ONCE = 500


class Fates:
    """Waits until states are due; ``due`` in segments is a time of the calendar."""

    def __init__(self, store: Store, behaviour: Behaviour, deliveries: Deliveries) -> None:
        self._store = store
        self.behaviour = behaviour
        self._deliveries = deliveries
        self._loop = asyncio.get_running_loop()
        self._order = itertools.count()
        self._heap: list[tuple[float, int, Segment]] = []
        self._cancelled: set[int] = set()
        self._changed: dict[int, bytes] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, segments: Iterable[Segment]) -> None:
        """Wait for what is due."""
        for one in segments:
            if one.due is not None:
                heapq.heappush(self._heap, (one.due, next(self._order), one))
        self._wait()

    def cancel(self, segment: Segment) -> None:
        """Wait no more for a segment, whose state is final."""
        if segment.due is not None:
            self._cancelled.add(segment.id)

    def change(self, segment: Segment, pdu: bytes) -> None:
        """Wait for a segment with other octets."""
        if segment.due is not None:
            self._changed[segment.id] = pdu

    def close(self) -> None:
        """Stop; what is due is in the store."""
        if self._timer:
            self._timer.cancel()

    def _wait(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._heap:
            delay = max(0.0, self._heap[0][0] - time.time())
            self._timer = self._loop.call_later(delay, self._due)

    def _due(self) -> None:
        self._timer = None
        now = time.time()
        due: list[Segment] = []
        while self._heap and self._heap[0][0] <= now and len(due) < _MOST_AT_ONCE:
            _, _, segment = heapq.heappop(self._heap)
            if segment.id in self._cancelled:
                self._cancelled.remove(segment.id)
            else:
                pdu = self._changed.pop(segment.id, segment.pdu)
                due.append(segment._replace(pdu=pdu))
        if due:
            with self._store.writing():
                states = [(receipts.OUTCOMES[Fate(one.fate)], one.id) for one in due]
                self._store.settle(states)
            for segment, (state, _) in zip(due, states, strict=True):
                self.report(segment, state)
        self._wait()

    def report(self, segment: Segment, state: str, body: Submitted | None = None) -> bool:
        """Send the receipt of a state, if its sender asked for one; true if so."""
        body = body or body_of(segment)
        if not receipts.wanted(body, state):
            return False
        form = self.behaviour.receipt_id
        receipt = receipts.deliver(segment, body, state, form, time.time())
        self._deliveries.add(segment.system_id, receipt)
        self._deliveries.pump(segment.system_id)
        self._loop.call_soon(self._deliveries.flush, segment.system_id)
        return True


def body_of(segment: Segment) -> Submitted:
    """The request that carried a part."""
    return submitted(segment.pdu)


def submitted(octets: bytes) -> Submitted:
    """A request that the store has in octets."""
    body = codec.decode(octets).body
    assert isinstance(body, Submitted)  # noqa: S101 - the store has no others
    return body

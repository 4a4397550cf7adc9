"""Messages that wait to be sent."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Container, Iterator

from smsenc import OptionError
from smsenc.smpp.pdus import Body
from smsgate.smppclient.results import Result


class Waiting:
    """A message on its way: its place in the order, and who waits for its result."""

    __slots__ = ("body", "future", "order", "parts")

    def __init__(self, order: int, body: Body, parts: int, future: asyncio.Future[Result]) -> None:
        self.order = order
        self.body = body
        self.parts = parts
        self.future = future

    def __lt__(self, other: Waiting) -> bool:
        return self.order < other.order


class Queue:
    """First in, first out; what comes back goes before all that came after it."""

    def __init__(self) -> None:
        self._orders = itertools.count()
        self._new: deque[Waiting] = deque()
        self._again: list[Waiting] = []  # a heap; all were first in before those of _new

    def __len__(self) -> int:
        return len(self._new) + len(self._again)

    def __iter__(self) -> Iterator[Waiting]:
        yield from self._again
        yield from self._new

    def put(self, body: Body, parts: int, future: asyncio.Future[Result]) -> None:
        """A new message goes to the end; raises OptionError for ``parts`` below 1."""
        if not isinstance(parts, int) or parts < 1:
            raise OptionError(f"expected a whole number from 1, found {parts!r}", name="parts")
        self._new.append(Waiting(next(self._orders), body, parts, future))

    def put_back(self, one: Waiting) -> None:
        """A message that was taken, and is to be sent again."""
        heapq.heappush(self._again, one)

    def first(self) -> Waiting | None:
        """The next message, which stays; None if there is none."""
        if self._again:
            return self._again[0]
        return self._new[0] if self._new else None

    def take(self) -> None:
        """Take the first one away."""
        if self._again:
            heapq.heappop(self._again)
        else:
            self._new.popleft()

    def remove(self, futures: Container[asyncio.Future[Result]] | None = None) -> list[Waiting]:
        """Take away those with one of these futures, or all, in order."""
        removed = [one for one in sorted(self) if futures is None or one.future in futures]
        kept = [one for one in self._new if futures is not None and one.future not in futures]
        again = [one for one in self._again if futures is not None and one.future not in futures]
        self._new = deque(kept)
        self._again = again
        heapq.heapify(again)
        return removed

"""One try to send a message: its parts go in order, and the rest is withdrawn if one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from smsenc.smpp.pdus import SubmitSm
from smsgate.gateway.queue.picking import Due
from smsgate.smppclient import Accepted, Client, Result


class Attempt:
    """Submits the parts of a message; ``on_end`` is called once, when each has its result."""

    __slots__ = ("_client", "_futures", "_left", "_numbers", "_on_end", "began", "due")

    def __init__(
        self,
        due: Due,
        bodies: Sequence[tuple[int, SubmitSm]],
        client: Client,
        on_end: Callable[[Attempt], object],
        began: float = 0.0,
    ) -> None:
        self.due = due
        self.began = began  # by the clock of whoever made it
        self._client = client
        self._on_end = on_end
        self._left = len(bodies)
        self._numbers = [number for number, _ in bodies]
        self._futures = [client.submit(body) for _, body in bodies]
        for future in self._futures:
            future.add_done_callback(self._ended)

    @property
    def parts(self) -> int:
        """How many parts it has."""
        return len(self._futures)

    def withdraw(self) -> None:
        """Take back the parts that have not left."""
        self._client.recall(self._futures)

    def results(self) -> list[tuple[int, Result | BaseException]]:
        """How each part ended, by number; an exception if it was not sent."""
        return [
            (number, _result(one)) for number, one in zip(self._numbers, self._futures, strict=True)
        ]

    def _ended(self, future: asyncio.Future[Result]) -> None:
        self._left -= 1
        if not self._left:
            self._on_end(self)
        elif not isinstance(_result(future), Accepted):
            self._client.recall(self._futures)


def withdraw(attempts: Iterable[Attempt]) -> None:
    """Take back the parts of several that have not left."""
    for one in attempts:
        one.withdraw()


def _result(future: asyncio.Future[Result]) -> Result | BaseException:
    if future.cancelled():
        return asyncio.CancelledError()
    return future.exception() or future.result()

"""Octets a second, shared by all connections of an upload."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Pace:
    """Told of octets before they go, it waits until they may: ``rate`` a second over time.

    Octets already let through are paid for by those that come next, so that nothing is ever late
    because of a chunk's size. ``clock`` and ``sleep`` are in seconds.
    """

    def __init__(
        self, rate: float, clock: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._free = clock()  # when everything let through so far has had its time
        self._lock = threading.Lock()

    def __call__(self, octets: int) -> None:
        """Wait for the turn of so many octets."""
        with self._lock:
            now = self._clock()
            start = max(self._free, now)
            self._free = start + octets / self._rate
        if start > now:
            self._sleep(start - now)

"""Octets per second, shared by all connections of an upload."""

from __future__ import annotations

import threading
from collections.abc import Callable


class RateLimit:
    """Waits before octets are sent, so that they average at most ``rate`` per second.

    Each call waits for the octets of earlier calls, not for its own, so the size of a chunk delays
    nothing. ``clock`` and ``sleep`` are in seconds.
    """

    def __init__(
        self, rate: float, clock: Callable[[], float], sleep: Callable[[float], object]
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._free = clock()  # when the octets of all calls so far have had their time
        self._lock = threading.Lock()

    def __call__(self, octets: int) -> None:
        """Wait until so many octets may be sent."""
        with self._lock:
            now = self._clock()
            start = max(self._free, now)
            self._free = start + octets / self._rate
        if start > now:
            self._sleep(start - now)

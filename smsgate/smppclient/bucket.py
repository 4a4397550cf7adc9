"""Parts a second."""

from __future__ import annotations

from collections.abc import Callable


class TokenBucket:
    """Lets ``rate`` parts a second pass, and after a rest those of ``burst`` seconds at once."""

    def __init__(
        self, rate: float | None, clock: Callable[[], float], *, burst: float = 0.1
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._most = max(1.0, (rate or 0) * burst)
        self._tokens = self._most
        self._filled = clock()

    def take(self, parts: int) -> float:
        """Take what so many parts need, and return 0; or the seconds to wait before asking again.

        More parts than a burst pass when the bucket is full, and the next ones wait for them.
        """
        if self._rate is None:
            return 0.0
        now = self._clock()
        self._tokens = min(self._most, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        needed = min(parts, self._most)
        if self._tokens < needed:
            return (needed - self._tokens) / self._rate
        self._tokens -= parts
        return 0.0

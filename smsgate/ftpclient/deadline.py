"""Ends of waits: a server that sends an octet a second must not hold a program for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

#: Octets per second. A transfer that is slower on average is given up.
SLOWEST = 1000


class TooSlowError(TimeoutError):
    """A transfer that is slower than SLOWEST."""


class Deadline:
    """``seconds`` from now, and later by what is added; raises TimeoutError when it has passed."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds until then, more than 0."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def allow(self, octets: int) -> None:
        """Add the time of so many octets at the slowest rate."""
        self._end += octets / SLOWEST

    def at_least(self, seconds: float) -> None:
        """Move the end to ``seconds`` from now, unless it is later already."""
        self._end = max(self._end, time.monotonic() + seconds)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time in here does not count: our own rate limit, or the reader of what is fetched."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._end += time.monotonic() - start

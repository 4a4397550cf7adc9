"""How many a second, and what else a sender shows of itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Stats:
    """``sent`` parts were accepted since the start, ``rate`` is that of the last ten seconds.

    ``throttled`` is how often the message centre said that it is busy.
    """

    bound: bool
    sent: int
    rate: float
    in_flight: int
    throttled: int = 0


class Meter:
    """Counts, and says how many there were a second in the last ten seconds."""

    def __init__(self) -> None:
        self.total = 0
        self._seconds: deque[tuple[int, int]] = deque(maxlen=_SECONDS + 1)  # second, total before

    def add(self, number: int, now: float) -> None:
        """So many more, at ``now`` of a clock that does not go back."""
        second = int(now)
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append((second, self.total))
        self.total += number

    def rate(self, now: float) -> float:
        """Per second of the last ten, or of those since the first."""
        recent = [one for one in self._seconds if one[0] > now - _SECONDS]
        if not recent:
            return 0.0
        first, before = recent[0]
        return (self.total - before) / max(1.0, now - first)

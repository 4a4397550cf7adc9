"""How long to wait before the next try."""

from __future__ import annotations

import random


class Backoff:
    """Doubles from ``first`` to ``longest`` seconds; each wait is up to a quarter shorter."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def __call__(self) -> float:
        """The seconds to wait now."""
        wait, self._next = self._next, min(self._longest, 2 * self._next)
        return wait * random.uniform(0.75, 1)  # noqa: S311 - so that clients do not come at once

    def reset(self) -> None:
        """Begin with ``first`` again."""
        self._next = self._first

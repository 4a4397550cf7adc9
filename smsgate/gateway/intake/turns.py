"""Whose turn it is: some files of each account at once, and each commits after the one before."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable

from smsgate.gateway.intake.taking import Taken

_OPEN = 16  # files of one account that are handled at once


class Turns:
    """Files that are ready or open; for the loop's thread alone.

    ``begin`` gets a file with the event that the file before it sets once it has committed
    something or ended, None if there is none, and the event that it sets itself.
    """

    def __init__(
        self, begin: Callable[[Taken, asyncio.Event | None, asyncio.Event], object]
    ) -> None:
        self._begin = begin
        self._known: set[str] = set()
        self._ready: dict[str, deque[Taken]] = {}
        self._open: Counter[str] = Counter()
        self._last: dict[str, asyncio.Event] = {}
        self._closed = False

    def add(self, taken: Taken) -> bool:
        """Begin a file as soon as its account may; whether it is a new one."""
        if taken.uid in self._known:
            return False
        self._known.add(taken.uid)
        self._ready.setdefault(taken.api_id, deque()).append(taken)
        self._fill(taken.api_id)
        return True

    def forget(self, taken: Taken) -> None:
        """A file is done: if it comes again, it is a new one."""
        self._known.discard(taken.uid)

    def end(self, taken: Taken) -> None:
        """A file is open no longer; others of its account begin."""
        self._open[taken.api_id] -= 1
        self._fill(taken.api_id)

    def close(self) -> None:
        """Begin no more files."""
        self._closed = True

    def _fill(self, api_id: str) -> None:
        ready = self._ready.get(api_id)
        while ready and self._open[api_id] < _OPEN and not self._closed:
            self._open[api_id] += 1
            before, after = self._last.get(api_id), asyncio.Event()
            self._last[api_id] = after
            self._begin(ready.popleft(), before, after)

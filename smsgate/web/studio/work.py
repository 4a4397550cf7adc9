"""Conversions in threads, so that no page waits for another's: a few at a time, few that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from smsgate.web.problems import ProblemError

_AT_A_TIME, _MOST = 2, 24
P = ParamSpec("P")
T = TypeVar("T")


class Work:
    """Runs functions; those that nobody waits for any more are run to their end."""

    def __init__(self, at_a_time: int = _AT_A_TIME, most: int = _MOST) -> None:
        self._free = asyncio.Semaphore(at_a_time)
        self._most, self._count = most, 0

    async def __call__(self, function: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """The result of a function; raises ProblemError if too many wait already."""
        if self._count >= self._most:
            raise ProblemError("studio.busy", status=503)
        self._count += 1
        try:
            async with self._free:
                return await asyncio.to_thread(function, *given, **named)
        finally:
            self._count -= 1

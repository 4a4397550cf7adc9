"""How many messages wait, and whether an account may add more: the brake of the intake.

While an account, or the whole gateway, has as many messages waiting as its limit allows, its
uploads are refused with 451, its settled files stay where they are, and the files that were taken
are read on only as fast as messages leave.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping

from smsgate.gateway.database import Database
from smsgate.gateway.problems import said
from smsgate.gateway.queue import counts
from smsgate.gateway.settings import Limits

_TICK = 0.25  # seconds between two counts while something has to wait
_SELDOM = 40  # ticks between two counts while there is much room: others may add messages, too
_ALL = "the gateway"


class Backlog:
    """What is counted now and then, with what was added since: never less than what waits.

    ``tell`` hears when a limit is reached and when there is room again. Threads may ask ``is_full``
    and ``problem``; everything else is for the loop.
    """

    def __init__(self, database: Database, limits: Limits, tell: Callable[[str], object]) -> None:
        self._database, self._tell = database, tell
        self.renew(limits)
        self._waiting: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._counted = asyncio.Event()
        self._full: frozenset[str] = frozenset()
        self._told = ""

    def renew(self, limits: Limits) -> None:
        """Take other limits."""
        self._most, self._most_of_one = limits.most_waiting, limits.most_waiting_per_account

    def is_full(self, api_id: str) -> bool:
        """Whether an account has to wait before it adds messages."""
        with self._lock:
            waiting = self._waiting
            return waiting[api_id] >= self._most_of_one or waiting.total() >= self._most

    async def room(self, api_id: str, count: int) -> None:
        """Wait until an account may add messages, and count these as added."""
        while self.is_full(api_id):
            self._counted.clear()
            await self._counted.wait()
        with self._lock:
            self._waiting[api_id] += count

    async def run(self) -> None:
        """Count again and again, until cancelled."""
        idle = _SELDOM
        while True:
            idle += 1
            if idle > _SELDOM or self._is_close():
                idle = 0
                await self.count()
            await asyncio.sleep(_TICK)

    def _is_close(self) -> bool:
        """Whether a limit may be reached soon."""
        with self._lock:
            most = max(self._waiting.values(), default=0)
            return 2 * most >= self._most_of_one or 2 * self._waiting.total() >= self._most

    async def count(self) -> None:
        """Count now; what the system refuses is told once."""
        try:
            found = await asyncio.to_thread(self._database.read, counts.waiting)
        except Exception as error:  # noqa: BLE001 - the last count holds until the next succeeds
            if (problem := said(error)) != self._told:
                self._tell(f"cannot count the messages that wait: {problem}")
            self._told = problem
            return
        self._told = ""
        with self._lock:
            self._waiting = Counter(found)
        self._say(found)
        self._counted.set()

    def _say(self, found: Mapping[str, int]) -> None:
        """Tell which limits are reached that were not, and the reverse."""
        full = {api_id for api_id, count in found.items() if count >= self._most_of_one}
        full |= {_ALL} if sum(found.values()) >= self._most else set()
        for name in sorted(full - self._full):
            count = sum(found.values()) if name == _ALL else found[name]
            self._tell(f"{_named(name)}: {count} messages wait: uploads are refused for now")
        for name in sorted(self._full - full):
            self._tell(f"{_named(name)}: uploads are taken again")
        self._full = frozenset(full)


def _named(name: str) -> str:
    return name if name == _ALL else f"account {name}"

"""Whether a log-in is right: one is computed at a time, and most wrong ones not at all."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from smsgate.gateway import database as databases
from smsgate.gateway import sessions, users
from smsgate.gateway.database import Database
from smsgate.gateway.guesses import Guesses
from smsgate.gateway.passwords import Verifier
from smsgate.web.access import keeping
from smsgate.web.problems import ProblemError

_MOST_WAITING = 16  # log-ins that wait for those before them


class TooEarlyError(Exception):
    """There were wrong log-ins; ``seconds`` say when the next one is looked at."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = math.ceil(seconds)


class Door:
    """Lets users in; ``clock`` counts seconds, ``tell`` gets a line for each wrong log-in."""

    def __init__(
        self, database: Database, clock: Callable[[], float], tell: Callable[[str], object]
    ) -> None:
        self._database = database
        self._clock = clock
        self._tell = tell
        self._verifier = Verifier()
        self._guesses = Guesses()
        self._one = asyncio.Lock()
        self._waiting = 0

    async def enter(self, name: str, password: str, address: str) -> str | None:
        """The token of a new session; None if name or password is wrong.

        Raises TooEarlyError, ProblemError if too many log in, OutboxError.
        """
        name = name.strip().lower()
        self._refuse_early(name, address)
        if self._waiting >= _MOST_WAITING:
            raise ProblemError("access.busy", status=503)
        self._waiting += 1
        try:
            async with self._one:
                self._refuse_early(name, address)  # those before may have been wrong
                return await self._checked(name, password, address)
        finally:
            self._waiting -= 1

    def _refuse_early(self, name: str, address: str) -> None:
        if (seconds := self._guesses.wait(address, name, self._clock())) > 0:
            raise TooEarlyError(seconds)

    async def _checked(self, name: str, password: str, address: str) -> str | None:
        found = await keeping.read(self._database, lambda conn: users.stored(conn, name))
        right = await asyncio.to_thread(users.is_right, found, self._verifier, password)
        if not right or found is None:
            count = self._guesses.failed(address, name, self._clock())
            self._tell(f"pages: log-in from {address} refused ({count} recently)")
            return None
        self._guesses.succeeded(address, name)
        now = databases.now()
        return await keeping.change(
            self._database, lambda conn: sessions.begin(conn, found.id, found.hash, now)
        )

"""The worker that makes replies of what message centres deliver; one node after another does it."""

from __future__ import annotations

from functools import partial

from smsgate.gateway import database as databases
from smsgate.gateway.database import Database
from smsgate.gateway.replies import work
from smsgate.gateway.settings import Settings


class Replies:
    """``await Replies(database, settings).look()``, again and again."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._is_prepared = False

    def renew(self, settings: Settings) -> None:
        """Take other settings, for replies that come from now on."""
        self._settings = settings

    async def look(self) -> int:
        """Store all that has come since the last look; how many replies. Raises OutboxError."""
        if not self._is_prepared:
            await self._database.run(work.prepare)
            self._is_prepared = True
        count = 0
        while True:
            step = partial(work.work, settings=self._settings, now=databases.now())
            done = await self._database.run(step)
            count += len(done.kept)
            if not done.is_full:
                return count

"""Transactions whose caller may go: one that was given up may be kept nevertheless."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

from smsgate.gateway.database import Database, Work, seen

_T = TypeVar("_T")


class Transactions:
    """Those of one sender, one after another."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last: asyncio.Future[Any] | None = None

    async def run(self, work: Work[_T]) -> _T:
        """Do work in one transaction, which goes on if the caller is cancelled."""
        task = asyncio.ensure_future(self._database.run(work))
        task.add_done_callback(seen)
        self._last = task
        return await asyncio.shield(task)

    @property
    def are_over(self) -> bool:
        """Whether none runs, not even one whose caller has gone."""
        return self._last is None or self._last.done()

"""The database as requests use it: nobody waits long for one that does not answer."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from smsgate.errors import OutboxError
from smsgate.gateway.database import Database, Work

_T = TypeVar("_T")
_PATIENCE = 10.0  # seconds


async def read(database: Database, work: Work[_T]) -> _T:
    """Do work that changes nothing; raises OutboxError."""
    return await asyncio.to_thread(database.read, work)


async def change(database: Database, work: Work[_T]) -> _T:
    """Do work in a transaction; raises OutboxError, also if it takes too long."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await database.run(work)
    except TimeoutError as error:
        raise OutboxError(database.problem or "the database does not answer") from error

"""The gateway's database: whole transactions, whichever database it is.

    database = opened(settings)  # smsgate.gateway.databases.opening
    balance = await database.run(lambda conn: ledger.balance(conn, account))

Work is a function of a connection; it is committed when it returns and undone when it raises. It
may be run again after a fault, so it must not change anything else.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar

from sqlalchemy import Connection

from smsgate.errors import OutboxError

_T = TypeVar("_T")
Work = Callable[[Connection], _T]

#: The file of a gateway that has no other database.
NAME = "gateway.db"
_PAUSE = 0.5  # seconds before the next try of what may pass


class UnusableError(OutboxError):
    """The database cannot be used; ``passes``: another try may succeed."""

    def __init__(self, message: str, *, passes: bool) -> None:
        super().__init__(message)
        self.passes = passes


class Database(ABC):
    """A database that is open; threads may share it."""

    problem = ""  #: why nothing can be written now, for people
    path: Path | None = None  #: its file, if it is one of this machine
    #: Whether several processes work on it at once: what this one read may have changed since.
    is_shared: ClassVar[bool]

    @abstractmethod
    def transact(self, work: Work[_T]) -> _T:
        """Run work in a transaction and wait for it; raises OutboxError if it cannot be kept."""

    @abstractmethod
    def read(self, work: Work[_T]) -> _T:
        """Run work that changes nothing: it does not wait for those who write."""

    async def run(self, work: Work[_T]) -> _T:
        """Run work in a transaction; what may pass is tried again until it does."""
        while True:
            try:
                found = await self._once(work)
                self.problem = ""
                return found
            except UnusableError as error:
                if not error.passes:
                    raise
                self.problem = str(error)
                await asyncio.sleep(_PAUSE)

    @abstractmethod
    async def _once(self, work: Work[_T]) -> _T:
        """Try once. A caller that is cancelled does not end what runs."""

    @abstractmethod
    def close(self) -> None:
        """End the connections and threads."""


def seen(future: asyncio.Future[_T]) -> None:
    """Count the error of work as seen, which nobody hears of if the caller was cancelled."""
    if not future.cancelled():
        future.exception()


def may_pass(error: OutboxError) -> bool:
    """Whether another try may succeed."""
    return isinstance(error, UnusableError) and error.passes


def now() -> float:
    """The time, in UNIX seconds: the one clock of the gateway, which tests move."""
    return time.time()

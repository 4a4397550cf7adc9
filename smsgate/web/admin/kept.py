"""What costs time to find, and may be a little old: one finds it for all who ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from smsgate.gateway import database

if TYPE_CHECKING:
    from sqlalchemy import Connection

_T = TypeVar("_T")
_SHARE = 0.02  # of the time that may be spent on finding it again and again
_LEAST = 0.9  # seconds that it is kept


class Moment(NamedTuple, Generic[_T]):
    """A value, and when it was found (UNIX seconds)."""

    value: _T
    time: float


class Kept(Generic[_T]):
    """Keeps what ``find`` returns: the longer that takes, the longer.

    Nobody waits for another thread: who comes meanwhile gets the value before, or finds it alone.
    All get the same value: ``find`` returns one that nobody changes.
    """

    def __init__(self, find: Callable[[Connection], _T], least: float = _LEAST) -> None:
        self._find, self._least = find, least
        self._lock = threading.Lock()
        self._found: Moment[_T] | None = None
        self._until = 0.0

    def __call__(self, conn: Connection) -> Moment[_T]:
        """The value."""
        found = self._found
        if found is not None and time.monotonic() < self._until:
            return found
        if not self._lock.acquire(blocking=False):
            return found or Moment(self._find(conn), database.now())
        try:
            return self._renewed(conn)
        finally:
            self._lock.release()

    def _renewed(self, conn: Connection) -> Moment[_T]:
        begun = time.monotonic()
        found = Moment(self._find(conn), database.now())
        ended = time.monotonic()
        self._found, self._until = found, ended + max(self._least, (ended - begun) / _SHARE)
        return found

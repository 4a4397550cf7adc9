"""Remarks about files on their way to history.log, written in lots: there may be very many."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial

from smsenc import SmsencError
from smsgate.gateway.database import Database
from smsgate.gateway.intake import records

_LOT = 200  # in one transaction: it takes a few milliseconds, and messages wait for it
_PAUSE = 5.0  # seconds before they are written again if the database failed

Remark = tuple[str, str, str, float]  # api_id, name of the file, text, UNIX seconds


class Remarks:
    """Remarks that are not written yet; threads may share it."""

    def __init__(self, database: Database, home: str = "") -> None:
        self._database, self._home = database, home
        self._waiting: list[Remark] = []
        self._lock = threading.Lock()

    def add(self, remark: Remark) -> bool:
        """Keep a remark; whether ``write`` must be called, as it does not run."""
        with self._lock:
            self._waiting.append(remark)
            return len(self._waiting) == 1

    async def write(self, tell: Callable[[Exception], object]) -> None:
        """Write all, also those that are added meanwhile; ``tell`` gets what the system refuses."""
        left = True
        while left:
            lot = self._waiting[:_LOT]
            try:
                await self._database.run(partial(records.remarks_of, lot=lot, home=self._home))
            except (SmsencError, OSError) as error:
                tell(error)
                await asyncio.sleep(_PAUSE)
            else:
                with self._lock:
                    del self._waiting[: len(lot)]
                    left = bool(self._waiting)

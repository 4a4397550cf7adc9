"""Commits lots of many files together: what is ready while one transaction runs is in the next."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from smsgate.errors import OutboxError
from smsgate.gateway import database as clock
from smsgate.gateway.database import Database
from smsgate.gateway.intake import records
from smsgate.gateway.intake.checks import NO_CREDIT, Refused
from smsgate.gateway.intake.records import Result, Work
from smsgate.gateway.reports.happenings import LotAccepted, Report, nobody

_MOST = 1000  # recipients in a transaction, unless one lot has more
_PAUSE = 0.5  # seconds before the next try, such as after a full disk


class _Waiting(NamedTuple):
    work: Work
    done: asyncio.Future[Result]


class Committer:
    """The order of lots is that of ``put``; ``tell`` gets what goes wrong, once."""

    def __init__(
        self, database: Database, tell: Callable[[str], object], report: Report = nobody
    ) -> None:
        self._database = database
        self._report = report
        self._tell = tell
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._told = ""

    def put(self, work: Work) -> asyncio.Future[Result]:
        """Have a lot committed; its future may raise what the transaction raised."""
        waiting = _Waiting(work, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(waiting)
        return waiting.done

    async def run(self) -> None:
        """Commit what there is, until cancelled."""
        while True:
            batch = [await self._queue.get()]
            count = len(batch[0].work.lot.entries)
            while count < _MOST and not self._queue.empty():
                batch.append(self._queue.get_nowait())
                count += len(batch[-1].work.lot.entries)
            await self._commit(batch)

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        """Commit a batch; if one of its lots makes that fail, each by itself."""
        works = [one.work for one in batch]
        try:
            results = await self._results(works)
        except Exception as error:  # noqa: BLE001 - the fault of one file must not stop the others
            if len(batch) > 1:
                for one in batch:
                    await self._commit([one])
            elif not batch[0].done.done():
                batch[0].done.set_exception(error)
            return
        for one, result in zip(batch, results, strict=True):
            if result.file is not None:
                self._report(_committed(one.work, result))
            if not one.done.done():
                one.done.set_result(result)

    async def _results(self, works: Sequence[Work]) -> list[Result]:
        while True:
            try:
                found = await self._database.run(
                    lambda conn: records.commit(conn, works, clock.now())
                )
            except OutboxError as error:
                if not isinstance(error.__cause__, OSError):
                    raise
                self._tell_once(str(error))
                await asyncio.sleep(_PAUSE)
            else:
                self._told = ""
                return found

    def _tell_once(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._tell(text)


def _committed(work: Work, result: Result) -> LotAccepted:
    refused = Counter(one.code for one in work.lot.entries if isinstance(one, Refused))
    without_credit = len(work.lot.entries) - result.accepted - refused.total()
    if without_credit:
        refused[NO_CREDIT] += without_credit
    return LotAccepted(work.taken.api_id, work.taken.name, result.accepted, refused)

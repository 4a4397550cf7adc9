"""What all the pages work with: the gateway, what lives, and threads that ask the database."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from smsenc import SmsencError
from smsgate.errors import OutboxError
from smsgate.gateway import routes
from smsgate.gateway.queue import counts
from smsgate.gateway.reports.running import Running
from smsgate.web.admin.kept import Kept
from smsgate.web.admin.usage import Usages
from smsgate.web.problems import ProblemError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from smsgate.gateway.database import Work
    from smsgate.web.live import Live

_T = TypeVar("_T")
_THREADS = 4
_PATIENCE = 10.0  # seconds until a change is committed
_FORMS = 10_000  # that are remembered


class Desk:
    """``running`` gives the gateway once it has started; ``tell`` gets a line for each change."""

    def __init__(
        self,
        running: Callable[[], Running],
        live: Live,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.live, self.tell = live, tell
        self._running = running
        self._threads = ThreadPoolExecutor(_THREADS, "gateway-pages")
        #: Messages by account, and by route: these read the whole table.
        self.totals = Kept(counts.by_account)
        self.by_route = Kept(routes.counts)
        self.usages = Usages()
        self._others: dict[Hashable, Kept[object]] = {}
        self._sent: OrderedDict[str, None] = OrderedDict()

    @property
    def gateway(self) -> Running:
        """The gateway."""
        return self._running()

    async def read(self, work: Work[_T]) -> _T:
        """Ask the database, in a thread; raises ProblemError if it does not answer."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self.gateway.database.read, work)
        except OutboxError as error:
            raise ProblemError("admin.away", status=503) from error

    async def thread(self, work: Callable[[], _T]) -> _T:
        """Do what takes some time, such as reading a file, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def send_once(self, form: str) -> None:
        """Remember that a form was sent; raises ProblemError if it was before."""
        if form in self._sent:
            raise ProblemError("admin.sent", status=409)
        self._sent[form] = None
        if len(self._sent) > _FORMS:
            self._sent.popitem(last=False)

    def send_again(self, form: str) -> None:
        """A form may be sent again: nothing was done."""
        self._sent.pop(form, None)

    async def change(self, work: Work[_T]) -> _T:
        """Change the database; raises ProblemError with what is wrong, or if it takes too long."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self.gateway.database.run(work)
        except TimeoutError:
            raise ProblemError("admin.slow", status=503) from None
        except OutboxError as error:
            raise ProblemError("admin.away", status=503) from error
        except SmsencError as error:
            raise ProblemError(said=error.message) from error

    def kept(self, key: Hashable, find: Callable[[Connection], _T]) -> Kept[_T]:
        """What ``find`` returns, kept under a key: of these there must be few."""
        return self._others.setdefault(key, Kept(find))  # type: ignore[return-value]

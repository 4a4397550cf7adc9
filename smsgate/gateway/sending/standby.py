"""A route with one bind: the node that has the duty has its sender, and the others wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from smsgate.errors import OutboxError
from smsgate.gateway import database as databases
from smsgate.gateway.database import Database
from smsgate.gateway.nodes import duties
from smsgate.gateway.nodes.membership import Standing
from smsgate.gateway.problems import said
from smsgate.gateway.queue.outcomes import Outcome
from smsgate.gateway.sending.sender import Sender
from smsgate.gateway.sending.settling import settle
from smsgate.gateway.settings import RouteSettings

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PAUSE = 1.0  # seconds between two looks
_QUICKLY = 0.5  # seconds for answers, when another node is about to bind
_POLL = 0.2  # seconds between two looks whether this node is still sure, while the database is slow


class Standby:
    """``make`` makes a sender and starts it."""

    def __init__(
        self,
        database: Database,
        route: RouteSettings,
        make: Callable[[RouteSettings], Awaitable[Sender]],
        node: Standing,
        tell: Callable[[str], object],
    ) -> None:
        self._database, self._route, self._make, self._node = database, route, make, node
        self._tell = tell
        self.sender: Sender | None = None
        self._ending: asyncio.Task[None] | None = None
        self._ended: Sender | None = None  # whose end is not in the database yet
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Wait for the duty from now on."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def left(self) -> list[Outcome]:
        """After its end: what the database did not take in time."""
        return self._ended.unrecorded if self._ended else []

    async def close(self) -> Sender | None:
        """End the sender, which is returned, and let another node have the duty."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        sender = self.sender
        await self._end()
        with suppress(OutboxError, TimeoutError):
            async with asyncio.timeout(_PAUSE):
                await self._database.run(self._release)
        return sender

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - the next look may succeed
                self._tell(f"route {self._route.name}: {said(error)}")
            await asyncio.sleep(_PAUSE)

    async def _look(self) -> None:
        has_duty = await self._holds()
        if not has_duty:
            await self._end(_QUICKLY)
        if self._ended and self._ended.transactions.are_over and self._node.is_sure:
            await self._settle(self._ended)
        if has_duty and self.sender is None and self._ended is None:
            self.sender = await self._make(self._route)

    async def _holds(self) -> bool:
        """Whether this node has the duty; not while others may take it for lost."""
        asking = asyncio.ensure_future(self._database.run(self._ask))
        try:
            while not asking.done():
                await asyncio.wait([asking], timeout=_POLL)
                if not self._node.is_sure:
                    return False
            return asking.result() and self._node.is_sure
        finally:
            asking.cancel()

    async def _end(self, *patience: float) -> None:
        """End the sender; a task of its own does so, which a cancellation does not reach."""
        if self.sender is not None:
            sender, self.sender = self.sender, None
            self._ended = sender
            self._ending = asyncio.ensure_future(sender.close(*patience))
        if self._ending:
            await asyncio.shield(self._ending)

    async def _settle(self, ended: Sender) -> None:
        """Nobody else knows what its last transaction may have announced."""
        name, node, left = self._route.name, self._node.id, ended.unrecorded
        known = None if node is None else ()
        await self._database.run(
            lambda conn: settle(conn, name, node, left, known, databases.now())
        )
        self._ended = None

    # --- Transactions ----------------------------------------------------------------------------

    def _ask(self, conn: Connection) -> bool:
        node = self._node.id
        return node is not None and duties.holds(conn, duties.BIND + self._route.name, node)

    def _release(self, conn: Connection) -> None:
        if self._node.id is not None:
            duties.release(conn, duties.BIND + self._route.name, self._node.id)

"""This process as one of the nodes of its database: it says that it is there, and looks for others.

node = Membership(database, settings.node, policies, tell, on_doubt)
await node.join()  # before anything is announced
await node.run()  # until cancelled
await node.leave()  # when all parts have ended
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from smsgate.gateway import clock
from smsgate.gateway import database as databases
from smsgate.gateway.database import Database
from smsgate.gateway.nodes import leases, silence
from smsgate.gateway.problems import said
from smsgate.gateway.settings import NodeSettings, Unknown

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TIMES = 5  # how often a node says that it is there, in one lease
_MARGIN = 0.2  # of a lease: before its end, this node already acts as if it were lost
_PATIENCE = 10.0  # seconds for the database at the end


class Standing(Protocol):
    """What the parts of a gateway ask of their node."""

    @property
    def id(self) -> int | None:
        """The key of its row; None without one."""

    @property
    def is_sure(self) -> bool:
        """Whether no other node takes this one for lost."""

    @property
    def is_alone(self) -> bool:
        """Whether there are no other nodes."""


class Alone:
    """The standing of what works on a database without nodes."""

    id = None
    is_sure = True
    is_alone = True


class Membership:
    """``tell`` gets lines for people; ``on_doubt`` is called when others may take this for lost.

    ``policies`` are what becomes of unanswered messages, by route.
    """

    def __init__(
        self,
        database: Database,
        settings: NodeSettings,
        policies: Mapping[str, Unknown],
        tell: Callable[[str], object],
        on_doubt: Callable[[], object],
    ) -> None:
        self._database, self._settings, self._policies = database, settings, policies
        self._tell, self._on_doubt = tell, on_doubt
        self._loop = asyncio.get_running_loop()
        self._is_alone = True
        self._id = 0
        self._sure_until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def id(self) -> int:
        """The key of its row, which is another one after it was declared lost."""
        return self._id

    @property
    def is_alone(self) -> bool:
        """Whether there are no other nodes: the database serves one only."""
        return self._is_alone

    @property
    def is_sure(self) -> bool:
        """Whether no other node takes this one for lost."""
        return self._is_alone or time.monotonic() < self._sure_until

    def renew(self, policies: Mapping[str, Unknown]) -> None:
        """Take other policies; routes that are no more keep theirs, for what they had sent."""
        self._policies = {**self._policies, **policies}

    async def join(self) -> None:
        """Be a new node."""
        begun, self._id, self._is_alone = await self._database.run(self._join)
        self._renewed(begun)

    async def run(self) -> None:
        """Say again and again that this node is there, and take over from those that do not."""
        while True:
            await asyncio.sleep(self._settings.lease / _TIMES)
            try:
                await self._renew()
            except Exception as error:  # noqa: BLE001 - the next try may succeed
                self._tell(f"node {self._settings.name}: {said(error)}")

    async def leave(self) -> None:
        """End in order; raises nothing, because a node that cannot will be declared lost."""
        if self._timer:
            self._timer.cancel()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._database.run(
                    lambda conn: leases.end(conn, self._id, self._policies, databases.now())
                )
        except Exception as error:  # noqa: BLE001 - the other parts must end, too
            self._tell(f"node {self._settings.name}: not marked as ended: {said(error)}")

    async def _renew(self) -> None:
        begun, is_alive, lost = await self._database.run(self._look)
        for name in lost:
            self._tell(f"node {name} was not heard of: others have taken over its work")
        if is_alive:
            self._renewed(begun)
        else:
            self._tell(f"node {self._settings.name} was taken for lost, and goes on as a new one")
            await self.join()

    def _renewed(self, begun: float) -> None:
        """The lease counts from the beginning of the transaction, by the clock of this machine."""
        self._sure_until = begun + self._settings.lease * (1 - _MARGIN)
        if self._timer:
            self._timer.cancel()
        if not self._is_alone:
            left = self._sure_until - time.monotonic()
            self._timer = self._loop.call_later(max(0.0, left), self._on_doubt)

    # --- Transactions ----------------------------------------------------------------------------

    def _join(self, conn: Connection) -> tuple[float, int, bool]:
        begun, is_alone = time.monotonic(), clock.is_alone(conn)
        if is_alone:  # the folder of the gateway is locked: whoever was here has ended
            leases.lose_all(conn, self._policies, databases.now())
        roles = sorted(self._settings.roles)
        return begun, leases.register(conn, self._settings.name, roles), is_alone

    def _look(self, conn: Connection) -> tuple[float, bool, list[str]]:
        begun = time.monotonic()
        if not leases.renew(conn, self._id):
            return begun, False, []
        lease, now = self._settings.lease, databases.now()
        silence.end(conn, lease / 2)
        return begun, True, leases.lose(conn, lease, self._policies, now, self._id)

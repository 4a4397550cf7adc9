"""What a node does with a storage that others use as well: which parts of the spool, whose turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AsyncExitStack

from smsgate.gateway.database import Database
from smsgate.gateway.intake.adoption import Parts
from smsgate.gateway.intake.places import bases
from smsgate.gateway.intake.taking import Taken
from smsgate.gateway.nodes import duties
from smsgate.gateway.nodes.membership import Membership, Standing
from smsgate.gateway.settings import Settings

#: The files of parts of the spool.
Find = Callable[[list[str]], list[Taken]]
_EACH = 2.0  # seconds between two looks


class Shift:
    """Nobody else uses the storage. ``is_on``: this node looks for files in the folders."""

    is_on = True

    async def look(self) -> bool:
        """Ask whose turn it is; whether files may be adopted now."""
        return False

    def adopt(self, find: Find) -> list[Taken]:  # noqa: ARG002 - as in the class below
        """The files that are taken over from nodes that have ended, which ``find`` finds."""
        return []

    def uids(self) -> set[str]:
        """The files in the spool that any node has."""
        return set()


class SharedShift(Shift):
    """Of several nodes one looks for files in the folders of a home; each adopts parts."""

    is_on = False

    def __init__(self, database: Database, node: Standing, home: str, parts: Parts) -> None:
        self._database, self._node, self._home, self._parts = database, node, home, parts
        self._next = 0.0

    async def look(self) -> bool:
        """As above, every two seconds."""
        now, node = time.monotonic(), self._node.id
        if now < self._next or node is None:
            return False
        self._next = now + _EACH
        name = duties.FOLDERS + self._home
        self.is_on = await self._database.run(lambda conn: duties.holds(conn, name, node))
        return True

    def adopt(self, find: Find) -> list[Taken]:
        """As above; parts that are done are left to others."""
        self._parts.release()
        parts = self._parts.adopt()
        found = find(parts)
        self._parts.read(parts)
        return found

    def uids(self) -> set[str]:
        """As above."""
        return self._parts.uids()


def shift_of(
    database: Database, node: Membership, settings: Settings, ends: AsyncExitStack
) -> tuple[Shift, str]:
    """What a node does, and the part of the spool that is its own until ``ends``."""
    if node.is_alone:
        return Shift(), ""
    parts = Parts(bases(settings), settings.node.name)
    ends.callback(parts.close)
    return SharedShift(database, node, settings.node.home, parts), parts.own

"""The right to write the logs of a home: one node at a time has it, and its storage is locked.

The duty keeps a node that was declared lost from going on; the lock keeps others from writing while
one that was stopped could still write what it had begun.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from smsgate.errors import OutboxError, reason
from smsgate.gateway.database import Database
from smsgate.gateway.nodes import duties
from smsgate.gateway.nodes.guards import guard
from smsgate.gateway.nodes.membership import Alone, Standing

if TYPE_CHECKING:
    from sqlalchemy import Connection


class _ElsewhereError(Exception):
    """Another node writes these logs."""


class Right:
    """Of ``node``, or of whoever is alone; ``guard`` is a file in the storage of ``home``."""

    def __init__(
        self, database: Database, node: Standing | None, home: str, guard: Path | None
    ) -> None:
        self.home = home
        self._database, self._node, self._guard = database, node or Alone(), guard

    async def use(self, work: Callable[[], Awaitable[int]]) -> int:
        """Do work, in whose transactions ``check`` is called; 0 if another node does it.

        Raises OutboxError if the storage cannot be locked.
        """
        try:
            await self._database.run(self.check)
            with guard(self._guard) if self._guard else nullcontext(True) as is_free:
                return await work() if is_free else 0
        except _ElsewhereError:
            return 0
        except OSError as error:
            raise OutboxError(f"cannot lock {self._guard}: {reason(error)}") from error

    def check(self, conn: Connection) -> None:
        """End the work unless this node has the duty, which it keeps in this transaction."""
        node = self._node.id
        if node is not None and not duties.holds(conn, duties.LOGS + self.home, node):
            raise _ElsewhereError

"""The contents of messages, read when somebody searches for the first time."""

from __future__ import annotations

import asyncio

from smsgate.simulator import view
from smsgate.simulator.marks import Content
from smsgate.simulator.query import Query
from smsgate.simulator.store import Store

#: Messages that are read before others have their turn.
_LOT = 50


class Contents:
    """Keeps the contents in the store; only who needs them waits until all are known."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = -1

    async def ready(self, query: Query) -> None:
        """Wait until a query finds all messages that it should."""
        if not query.reads_contents or self._version == self._store.version:
            return
        last = self._store.last
        while found := self._store.marks.unknown(last, _LOT):
            with self._store.writing():
                self._store.marks.learn(map(self._content, found))
            await asyncio.sleep(0)
        if self._store.last == last:  # nothing came meanwhile
            self._version = self._store.version

    def _content(self, id_: int) -> Content:
        message = self._store.message(id_)
        assert message is not None  # noqa: S101 - it was found in the same turn
        shown = view.as_shown(message, self._store.segments(id_))
        return Content(id_, shown.kind or "", view.words(shown).casefold())

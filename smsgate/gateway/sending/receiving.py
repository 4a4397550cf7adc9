"""Receipts and messages from phones: kept in lots, and answered after the commit."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection, insert

from smsenc.smpp import Pdu, SmppError, Status, codec, mapping, pdus
from smsenc.smpp.receipts import read
from smsgate.gateway import credits as amounts
from smsgate.gateway import database as databases
from smsgate.gateway.database import Database
from smsgate.gateway.nodes.membership import Alone, Standing
from smsgate.gateway.problems import said
from smsgate.gateway.queue import receipts
from smsgate.gateway.queue.receipts import Received
from smsgate.gateway.reports.happenings import Received as Kept
from smsgate.gateway.reports.happenings import Report, nobody
from smsgate.gateway.sending.missed import NONE, Ended, Missed
from smsgate.gateway.sending.repeats import Arrived, Repeats
from smsgate.gateway.settings import RouteSettings
from smsgate.gateway.tables import inbound

#: Seconds for the database; then the message centre is asked to send it again.
_PATIENCE = 10.0
_NOT_NOW = Status.ESME_RX_T_APPN


@dataclass(slots=True)
class _Lot:
    """What came together; ``answer`` is the command_status for all of it."""

    answer: asyncio.Future[int]
    receipts: list[Received] = field(default_factory=list)
    others: list[Arrived] = field(default_factory=list)


class Receiver:
    """What handles the requests of a message centre: ``Client(smsc, Receiver(database, route))``.

    Receipts change their messages. What is no receipt, or cannot be read, is kept in ``inbound``.
    Without a commit within ten seconds the answer is ESME_RX_T_APPN: it comes again. ``node`` is
    who answers: what others had answered at their end may come again, too.
    """

    def __init__(
        self,
        database: Database,
        route: RouteSettings,
        report: Report = nobody,
        node: Standing | None = None,
    ) -> None:
        self._database = database
        self._report = report
        self._route = route.name
        self._price = amounts.of(route.price)
        self._lot: _Lot | None = None
        self._task: asyncio.Task[None] | None = None
        self._repeats = Repeats()
        self._missed = Missed(route, node or Alone())
        self._started = databases.now()
        self._is_loaded = False  # what the last run has answered at its end
        self.problem = ""

    def __call__(self, request: Pdu) -> asyncio.Future[int]:
        """Keep a deliver_sm or data_sm; the command_status comes after the commit."""
        lot = self._lot = self._lot or self._begin()
        if found := _receipt(request.body):
            lot.receipts.append(found)
        else:
            octets = codec.encode(Pdu(request.body, 1))
            digest = hashlib.sha256(octets).hexdigest()
            lot.others.append(Arrived(self._repeats.session, digest, octets))
        return lot.answer

    def renew(self) -> None:
        """A new session begins: what was not answered in the last one comes again."""
        self._repeats.begin(time.monotonic())

    async def close(self) -> None:
        """Wait a little until all is kept."""
        if self._task:
            await asyncio.wait([self._task], timeout=_PATIENCE)
            self._task.cancel()

    def _begin(self) -> _Lot:
        loop = asyncio.get_running_loop()
        lot = _Lot(loop.create_future())
        timer = loop.call_later(_PATIENCE, self._give_up, lot)
        lot.answer.add_done_callback(lambda _: timer.cancel())
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._keep_all())
        return lot

    def _give_up(self, lot: _Lot) -> None:
        if lot is self._lot:
            self._lot = None
        if not lot.answer.done():
            lot.answer.set_result(_NOT_NOW)

    async def _keep_all(self) -> None:
        while lot := self._lot:
            self._lot = None
            code: int = 0
            try:
                await self._keep(lot)
                self.problem = ""
            except Exception as error:  # noqa: BLE001 - whatever it is, what comes next may succeed
                self.problem, code = said(error), _NOT_NOW
            if not lot.answer.done():
                lot.answer.set_result(code)

    async def _keep(self, lot: _Lot) -> None:
        if lot.others and not self._is_loaded:
            before = partial(self._missed.before, until=self._started)
            last, now = await self._database.run(before), time.monotonic()
            self._repeats.load(self._missed.add(last, now), now)
            self._is_loaded = True
        found = self._repeats.sift(lot.others, time.monotonic())
        count, ended = await self._database.run(lambda conn: self._work(conn, lot, found.new))
        self._missed.add(ended, time.monotonic())
        missed = lot.answer.done()
        self._repeats.settle(lot.others, found, time.monotonic(), missed=missed)
        self._report(Kept(self._route, len(lot.receipts), count))

    def _work(self, conn: Connection, lot: _Lot, new: Sequence[Arrived]) -> tuple[int, Ended]:
        """The transaction: how many messages are new, and what nodes have ended meanwhile."""
        now, node = databases.now(), self._missed.key
        if lot.receipts:
            receipts.apply(conn, self._route, lot.receipts, now, self._price)
        ended = self._missed.look(conn) if new else NONE
        rows = [
            {"route": self._route, "time": now, "digest": one.digest, "pdu": one.pdu, "node": node}
            for one in new
            if not self._missed.explains(conn, one.digest, time.monotonic(), ended)
        ]
        if rows:
            conn.execute(insert(inbound), rows)
        return len(rows), ended


def _receipt(body: pdus.Body) -> Received | None:
    """What a receipt says; None for what is no receipt or cannot be read."""
    assert isinstance(body, (pdus.DeliverSm, pdus.DataSm))  # noqa: S101 - as the client calls it
    try:
        if mapping.is_receipt(body):
            found = read(body)
            return Received(found.message_id, found.state)
    except SmppError:
        pass
    return None

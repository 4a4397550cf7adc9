"""Sends what is queued for one route, over one client of its message centre.

A cycle is one transaction: it records how messages have ended, and announces the next ones. Their
octets go out only after its commit. No more is announced than what leaves soon, and only while the
client is bound; what then does not leave is given back, so that nothing leaves days late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from smsenc import SmsencError
from smsgate.gateway.database import Database
from smsgate.gateway.nodes.membership import Alone, Standing
from smsgate.gateway.problems import said
from smsgate.gateway.queue.outcomes import Outcome
from smsgate.gateway.queue.picking import Due
from smsgate.gateway.reports.happenings import Report, nobody
from smsgate.gateway.routing.breaker import Tally
from smsgate.gateway.routing.ways import Ways
from smsgate.gateway.sending import endings
from smsgate.gateway.sending.announcing import Announced, Cycle
from smsgate.gateway.sending.attempts import Attempt, withdraw
from smsgate.gateway.sending.gate import Gate
from smsgate.gateway.sending.meter import Meter, Stats
from smsgate.gateway.sending.notices import Notices
from smsgate.gateway.sending.receiving import Receiver
from smsgate.gateway.sending.submits import Submits
from smsgate.gateway.sending.transactions import Transactions
from smsgate.gateway.settings import RouteSettings
from smsgate.smppclient import Client, Smsc, Unknown

_IDLE = 0.5  # seconds between two looks at the queue, if nothing wakes
_HELD = 30.0  # seconds without any answer after which what waits in the client is given back
_AHEAD = 3  # windows that are announced: one in flight, and those that are ready behind it
_LEAD = 0.2  # seconds for which is announced, at the recent rate: a commit takes its time, too
_MOST_WINDOWS = 6  # windows that a crash can make unknown
_MOST_AHEAD = 300  # parts that it can, unless the window is larger
_SOON = 2.0  # seconds in which what is announced leaves, at the rate of the message centre
_PATIENCE = 10.0  # seconds for answers and for the database at the end
_LATE = 0.2  # seconds that a lot may take longer than the rate over all nodes gives it
_TROUBLE = 1.0  # seconds from a cycle that failed to the next


class Sender:
    """``tell`` gets what people should know, a line at a time; ``report`` what happens.

    ``node`` is who announces. ``ways`` are all routes: what this one refuses may go by another.
    """

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        database: Database,
        route: RouteSettings,
        smsc: Smsc,
        tell: Callable[[str], object],
        node: Standing | None = None,
        *,
        ways: Callable[[], Ways] = Ways,
        report: Report = nobody,
    ) -> None:
        self._ways = ways
        self._terms = endings.terms_of(route)
        self._gate = Gate(route)
        self.transactions = Transactions(database)
        self._node = node or Alone()
        self._route = route
        self._smsc = smsc
        self._tell = tell
        self._throttled = 0  # by clients that have ended
        self._submits = Submits(route)
        self._notices = Notices(route.name, tell, report, self._submits.text)
        self._receiver = Receiver(database, route, report, self._node)
        self._outcomes: list[Outcome] = []
        self._announced = 0  # parts that are in the client
        self._waiting: dict[Announced, asyncio.TimerHandle] = {}  # whose time has not come
        self._after = 0  # the account of the last message
        self._is_picking = True
        self._is_ending = False
        self._is_probing = False
        self._is_in_doubt = False  # whether the last transaction was kept
        self._tried: set[int] = set()  # messages that are in the client
        self._meter = Meter()
        self._fault = ""
        self._awake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._cycling = asyncio.Lock()  # else the last cycle would not wait for what another took

    # --- From outside ----------------------------------------------------------------------------

    async def start(self) -> None:
        """Connect, and send from now on; returns at once."""
        self._loop = asyncio.get_running_loop()
        self._progress = self._loop.time()
        self._client = self._connect()
        self._task = self._loop.create_task(self._run())

    def wake(self) -> None:
        """There may be something new to send."""
        self._awake.set()

    @property
    def problem(self) -> str:
        """Why nothing is sent, for people; empty if all is well."""
        return self._fault or self._receiver.problem or self._client.problem

    @property
    def stats(self) -> Stats:
        """What it does."""
        rate = self._meter.rate(self._loop.time())
        client, throttled = self._client, self._throttled + self._client.throttled
        return Stats(client.is_bound, self._meter.total, rate, client.in_flight, throttled)

    def recall(self) -> None:
        """Give back what is announced and has not left."""
        for found, timer in list(self._waiting.items()):
            timer.cancel()
            self._give_back(found)
        self._client.recall()

    @property
    def unrecorded(self) -> list[Outcome]:
        """After its end: what the database did not take in time."""
        return list(self._outcomes)

    @property
    def known(self) -> frozenset[int]:
        """All messages that are announced as far as this sender knows."""
        return self._known(self._outcomes)

    async def drain(self, patience: float = _PATIENCE) -> None:
        """Announce nothing more, wait a little for answers, and give back what was not sent."""
        self._is_picking = False
        self.wake()
        if self._client.is_bound:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._quiet.wait(), patience)
        self.recall()
        await self._finish(patience)

    async def close(self, patience: float = _PATIENCE) -> None:
        """Drain, unbind and end; what is sent and not answered is unknown."""
        if self._is_picking:
            await self.drain(patience)
        await self._client.close()
        self._is_ending = True
        self.wake()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._task, patience)
        await self._finish(patience)
        await self._receiver.close()

    async def _finish(self, patience: float = _PATIENCE) -> None:
        """Record what has ended."""
        await asyncio.sleep(0)  # the results are called back in the next turn of the loop
        try:
            async with asyncio.timeout(patience), self._cycling:
                await self._cycle()
        except Exception as error:  # noqa: BLE001 - the other parts of the gateway must end, too
            late = isinstance(error, TimeoutError)
            why = "the database does not answer" if late else said(error)
            self._notices.line(f"the last results are not kept: {why}")

    # --- The loop --------------------------------------------------------------------------------

    async def _run(self) -> None:
        while not self._is_ending:
            with suppress(TimeoutError):
                async with asyncio.timeout(_IDLE):
                    await self._awake.wait()
            self._awake.clear()
            try:
                self._look_after()
                async with self._cycling:
                    await self._cycle()
                self._fault = ""
            except Exception as error:  # noqa: BLE001 - whatever it is, the next cycle may succeed
                self._fault = said(error)
                await asyncio.sleep(_TROUBLE)
            self._tell_problem()

    def _look_after(self) -> None:
        """Replace a client that has ended; give back what waits too long."""
        if self._client.ended and self._is_picking:
            self._throttled += self._client.throttled
            self._client = self._connect()
        now = self._loop.time()
        if now - self._progress > _HELD:
            self._progress = now
            self._client.recall()

    async def _cycle(self) -> None:
        ended, self._outcomes = self._outcomes, []
        tally = self._gate.take()
        parts = self._room()
        if ended or parts or self._is_in_doubt:
            try:
                found = await self.transactions.run(self._wanted(ended, tally, parts).work)
            except BaseException:
                self._outcomes = ended + self._outcomes
                self._gate.put_back(tally)
                self._is_in_doubt = True
                raise
            self._is_in_doubt = False
            self._submits.add(found.contents)
            self._notices.committed(ended, found.lot)
            self._gate.picked(found.trial)
            self._submit_in_time(found)
        if not self._announced and not self._waiting and not self._outcomes:
            self._quiet.set()

    def _wanted(self, ended: list[Outcome], tally: Tally, parts: int) -> Cycle:
        return Cycle(
            route=self._route,
            gate=self._gate,
            ways=self._ways,
            ended=ended,
            tally=tally,
            parts=parts,
            after=self._after,
            node=self._node.id,
            rate=None if self._node.is_alone else self._smsc.rate,
            missing=self._submits.missing,
            known=self._known(ended) if self._is_in_doubt and self._is_picking else None,
        )

    def _known(self, ended: list[Outcome]) -> frozenset[int]:
        """All messages that are announced as far as this sender knows."""
        waiting = {due.message for found in self._waiting for due in found.lot}
        return frozenset(self._tried | waiting | {one.message for one in ended})

    def _room(self) -> int:
        """How many more parts may be announced now."""
        if not (self._is_picking and self._client.is_bound and self._node.is_sure):
            return 0
        if self._is_probing:
            return 0 if self._announced or self._waiting else 1
        self._submits.trim()
        window, lead = self._smsc.window, int(_LEAD * self._meter.rate(self._loop.time()))
        ahead = max(_AHEAD * window, min(lead, _MOST_WINDOWS * window))
        most = max(window, min(_MOST_AHEAD, ahead))
        if self._smsc.rate is not None:
            most = min(most, max(1, int(self._smsc.rate * _SOON)))
        return max(0, most - self._announced - sum(found.parts for found in self._waiting))

    # --- Sending ---------------------------------------------------------------------------------

    def _submit_in_time(self, found: Announced) -> None:
        """Send what is announced, when its time has come: at the earliest in the next turn.

        If there are results by then, the database works on them while PDUs are made.
        """
        if not found.lot:
            if found.wait:
                self._loop.call_later(found.wait, self.wake)
            return
        self._after = found.lot[-1].account
        if self._is_picking:
            self._quiet.clear()
            self._waiting[found] = self._loop.call_later(found.wait, self._submit, found)
        else:
            self._give_back(found)

    def _submit(self, found: Announced) -> None:
        """Send it now; what cannot be sent has its outcome at once."""
        self._waiting.pop(found, None)
        tried = []
        for due in found.lot:
            one = self._submit_one(due, found.node)
            if isinstance(one, Attempt):
                tried.append(one)
            else:
                self._drop(due, one, found.node)
        if found.rate:  # others send when its time is over
            self._loop.call_later(found.parts / found.rate + _LATE, withdraw, tried)

    def _give_back(self, found: Announced) -> None:
        self._waiting.pop(found, None)
        for due in found.lot:
            self._drop(due, endings.given_back(due), found.node)

    def _drop(self, due: Due, found: Outcome, node: int | None) -> None:
        """Have the outcome of a message recorded that was not sent."""
        self._gate.note(due)
        self._add(found, node)

    def _add(self, found: Outcome, node: int | None) -> None:
        """Have an outcome recorded, of the node that announced the message."""
        self._outcomes.append(found if node is None else found._replace(node=node))
        self._awake.set()

    def _submit_one(self, due: Due, node: int | None) -> Outcome | Attempt:
        if node != self._node.id or not (self._client.is_bound and self._node.is_sure):
            return endings.given_back(due)
        try:
            bodies = self._submits.bodies(due)
        except Exception as error:  # noqa: BLE001 - one message must not stop the others
            if not isinstance(error, SmsencError):
                self._tell(f"message {due.uid}: internal error: {said(error)}")
            return endings.not_built(due, error)
        if not bodies:
            return endings.outcome(due, [], self._terms)
        if not self._announced:
            self._progress = self._loop.time()
        self._announced += len(bodies)
        self._tried.add(due.message)
        self._quiet.clear()
        ended = partial(self._ended, node=node)
        return Attempt(due, bodies, self._client, ended, self._loop.time())

    def _ended(self, attempt: Attempt, node: int | None) -> None:
        results = attempt.results()
        found = endings.outcome(attempt.due, results, self._terms)
        self._add(found, node)
        is_new = not self._is_probing or self._announced == attempt.parts
        self._gate.note(attempt.due, results, counts_losses=is_new)
        self._announced -= attempt.parts
        self._tried.discard(attempt.due.message)
        if found.accepted:
            self._is_probing = False
        elif any(isinstance(one, Unknown) for _, one in results):
            self._is_probing = True
            self._client.recall()
        now = self._loop.time()
        self._meter.add(len(found.accepted), now)
        self._notices.tried(now - attempt.began)
        self._progress = now

    # --- The client ------------------------------------------------------------------------------

    def _connect(self) -> Client:
        return Client(self._smsc, self._receiver, self._on_state)

    def _on_state(self, is_bound: bool) -> None:  # noqa: FBT001 - as the client calls it
        if is_bound:
            self._receiver.renew()
            self._notices.bound()
        else:
            self._client.recall()
        self._tell_problem()
        self.wake()

    def _tell_problem(self) -> None:
        """Tell a problem; none at the end, which is no problem."""
        if self._is_picking:
            self._notices.problem(self.problem)

"""The worker: calls URLs, some at a time, each URL apart from the others.

    worker = Worker(database, targets.of(settings), settings.callback)
    task = asyncio.create_task(worker.run())
    await worker.close()                      # ends ``run``

A slow URL has no more than its own calls; once half of all calls are under way, a URL gets only
one, so that there is room for others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from smsgate.gateway import database as databases
from smsgate.gateway.callbacks import breaker, claims, pruning, replies
from smsgate.gateway.callbacks.breaker import Result
from smsgate.gateway.callbacks.calls import Answer, Caller, Target
from smsgate.gateway.callbacks.claims import Outcome
from smsgate.gateway.callbacks.resolving import LookUp, look_up
from smsgate.gateway.callbacks.steps import Ask, Call, Found, step
from smsgate.gateway.callbacks.targets import Targets
from smsgate.gateway.database import Database
from smsgate.gateway.nodes.membership import Alone, Standing
from smsgate.gateway.queue import claimed
from smsgate.gateway.reports.happenings import CalledBack, Report, nobody
from smsgate.gateway.settings import CallbackSettings
from smsgate.gateway.states import CallbackKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TICK = 0.5  # seconds between two looks for what is due
_GATHER = 0.005  # seconds in which calls may end that are recorded together
_PUBLISH = 1.0  # seconds between two looks for accounts that are new
_SWEEP = 60.0  # seconds between two looks for what is too old
_AHEAD = 32  # callbacks that are taken for each call of a URL
_PATIENCE = 2.0  # seconds for calls at the end
_GONE = "nothing is kept any more of what it tells"
_LEASE = 60.0  # seconds, beside the time for all that a URL has ahead


@dataclass(slots=True)
class Stats:
    """What this worker has done since its start, by kind."""

    sent: dict[CallbackKind, int] = field(default_factory=lambda: dict.fromkeys(CallbackKind, 0))
    failed: dict[CallbackKind, int] = field(default_factory=lambda: dict.fromkeys(CallbackKind, 0))
    seconds: float = 0.0  # of all calls


@dataclass(slots=True)
class _Line:
    """The calls of one URL; ``failed`` are those that failed and are not recorded yet.

    As long as there are any, no call begins: it may be that the URL rests.
    """

    ready: deque[Call] = field(default_factory=deque)
    busy: int = 0
    failed: int = 0

    def has_call(self, most: int) -> bool:
        """Whether a call may begin when at most that many may run."""
        return bool(self.ready) and self.busy < most and not self.failed


class Worker:
    """Calls the URLs of ``targets``; ``node`` is the process among those that share a database.

    While others may take this node for lost, no call begins: they call instead.
    """

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        database: Database,
        targets: Targets,
        settings: CallbackSettings,
        *,
        node: Standing | None = None,
        look_up: LookUp = look_up,
        clock: Callable[[], float] | None = None,
        report: Report = nobody,
    ) -> None:
        self._report = report
        self._database, self._settings = database, settings
        self._node = node or Alone()
        self._me = self._node.id or 0  # who has claimed what is in line
        self._targets, self._is_new = targets, True
        self._clock = clock or (lambda: databases.now())  # noqa: PLW0108 - tests move it
        self._caller = Caller(settings, look_up=look_up)
        self._lines: dict[str, _Line] = {}
        self._tasks: dict[asyncio.Task[None], Call] = {}
        self._outcomes: list[Outcome] = []
        self._results: list[Result] = []
        self._after = -1
        self._swept = -_SWEEP
        self._published = -_PUBLISH
        self._news = asyncio.Event()
        self._ending = False
        self._ended: asyncio.Future[None] | None = None
        self.stats = Stats()

    def configure(self, targets: Targets) -> None:
        """Call other URLs from now on; what is under way goes on."""
        self._targets, self._is_new = targets, True
        self.wake()

    def wake(self) -> None:
        """Look now for what is due."""
        self._news.set()

    async def run(self) -> None:
        """Work until ``close``."""
        self._ended = asyncio.get_running_loop().create_future()
        try:
            await self._database.run(partial(claimed.give_back, node=self._me))
            while not self._ending:
                await self._sweep()
                found = await self._step()
                self._take(found)
                self._start()
                await self._wait()
            await self._finish()
        finally:
            for task in self._tasks:
                task.cancel()
            await self._caller.close()
            self._ended.set_result(None)

    async def close(self) -> None:
        """Let calls end that are nearly done, and give the others back."""
        self._ending = True
        self.wake()
        if self._ended:
            await asyncio.shield(self._ended)
        else:
            await self._caller.close()

    # --- The database -----------------------------------------------------------------------------

    async def _step(self) -> Found:
        if self._is_new:
            self._is_new = False
            await self._database.run(partial(prepare, targets=self._targets))
        else:
            await self._publish()
        outcomes, self._outcomes = self._outcomes, []
        results, self._results = self._results, []
        self._look_at_node()
        failed = [(one, one.failed) for one in self._lines.values() if one.failed]
        ask = self._ask()
        now = self._clock()
        found = await self._database.run(lambda conn: step(conn, ask, outcomes, results, now))
        for line, count in failed:
            line.failed -= count
        return found

    async def _publish(self) -> None:
        """Accounts can be made at any time, those whose settings have been there before, too."""
        now = asyncio.get_running_loop().time()
        if now - self._published >= _PUBLISH:
            self._published = now
            await self._database.run(partial(replies.publish, subjects=self._targets))

    def _look_at_node(self) -> None:
        """After a loss, what was in line is another node's."""
        if self._me != (self._node.id or 0):
            self._me = self._node.id or 0
            self._drop()

    def _drop(self) -> None:
        for line in self._lines.values():
            line.ready.clear()

    def _ask(self) -> Ask:
        most = _AHEAD * self._settings.per_url
        room = {digest: most - len(one.ready) - one.busy for digest, one in self._lines.items()}
        targets: Targets = MappingProxyType({}) if self._ending else self._targets
        trial = self._settings.timeout + _PATIENCE
        return Ask(self._me, targets, room, most, self._after, trial)

    async def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._swept < _SWEEP:
            return
        self._swept = now
        lease = self._settings.timeout * _AHEAD * self._settings.per_url + _LEASE
        at = self._clock()
        old = partial(claims.give_back_old, node=self._me, now=at, lease=lease)
        await self._database.run(old)
        while await self._database.run(partial(pruning.prune, now=at)):
            pass

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_TICK):
                await self._news.wait()
                await asyncio.sleep(_GATHER)
        self._news.clear()

    # --- Calls ------------------------------------------------------------------------------------

    def _take(self, found: Found) -> None:
        """Put calls in line; what waits in line for a URL that fails is given back."""
        self._after = found.after
        if not found.is_alive:
            self._drop()
        for digest in found.broken & self._lines.keys():
            line = self._lines[digest]
            self._outcomes += [Outcome(one.claim, given_back=True) for one in line.ready]
            line.ready.clear()
        for call in found.calls:
            if call.content is None:
                self._outcomes.append(Outcome(call.claim, detail=_GONE, final=True))
            else:
                self._put(call)
        if self._outcomes:
            self.wake()

    def _put(self, call: Call) -> None:
        target = self._targets.get(call.subject)
        if target is None:  # the settings have changed since it was taken
            self._outcomes.append(Outcome(call.claim, given_back=True))
        else:
            self._lines.setdefault(target.url.digest, _Line()).ready.append(call)

    def _start(self) -> None:
        """Begin calls, one of each URL in turn."""
        lines = list(self._lines.values()) if self._is_sure else []
        while lines and len(self._tasks) < self._settings.at_once:
            crowded = len(self._tasks) >= self._settings.at_once // 2
            most = 1 if crowded else self._settings.per_url
            lines = [one for one in lines if one.has_call(most)]
            for line in lines[: self._settings.at_once - len(self._tasks)]:
                self._begin(line)
        used = {key: it for key, it in self._lines.items() if it.ready or it.busy or it.failed}
        self._lines = used

    @property
    def _is_sure(self) -> bool:
        return self._node.is_sure and self._me == (self._node.id or 0)

    def _begin(self, line: _Line) -> None:
        call = line.ready.popleft()
        line.busy += 1
        target = self._targets.get(call.subject)
        task = asyncio.get_running_loop().create_task(self._call(line, call, target))
        self._tasks[task] = call
        task.add_done_callback(partial(self._over, line))

    def _over(self, line: _Line, task: asyncio.Task[None]) -> None:
        call = self._tasks.pop(task)
        line.busy -= 1
        if task.cancelled():
            self._outcomes.append(Outcome(call.claim, given_back=True))
        self.wake()
        if not self._ending:
            self._start()

    async def _call(self, line: _Line, call: Call, target: Target | None) -> None:
        if target is None or call.content is None:  # the settings have it no more
            self._outcomes.append(Outcome(call.claim, given_back=True))
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            answer = await self._caller.call(target, *call.content)
        except Exception as error:  # noqa: BLE001 - the fault of one call must not stop others
            answer = Answer(ok=False, detail=f"internal error: {type(error).__name__}")
        seconds = loop.time() - began
        self.stats.seconds += seconds
        counts = self.stats.sent if answer.ok else self.stats.failed
        counts[call.claim.kind] += 1
        named = call.subject.api_id, call.claim.kind.value
        self._report(CalledBack(*named, answer.ok, seconds))
        line.failed += not answer.ok
        self._outcomes.append(Outcome(call.claim, answer.ok, answer.detail))
        self._results.append(Result(target.url.digest, answer.ok, call.is_trial))

    async def _finish(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_PATIENCE)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for line in self._lines.values():
            self._outcomes += [Outcome(one.claim, given_back=True) for one in line.ready]
        await self._step()


def prepare(conn: Connection, targets: Targets) -> None:
    """Have in the database what is known of URLs."""
    breaker.add(conn, [one.url for one in targets.values()])
    replies.publish(conn, targets)

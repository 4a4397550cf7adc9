"""The intake: finished files of all accounts become messages in the queue, with answers.

    intake = Intake(database, settings, Spool(settings.data), tell, on_accepted)
    FtpServer(..., taker=intake, ...)     # calls it in its thread
    await intake.run()                    # until cancelled

Accepted means committed. What is in the spool is the truth: after a kill each file goes on after
its last committed lot.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from smsenc import SmsencError
from smsgate.gateway import database as clock
from smsgate.gateway.database import Database
from smsgate.gateway.ftp.protocols import Cut
from smsgate.gateway.intake import answers, records
from smsgate.gateway.intake.backlog import Backlog
from smsgate.gateway.intake.checks import INTERNAL, Refused, Rules
from smsgate.gateway.intake.committing import Committer
from smsgate.gateway.intake.job import Lot
from smsgate.gateway.intake.places import Places
from smsgate.gateway.intake.progress import Progress
from smsgate.gateway.intake.remarks import Remarks
from smsgate.gateway.intake.settling import Settling
from smsgate.gateway.intake.shift import Shift
from smsgate.gateway.intake.taking import Spool, Taken, looks_whole
from smsgate.gateway.intake.turns import Turns
from smsgate.gateway.intake.watching import Watch
from smsgate.gateway.passwords import Verifier
from smsgate.gateway.problems import is_of_system, said
from smsgate.gateway.reports.happenings import FileTaken, Report, nobody
from smsgate.gateway.routing.ways import ways_of
from smsgate.gateway.settings import Settings
from smsgate.masking import cleaned

_T = TypeVar("_T")
_CUT = {
    Cut.LOST: "incomplete: the connection was lost after {} octets",
    Cut.ABORTED: "incomplete: the client aborted it after {} octets",
    Cut.UNPROVEN: "the connection was lost after 226 and without QUIT ({} octets): send it again",
}
_THREADS = 4  # that read files
_TICK = 1.0  # seconds between two scans
_PAUSE = 5.0  # seconds before a file is tried again that could not be read, or its log written


def rules_of(settings: Settings) -> Rules:
    """The rules that follow from settings: what routes carry at which price, the largest file."""
    routes = ways_of(settings.routes)
    most = settings.limits.messages_per_file
    return Rules(routes=routes, most_messages=most) if routes.all else Rules(most_messages=most)


class Intake:
    """The Taker of the FTP server, whose threads may call all methods but ``run``.

    ``tell`` gets lines for people, from any thread. ``on_accepted`` is called after each commit
    that accepted messages. ``rules`` and ``verifier`` are made from the settings if not given.
    With ``shift``, other nodes may use the same storage.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it works with
        self,
        database: Database,
        settings: Settings,
        spool: Spool,
        tell: Callable[[str], object],
        on_accepted: Callable[[], object],
        rules: Rules | None = None,
        verifier: Verifier | None = None,
        shift: Shift | None = None,
        report: Report = nobody,
    ) -> None:
        self._database, self._settings, self._tell = database, settings, tell
        self._shift = shift or Shift()
        self._on_accepted = on_accepted
        self._rules = rules or rules_of(settings)
        self._verifier = verifier or Verifier()
        self._report = report
        self._places = Places(settings, spool)
        self._remarks = Remarks(database, spool.home)
        self._backlog = Backlog(database, settings.limits, tell)
        self._settling = Settling(self._settle, self.take, self._odd)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._early: list[Callable[[], object]] = []
        self._turns = Turns(lambda *given: self._begin(self._handle(*given)))
        self._uncommitted: set[str] = set()  # uids of files that the database does not know yet
        self._tasks: set[asyncio.Task[None]] = set()
        self._quiescing = False
        self._threads = ThreadPoolExecutor(_THREADS, "gateway-intake")
        self._committer = Committer(database, tell, report)

    # Called by the FTP server ---------------------------------------------------------------------

    def is_full(self, api_id: str) -> bool:
        """Whether so many messages wait that an account's files are not taken for now."""
        return self._backlog.is_full(api_id)

    def take(self, folder: Path, name: str) -> bool:
        """Take a file that is proven complete; raises OutboxError if that is not possible."""
        api_id = self._places.account(folder)
        taken = self._places.spool(api_id).take(folder, name, api_id, clock.now())
        self._settling.forget(folder, name)
        self._report(FileTaken(api_id, name))
        self._post(partial(self._arrived, taken))
        return True

    def prove(self, folder: Path, name: str) -> bool:
        """Take a stored file whose client went on, if it looks whole; else it has to settle."""
        if not self.is_full(self._places.account(folder)) and looks_whole(folder / name):
            return self.take(folder, name)
        self._settling.note(folder, name, proven=True)
        return False

    def stored(self, folder: Path, name: str) -> None:
        """Let a file settle that nothing has proven yet."""
        self._settling.note(folder, name)

    def incomplete(self, api_id: str, name: str, size: int, cut: Cut) -> None:
        """Have it in history.log that an upload was cut."""
        self._remark(api_id, name, _CUT[cut].format(size))

    def _settle(self, folder: Path) -> float:
        full = self.is_full(self._places.account(folder))
        return math.inf if full else self._places.settle(folder)

    def _post(self, work: Callable[[], object]) -> None:
        """Have something done in the loop, or as soon as there is one."""
        with self._lock:
            if self._loop is None:
                self._early.append(work)
            else:
                self._loop.call_soon_threadsafe(work)

    def _renamed(self, folder: Path, name: str) -> None:
        """Take a file that was renamed in a folder of another server, or else let it settle."""
        is_full = self.is_full(self._places.account(folder))
        if self._quiescing or is_full or not self._shift.is_on:
            return
        try:
            self.take(folder, name)
        except (SmsencError, OSError):
            self._settling.note(folder, name, proven=True)

    def _odd(self, folder: Path, name: str, why: str) -> None:
        self._tell(f"{cleaned(name)}: {cleaned(why)}")
        if self._shift.is_on:  # one node says so for all
            self._remark(self._places.account(folder), name, why)

    def _remark(self, api_id: str, name: str, text: str) -> None:
        if self._remarks.add((api_id, name, text, clock.now())):
            self._post(lambda: self._begin(self._remarks.write(self._refused)))

    def _refused(self, error: Exception) -> None:
        self._tell(f"history.log is tried again: {said(error)}")

    # The loop -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Take files that settle and handle those that are taken, until cancelled."""
        await self._backlog.count()
        await self._recover()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            early, self._early = self._early, []
        for work in early:
            work()
        watch = Watch(self._places.foreign, self._renamed, self._settling.note)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._committer.run())
                group.create_task(self._backlog.run())
                group.create_task(self._scan())
        finally:
            with self._lock:
                self._loop = None
            await self._end(watch)

    async def _end(self, watch: Watch) -> None:
        self._turns.close()  # files that are ready stay in the spool for the next start
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(watch.close)
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)

    def renew(self, settings: Settings) -> None:
        """Take other settings, for files that come from now on; the folders are the same."""
        self._settings, self._rules = settings, rules_of(settings)
        self._places.renew(settings)
        self._backlog.renew(settings.limits)

    def quiesce(self) -> None:
        """Take no more files by itself; those that the FTP server hands over are still taken."""
        self._quiescing = True

    @property
    def has_uncommitted(self) -> bool:
        """Whether no message is committed yet of a file that was taken; for the loop's thread."""
        return bool(self._uncommitted)

    async def _scan(self) -> None:
        told = ""
        while True:
            try:
                if await self._shift.look():
                    adopt = partial(self._shift.adopt, self._places.adopted)
                    for taken in await asyncio.to_thread(adopt):
                        self._arrived(taken)
                await asyncio.to_thread(self._look)
                told = ""
            except Exception as error:  # noqa: BLE001 - whatever it is, the next scan may succeed
                if (problem := said(error)) != told:
                    self._tell(f"cannot look for files: {problem}")
                told = problem
            await asyncio.sleep(self._places.tick(_TICK))

    def _look(self) -> None:
        if self._quiescing:
            return
        for folder in self._places.folders() if self._shift.is_on else ():
            self._settling.scan(folder)
        self._settling.check()

    async def _recover(self) -> None:
        """Go on with the files of the spool, and with those that should be in it."""
        await self._shift.look()
        home = self._places.spool("").home
        rows = await self._database.run(lambda conn: records.reading(conn, home))
        found = [taken for spool in self._places.spools for taken in spool.found()]
        there = {taken.uid for taken in found} | self._shift.uids()
        for uid, api_id, name, time in rows if self._shift.is_on else ():
            if uid not in there:
                found.append(Taken(self._places.spool(api_id), uid, api_id, name, time))
        for taken in found:
            self._arrived(taken)

    def _arrived(self, taken: Taken) -> None:
        if self._turns.add(taken):
            self._uncommitted.add(taken.uid)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._tell(f"internal error in the intake: {said(error)}")

    # One file -------------------------------------------------------------------------------------

    async def _handle(
        self, taken: Taken, before: asyncio.Event | None, after: asyncio.Event
    ) -> None:
        """Handle a file to its end; its first lot is committed after that of the file before."""
        told = ""
        try:
            while problem := await self._problem(taken, before, after):
                self._uncommitted.discard(taken.uid)
                if problem != told:
                    self._tell(f"{cleaned(taken.name)} is tried again: {problem}")
                told = problem
                await asyncio.sleep(_PAUSE)
            self._uncommitted.discard(taken.uid)
            self._turns.forget(taken)
        finally:
            after.set()
            self._turns.end(taken)

    async def _problem(
        self, taken: Taken, before: asyncio.Event | None, after: asyncio.Event
    ) -> str:
        """Do a file; what the system refused, so that it has to be tried again, else nothing."""
        try:
            found = await self._database.run(lambda conn: records.start(conn, taken))
            if found is None:
                self._tell(f"no account {cleaned(taken.api_id)}: {cleaned(taken.name)} stays")
                return ""
            progress = Progress(taken, found, self._settings.limits.repeat)
            if progress.is_open:
                await self._accept(progress, before, after)
            after.set()
            await self._in_thread(self._finish, progress)
            return ""
        except (SmsencError, OSError) as error:
            after.set()
            return said(error)

    def _finish(self, progress: Progress) -> None:
        taken = progress.taken
        answers.publish(taken.log, self._places.log(taken), self._places.lock(taken.api_id))
        taken.spool.remove(taken)
        self._report(progress.answered(clock.now()))

    async def _accept(
        self, progress: Progress, before: asyncio.Event | None, after: asyncio.Event
    ) -> None:
        try:
            await self._commit_lots(progress, before, after)
        except Exception as error:
            if is_of_system(error) and progress.taken.path.exists():
                raise
            await self._give_up(progress, error)

    async def _give_up(self, progress: Progress, error: Exception) -> None:
        """Answer the rest of a file with 901."""
        self._tell(f"{cleaned(progress.taken.name)}: internal error: {said(error)}")
        lot = Lot([Refused(INTERNAL, None, None)], last=True)
        progress.result(await self._committer.put(progress.work(lot)))

    async def _commit_lots(
        self, progress: Progress, before: asyncio.Event | None, after: asyncio.Event
    ) -> None:
        """Commit a file's lots; the next is read while one is committed."""
        lot = await self._in_thread(progress.read, self._rules, self._verifier, self._places)
        if before is not None:
            await before.wait()
        while lot is not None:
            await self._backlog.room(progress.taken.api_id, len(lot.entries))
            done = self._committer.put(progress.work(lot))
            after.set()
            try:
                following = None if lot.last else await self._in_thread(progress.next)
            except Exception:
                progress.result(await done)  # what is done next must know what is committed
                raise
            result = progress.result(await done)
            self._uncommitted.discard(progress.taken.uid)
            if result.file is None:
                return
            if result.accepted:
                self._on_accepted()
            lot = following

    async def _in_thread(self, work: Callable[..., _T], *given: object) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

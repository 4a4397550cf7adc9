"""Worker processes of this machine, each with a pipe of its own to the process that writes.

A pool with a shared queue waits for ever if a process is killed while it holds the queue's lock.
Here nothing is shared: whoever reads from a process that has ended reads the end of its pipe. Task
N goes to process N modulo the number of processes, so that the order of the answers says whose is
the next.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any, NoReturn, TypeVar

from smsenc import OptionError
from smsgate.errors import UnfinishedError, reason

Task = TypeVar("Task")
Answer = TypeVar("Answer")

# Tasks for each process: the current one, and enough for the time in which a result is flushed.
_AHEAD = 4
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection

    def died(self) -> UnfinishedError:
        """The error to raise when the pipe has ended."""
        self.process.join()  # whoever closed the pipe is about to end
        code = self.process.exitcode or 0
        how = f" ({signal.Signals(-code).name})" if code < 0 else ""
        return UnfinishedError(f"a worker process has died{how}: run the same command again")


@dataclass(slots=True)
class Processes:
    """A ``Map`` over processes. Raises UnfinishedError if one of them ends."""

    workers: list[_Worker] = field(default_factory=list)
    given: int = 0

    def __call__(
        self, function: Callable[[Task], Answer], tasks: Iterable[Task], /
    ) -> Iterator[Answer]:
        """Answers in the order of the tasks."""
        waiting: deque[int] = deque()
        for task in tasks:
            waiting.append(self._give(function, task))
            if len(waiting) >= len(self.workers) * _AHEAD:
                yield self._answer(waiting.popleft())
        while waiting:
            yield self._answer(waiting.popleft())

    def _give(self, function: Callable[[Task], Answer], task: Task) -> int:
        number, self.given = self.given, self.given + 1
        worker = self.workers[number % len(self.workers)]
        # What a signal or an error raises must not keep the buffer of half a message: Python would
        # complain of it when it ends.
        with _signals_held(), suppress(OSError):
            worker.pipe.send((number, function, task))
            return number
        raise worker.died()

    def _answer(self, number: int) -> Any:
        worker, found, error, answer = self.workers[number % len(self.workers)], -1, None, None
        while found != number:  # answers that nobody has asked for come before
            received = None
            wait([worker.pipe])
            with _signals_held(), suppress(EOFError, OSError):  # as above
                received = worker.pipe.recv()
            if received is None:
                raise worker.died()
            found, error, answer = received
        if error is not None:
            raise error
        return answer


@contextmanager
def processes(jobs: int) -> Iterator[Processes]:
    """So many worker processes, which have ended at the end of the block, whatever ends it.

    Raises OptionError if they cannot be started.
    """
    # A fork has all modules loaded. It is safe if no other thread can hold a lock and no journal is
    # open: SQLite forbids using a connection in a fork.
    forked = sys.platform == "linux" and threading.active_count() == 1
    pool = Processes()
    try:
        _start(pool, jobs, "fork" if forked else "spawn")
        yield pool
    finally:
        with _signals_held():
            for worker in pool.workers:
                worker.process.kill()
                worker.pipe.close()
            for worker in pool.workers:
                worker.process.join()


def _start(pool: Processes, jobs: int, method: str) -> None:
    context = get_context("spawn") if method == "spawn" else get_context("fork")
    try:
        if method == "spawn" and os.name == "posix":
            from multiprocessing import resource_tracker  # noqa: PLC0415 - it unblocks signals

            resource_tracker.ensure_running()
        # A new process must not run the handlers of this one: it begins with signals blocked.
        with _signals_held():
            for _ in range(jobs):
                ours, its = context.Pipe()
                others = [*(worker.pipe for worker in pool.workers), ours]
                process = context.Process(
                    target=_serve, args=(its, others if method == "fork" else []), daemon=True
                )
                process.start()
                its.close()
                pool.workers.append(_Worker(process, ours))
    except OSError as error:
        what = f"cannot start {jobs} processes: {reason(error)}: use a smaller number"
        raise OptionError(what, name="--jobs") from error


@contextmanager
def _signals_held() -> Iterator[None]:
    """Deliver signals that ask the process to end after the block; a fork inherits that."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In a worker process ------------------------------------------------------------------------------


def _serve(pipe: Connection, others: list[Connection]) -> NoReturn:
    """Answer tasks until the process at the other end ends; it decides, and says what happened.

    Threads receive and send, so that the next task begins while an answer waits to be read.
    """
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        for other in others:  # a pipe ends when nobody holds its other end
            other.close()
        tasks: SimpleQueue[Any] = SimpleQueue()
        answers: SimpleQueue[Any] = SimpleQueue()
        for target, queue in ((_receive, tasks), (_send, answers)):
            threading.Thread(target=target, args=(pipe, queue), daemon=True).start()
        while True:
            answers.put(_done(*tasks.get()))
    finally:
        os._exit(1)


def _receive(pipe: Connection, tasks: SimpleQueue[Any]) -> None:
    try:
        while True:
            tasks.put(pipe.recv())
    finally:
        os._exit(1)


def _send(pipe: Connection, answers: SimpleQueue[Any]) -> None:
    try:
        while True:
            pipe.send(answers.get())
    finally:
        os._exit(1)


def _done(
    number: int, function: Callable[[Task], Answer], task: Task
) -> tuple[int, Exception | None, Answer | None]:
    """The number of a task with its error, or with its answer."""
    try:
        return number, None, function(task)
    except Exception as error:  # noqa: BLE001 - the other process raises it
        error.add_note(f"in a worker process:\n{traceback.format_exc()}")
        with suppress(Exception):  # an error that cannot be built again from its text
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
            return number, error, None
        return number, RuntimeError(repr(error)), None

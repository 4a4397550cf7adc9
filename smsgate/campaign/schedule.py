"""Gives chunks to workers and returns results in order: this process, others, or a cluster.

Only a few chunks are given out ahead, so that few results have to wait for a slow one.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from typing import Protocol, TypeVar, cast

from smsenc import OptionError, SmsencError

Task = TypeVar("Task")
Answer = TypeVar("Answer")


class Map(Protocol):
    """Calls a function for each task and returns the answers in the order of the tasks."""

    def __call__(
        self, function: Callable[[Task], Answer], tasks: Iterable[Task], /
    ) -> Iterator[Answer]:
        """Answers one by one; tasks are taken as they are needed."""


_AHEAD = 2  # tasks for each worker: the current one and the next
_PATIENCE = 10  # seconds in which a scheduler must answer


@contextmanager
def workers(jobs: int = 1, scheduler: str | None = None) -> Iterator[Map]:
    """A ``Map`` that works in this process (one job), in local processes, or on a dask cluster.

    Enter it before opening a journal, because local workers may be forks of this process. Raises
    OptionError for a scheduler that does not answer, SmsencError if a worker dies.
    """
    if scheduler is not None:
        with _cluster(scheduler) as (executor, threads):
            yield partial(ordered, executor, threads * _AHEAD)
    elif jobs == 1:
        yield map
    else:
        with _processes(jobs) as executor:
            yield partial(ordered, executor, jobs * _AHEAD)


def ordered(
    executor: Executor, window: int, function: Callable[[Task], Answer], tasks: Iterable[Task]
) -> Iterator[Answer]:
    """Answers in the order of the tasks; at most ``window`` tasks are with workers."""
    waiting: deque[Future[Answer]] = deque()
    try:
        for task in tasks:
            waiting.append(executor.submit(function, task))
            if len(waiting) >= window:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise SmsencError(
            "a worker process has died: run the same command again to continue"
        ) from None
    finally:
        for future in waiting:
            future.cancel()


@contextmanager
def _processes(jobs: int) -> Iterator[Executor]:
    import multiprocessing  # noqa: PLC0415 - only --jobs needs it

    # A fork has all modules loaded. It is safe if no other thread can hold a lock and no journal is
    # open: SQLite forbids using a connection in a fork.
    forked = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if forked else "spawn")
    executor = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)
    try:
        if forked:
            executor.submit(int).result()  # all workers fork at the first task: now
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """End a worker when its parent process ends, even if the parent is killed."""
    from multiprocessing import connection, parent_process  # noqa: PLC0415 - as multiprocessing

    parent = parent_process()
    assert parent is not None  # noqa: S101 - a worker process has one

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class _Client(Protocol):
    """What is used of a client of dask.distributed."""

    def nthreads(self) -> dict[str, int]: ...
    def get_executor(self, *, pure: bool) -> Executor: ...
    def close(self) -> None: ...


@contextmanager
def _cluster(scheduler: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client  # noqa: PLC0415 - heavy and optional
    except ImportError:
        raise OptionError(
            "needs dask.distributed: pip install 'smsenc[distributed]'",
            name="--scheduler",
        ) from None
    try:
        connect = cast("Callable[..., _Client]", Client)  # it has no types
        client = connect(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise OptionError(
            f"expected a dask scheduler, found none at {scheduler!r}", name="--scheduler"
        ) from error
    try:
        threads = sum(client.nthreads().values())
        # pure=True would make a key from the arguments, and return answers of an earlier run.
        yield client.get_executor(pure=False), max(threads, 1)
    finally:
        with suppress(OSError, TimeoutError):
            client.close()

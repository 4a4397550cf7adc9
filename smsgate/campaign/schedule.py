"""Chunks to workers and their results back in order: in this process, in others, on a cluster.

What is given out ahead is bounded, so that results which wait for a slow one stay few.
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
from typing import Any, Protocol, TypeVar

from smsenc import OptionError, SmsencError

Task = TypeVar("Task")
Answer = TypeVar("Answer")


class Map(Protocol):
    """Calls a function on each task; answers come in the order of the tasks."""

    def __call__(
        self, function: Callable[[Task], Answer], tasks: Iterable[Task], /
    ) -> Iterator[Answer]:
        """Answers one by one, tasks taken as they are needed."""


_AHEAD = 2  # tasks for each worker: one that it has, one that waits for it
_PATIENCE = 10  # seconds that a scheduler may take to answer


@contextmanager
def workers(jobs: int = 1, scheduler: str | None = None) -> Iterator[Map]:
    """A ``Map`` over this process (one job), local processes, or the cluster of a scheduler.

    It is entered before a journal is opened: local workers may be forks of this process.
    Raises OptionError for a scheduler that does not answer, SmsencError when a worker dies.
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
    """Answers in the order of the tasks, at most ``window`` of which are under way."""
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
            "expected a worker to answer, found it dead; the same command goes on from here"
        ) from None
    finally:
        for future in waiting:
            future.cancel()


@contextmanager
def _processes(jobs: int) -> Iterator[Executor]:
    import multiprocessing  # noqa: PLC0415 - wanted only here

    # A fork has loaded all there is to load. It is safe where no other thread holds a lock, and
    # where no journal is open, whose files SQLite forbids to share.
    forked = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if forked else "spawn")
    executor = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)
    try:
        if forked:
            executor.submit(int).result()  # all of them fork at the first task, which is now
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Have a worker end when who gave it work was killed, and could not tell it to."""
    from multiprocessing import connection, parent_process  # noqa: PLC0415 - as above

    parent = parent_process()
    assert parent is not None  # noqa: S101 - a worker has one

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _cluster(scheduler: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client  # noqa: PLC0415 - heavy, wanted only here
    except ImportError:
        raise OptionError(
            "expected dask.distributed (pip install 'smsenc[distributed]'), found none",
            name="--scheduler",
        ) from None
    try:
        client = _untyped(Client)(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise OptionError(
            f"expected a dask scheduler, found none at {scheduler!r}", name="--scheduler"
        ) from error
    try:
        threads = sum(client.nthreads().values())
        # Not pure: a key made of the arguments would keep old answers of another run alive.
        yield client.get_executor(pure=False), max(threads, 1)
    finally:
        with suppress(OSError, TimeoutError):
            client.close()


def _untyped(function: Any) -> Any:
    """What ships without types, as far as we are concerned."""
    return function

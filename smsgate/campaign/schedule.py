"""Gives chunks to workers and returns results in order: this process, others, or a cluster.

Only a few chunks are given out ahead, so that few results have to wait for a slow one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from functools import partial
from typing import NamedTuple, Protocol, TypeVar, cast

from smsenc import OptionError
from smsenc.extras import needed
from smsgate.errors import UnfinishedError

Task = TypeVar("Task")
Answer = TypeVar("Answer")


class Map(Protocol):
    """Calls a function for each task and returns the answers in the order of the tasks."""

    def __call__(
        self, function: Callable[[Task], Answer], tasks: Iterable[Task], /
    ) -> Iterator[Answer]:
        """Answers one by one; tasks are taken as they are needed."""


_AHEAD = 2  # tasks for each thread of a cluster: the current one and the next
_PATIENCE = 10  # seconds in which a scheduler must answer


@contextmanager
def workers(jobs: int = 1, scheduler: str | None = None) -> Iterator[Map]:
    """A ``Map`` that works in this process (one job), in local processes, or on a dask cluster.

    Enter it before opening a journal, because local workers may be forks of this process. Raises
    OptionError for a scheduler that does not answer and for processes that cannot be started,
    UnfinishedError if a worker dies.
    """
    if scheduler is not None:
        with _cluster(scheduler) as cluster:
            yield partial(ordered, cluster)
    elif jobs == 1:
        yield map
    else:
        from smsgate.campaign.processes import processes  # noqa: PLC0415 - only --jobs needs it

        with processes(jobs) as over:
            yield over


def ordered(
    cluster: _Cluster, function: Callable[[Task], Answer], tasks: Iterable[Task]
) -> Iterator[Answer]:
    """Answers in the order of the tasks; only a few tasks are with workers."""
    waiting: deque[Future[Answer]] = deque()
    try:
        for task in tasks:
            waiting.append(cluster.executor.submit(function, task))
            if len(waiting) >= cluster.threads * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except (CancelledError, cluster.killed) as error:
        what = "the cluster was lost" if isinstance(error, CancelledError) else "workers have died"
        raise UnfinishedError(f"{what}: run the same command again") from None
    finally:
        for future in waiting:
            future.cancel()


class _Cluster(NamedTuple):
    """Where tasks go, how many can be done at once, and the error of a task that killed workers."""

    executor: Executor
    threads: int
    killed: type[Exception]


class _Client(Protocol):
    """What is used of a client of dask.distributed."""

    def nthreads(self) -> dict[str, int]: ...
    def get_executor(self, *, pure: bool) -> Executor: ...
    def close(self) -> None: ...


@contextmanager
def _cluster(scheduler: str) -> Iterator[_Cluster]:
    try:
        from distributed import Client  # noqa: PLC0415 - heavy and optional
        from distributed.scheduler import KilledWorker  # noqa: PLC0415
    except ImportError:
        raise OptionError(
            needed("a cluster", "distributed"),
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
        yield _Cluster(client.get_executor(pure=False), max(threads, 1), KilledWorker)
    finally:
        with suppress(OSError, TimeoutError):
            client.close()

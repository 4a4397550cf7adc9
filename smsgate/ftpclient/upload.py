"""An outbox to its gateway: every file complete under its name, once, in order.

The journal beside the outbox tells what has been sent. A run that is repeated, after whatever
ended the last one, sends what is left and nothing twice; what cannot be known it reports.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from smsenc import OptionError
from smsenc.messagefile import PLACEHOLDER, Credentials
from smsgate.errors import GatewayError, OutboxError
from smsgate.ftpclient.delivery import Courier, Message
from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.rate import Pace
from smsgate.ftpclient.retry import Line, UnreachableError
from smsgate.ftpclient.session import Server, Session
from smsgate.ftpclient.transfers import State, Transfer, Transfers
from smsgate.outbox import contents, journal
from smsgate.outbox.contents import Outgoing

_LOT = 32  # files stored before they are renamed: one flush to disk serves them all
_MOST_CONNECTIONS = 16
_CHANGED = "changed on disk since it was sent; the change is not sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to send. Raises OptionError.

    ``limit_rate`` is in octets a second over all connections, 0 for no limit. ``credentials`` take
    the place of placeholders in the files. ``pauses``, in seconds, are made one after another
    while a server is in trouble; after the last one its trouble counts.
    """

    connections: int = 1
    limit_rate: float = 0
    credentials: Credentials = PLACEHOLDER
    pauses: tuple[float, ...] = (1, 2, 4, 8, 16)

    def __post_init__(self) -> None:
        if not 1 <= self.connections <= _MOST_CONNECTIONS:
            raise OptionError(
                f"expected 1 to {_MOST_CONNECTIONS} connections, found {self.connections}",
                name="connections",
            )
        if not 0 <= self.limit_rate < float("inf"):
            raise OptionError(
                f"expected octets a second, found {self.limit_rate:g}", name="limit_rate"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How the run ended: each file's state, in the order of sending.

    ``sent`` counts those that this run brought to their final names. ``stopped`` says why the run
    ended before all was tried, where it did. ``warnings`` are about the connection.
    """

    files: tuple[Transfer, ...]
    sent: int
    warnings: tuple[str, ...]
    stopped: GatewayError | None

    def of(self, *states: State) -> tuple[Transfer, ...]:
        """The files in these states."""
        return tuple(file for file in self.files if file.state in states)

    @property
    def left(self) -> tuple[Transfer, ...]:
        """What a later run has yet to send: neither done, nor refused, nor unknown."""
        return self.of(State.PLANNED, State.SENDING, State.SENT, State.RENAMING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What a run tells, and what it takes from outside.

    ``progress`` is told of each file's new state, one at a time, from any thread. ``clock`` gives
    seconds since 1970, for the journal's steps; ``sleep`` makes the pauses.
    """

    progress: Callable[[Transfer], object] | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] | None = None


def upload(
    outbox: Path,
    server: Server,
    log_in: LogIn,
    options: Options = Options(),
    hooks: Hooks = Hooks(),
) -> Result:
    """Send what is left of an outbox (a folder or a ``.zip``).

    Raises OutboxError and GuardError for an outbox or journal that cannot be used, OptionError for
    authorities that cannot be read; troubles of the server are in the result.
    """
    path = journal.path_of(outbox)
    with (
        contents.opened(outbox) as files,
        Transfers(path, server.target, hooks.clock, hooks.progress) as transfers,
    ):
        transfers.plan(file.name for file in files)
        done = _compared(files, transfers)
        run = _Run(transfers, partial(Session, server, log_in), options, hooks.sleep)
        stopped = run.all(files)
        rows = tuple(transfers.rows[file.name] for file in files)
        sent = sum(row.state is State.DONE for row in rows) - done
        return Result(files=rows, sent=sent, warnings=server.warnings, stopped=stopped)


def _compared(files: Iterable[Outgoing], transfers: Transfers) -> int:
    """How many files are done already; those that have changed since say so."""
    done = [file for file in files if transfers.rows[file.name].state is State.DONE]
    changed = [file.name for file in done if _digest(file) != transfers.rows[file.name].digest]
    transfers.set(changed, State.DONE, _CHANGED)
    return len(done)


def _digest(file: Outgoing) -> str:
    try:
        return hashlib.sha256(file.read()).hexdigest()
    except OutboxError:
        return "unreadable"


class _Run:
    """The connections of one upload, and the queue they share."""

    def __init__(
        self,
        transfers: Transfers,
        connect: Callable[[], Session],
        options: Options,
        sleep: Callable[[float], object] | None,
    ) -> None:
        self._transfers = transfers
        self._connect = connect
        self._options = options
        self._stop = threading.Event()
        self._sleep = self._stop.wait if sleep is None else sleep
        self._lock = threading.Lock()
        self._queue: deque[Message] = deque()
        rate = options.limit_rate
        self._pace = Pace(rate, time.monotonic, self._sleep) if rate else None

    def all(self, files: Iterable[Outgoing]) -> GatewayError | None:
        """Send what is left; the reason, where some was not tried because no server answered.

        A connection that ends gives its messages back; where others got on, a further round with
        one fewer sends them.
        """
        self._queue.extend(filter(self._unfinished, contents.messages(files)))
        reasons: list[GatewayError | None] = []
        for connections in range(self._options.connections, 0, -1):
            if self._queue and (not reasons or None in reasons):
                reasons = self._round(min(connections, len(self._queue)))
        return next(filter(None, reasons), None) if self._queue else None

    def _unfinished(self, message: Message) -> bool:
        return any(self._transfers.rows[part.name].state is not State.DONE for part in message)

    def _round(self, connections: int) -> list[GatewayError | None]:
        """Why each connection ended; None where there was nothing left to send."""
        first = self._line()
        try:
            first.session()  # before others try: a log-in that is refused is tried once
        except UnreachableError as unreachable:
            return [unreachable.error]
        lines = [first, *(self._line() for _ in range(connections - 1))]
        with ThreadPoolExecutor(connections) as pool:
            try:
                return list(pool.map(self._work, lines))
            except BaseException:
                self._stop.set()  # the others end at their next step
                raise

    def _line(self) -> Line:
        return Line(self._connect, self._options.pauses, self._stop, self._sleep)

    def _work(self, line: Line) -> GatewayError | None:
        courier = Courier(line, self._transfers, self._options.credentials, self._pace)
        try:
            line.session()
            while lot := self._take():
                courier.deliver(lot, self._give_back)
        except UnreachableError as unreachable:
            return unreachable.error
        except BaseException:
            self._stop.set()
            raise
        finally:
            line.close()
        return None

    def _take(self) -> list[Message]:
        """The next messages, as many as make a lot; at least one, while there is one."""
        lot: list[Message] = []
        with self._lock:
            share = min(_LOT, -(-len(self._queue) // self._options.connections))
            while self._queue and sum(map(len, lot)) < share:
                lot.append(self._queue.popleft())
        return lot

    def _give_back(self, messages: list[Message]) -> None:
        with self._lock:
            self._queue.extendleft(reversed(messages))

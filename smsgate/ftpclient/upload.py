"""Sending an outbox to its gateway: every file complete under its name, once and in order.

The outbox's journal records what has been sent. However a run ended, the next one sends
what is left and nothing twice; it reports files of which neither is known.
"""

from __future__ import annotations

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
from smsgate.errors import GatewayError
from smsgate.ftpclient import answered, planning
from smsgate.ftpclient.delivery import Delivery
from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.rate import RateLimit
from smsgate.ftpclient.retry import RetryingSession, UnreachableError
from smsgate.ftpclient.returned import find_returned
from smsgate.ftpclient.session import Server, Session
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox import contents, home
from smsgate.outbox.contents import Outgoing, Parts
from smsgate.outbox.files import State, Transfer

_BATCH = 32  # files stored before they are renamed: one flush of the journal serves all of them
_MOST_CONNECTIONS = 16
_BATCH_OCTETS = 16 << 20  # they are in memory together


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to send. Raises OptionError.

    ``limit_rate`` is in octets per second over all connections, 0 for no limit. ``credentials``
    replace placeholders in the files. ``pauses`` are in seconds: after each failure that may pass,
    the next pause is made and another try; when none is left, the failure is final. ``resend``
    sends again what may have been sent before: UNKNOWN files, or all if the journal is lost.
    """

    connections: int = 1
    limit_rate: float = 0
    credentials: Credentials = PLACEHOLDER
    pauses: tuple[float, ...] = (1, 2, 4, 8, 16)
    resend: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.connections <= _MOST_CONNECTIONS:
            raise OptionError(
                f"expected 1 to {_MOST_CONNECTIONS} connections, found {self.connections}",
                name="connections",
            )
        if not 0 <= self.limit_rate < float("inf"):
            raise OptionError(
                f"expected octets per second, found {self.limit_rate:g}", name="limit_rate"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How the run ended: the state of each file, in the order of sending.

    ``sent`` counts the files that this run gave their final names; ``changed`` have another content
    than the one that was sent, and ``again`` were sent, and then written again or renamed: they
    were not sent again. ``misnamed`` are not named as message files. ``missing``
    counts files that were written and removed before they were sent. ``stopped`` says why the run
    ended before every file was tried, None if all were. ``warnings`` are about the connection.
    """

    files: tuple[Transfer, ...]
    sent: int
    changed: frozenset[str]
    again: frozenset[str]
    misnamed: tuple[str, ...]
    missing: int
    warnings: tuple[str, ...]
    stopped: GatewayError | None

    def of(self, *states: State) -> tuple[Transfer, ...]:
        """The files in these states."""
        return tuple(file for file in self.files if file.state in states)

    @property
    def left(self) -> tuple[Transfer, ...]:
        """The files that a later run has to send: neither done nor refused nor unknown."""
        return self.of(State.PLANNED, State.SENDING, State.SENT, State.RENAMING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Functions that a run calls.

    ``planned`` gets the number of files that are to be sent. ``progress`` gets each new state of a
    file, one at a time, from any thread. ``clock`` gives seconds since 1970, for the steps in the
    journal; ``sleep`` makes the pauses.
    """

    planned: Callable[[int], object] | None = None
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

    Raises OutboxError and GuardError for an outbox or journal that cannot be used or is lost,
    OptionError for authorities that cannot be read; failures of the server are in the result.
    """
    planning.check_outbox(outbox, resend=options.resend)
    with (
        home.held(outbox, renew=options.resend) as records,
        Transfers(
            records, server.target, hooks.clock, hooks.progress, server.temporary
        ) as transfers,
        contents.opened(outbox, transfers.ranks()) as files,
    ):
        transfers.plan({file.name: file.fields.mark for file in files})
        answered.settle(transfers, records, server.target)
        planning.compare(transfers, resend=options.resend)
        incomplete = planning.refuse_incomplete(files, transfers)
        changed = planning.find_changed(files, transfers)
        again = find_returned(files, transfers, changed, resend=options.resend)
        transfers.stamp(files)
        misnamed = contents.misnamed(outbox)
        if hooks.planned:
            hooks.planned(sum(row.state is not State.DONE for row in transfers.rows.values()))
        run = _Run(transfers, partial(Session, server, log_in), options, hooks.sleep)
        renamed = {file.message for file in files if file.name in again and transfers.is_new(file)}
        held = incomplete | renamed
        stopped = run.send(file for file in files if file.message not in held)
        rows = tuple(transfers.rows[file.name] for file in files)
        return Result(
            files=rows,
            sent=transfers.sent,
            changed=changed,
            again=again,
            misnamed=misnamed,
            missing=transfers.missing,
            warnings=(*server.warnings, *transfers.warnings, *records.warnings),
            stopped=stopped,
        )


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
        self._queue: deque[Parts] = deque()
        rate = options.limit_rate
        self._pace = RateLimit(rate, time.monotonic, self._sleep) if rate else None

    def send(self, files: Iterable[Outgoing]) -> GatewayError | None:
        """Send what is left; returns why some files were not tried, None if all were.

        A connection that fails gives its messages back. If another one worked to the end, there is
        a further round with one connection less.
        """
        self._queue.extend(filter(self._unfinished, contents.messages(files)))
        reasons: list[GatewayError | None] = []
        for connections in range(self._options.connections, 0, -1):
            if self._queue and (not reasons or None in reasons):
                reasons = self._round(min(connections, len(self._queue)))
        return next(filter(None, reasons), None) if self._queue else None

    def _unfinished(self, message: Parts) -> bool:
        return any(self._transfers.rows[part.name].state is not State.DONE for part in message)

    def _round(self, connections: int) -> list[GatewayError | None]:
        """Why each connection failed; None for one that ended because nothing was left to send."""
        first = self._session()
        try:
            first.session()  # before the others, so that a wrong log-in is tried only once
            if not self._options.resend:
                planning.find_traces(first, self._transfers)
        except UnreachableError as unreachable:
            return [unreachable.error]
        sessions = [first, *(self._session() for _ in range(connections - 1))]
        with ThreadPoolExecutor(connections) as pool:
            try:
                return list(pool.map(self._work, sessions))
            except BaseException:
                self._stop.set()  # the others end at their next step
                raise

    def _session(self) -> RetryingSession:
        return RetryingSession(self._connect, self._options.pauses, self._stop, self._sleep)

    def _work(self, session: RetryingSession) -> GatewayError | None:
        delivery = Delivery(session, self._transfers, self._options.credentials, self._pace)
        try:
            session.session()
            while batch := self._take():
                delivery.send(batch, self._give_back)
        except UnreachableError as unreachable:
            return unreachable.error
        except BaseException:
            self._stop.set()
            raise
        finally:
            session.close()
        return None

    def _take(self) -> list[Parts]:
        """The next batch of messages; empty when none is left."""
        batch: list[Parts] = []
        with self._lock:
            share = min(_BATCH, -(-len(self._queue) // self._options.connections))
            files = octets = 0
            while self._queue and files < share and octets < _BATCH_OCTETS:
                batch.append(self._queue.popleft())
                files += len(batch[-1])
                octets += sum(part.size for part in batch[-1])
        return batch

    def _give_back(self, messages: list[Parts]) -> None:
        with self._lock:
            self._queue.extendleft(reversed(messages))

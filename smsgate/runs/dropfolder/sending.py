"""Sending what a watched folder gave: when to try again, and what became of each source."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from converters.shared.words import counted
from smsenc.messagefile import names
from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.session import Server
from smsgate.ftpclient.upload import Hooks, Options, Result, upload
from smsgate.outbox import contents
from smsgate.outbox.files import State, Transfer

_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0  # seconds
#: States of a file that no gateway has seen.
_UNSEEN = (State.PLANNED, State.SENDING, State.SENT)
_MISSING = "removed from the outbox before it was sent"
_OTHER_PART = "not sent, because another part of the message was refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the files of a source.

    ``refused`` has files that were not sent, and why; ``doubtful`` lines on those that may have
    been sent. With ``waiting`` a later round decides.
    """

    refused: Mapping[str, str] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    waiting: bool = False

    @property
    def messages(self) -> int:
        """How many messages were refused."""
        return len(set(map(_message, self.refused)))


def verdict(
    files: Iterable[str],
    sent: Mapping[str, Transfer],
    row_of: Callable[[str], Transfer | None],
) -> Verdict:
    """What became of ``files``; a message of which a part was refused is sent by no later run.

    ``sent`` has the files in the outbox; ``row_of`` gives what the journal says of one that is not
    there any more.
    """
    rows = {name: sent.get(name) or row_of(name) or Transfer(name) for name in files}
    refused = _refused(rows, sent.keys())
    others = [rows[name] for name in rows if name not in refused]
    doubtful = [row for row in others if _is_doubtful(row, there=row.name in sent)]
    done = [row for row in others if row.state is State.DONE]
    return Verdict(
        refused,
        tuple(f"{row.name}: unknown: {row.reason}" for row in doubtful),
        waiting=len(others) > len(doubtful) + len(done),
    )


def _refused(rows: Mapping[str, Transfer], there: AbstractSet[str]) -> dict[str, str]:
    """The files that were not sent and never will be, and why; ``there`` are in the outbox."""
    refused = {n: why for n, row in rows.items() if (why := _refusal(row, there=n in there))}
    messages = set(map(_message, refused))
    for name, row in rows.items():
        if row.state in _UNSEEN and _message(name) in messages:
            refused.setdefault(name, _OTHER_PART)
    return refused


def _is_doubtful(row: Transfer, *, there: bool) -> bool:
    return row.state is State.UNKNOWN or (row.state is not State.DONE and not there)


def _refusal(row: Transfer, *, there: bool) -> str | None:
    """Why a file was not sent; None if it was, or may have been, or is in the outbox to be sent."""
    if row.state is State.REFUSED:
        return f"refused: {row.reason}"
    return _MISSING if row.state in _UNSEEN and not there else None


def _message(name: str) -> str:
    found = names.parse(name)
    return found.message if found else name


class Sender:
    """Uploads the outbox of a watched folder to ``server``.

    After a failure that may pass, the pause before the next try is 5 s, then twice the last one, at
    most 5 minutes; ``tell`` gets a line at the first failure and one when the server is back. After
    one that is permanent ``stopped`` is its error: nothing more should be tried. ``sent`` are the
    files that the last try sent, of any run, and ``left`` those that it left for a later one.
    ``clock`` gives seconds that only go forward.
    """

    def __init__(
        self,
        server: Server,
        log_in: LogIn,
        options: Options,
        tell: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stopped: GatewayError | None = None
        self.sent: frozenset[str] = frozenset()
        self.left: frozenset[str] = frozenset()
        self._server = server
        self._log_in = log_in
        self._options = options
        self._tell = tell
        self._clock = clock
        self._pause = 0.0
        self._next = clock()

    def send(self, outbox: Path) -> Mapping[str, Transfer] | None:
        """What became of each file in the outbox; None if it is not time for another try."""
        self.sent = frozenset()
        if not contents.names_in(outbox):
            return {}
        if self._clock() < self._next:
            return None
        done: set[str] = set()

        def progress(file: Transfer) -> None:
            if file.state is State.DONE:
                done.add(file.name)

        result = upload(outbox, self._server, self._log_in, self._options, Hooks(progress=progress))
        self.sent = frozenset(done - result.changed)
        self.left = frozenset(file.name for file in result.left)
        self._schedule(result)
        return {file.name: file for file in result.files}

    def _schedule(self, result: Result) -> None:
        error = result.stopped
        if error and not isinstance(error, GatewayBusyError | GatewayLostError):
            self.stopped = error
            return
        if not error and not result.left:
            if self._pause:
                self._tell(f"{self._server.target}: the server is back")
            self._pause = 0
            return
        if not self._pause:
            why = str(error) if error else result.left[0].reason
            self._tell(f"{why}: {counted(len(result.left), 'file')} still to send")
        self._pause = min(2 * self._pause or _FIRST_PAUSE, _LONGEST_PAUSE)
        self._next = self._clock() + self._pause

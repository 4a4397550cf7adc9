"""Sending what a watched folder gave: when to try again, and what became of each source."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from converters.shared.words import counted
from smsenc.messagefile import names
from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.session import Server
from smsgate.ftpclient.transfers import State, Transfer
from smsgate.ftpclient.upload import Options, Result, upload

_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0  # seconds
#: States of a file that no gateway has seen.
_UNSEEN = (State.PLANNED, State.SENDING, State.SENT)
_MISSING = "is no longer in the outbox: it is not known whether it was sent"
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


def verdict(files: Iterable[str], sent: Mapping[str, Transfer]) -> Verdict:
    """What became of ``files``; a message of which a part was refused is sent by no later run."""
    refused: dict[str, str] = {}
    doubtful: list[str] = []
    waiting: list[str] = []
    for name in files:
        row = sent.get(name)
        if row is None:
            doubtful.append(f"{name}: {_MISSING}")
        elif row.state is State.REFUSED:
            refused[name] = f"refused: {row.reason}"
        elif row.state is State.UNKNOWN:
            doubtful.append(f"{name}: unknown: {row.reason}")
        elif row.state is not State.DONE:
            waiting.append(name)
    messages = set(map(_message, refused))
    for name in waiting:
        if _message(name) in messages and sent[name].state in _UNSEEN:
            refused[name] = _OTHER_PART
    return Verdict(refused, tuple(doubtful), not set(waiting) <= set(refused))


def _message(name: str) -> object:
    found = names.parse(name)
    return found.message if found else name


class Sender:
    """Uploads the outbox of a watched folder to ``server``.

    After a failure that may pass, the pause before the next try is 5 s, then twice the last one, at
    most 5 minutes; ``tell`` gets a line at the first failure and one when the server is back. After
    one that is permanent ``stopped`` is its error: nothing more should be tried. ``clock`` gives
    seconds that only go forward.
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
        self._server = server
        self._log_in = log_in
        self._options = options
        self._tell = tell
        self._clock = clock
        self._pause = 0.0
        self._next = clock()

    def send(self, outbox: Path) -> Mapping[str, Transfer] | None:
        """What became of each file; None if it is not time for another try."""
        if self._clock() < self._next:
            return None
        result = upload(outbox, self._server, self._log_in, self._options)
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

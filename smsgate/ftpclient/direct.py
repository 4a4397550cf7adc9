"""Files that are stored under their final names at once, for servers that allow no other.

A gateway may take such a file before it is complete. So it is recorded as RENAMING before its first
octet; after a lost connection only its size at its final name decides, and it is never continued.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from smsgate.errors import GatewayError, GatewayLostError
from smsgate.ftpclient.retry import RetryingSession, UnreachableError
from smsgate.ftpclient.session import Session
from smsgate.ftpclient.sizes import UNTOLD
from smsgate.ftpclient.storing import File, Storing, name_taken
from smsgate.ftpclient.temporary import Temporary
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox.files import State


@dataclass(slots=True)
class _Attempt:
    """What is known of one file: octets may be there, or all of them are."""

    file: File
    begun: bool = False
    confirmed: bool = False

    def state_at(self, size: int | None) -> State:
        whole = size == len(self.file.octets)
        taken = self.confirmed and size in (None, UNTOLD)
        return State.DONE if whole or taken else State.UNKNOWN


class Direct:
    """Stores files under their final names over ``session``, and records each step."""

    def __init__(
        self,
        session: RetryingSession,
        transfers: Transfers,
        storing: Storing,
        pace: Callable[[int], None] | None,
    ) -> None:
        self._session = session
        self._transfers = transfers
        self._storing = storing
        self._pace = pace

    def put(self, file: File) -> State:
        """Store a file: DONE or UNKNOWN.

        Raises GatewayError, or UnreachableError, if the server has no octets of it.
        """
        self._session.ask(partial(self._check_free, file))
        row = file.begun(self._transfers.rows[file.name], State.RENAMING)
        self._transfers.write([row], durable=True, kind=Temporary.NONE)
        self._transfers.list_announced([file.name])
        attempt = _Attempt(file)
        try:
            return self._session.ask(partial(self._store, attempt))
        except (GatewayError, UnreachableError):
            if attempt.begun:
                return State.UNKNOWN
            self._transfers.set([file.name], State.PLANNED)
            raise

    def _check_free(self, file: File, session: Session) -> None:
        taken = session.size(file.name)
        if taken not in (None, UNTOLD):
            raise name_taken(taken)

    def _store(self, attempt: _Attempt, session: Session) -> State:
        file = attempt.file

        def pace(octets: int) -> None:
            attempt.begun = True
            if self._pace:
                self._pace(octets)

        if not attempt.begun:
            try:
                session.store(file.name, file.octets, 0, pace)
                attempt.begun = attempt.confirmed = True
            except GatewayLostError:
                attempt.begun = True  # perhaps: the server may have begun the file
                raise
            except GatewayError:
                if not attempt.begun:
                    raise
        size = session.size(file.name)
        self._storing.note(file.name, size)
        return attempt.state_at(size)

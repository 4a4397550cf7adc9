"""A session that is opened again when it is lost, after pauses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.session import Session

T = TypeVar("T")


class UnreachableError(Exception):
    """No session can be opened, for the reason in ``error``; stop using this connection."""

    def __init__(self, error: GatewayError) -> None:
        super().__init__(str(error))
        self.error = error


class RetryingSession:
    """Sessions from ``connect``, one after another, for one thread.

    ``pauses`` are in seconds; each failure uses the next one, and ``reset_pauses`` starts over, so
    that a server which never works costs all of them once and not once for each file. After a
    session was lost during commands that were sent together, the next sessions send one at a time.
    """

    def __init__(
        self,
        connect: Callable[[], Session],
        pauses: Sequence[float],
        stop: threading.Event,
        sleep: Callable[[float], object],
    ) -> None:
        self._connect = connect
        self._all_pauses = pauses
        self._pauses = iter(pauses)
        self._stop = stop
        self._sleep = sleep
        self._session: Session | None = None
        self._pipelined = True

    def session(self) -> Session:
        """The open session, or a new one; raises UnreachableError."""
        while self._session is None:
            self._check_stop()
            try:
                self._session = self._connect()
            except (GatewayLostError, GatewayBusyError) as error:
                if not self._pause():
                    raise UnreachableError(error) from None
            except GatewayError as error:
                raise UnreachableError(error) from None
            else:
                self._session.pipelined = self._pipelined
        return self._session

    def ask(self, action: Callable[[Session], T]) -> T:
        """The result of ``action``, which is tried again after failures that may pass.

        Raises what ``action`` raises when no pause is left or the server refuses permanently, and
        UnreachableError if no session can be opened.
        """
        while True:
            session = self.session()
            self._check_stop()
            try:
                return action(session)
            except GatewayLostError:
                self._drop()
                if not self._pause():
                    raise
            except GatewayBusyError:
                if not self._pause():
                    raise

    def reset_pauses(self) -> None:
        """Make all pauses available again, because something has worked."""
        self._pauses = iter(self._all_pauses)

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise UnreachableError(GatewayError("stopped"))

    def _pause(self) -> bool:
        """Make the next pause; false if none is left."""
        pause = next(self._pauses, None)
        if pause is None:
            return False
        self._sleep(pause)
        return True

    def _drop(self) -> None:
        if self._session:
            self._pipelined &= not self._session.in_doubt
            self._session.drop()
            self._session = None

    def close(self) -> None:
        """Log out."""
        if self._session:
            self._session.close()
            self._session = None

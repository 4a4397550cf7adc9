"""A session that is made anew when it is lost, with growing pauses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.session import Session

T = TypeVar("T")


class UnreachableError(Exception):
    """No session can be had, for the reason in ``error``; whoever waits for one should stop."""

    def __init__(self, error: GatewayError) -> None:
        super().__init__(str(error))
        self.error = error


class Line:
    """Sessions from ``connect``, one after another, for one thread.

    ``pauses`` are in seconds; each trouble takes the next, and ``renew`` fills them up again, so
    that a server that never works costs them once and not for every file. After a session that was
    lost over commands written together, the next ones get one command at a time.
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
        """The session there is, or a new one; raises UnreachableError."""
        while self._session is None:
            self._go_on()
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
        """The answer to ``action``, which is asked again while its troubles may pass.

        Raises what ``action`` raises when patience is at its end or the server refuses for good;
        UnreachableError where there is no session to ask.
        """
        while True:
            session = self.session()
            self._go_on()
            try:
                return action(session)
            except GatewayLostError:
                self._drop()
                if not self._pause():
                    raise
            except GatewayBusyError:
                if not self._pause():
                    raise

    def renew(self) -> None:
        """Be as patient as at first: something has worked."""
        self._pauses = iter(self._all_pauses)

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise UnreachableError(GatewayError("stopped"))

    def _pause(self) -> bool:
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
        """Take leave of the server."""
        if self._session:
            self._session.close()
            self._session = None

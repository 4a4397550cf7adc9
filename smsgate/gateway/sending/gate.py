"""What the breaker of a route lets through, and what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from smsgate.gateway.queue.picking import Due
from smsgate.gateway.routing import breaker
from smsgate.gateway.routing.breaker import Tally
from smsgate.gateway.sending import endings
from smsgate.gateway.settings import RouteSettings
from smsgate.smppclient import Accepted, Result, Unknown

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Picked(NamedTuple):
    """Messages to send; ``trial`` is a single one, which decides whether others follow."""

    lot: list[Due]
    trial: int | None = None


class Gate:
    """Of one route in one process."""

    def __init__(self, route: RouteSettings) -> None:
        self._name = route.name
        self._policy = breaker.policy_of(route)
        self._tally = Tally()
        self._trial: int | None = None  # a message

    # In the loop ----------------------------------------------------------------------------------

    def note(
        self,
        due: Due,
        results: Sequence[tuple[int, Result | BaseException]] = (),
        *,
        counts_losses: bool = True,
    ) -> None:
        """Count how a try has ended; without ``counts_losses`` a missing answer is no failure.

        A connection that is lost is one failure, however many messages it had.
        """
        found = [one for _, one in results if counts_losses or not isinstance(one, Unknown)]
        self._tally.add(
            accepted=any(isinstance(one, Accepted) for one in found),
            failed=any(map(endings.is_failure, found)),
        )
        if due.message == self._trial:
            self._trial, self._tally.trial = None, True

    def take(self) -> Tally:
        """What was counted since the last time."""
        found, self._tally = self._tally, Tally()
        return found

    def put_back(self, tally: Tally) -> None:
        """What was taken and could not be kept."""
        self._tally = tally.joined(self._tally)

    def picked(self, trial: int | None) -> None:
        """The message that is committed to be sent as a trial, if there is one."""
        if trial is not None:
            self._trial = trial

    # In a transaction -----------------------------------------------------------------------------

    def record(self, conn: Connection, tally: Tally, now: float) -> None:
        """Keep what was counted."""
        breaker.record(conn, self._name, self._policy, tally, now)

    def pick(
        self, conn: Connection, parts: int, now: float, pick: Callable[[int], list[Due]]
    ) -> Picked:
        """What ``pick`` gives for as many parts as may go now."""
        found = breaker.look(conn, self._name)
        if found.is_open(now):
            return Picked([])
        if found.is_closed:
            return Picked(pick(parts))
        if not breaker.claim(conn, self._name, found, now):
            return Picked([])
        lot = pick(1)
        if not lot:
            breaker.release(conn, self._name, found)
            return Picked([])
        return Picked(lot, lot[0].message)

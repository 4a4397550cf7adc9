"""Results are recorded, what did not leave is given back, and listed numbers get nothing again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from smsgate.gateway import listed
from smsgate.gateway.queue import outcomes
from smsgate.gateway.queue.outcomes import Onward, Outcome, nowhere
from smsgate.gateway.queue.reconciling import reconcile

if TYPE_CHECKING:
    from sqlalchemy import Connection


def settle(  # noqa: PLR0913, PLR0917 - what decides
    conn: Connection,
    route: str,
    node: int | None,
    ended: Sequence[Outcome],
    known: Collection[int] | None,
    now: float,
    onward: Onward = nowhere,
) -> None:
    """Record how messages have ended; ``onward`` finds other routes.

    With ``known``, what ``node`` has announced is given back, but for these messages.
    """
    outcomes.record(conn, route, ended, now, onward)
    again = [one.message for one in ended if one.may_wait]
    if known is not None:
        again += reconcile(conn, route, node, known, now)
    listed.stop(conn, again, now)

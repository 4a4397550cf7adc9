"""The breaker of a route: after failures in a row it gets no messages for a while.

    closed ── ``failures`` in a row ──▶ open ── ``rest`` is over ──▶ one message as a trial
      ▲                                                    accepted │ failed: twice the rest
      └─────────────────────────────────────────────────────────────┘

It is kept in the database, so that it holds for all processes. What is announced is not affected,
and whatever of it is accepted closes the breaker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from smsgate.gateway.queue.statements import Query
from smsgate.gateway.settings import RouteSettings
from smsgate.gateway.tables import route

LONGEST = 600.0  # seconds of a rest
#: Seconds after which a trial that nobody has answered for is made again: its process may be gone.
_LEASE = 60.0


class Policy(NamedTuple):
    """After so many failures the route rests for so many seconds."""

    failures: int
    rest: float

    def pause(self, failures: int) -> float:
        """The rest after that many, doubled with each beyond the first that opened it."""
        return min(LONGEST, self.rest * 2.0 ** min(max(failures - self.failures, 0), 16))


def policy_of(settings: RouteSettings) -> Policy:
    """The policy of a route."""
    return Policy(settings.failures, settings.rest)


class Breaker(NamedTuple):
    """How many failures there were in a row, and until when the route rests; 0 if it does not."""

    failures: int = 0
    broken: float = 0.0

    def is_open(self, now: float) -> bool:
        """Whether the route gets no messages."""
        return self.broken > now

    @property
    def is_closed(self) -> bool:
        """Whether it gets as many as it takes; if neither, it gets one as a trial."""
        return not self.broken


@dataclass(slots=True)
class Tally:
    """What a route has answered since the last look; ``failures`` are those after an acceptance.

    ``trial`` is whether the trial has ended without either.
    """

    accepted: bool = False
    failures: int = 0
    trial: bool = False

    def add(self, *, accepted: bool, failed: bool) -> None:
        """An answer, or that none came."""
        if accepted:
            self.accepted, self.failures = True, 0
        elif failed:
            self.failures += 1

    def joined(self, later: Tally) -> Tally:
        """This and what came after it."""
        failures = later.failures if later.accepted else self.failures + later.failures
        return Tally(self.accepted or later.accepted, failures, self.trial or later.trial)


_LOOK = Query(select(route.c.failures, route.c.broken).where(route.c.name == bindparam("of")), "of")


def look(conn: Connection, name: str) -> Breaker:
    """The breaker of a route; closed if there is no such route."""
    found = _LOOK.rows(conn, name)
    return Breaker(*found[0]) if found else Breaker()


def record(conn: Connection, name: str, policy: Policy, tally: Tally, now: float) -> None:
    """Keep what a route has answered."""
    before = look(conn, name)
    if before.is_closed and not before.failures and not tally.failures:
        return  # as nearly always
    here = route.c.name == name
    query = select(route.c.failures, route.c.broken).where(here).with_for_update()
    rows = conn.execute(query).all()
    if not rows:
        return
    before = Breaker(*rows[0])
    after = _after(before, policy, tally, now)
    if after != before:
        conn.execute(update(route).where(here).values(after._asdict()))


def _after(before: Breaker, policy: Policy, tally: Tally, now: float) -> Breaker:
    if tally.accepted:
        before = Breaker()
    if before.is_closed:
        failures = min(before.failures + tally.failures, policy.failures)
        is_open = tally.failures and failures == policy.failures
        return Breaker(failures, now + policy.pause(failures) if is_open else 0.0)
    if not tally.trial:
        return before  # those were announced before it opened
    if not tally.failures:
        return before._replace(broken=now)  # the trial says nothing: another one
    return Breaker(before.failures + 1, now + policy.pause(before.failures + 1))


def claim(conn: Connection, name: str, before: Breaker, now: float) -> bool:
    """Take the trial of a route whose rest is over: only one process gets it."""
    here = (route.c.name == name, route.c.broken == before.broken)
    new = update(route).where(*here).values(broken=now + _LEASE)
    return conn.execute(new).rowcount == 1


def release(conn: Connection, name: str, before: Breaker) -> None:
    """Give back a trial for which there was no message."""
    conn.execute(update(route).where(route.c.name == name).values(broken=before.broken))

"""A URL that fails again and again rests: its callbacks wait, and no try of theirs is used up.

After five failures in a row it rests 30 seconds, then one callback tries it. As long as that fails,
it rests twice as long each time, up to ten minutes. The database knows it, so that it holds over
restarts and for all nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from smsgate.gateway.callbacks.urls import Url
from smsgate.gateway.tables import callback_url as table

#: Failures one after another.
FAILURES = 5
_FIRST, _LONGEST = 30.0, 600.0  # seconds
_QUERIED = 500  # digests in one query


class Health(NamedTuple):
    """How a URL fares."""

    failures: int = 0
    rests: int = 0
    until: float = 0.0

    @property
    def is_broken(self) -> bool:
        """Whether only one try at a time is made."""
        return self.failures >= FAILURES

    def rests_at(self, now: float) -> bool:
        """Whether nobody may try it; a clock that was set back prolongs no rest."""
        return self.is_broken and now < self.until <= now + _LONGEST


class Result(NamedTuple):
    """A call of a URL; ``is_trial`` for the one that is made after a rest."""

    digest: str
    ok: bool
    is_trial: bool = False


def after(health: Health, result: Result, now: float) -> Health:
    """How a URL fares after a call.

    Calls that were under way when it began to rest do not make the rest longer.
    """
    if result.ok:
        return Health()
    failures, rests, until = health.failures + 1, health.rests, health.until
    if failures >= FAILURES and (result.is_trial or not health.is_broken):
        until = now + rest(rests)
        rests += 1
    return Health(failures, rests, until)


def rest(rests: int) -> float:
    """Seconds of the next rest after so many."""
    return min(_LONGEST, _FIRST * 2.0 ** min(rests, 10))


# The database -------------------------------------------------------------------------------------


def add(conn: Connection, urls: Iterable[Url]) -> None:
    """Have a row for each URL."""
    found = {one.digest: {"digest": one.digest, "origin": one.origin} for one in urls}
    if found:
        rows = [found[digest] for digest in sorted(found)]
        if conn.dialect.name == "postgresql":
            conn.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)
        else:
            conn.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)


def healths(conn: Connection, digests: Sequence[str], *, lock: bool = False) -> dict[str, Health]:
    """How these URLs fare; to change it, lock their rows."""
    found: dict[str, Health] = {}
    columns = (table.c.digest, table.c.failures, table.c.rests, table.c.until)
    for at in range(0, len(digests), _QUERIED):
        query = select(*columns).where(table.c.digest.in_(digests[at : at + _QUERIED]))
        query = query.order_by(table.c.digest)
        rows = conn.execute(query.with_for_update() if lock else query)
        found |= {row[0]: Health(*row[1:]) for row in rows}
    return found


def record(conn: Connection, results: Sequence[Result], now: float) -> None:
    """Keep what calls have shown, in the order in which they ended."""
    before = healths(conn, sorted({one.digest for one in results}), lock=True)
    changed = dict(before)
    for one in results:
        if one.digest in changed:
            changed[one.digest] = after(changed[one.digest], one, now)
    for digest, health in changed.items():
        if health != before[digest]:
            values = health._asdict()
            conn.execute(update(table).where(table.c.digest == digest).values(values))


def try_again(conn: Connection, digest: str, health: Health, until: float) -> bool:
    """Take the one trial after a rest, until then; False if another node was first.

    Nobody waits for it: who has kept results holds the rows of other URLs.
    """
    known = table.c.digest == digest, table.c.until == health.until
    free = select(table.c.digest).where(*known, table.c.failures == health.failures)
    if conn.execute(free.with_for_update(skip_locked=True)).first() is None:
        return False
    conn.execute(update(table).where(table.c.digest == digest).values(until=until))
    return True


def resting(conn: Connection, now: float) -> list[tuple[str, float]]:
    """The origin of each URL that rests, and until when."""
    columns = (table.c.origin, table.c.failures, table.c.rests, table.c.until)
    rows = conn.execute(select(*columns).where(table.c.failures >= FAILURES))
    return [(row[0], row[3]) for row in rows if Health(*row[1:]).rests_at(now)]


def forget(conn: Connection, digest: str) -> None:
    """End the rest of a URL, such as when a person has tried it."""
    conn.execute(update(table).where(table.c.digest == digest).values(Health()._asdict()))

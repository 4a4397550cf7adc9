"""One transaction of the worker: what calls have shown, and which calls are next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from smsgate.gateway.callbacks import breaker, claims, contents
from smsgate.gateway.callbacks.breaker import Health, Result
from smsgate.gateway.callbacks.claims import Claim, Outcome
from smsgate.gateway.callbacks.contents import Content
from smsgate.gateway.callbacks.targets import Subject, Targets
from smsgate.gateway.nodes import leases
from smsgate.gateway.states import CallbackKind

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Ask(NamedTuple):
    """What a node asks for: ``room`` are the calls that it has for a URL, by its digest.

    ``node`` is 0 where there are no nodes.
    """

    node: int
    targets: Targets
    room: Mapping[str, int]
    default: int  # room of a URL that is not in ``room``
    after: int  # the account that had the last turn
    trial: float  # seconds until a trial is over


class Call(NamedTuple):
    """A claim with its URL; ``content`` is None if nothing is kept to be told."""

    claim: Claim
    subject: Subject
    content: Content | None
    is_trial: bool


class Found(NamedTuple):
    """What to call, the URLs that fail, and the account that had the last turn.

    Unless ``is_alive``, all that the node has taken is given to others.
    """

    calls: Sequence[Call]
    broken: frozenset[str]
    after: int
    is_alive: bool = True


def step(
    conn: Connection,
    ask: Ask,
    outcomes: Sequence[Outcome],
    results: Sequence[Result],
    now: float,
) -> Found:
    """Keep what calls have shown, and take the next ones; accounts have their turns.

    A node that was declared lost takes none: what it had was given to others. This is asked first,
    since who declares it lost waits for its transaction, and then changes its callbacks.
    """
    is_alive = not ask.node or leases.is_alive(conn, ask.node)
    claims.record(conn, outcomes, ask.node, now)
    breaker.record(conn, results, now)
    healths = breaker.healths(conn, _digests(ask))
    found, after = _all_taken(conn, ask, healths, now) if is_alive else ([], ask.after)
    known = contents.load(conn, [one.id for one, _, _ in found]) if found else {}
    calls = [Call(one, subject, known.get(one.id), trial) for one, subject, trial in found]
    broken = frozenset(digest for digest, one in healths.items() if one.is_broken)
    return Found(calls, broken, after, is_alive)


def _digests(ask: Ask) -> list[str]:
    return sorted({one.url.digest for one in ask.targets.values()})


def _all_taken(
    conn: Connection, ask: Ask, healths: Mapping[str, Health], now: float
) -> tuple[list[tuple[Claim, Subject, bool]], int]:
    """What is called now, and whether it is a trial; and the last account that had its turn."""
    rooms = {digest: ask.room.get(digest, ask.default) for digest in _digests(ask)}
    found: list[tuple[Claim, Subject, bool]] = []
    after = ask.after
    for number, subject in _in_turn(conn, ask):
        taken, is_trial = _taken(conn, ask, (number, subject), healths, rooms, now)
        found += [(one, subject, is_trial) for one in taken]
        after = number if taken else after
    return found, after


def _in_turn(conn: Connection, ask: Ask) -> list[tuple[int, Subject]]:
    """What may be waiting for URLs, first that of the account after the last one."""
    waiting = sorted(claims.subjects(conn), key=lambda one: (one[0] <= ask.after, one[0]))
    both = [(number, Subject(api_id, kind)) for number, api_id in waiting for kind in CallbackKind]
    return [(number, subject) for number, subject in both if subject in ask.targets]


def _taken(  # noqa: PLR0913, PLR0917 - what decides
    conn: Connection,
    ask: Ask,
    of: tuple[int, Subject],
    healths: Mapping[str, Health],
    rooms: dict[str, int],
    now: float,
) -> tuple[list[Claim], bool]:
    """The callbacks of an account and kind that are called now, and whether that is a trial."""
    number, subject = of
    digest = ask.targets[subject].url.digest
    health, room = healths.get(digest, Health()), rooms[digest]
    if room < 1 or health.rests_at(now):
        return [], False
    most = 1 if health.is_broken else room
    found = claims.claim(conn, number, subject.kind, most, ask.node, now)
    if found and health.is_broken:
        rooms[digest] = 0
        if not breaker.try_again(conn, digest, health, now + ask.trial):
            claims.record(conn, [Outcome(one, given_back=True) for one in found], ask.node, now)
            return [], False
    rooms[digest] = max(0, rooms[digest] - len(found))
    return found, health.is_broken

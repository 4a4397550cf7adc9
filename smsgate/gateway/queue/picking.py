"""Picking: which messages go next, and the commit that announces them before they go.

Accounts take turns of a few parts, so that one with 100,000 waiting messages does not delay
another's ten. Within an account queue 1 goes before 2 before 3, and what was accepted first goes
first.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import count, starmap
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, literal_column, select

from smsgate.gateway.queue import expiry, moves, pauses
from smsgate.gateway.queue.statements import Among, Cursor, Query, changed, state_is
from smsgate.gateway.states import AccountState, RouteState, State, Status
from smsgate.gateway.tables import account, message, part
from smsgate.gateway.tables import route as routes

#: Parts of one turn of an account.
TURN = 10
#: Messages in one transaction of ``promote``.
LOT = 1000


class Due(NamedTuple):
    """A message to send now.

    ``attempts`` counts this try; ``due`` is since when it waits. ``accepted`` are the numbers of
    parts that a message centre has from an earlier try; ``first_part`` is the first that it does
    not have. ``text`` is None if it is that of the file.
    """

    message: int
    uid: str
    account: int
    recipient: str
    text: str | None
    file: int
    parts: int
    charge: int
    attempts: int
    due: float = 0.0
    first_part: int = 1
    accepted: tuple[int, ...] = ()


class _Look(NamedTuple):
    """What is looked for: messages that wait for a route, that many at most."""

    route: str
    most: int
    now: float
    lacking: int


_COLUMNS = (
    *(message.c.id, message.c.uid, message.c.account, message.c.recipient, message.c.text),
    *(message.c.file, message.c.parts, message.c.charge),
    message.c.attempts + literal_column("1"),
    message.c.due,
)
_NEXT = Query(  # account: each look-up skips all messages of one
    select(message.c.account)
    .where(
        state_is(State.WAITING),
        message.c.way == bindparam("by"),
        message.c.account > bindparam("after"),
    )
    .order_by(message.c.account)
    .limit(1),
    *("by", "after"),
)
_LIMITS = ("by", "of", "now", "lacking", "most")
_OF_ACCOUNT = (
    select(*_COLUMNS)
    .where(
        state_is(State.WAITING),
        message.c.way == bindparam("by"),
        message.c.account == bindparam("of"),
        message.c.expires > bindparam("now"),
        message.c.features.op("&")(bindparam("lacking")) == literal_column("0"),
    )
    .order_by(message.c.queue, message.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)  # another sender is about to take it
)
_WAITING = Query(_OF_ACCOUNT, *_LIMITS)
_IN_QUEUE = Query(_OF_ACCOUNT.where(message.c.queue == bindparam("numbered")), *_LIMITS, "numbered")
_COME = Query(
    moves.selected(state_is(State.DELAYED), message.c.due <= bindparam("now"))
    .order_by(message.c.due)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True),
    *("now", "most"),
)
_ROUTE = Query(select(routes.c.state).where(routes.c.name == bindparam("key")), "key")
_ACCOUNT = Query(select(account.c.state).where(account.c.id == bindparam("key")), "key")
_PARTS = Among(part.c.message, select(part.c.message, part.c.number).where)
_ANNOUNCE = changed(
    message,
    *("route", "attempts", "changed", "node"),
    state=literal_column(f"'{State.ANNOUNCED}'"),
)


def pick(  # noqa: PLR0913, PLR0917 - what decides
    conn: Connection,
    route: str,
    parts: int,
    now: float,
    after: int = 0,
    lacking: int = 0,
    node: int | None = None,
) -> list[Due]:
    """Announce up to that many parts of the messages that wait for a route, in their order.

    The turn is that of the account after ``after``: give the account of the last message of the
    pick before. The first message may have more parts than asked for, since it would never go
    otherwise. A route that is paused gets none; a frozen account sends none, nor what is paused
    (``queue.pauses``). Messages that need one of the features ``lacking``, since it was configured
    otherwise, are left for another route. ``node`` is who announces.
    """
    if parts < 1 or _is_paused(conn, route):
        return []
    expiry.expire(conn, now)
    chosen = _fitting(_in_turn(conn, _Look(route, parts, now, lacking), after), parts)
    had = _accepted(conn, [one.message for one in chosen if one.attempts > 1])
    _ANNOUNCE(conn, [(route, one.attempts, now, node, one.message) for one in chosen])
    return [_continued(one, had[one.message]) if one.message in had else one for one in chosen]


def promote(conn: Connection, now: float, most: int = LOT) -> int:
    """Let up to ``most`` delayed messages wait whose time has come; repeat it until 0."""
    found = moves.rows(_COME.rows(conn, now, most))
    moves.write(
        conn,
        [
            moves.move(row, State.WAITING, Status.QUEUED, row.note)._replace(
                logged=row.status != Status.QUEUED
            )
            for row in found
        ],
        now,
    )
    return len(found)


def _continued(one: Due, accepted: tuple[int, ...]) -> Due:
    first = next(number for number in count(1) if number not in accepted)
    return one._replace(first_part=first, accepted=accepted)


def _fitting(waiting: Iterator[Due], room: int) -> list[Due]:
    """Those before the first that does not fit, which has its turn at the beginning of a pick."""
    chosen: list[Due] = []
    for one in waiting:
        if chosen and one.parts > room:
            break
        chosen.append(one)
        room -= one.parts
        if room <= 0:
            break
    return chosen


def _in_turn(conn: Connection, look: _Look, after: int) -> Iterator[Due]:
    """Waiting messages in fair order; queries are made only as far as it is read."""
    queues: deque[Iterator[Due]] = deque()
    paused = pauses.now(conn)
    for account_id in _accounts(conn, look.route, after):
        queues.append(_queue(conn, account_id, look, pauses.open_queues(paused, account_id)))
        yield from _turn(queues[-1])
    while queues:
        if (yield from _turn(queues[0])):
            queues.rotate(-1)
        else:
            queues.popleft()


def _turn(queue: Iterator[Due]) -> Generator[Due, None, int]:
    """One account's turn; returns how many parts it had."""
    parts = 0
    while parts < TURN and (one := next(queue, None)):
        parts += one.parts
        yield one
    return parts


def _queue(
    conn: Connection, account_id: int, look: _Look, numbers: tuple[int, ...]
) -> Iterator[Due]:
    """An account's messages in these queues, in order."""
    limits = (look.route, account_id, *look[2:], look.most)
    if numbers == pauses.QUEUES:
        yield from _rows(_WAITING.lazily(conn, *limits))
        return
    for number in numbers:  # each from its place in the index: those of others are not looked at
        yield from _rows(_IN_QUEUE.lazily(conn, *limits, number))


def _rows(cursor: Cursor) -> Iterator[Due]:
    with closing(cursor) as found:
        while some := found.fetchmany(TURN):
            yield from starmap(Due, some)


def _accounts(conn: Connection, route: str, after: int) -> Iterator[int]:
    """Accounts that have messages waiting: those after ``after``, then the others."""
    for start, end in ((after, None), (0, after))[: 1 + bool(after)]:
        at = start
        while (found := _NEXT.value(conn, route, at)) and (end is None or found <= end):
            at = found
            if not _is_frozen(conn, found):
                yield found


def _is_paused(conn: Connection, route: str) -> bool:
    return bool(_ROUTE.value(conn, route) == RouteState.PAUSED)


def _is_frozen(conn: Connection, account_id: int) -> bool:
    return bool(_ACCOUNT.value(conn, account_id) == AccountState.FROZEN)


def _accepted(conn: Connection, ids: list[int]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(list)
    for number, one in sorted(map(tuple, _PARTS(conn, ids))):
        found[number].append(one)
    return {number: tuple(ones) for number, ones in found.items()}

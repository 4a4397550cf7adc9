"""Receipts: what a message centre says of the parts that it has accepted.

A receipt may come before the answer that names its part, or say what another has said before. It
may write the id in another way than the answer did: parts are found by exact look-ups of all ways,
and the most alike is meant, of several the newest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from smsenc.smpp.messageids import Likeness, forms, likeness, plain
from smsenc.smpp.receipts import MessageState
from smsgate.gateway.queue import early, habits, ledger, moves
from smsgate.gateway.queue.moves import Move, Row
from smsgate.gateway.queue.statements import Among, Changed
from smsgate.gateway.states import OF_RECEIPT, State
from smsgate.gateway.tables import part


class Received(NamedTuple):
    """A receipt: the id as it came, and the state of the part that it names."""

    smsc_id: str
    state: MessageState


class _Part(NamedTuple):
    message: int
    number: int
    smsc_id: str


class _Asked(NamedTuple):
    """An id with all ways to write it."""

    smsc_id: str
    keys: frozenset[str]


class _Found(NamedTuple):
    """The newest part whose id is the same, and the newest whose number is."""

    same: _Part | None
    number: _Part | None


#: Seconds in which a receipt is looked at again; no transaction takes as long.
_LATELY = 60.0
_OPEN = frozenset((State.SENT, State.UNKNOWN))
_Parts = Mapping[str, Sequence[_Part]]  # by key
_Receipts = dict[tuple[int, int], int]  # by message and number

_RECEIPT = Changed(part.c.message, {"receipt": bindparam("new")}, ["new"], [part.c.number])
_OF_KEYS = Among(
    part.c.key,
    lambda listed: select(part.c.message, part.c.number, part.c.smsc_id, part.c.key).where(
        part.c.route == bindparam("route"), listed
    ),
    "route",
)
_OF_MESSAGES = Among(part.c.message, select(part.c.message, part.c.number, part.c.receipt).where)


def apply(
    conn: Connection, route: str, lot: Sequence[Received], now: float, price: int | None = None
) -> None:
    """Record receipts of parts, and what they make of their messages.

    The same receipt again changes nothing, nor does one after the last word on a part. ``price`` is
    that of a part by this route; None: what is reserved for it.
    """
    votes = habits.votes(conn, route)
    lot = [one._replace(smsc_id=as_kept(one.smsc_id)) for one in lot]
    asked = [_Asked(one.smsc_id, keys(one.smsc_id)) for one in lot]
    parts = _parts(conn, route, asked)
    found = [_look(one, parts) for one in asked]
    known: list[tuple[_Part, int]] = []
    unknown: list[tuple[str, int]] = []
    for receipt, one in zip(lot, found, strict=True):
        if meant := _meant(one, votes):
            known.append((meant, int(receipt.state)))
        else:
            unknown.append((receipt.smsc_id, int(receipt.state)))
    _vote(conn, route, votes, zip(asked, found, strict=True))
    conclude(conn, _keep(conn, known), now, price)
    early.keep(conn, route, unknown, now)


def match(conn: Connection, route: str, new: Sequence[tuple[int, int, str]]) -> set[int]:
    """The messages among parts (message, number, id) just accepted that have receipts already."""
    if not new or not early.are_any(conn, route):
        return set()
    parts: dict[str, list[_Part]] = defaultdict(list)
    for one in new:
        parts[plain(one[2])].append(_Part(*one))
    waiting = early.among(conn, route, {key for one in new for key in keys(one[2])})
    votes = habits.votes(conn, route)
    known = [
        (one, meant)
        for one in waiting
        if (meant := _meant(_look(_Asked(one.smsc_id, keys(one.smsc_id)), parts), votes))
    ]
    early.drop(conn, [one.id for one, _ in known])
    return _keep(conn, [(meant, one.state) for one, meant in known])


def match_waiting(conn: Connection, route: str, now: float, price: int | None = None) -> None:
    """Look again for the parts of receipts that came lately and were set aside.

    Where several transactions run at once, one with a receipt and one with the answer that names
    its part may not see each other.
    """
    waiting = early.lately(conn, route, now - _LATELY)
    if not waiting:
        return
    votes = habits.votes(conn, route)
    asked = [_Asked(one.smsc_id, keys(one.smsc_id)) for one in waiting]
    parts = _parts(conn, route, asked)
    known = [
        (one, meant)
        for one, look in zip(waiting, asked, strict=True)
        if (meant := _meant(_look(look, parts), votes))
    ]
    if known:
        early.drop(conn, [one.id for one, _ in known])
        conclude(conn, _keep(conn, [(meant, one.state) for one, meant in known]), now, price)


def conclude(
    conn: Connection, messages: Collection[int], now: float, price: int | None = None
) -> None:
    """Move the sent and the unknown messages of which all receipts, or a bad one, are there."""
    if not messages:
        return
    rows = [row for row in moves.read(conn, sorted(messages)) if row.state in _OPEN]
    said = _said(conn, [row.message for row in rows])
    had = moves.accepted(conn, [row for row in rows if row.state == State.UNKNOWN])
    found = []
    for row in rows:
        parts = had.get(row.message, 0)
        cost = moves.share(row, parts)
        cost = cost if price is None else min(cost, parts * price)
        found.append(_concluded(row, said[row.message], cost))
    moves.write(conn, [one for one in found if one], now)


def as_kept(smsc_id: str) -> str:
    """An id without NUL, which no text of PostgreSQL has; some message centres end ids with it."""
    return smsc_id.replace("\0", "")


def keys(smsc_id: str) -> frozenset[str]:
    """The plain forms that an id may have elsewhere: as it is, in decimal, in hexadecimal."""
    found = set()
    for form in forms(smsc_id):
        number = form[0] == "#"
        found |= {form[1:], f"{int(form[1:]):x}"} if number else {form[1:]}
    return frozenset(found)


# --- Which part ----------------------------------------------------------------------------------


def _parts(conn: Connection, route: str, asked: Iterable[_Asked]) -> _Parts:
    found: dict[str, list[_Part]] = defaultdict(list)
    for row in _OF_KEYS(conn, {key for one in asked for key in one.keys}, route):
        found[row[3]].append(_Part(*row[:3]))
    return found


def _look(asked: _Asked, parts: _Parts) -> _Found:
    same, number = [], []
    for one in (one for key in asked.keys for one in parts.get(key, ())):
        alike = _alike(one.smsc_id, asked.smsc_id)
        if alike is Likeness.NUMBER:
            number.append(one)
        elif alike > Likeness.NONE:
            same.append((alike, one))
    return _Found(max(same)[1] if same else None, max(number, default=None))


def _alike(sent: str, found: str) -> Likeness:
    return Likeness.EXACT if sent == found else likeness(sent, found)  # most are, and it is quick


def _meant(found: _Found, votes: int) -> _Part | None:
    if votes >= habits.SURE:
        return found.same
    if votes <= -habits.SURE:
        return found.number or found.same
    return found.same or found.number


def _vote(conn: Connection, route: str, votes: int, found: Iterable[tuple[_Asked, _Found]]) -> None:
    """Ids that have one form only show nothing, nor do those that are found both ways."""
    shown = [bool(one.same) - bool(one.number) for asked, one in found if len(asked.keys) > 1]
    habits.vote(conn, route, votes, votes + sum(shown))


# --- What it says --------------------------------------------------------------------------------


def _keep(conn: Connection, known: Sequence[tuple[_Part, int]]) -> set[int]:
    """Write the receipts that are news; returns the messages that they may change."""
    ids = {one.message for one, _ in known}
    moves.hold_payers(conn, sorted(ids))
    moves.hold(conn, ids)  # another receipt of the same message may come at the same time
    before = _kept(conn, ids)
    after = dict(before)
    for one, state in known:
        at = (one.message, one.number)
        if after.get(at) not in OF_RECEIPT:
            after[at] = state
    news = {at: state for at, state in after.items() if before.get(at) != state}
    _RECEIPT(conn, [(state, number, key) for (key, number), state in sorted(news.items())])
    return {at[0] for at, state in news.items() if state in OF_RECEIPT}


def _kept(conn: Connection, messages: Iterable[int]) -> _Receipts:
    found = _OF_MESSAGES(conn, messages)
    return {(row[0], row[1]): row[2] for row in found if row[2] is not None}


def _said(conn: Connection, messages: Sequence[int]) -> dict[int, list[MessageState]]:
    found: dict[int, list[MessageState]] = defaultdict(list)
    for (message, _number), state in sorted(_kept(conn, messages).items()):
        found[message].append(MessageState(state))
    return found


def _concluded(row: Row, said: Sequence[MessageState], cost: int) -> Move | None:
    words = [(OF_RECEIPT[one], one) for one in said if one in OF_RECEIPT]
    bad = [(new, one) for new, one in words if new[0] is not State.DELIVERED]
    if not bad and len(words) < row.parts:
        return None
    (state, status), word = (bad or words)[0]
    note = f"the message centre reports {word.word}" if bad else row.note
    found = moves.move(row, state, status, note)
    if row.state == State.SENT:  # paid when it was sent
        return found
    return moves.paid(found, ledger.Kind.SETTLE, cost)

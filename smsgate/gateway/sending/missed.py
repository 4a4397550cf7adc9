"""Answers of an earlier run, or of nodes that have ended, that a message centre may have missed.

The rows of ``inbound`` say which node has answered. Each explains one message, on whichever node it
comes again: the transaction that keeps it from being a new one takes the row for its own node.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, or_, select, true, update

from smsgate.gateway import clock
from smsgate.gateway.nodes.membership import Standing
from smsgate.gateway.sending.repeats import DOUBT, PATIENCE
from smsgate.gateway.settings import Binds, RouteSettings
from smsgate.gateway.states import NodeState
from smsgate.gateway.tables import inbound, node

_LATEST = 1000  # messages of a node, or of an earlier run, whose answers may have been missed


class Row(NamedTuple):
    """A message that was kept, and the node that answered it."""

    id: int
    node: int | None
    digest: str


class Ended(NamedTuple):
    """Nodes whose sessions have ended, and what they answered last."""

    nodes: frozenset[int]
    rows: tuple[Row, ...]


NONE = Ended(frozenset(), ())


class Missed:
    """What others have answered on a route. Nothing changes but by ``add``."""

    def __init__(self, route: RouteSettings, standing: Standing) -> None:
        self._route, self._standing = route.name, standing
        self._is_bound_once = route.binds is Binds.ONE
        self._known: frozenset[int] = frozenset()  # nodes that were looked at
        self._rows: dict[str, list[tuple[float, Row]]] = {}  # by digest, and until when

    @property
    def key(self) -> int | None:
        """The node that rows are kept by; None if there are no others."""
        return None if self._standing.is_alone else self._standing.id

    def before(self, conn: Connection, until: float) -> Ended:
        """What was answered at the end of the last run of this node.

        Of a route with one bind, this is what any node has answered last: its session has ended.
        """
        me = self.key
        if me is None or self._is_bound_once:
            return Ended(frozenset(), _last(conn, self._route, until, true()))
        nodes = _same(conn, me)
        mine = or_(inbound.c.node.is_(None), inbound.c.node.in_(nodes))
        return Ended(nodes, _last(conn, self._route, until, mine))

    def look(self, conn: Connection) -> Ended:
        """What the nodes had answered last that have ended, or were lost, since the last look."""
        me = self.key
        if me is None or self._is_bound_once:
            return NONE
        query = select(node.c.id, node.c.seen).where(node.c.state != NodeState.ALIVE)
        new = [one for one in conn.execute(query) if one.id not in {me, *self._known}]
        if not new:
            return Ended(frozenset({me}), ())
        since = clock.moment(conn) - PATIENCE
        rows = [
            row
            for one in new
            if one.seen > since
            for row in _last_of(conn, self._route, one.id, one.seen)
        ]
        return Ended(frozenset({me, *(one.id for one in new)}), tuple(rows))

    def add(self, found: Ended, now: float) -> list[str]:
        """Know it; returns the digests of what no other node can explain."""
        self._known |= found.nodes
        if found.rows:
            kept = ((digest, _lasting(rows, now)) for digest, rows in self._rows.items())
            self._rows = {digest: rows for digest, rows in kept if rows}
        mine = None, self.key
        for row in found.rows:
            if row.node not in mine:
                self._rows.setdefault(row.digest, []).append((now + PATIENCE, row))
        return [row.digest for row in found.rows if row.node in mine]

    def explains(self, conn: Connection, digest: str, now: float, ended: Ended) -> bool:
        """Whether one of these answers, or of ``ended``, explains a message; it is used up then."""
        rows = [row for _, row in _lasting(self._rows.get(digest, ()), now)]
        rows += [row for row in ended.rows if row.digest == digest]
        return any(self._take(conn, row) for row in rows)

    def _take(self, conn: Connection, row: Row) -> bool:
        """Have this node be the one that answered; False if another node has done so before."""
        same = inbound.c.id == row.id, inbound.c.node == row.node
        return bool(conn.execute(update(inbound).where(*same).values(node=self.key)).rowcount)


def _lasting(rows: Iterable[tuple[float, Row]], now: float) -> list[tuple[float, Row]]:
    return [one for one in rows if now < one[0]]


def _same(conn: Connection, me: int) -> frozenset[int]:
    """A node and those before it with its name: it has taken their place."""
    name = select(node.c.name).where(node.c.id == me).scalar_subquery()
    query = select(node.c.id).where(node.c.name == name, node.c.id < me)
    return frozenset({me, *conn.execute(query).scalars()})


def _last(
    conn: Connection, route: str, until: float, whose: ColumnElement[bool]
) -> tuple[Row, ...]:
    """What came by a route shortly before the end of the last run."""
    before = inbound.c.route == route, inbound.c.time <= until, whose
    late = inbound.c.time >= until - PATIENCE  # whatever else is kept is not looked through
    newest = conn.execute(select(func.max(inbound.c.time)).where(*before, late)).scalar()
    if newest is None:
        return ()
    return _rows(conn, *before, inbound.c.time > newest - DOUBT)


def _last_of(conn: Connection, route: str, key: int, seen: float) -> tuple[Row, ...]:
    """What a node has answered shortly before its end; it was there at ``seen``, or later."""
    its = inbound.c.route == route, inbound.c.node == key, inbound.c.time > seen - DOUBT
    newest = conn.execute(select(func.max(inbound.c.time)).where(*its)).scalar()
    if newest is None:
        return ()
    return _rows(conn, *its, inbound.c.time > newest - DOUBT)


def _rows(conn: Connection, *conditions: ColumnElement[bool]) -> tuple[Row, ...]:
    query = select(inbound.c.id, inbound.c.node, inbound.c.digest).where(*conditions)
    found = conn.execute(query.order_by(inbound.c.id.desc()).limit(_LATEST))
    return tuple(Row(*one) for one in found)

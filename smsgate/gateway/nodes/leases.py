"""Leases: a node is alive as long as it says so, and what it had announced is decided when not.

The callbacks that it had taken are given back, too.

A transaction that counts on its node locks the node's row (``is_alive``). Declaring a node lost
waits for such transactions, and later ones see that it is lost: so nothing is announced by a node
after its messages were given to others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from smsgate.gateway import clock
from smsgate.gateway import listed as numbers
from smsgate.gateway.queue import claimed, recovery
from smsgate.gateway.queue.statements import Query
from smsgate.gateway.settings import Role, Unknown
from smsgate.gateway.states import NodeState
from smsgate.gateway.tables import duty, node

_MINUTE = 60.0
_DAY = 86_400.0  # seconds that nodes are remembered

_FENCE = Query(  # a weak lock: it does not keep the node from renewing its lease
    select(node.c.state)
    .where(node.c.id == bindparam("key"))
    .with_for_update(read=True, key_share=True),
    "key",
)


class Node(NamedTuple):
    """A node as commands see it; ``seen`` is how many seconds ago it said that it is there."""

    id: int
    name: str
    roles: tuple[str, ...]
    state: NodeState
    seen: float


def register(conn: Connection, name: str, roles: Iterable[str]) -> int:
    """A new node, which is alive; its key."""
    now = clock.moment(conn)
    old = node.c.state != NodeState.ALIVE, node.c.seen < now - _DAY
    conn.execute(delete(node).where(*old))
    values = {"name": name, "roles": " ".join(roles), "started": now, "seen": now}
    key = conn.execute(insert(node).values(**values, state=NodeState.ALIVE)).inserted_primary_key
    assert key is not None  # noqa: S101 - it counts up
    return int(key[0])


def is_alive(conn: Connection, key: int) -> bool:
    """Whether a node is alive, and stays so until this transaction ends."""
    return bool(_FENCE.value(conn, key) == NodeState.ALIVE)


def renew(conn: Connection, key: int) -> bool:
    """Say that a node is there; False if it was declared lost meanwhile."""
    mine = node.c.id == key, node.c.state == NodeState.ALIVE
    return bool(conn.execute(update(node).where(*mine).values(seen=clock.moment(conn))).rowcount)


def end(conn: Connection, key: int, policies: Mapping[str, Unknown], now: float) -> None:
    """A node ends in order: its duties are free; what it announced and did not hear of is decided.

    ``policies`` are those of the routes, by name.
    """
    mine = node.c.id == key, node.c.state == NodeState.ALIVE
    if conn.execute(select(node.c.id).where(*mine).with_for_update()).first():
        _close(conn, key, NodeState.ENDED, policies, now)


def lose(
    conn: Connection, lease: float, policies: Mapping[str, Unknown], now: float, me: int
) -> list[str]:
    """Declare the nodes lost, but for ``me``, that were not heard of for ``lease`` seconds.

    Their messages and duties are given up in the same transaction. Returns their names. A node in
    the middle of a transaction is left for the next time.
    """
    silent = (
        node.c.state == NodeState.ALIVE,
        node.c.seen < clock.moment(conn) - lease,
        node.c.id != me,
    )
    query = select(node.c.id, node.c.name).where(*silent).order_by(node.c.id)
    found = conn.execute(query.with_for_update(skip_locked=True)).all()
    for key, _ in found:
        _close(conn, key, NodeState.LOST, policies, now)
    return [name for _, name in found]


def lose_all(conn: Connection, policies: Mapping[str, Unknown], now: float) -> None:
    """The same for all nodes and all that is announced, where no node can be alive."""
    conn.execute(update(node).where(node.c.state == NodeState.ALIVE).values(state=NodeState.LOST))
    conn.execute(delete(duty))
    claimed.give_back(conn)
    numbers.stop(conn, recovery.recover(conn, policies, now), now)


def _close(
    conn: Connection, key: int, state: NodeState, policies: Mapping[str, Unknown], now: float
) -> None:
    conn.execute(update(node).where(node.c.id == key).values(state=state))
    conn.execute(delete(duty).where(duty.c.node == key))
    claimed.give_back(conn, key)
    numbers.stop(conn, recovery.recover(conn, policies, now, key), now)


def listed(conn: Connection) -> list[Node]:
    """The nodes that are alive or were lost within a day, by name."""
    now = clock.moment(conn)
    shown = (node.c.state != NodeState.ENDED) & (node.c.seen > now - _DAY)
    rows = conn.execute(select(node).where(shown).order_by(node.c.name, node.c.id))
    return [
        Node(row.id, row.name, tuple(row.roles.split()), NodeState(row.state), now - row.seen)
        for row in rows
    ]


def others(conn: Connection, me: int) -> list[frozenset[Role]]:
    """The roles of each other node that is alive."""
    alive = node.c.state == NodeState.ALIVE, node.c.id != me
    found = conn.execute(select(node.c.roles).where(*alive)).scalars()
    return [frozenset(map(Role, roles.split())) for roles in found]


def are_any(conn: Connection) -> bool:
    """Whether a node is alive that was heard of in the last minute: all may have been killed."""
    alive = node.c.state == NodeState.ALIVE, node.c.seen > clock.moment(conn) - _MINUTE
    return conn.execute(select(node.c.id).where(*alive).limit(1)).first() is not None


def must_serve(conn: Connection, me: int) -> bool:
    """Whether another node takes files and leaves it to nodes like ``me`` to send them."""
    return any(Role.FTP in roles and Role.SEND not in roles for roles in others(conn, me))

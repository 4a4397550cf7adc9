"""Duties: work that one node does for all, such as writing the logs.

Each transaction of such work asks ``holds`` first, and does nothing if it says no. So a node that
was declared lost cannot go on with it, and no two nodes do it at a time.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from smsgate.gateway.nodes import leases
from smsgate.gateway.queue.statements import Query
from smsgate.gateway.states import NodeState
from smsgate.gateway.tables import duty, node

#: Names of duties; those of a home, a route or an account have its name behind.
ACCOUNTS = "accounts"  # the first of them
QUEUE = "queue"  # messages that become due or are over their validity
SWEEP = "sweep"  # what is too old in the database
LOGS = "logs:"  # of a home
FOLDERS = "folders:"  # of a home: files that are too old, or that other servers' clients put there
BIND = "bind:"  # of a route

_HELD = Query(
    select(duty.c.node)
    .where(duty.c.name == bindparam("key"))
    .with_for_update(read=True, key_share=True),
    "key",
)


def holds(conn: Connection, name: str, me: int) -> bool:
    """Whether node ``me`` has a duty, and keeps it until this transaction ends.

    A duty that nobody has, or whose node is not alive, is taken.
    """
    if not leases.is_alive(conn, me):
        return False
    holder = _holder(conn, name)
    if holder is not None and holder != me and not _take_over(conn, name, holder, me):
        return False
    if holder is None and not _take(conn, name, me):
        return False
    return bool(_HELD.value(conn, name) == me)


def release(conn: Connection, name: str, me: int) -> None:
    """Let another node have a duty."""
    conn.execute(delete(duty).where(duty.c.name == name, duty.c.node == me))


def _holder(conn: Connection, name: str) -> int | None:
    return conn.execute(select(duty.c.node).where(duty.c.name == name)).scalar()


def _take(conn: Connection, name: str, me: int) -> bool:
    """Take a duty that has no row. Of two nodes that do, one waits for the other's commit."""
    query = insert(duty).values(name=name, node=me).on_conflict_do_nothing()
    return bool(conn.execute(query).rowcount)


def _take_over(conn: Connection, name: str, holder: int, me: int) -> bool:
    """Take the duty of a node that is not alive."""
    alive = exists().where(node.c.id == holder, node.c.state == NodeState.ALIVE)
    held = duty.c.name == name, duty.c.node == holder, ~alive
    if not conn.execute(select(duty.c.name).where(*held).with_for_update()).first():
        return False
    return bool(conn.execute(update(duty).where(*held).values(node=me)).rowcount)

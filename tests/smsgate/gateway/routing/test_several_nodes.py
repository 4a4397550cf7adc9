"""Messages move to other routes while other nodes work on them: nobody waits, none moves twice."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
import routed
from routed import Routed

from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.queue import picking
from smsgate.gateway.routing import escalation, health
from smsgate.gateway.states import State

SECONDS = 20

pytestmark = pytest.mark.parametrize("opened", ["postgresql"], indirect=True)


@pytest.fixture
def other(queue):
    """The same queue, as another node has it."""
    with closing(PostgresDatabase(queue.database._engine.url)) as database:
        found = Routed(database)
        found.ways = queue.ways
        yield found


class Beside:
    """Work of another node in a transaction that lasts until the end of the block."""

    def __init__(self, other, work):
        self._done, self._may_end = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=other.run, args=[self._stay, work])

    def _stay(self, conn, work):
        work(conn)
        self._done.set()
        self._may_end.wait(SECONDS)

    def __enter__(self):
        self._thread.start()
        assert self._done.wait(SECONDS)
        return self

    def __exit__(self, *_):
        self._may_end.set()
        self._thread.join()


@pytest.mark.parametrize("escalates", [0, 1])
def test_what_is_being_announced_does_not_leave_its_route(queue, other, escalates):
    first = queue.add("cheap", escalates=escalates)
    second = queue.add("cheap", escalates=escalates)
    queue.now += 61
    queue.beat("same")
    with Beside(other, lambda conn: picking.pick(conn, "cheap", 1, queue.now)):
        assert queue.escalate() == 1
    assert queue.escalate() == 0
    assert (queue.way(first), queue.state(first)[0]) == ("cheap", State.ANNOUNCED)
    assert (queue.way(second), queue.state(second)[0]) == ("same", State.WAITING)


def test_what_moves_is_not_announced_by_its_old_route(queue, other):
    uids = [queue.add("cheap", escalates=1) for _ in range(3)]
    queue.now += 61
    queue.beat("same", "cheap", "dear")
    at = escalation.Situation(queue.ways, queue.run(health.look, queue.ways, queue.now), queue.now)
    with Beside(other, lambda conn: escalation.impatient(conn, at, at.ways.all[0], ())):
        assert queue.pick(route="cheap") == []
    assert queue.pick(route="cheap") == []
    (way,) = {queue.way(uid) for uid in uids}
    assert way != "cheap"
    assert [due.uid for due in queue.pick(route=way)] == uids


def test_messages_of_a_route_that_is_gone_are_moved_by_one_of_two_nodes(queue, other):
    uids = [queue.add("cheap", charge=10) for _ in range(4)]
    queue.begin(routed.ways(same=10, dear=30))
    other.ways = queue.ways
    moved = []
    threads = [
        threading.Thread(target=lambda mine=mine: moved.append(mine.reroute()))
        for mine in (queue, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(moved) == 4
    assert [queue.way(uid) for uid in uids] == ["same"] * 4

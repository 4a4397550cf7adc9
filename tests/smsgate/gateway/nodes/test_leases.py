"""Leases, with a clock that is moved: who is alive, and what becomes of what a node announced."""

from __future__ import annotations

import pytest
from clusters import LEASE
from gatewayqueue import new

from smsgate.gateway.nodes import leases
from smsgate.gateway.queue import picking
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.settings import Role, Unknown


def announced(cluster, key, parts=1):
    """What a node announces."""
    return cluster.run(picking.pick, "r", parts, cluster.now, node=key)


def test_a_node_is_alive_until_it_is_silent_for_its_lease(cluster):
    a, b = cluster.join("a"), cluster.join("b")
    cluster.now += LEASE
    assert cluster.lose(b) == []
    assert cluster.renew(b)
    cluster.now += 0.01
    assert cluster.lose(b) == ["a"]
    assert (cluster.alive(a), cluster.alive(b)) == (False, True)
    assert cluster.lose(b) == []
    assert cluster.nodes() == {"a": "lost", "b": "alive"}


def test_a_lost_node_cannot_renew(cluster):
    a, b = cluster.join("a"), cluster.join("b")
    cluster.now += 2 * LEASE
    cluster.lose(b)
    assert not cluster.renew(a)
    assert not cluster.alive(a)
    assert cluster.alive(cluster.join("a"))


def test_a_node_does_not_declare_itself_lost(cluster):
    a = cluster.join("a")
    cluster.now += 100 * LEASE
    assert cluster.lose(a) == []
    assert cluster.alive(a)


@pytest.mark.parametrize(
    ("policy", "state"), [(Unknown.HOLD, "unknown"), (Unknown.RESEND, "waiting")]
)
def test_what_a_lost_node_announced_is_decided_by_the_policy(cluster, policy, state):
    first, second, third = cluster.accept(*[new()] * 3)
    a, b = cluster.join("a"), cluster.join("b")
    announced(cluster, a)
    announced(cluster, b)
    cluster.now += 2 * LEASE
    cluster.renew(b)
    assert cluster.lose(b, {"r": policy}) == ["a"]
    found = [cluster.state(uid)[0] for uid in (first, second, third)]
    assert found == [state, "sending", "waiting"]


def test_a_node_that_ends_leaves_nothing_announced(cluster):
    (uid,) = cluster.accept(new())
    a = cluster.join("a")
    announced(cluster, a)
    cluster.leave(a)
    assert cluster.state(uid)[0] == "unknown"
    assert cluster.nodes() == {}
    cluster.leave(a)
    assert len(cluster.statuses(uid)) == 2


def test_the_outcome_of_a_lost_node_is_still_recorded_while_the_message_is_unknown(cluster):
    (uid,) = cluster.accept(new())
    a, b = cluster.join("a"), cluster.join("b")
    (due,) = announced(cluster, a)
    cluster.now += 2 * LEASE
    cluster.lose(b)
    cluster.record(Outcome(due.message, ((1, "7"),), Ended.SENT, node=a))
    assert cluster.state(uid) == ("sent", 3)


@pytest.mark.parametrize("ended", Ended)
def test_it_changes_nothing_once_another_node_has_the_message(cluster, ended):
    (uid,) = cluster.accept(new())
    a, b = cluster.join("a"), cluster.join("b")
    (due,) = announced(cluster, a)
    cluster.now += 2 * LEASE
    cluster.renew(b)
    cluster.lose(b, {"r": Unknown.RESEND})
    (again,) = announced(cluster, b)
    assert again.message == due.message
    before = dict(cluster.message(uid))
    ids = ((1, "7"),) if ended is Ended.SENT else ()
    cluster.record(Outcome(due.message, ids, ended, node=a))
    assert dict(cluster.message(uid)) == before
    assert before["node"] == b
    cluster.record(Outcome(due.message, ((1, "8"),), Ended.SENT, node=b))
    assert cluster.state(uid) == ("sent", 3)


def test_a_first_try_is_recorded_quickly_only_by_its_node(cluster):
    (uid,) = cluster.accept(new())
    a, b = cluster.join("a"), cluster.join("b")
    (due,) = announced(cluster, b)
    cluster.record(Outcome(due.message, ((1, "7"),), Ended.SENT, node=a))
    assert cluster.state(uid)[0] == "sending"
    cluster.record(Outcome(due.message, ((1, "7"),), Ended.SENT, node=b))
    assert cluster.state(uid) == ("sent", 3)


def test_at_the_start_of_the_only_node_all_others_have_ended(cluster):
    (uid,) = cluster.accept(new())
    a = cluster.join("a")
    announced(cluster, a)
    assert cluster.holds("logs:", a)
    cluster.run(leases.lose_all, {}, cluster.now)
    assert not cluster.alive(a)
    assert cluster.state(uid)[0] == "unknown"
    assert cluster.holds("logs:", cluster.join("a"))


def test_nodes_are_forgotten_after_a_day(cluster):
    a = cluster.join("a")
    cluster.leave(a)
    cluster.now += 86_401
    b = cluster.join("b")
    rows = cluster.rows(leases.node)
    assert [row["id"] for row in rows] == [b]
    assert not cluster.alive(a)


def test_who_must_stay_for_others(cluster):
    a = cluster.join("a", [Role.FTP, Role.SEND])
    assert not cluster.run(leases.must_serve, a)
    b = cluster.join("b", [Role.FTP])
    assert cluster.run(leases.must_serve, a)
    cluster.leave(b)
    assert not cluster.run(leases.must_serve, a)


def test_whether_a_gateway_runs(cluster):
    assert not cluster.run(leases.are_any)
    a = cluster.join("a")
    assert cluster.run(leases.are_any)
    cluster.leave(a)
    assert not cluster.run(leases.are_any)
    cluster.join("b")
    cluster.now += 61  # it was killed, and there is nobody who says so
    assert not cluster.run(leases.are_any)

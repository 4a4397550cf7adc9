"""Duties: one node has each, and another takes it when that one is lost or ends."""

from __future__ import annotations

from clusters import LEASE

from smsgate.gateway.nodes import duties


def test_the_first_that_asks_has_it(cluster):
    a, b = cluster.join("a"), cluster.join("b")
    assert cluster.holds("queue", a)
    assert cluster.holds("queue", a)
    assert not cluster.holds("queue", b)
    assert cluster.holds("sweep", b)
    assert not cluster.holds("sweep", a)


def test_it_moves_when_its_node_is_lost(cluster):
    a, b = cluster.join("a"), cluster.join("b")
    assert cluster.holds("queue", a)
    cluster.now += 2 * LEASE
    assert not cluster.holds("queue", b)
    cluster.lose(b)
    assert not cluster.holds("queue", a)
    assert cluster.holds("queue", b)
    assert not cluster.holds("queue", a)


def test_it_is_free_when_its_node_ends(cluster):
    a, b = cluster.join("a"), cluster.join("b")
    assert cluster.holds("queue", a)
    cluster.leave(a)
    assert not cluster.holds("queue", a)
    assert cluster.holds("queue", b)


def test_it_is_free_when_its_node_releases_it(cluster):
    a, b = cluster.join("a"), cluster.join("b")
    assert cluster.holds("bind:r", a)
    cluster.run(duties.release, "bind:r", b)
    assert not cluster.holds("bind:r", b)
    cluster.run(duties.release, "bind:r", a)
    assert cluster.holds("bind:r", b)


def test_a_node_that_is_forgotten_has_none(cluster):
    a = cluster.join("a")
    assert cluster.holds("queue", a)
    cluster.run(lambda conn: conn.exec_driver_sql("DELETE FROM node"))
    b = cluster.join("b")
    assert cluster.holds("queue", b)

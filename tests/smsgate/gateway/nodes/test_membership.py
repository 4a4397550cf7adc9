"""Nodes in one process on one database, with a clock that is moved and a database that stops."""

from __future__ import annotations

import asyncio

import pytest
from clusters import LEASE
from gatewayqueue import new
from simulators import run

from smsgate.errors import OutboxError
from smsgate.gateway import clock
from smsgate.gateway.nodes.membership import Membership
from smsgate.gateway.queue import picking
from smsgate.gateway.settings import NodeSettings, Unknown

QUICK = 0.5  # seconds of a lease that passes by itself


class Told(list):
    """What a node tells, and how often it was in doubt."""

    doubts = 0

    def doubt(self):
        self.doubts += 1


@pytest.fixture
def several(cluster, monkeypatch):
    """The database is taken for one that several nodes share."""
    monkeypatch.setattr(clock, "is_alone", lambda _: False)
    return cluster


def node(cluster, name, told, lease=LEASE):
    settings = NodeSettings(name=name, lease=lease)
    policies = {"r": Unknown.HOLD}
    return Membership(cluster.database, settings, policies, told.append, told.doubt)


def test_a_silent_node_is_lost_and_goes_on_as_a_new_one(several):
    async def trial():
        told = Told()
        a, b = node(several, "a", told), node(several, "b", told)
        await a.join()
        await b.join()
        (uid,) = several.accept(new())
        several.run(picking.pick, "r", 1, several.now, node=a.id)
        before = a.id
        several.now += 2 * LEASE
        await b._renew()
        assert told == ["node a was not heard of: others have taken over its work"]
        assert several.state(uid)[0] == "unknown"
        await a._renew()
        assert told[1:] == ["node a was taken for lost, and goes on as a new one"]
        assert a.id != before
        assert several.alive(a.id)
        await a.leave()
        await b.leave()
        assert several.nodes() == {"a": "lost"}

    run(trial())


def test_a_node_that_cannot_renew_is_in_doubt_before_its_lease_ends(several):
    async def trial():
        told = Told()
        a = node(several, "a", told, QUICK)
        await a.join()
        assert a.is_sure
        await asyncio.sleep(QUICK * 0.9)
        assert (a.is_sure, told.doubts) == (False, 1)
        await a._renew()
        assert a.is_sure
        await a.leave()
        await asyncio.sleep(QUICK)
        assert told.doubts == 1

    run(trial())


def test_it_says_so_again_and_again(several):
    async def trial():
        told = Told()
        a = node(several, "a", told, QUICK)
        await a.join()
        task = asyncio.create_task(a.run())
        await asyncio.sleep(3 * QUICK)
        assert told.doubts == 0 or not a.is_sure  # a slow machine may be late
        (row,) = several.rows(several.table("node"))
        assert row["seen"] == several.now
        several.now += 1
        await asyncio.sleep(QUICK)
        (row,) = several.rows(several.table("node"))
        assert row["seen"] == several.now
        task.cancel()

    run(trial())


def test_the_only_node_of_a_database_is_never_in_doubt(cluster, monkeypatch):
    monkeypatch.setattr(clock, "is_alone", lambda _: True)

    async def trial():
        told = Told()
        a = node(cluster, "a", told, 0.1)
        await a.join()
        assert a.is_alone
        await asyncio.sleep(0.3)
        assert (a.is_sure, told.doubts) == (True, 0)
        before = a.id
        again = node(cluster, "a", told)
        await again.join()  # the process before has ended: its folder was free
        assert (cluster.alive(before), cluster.alive(again.id)) == (False, True)

    run(trial())


def test_a_node_that_cannot_say_that_it_ends_says_so(several, monkeypatch):
    async def trial():
        told = Told()
        a = node(several, "a", told)
        await a.join()

        async def broken(_work):
            raise OutboxError("no database")

        with monkeypatch.context() as patch:
            patch.setattr(several.database, "run", broken)
            await a.leave()
        assert told == ["node a: not marked as ended: no database"]

    run(trial())

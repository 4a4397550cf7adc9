"""Senders of several nodes on one database and one message centre, in one process."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from queued import ROUTE, Queue, number
from simulators import run, until
from smppcentre import Centre

from smsenc.smpp.pdus import SubmitSm
from smsgate.gateway import clock
from smsgate.gateway.nodes import leases
from smsgate.gateway.queue import ledger
from smsgate.gateway.routing.ways import Ways
from smsgate.gateway.sending.announcing import Cycle
from smsgate.gateway.sending.fleet import Fleet
from smsgate.gateway.settings import Binds, Role, RouteSettings, Unknown
from smsgate.gateway.states import State

RATE = 60
SECONDS = 6


@pytest.fixture
def queue(tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "is_alone", lambda _: False)
    monkeypatch.setattr(clock, "moment", lambda _: clock.databases.now())
    found = Queue(tmp_path)
    yield found
    assert found.database.transact(ledger.check) == []
    found.close()


def joined(queue, name):
    """The standing of a node, whose certainty a test may take."""
    roles = tuple(Role)
    key = queue.database.transact(lambda conn: leases.register(conn, name, roles))
    return SimpleNamespace(id=key, is_sure=True, is_alone=False)


def lost(queue, node, policy=Unknown.HOLD):
    """Another node declares it lost."""
    policies = {ROUTE: policy}

    def work(conn):
        leases._close(conn, node.id, leases.NodeState.LOST, policies, clock.databases.now())

    queue.database.transact(work)


def fleet(queue, node, centre, told, **route):
    rate = route.pop("rate", None)
    settings = RouteSettings(name=ROUTE, smsc=centre.smsc(window=10, rate=rate), **route)
    return Fleet(queue.database, (settings,), told.append, node, Ways)


def test_the_rate_of_a_route_holds_over_all_nodes(queue):
    loads = []

    async def trial():
        queue.add(SECONDS * RATE)
        centre = Centre()

        def answer(_number):
            loads.append(asyncio.get_running_loop().time())
            return 0

        centre.answer = answer
        async with centre:
            nodes = [joined(queue, name) for name in "abc"]
            fleets = [fleet(queue, node, centre, [], rate=RATE) for node in nodes]
            for one in fleets:
                await one.start()
            await queue.until(State.SENT, seconds=60)
            sent = [one.health({}, ())[ROUTE]["sent"] for one in fleets]
            for one in fleets:
                await one.close()
            assert sum(sent) == SECONDS * RATE
        assert sorted(body.destination_addr.digits for body in centre.bodies) == [
            number(place) for place in range(SECONDS * RATE)
        ]

    run(trial())
    # A node may be 0.2 s late, each client's burst is 0.1 s, and a busy machine delays what is
    # received: seen over one second this may be half as much again. Without a shared rate all
    # would be here after two seconds.
    most = max(sum(start <= at < start + 3 for at in loads) for start in loads)
    assert most <= 3 * RATE * 1.3
    assert loads[-1] - loads[0] >= SECONDS - 1.3


def test_a_node_in_doubt_gives_back_and_announces_nothing(queue):
    async def trial():
        queue.add(100)
        async with Centre(lambda _: None) as centre:
            node = joined(queue, "a")
            one = fleet(queue, node, centre, [])
            await one.start()
            await until(lambda: len(centre.seen) == 10)
            node.is_sure = False
            one.recall()
            await until(lambda: queue.count(State.ANNOUNCED) == 10)
            await asyncio.sleep(0.7)
            assert (queue.count(State.ANNOUNCED), len(centre.seen)) == (10, 10)
            one._senders[ROUTE]._is_picking = False  # the end is not to wait for answers
            await one.close()

    run(trial())
    assert (queue.count(State.UNKNOWN), queue.count(State.WAITING)) == (10, 90)


class Slow(Centre):
    """Answers submits only when it is told to."""

    def __init__(self):
        super().__init__()
        self.held = []

    def on_request(self, session, pdu):
        if isinstance(pdu.body, SubmitSm) and self.held is not None:
            self.held.append((session, pdu))
        else:
            super().on_request(session, pdu)

    def go_on(self):
        held, self.held = self.held, None
        for session, pdu in held:
            super().on_request(session, pdu)
            session.flush()


def test_a_lost_node_announces_nothing_and_its_answers_still_count(queue):
    async def trial():
        queue.add(30)
        async with Slow() as centre:
            node = joined(queue, "a")
            one = fleet(queue, node, centre, [])
            await one.start()
            await until(lambda: len(centre.held) == 10)
            lost(queue, node)
            assert queue.count(State.UNKNOWN) == 30
            one.recall()
            await until(lambda: queue.count(State.WAITING) == 20)
            centre.go_on()
            await until(lambda: queue.count(State.SENT) == 10)
            await asyncio.sleep(0.7)
            assert (queue.count(State.SENT), len(centre.seen)) == (10, 10)
            node.id = joined(queue, "a").id
            await queue.until(State.SENT)
            await one.close()
        assert len(centre.bodies) == 30

    run(trial())


def test_of_a_route_with_one_bind_one_node_has_the_session(queue):
    async def trial():
        async with Centre() as centre:
            nodes = [joined(queue, name) for name in "ab"]
            fleets = [fleet(queue, node, centre, [], binds=Binds.ONE) for node in nodes]
            for one in fleets:
                await one.start()
            await until(lambda: any(one.health({}, ()) for one in fleets))
            await asyncio.sleep(1.5)
            bound = [bool(one.health({}, ())) for one in fleets]
            assert sorted(bound) == [False, True]
            assert all(one.works for one in fleets)
            queue.add(5)
            await queue.until(State.SENT)
            first = bound.index(True)
            await fleets[first].close()
            await until(lambda: fleets[1 - first].health({}, ()))
            queue.add(5, first=5)
            await queue.until(State.SENT)
            await fleets[1 - first].close()
        assert len(centre.bodies) == 10

    run(trial())


def test_one_bind_that_ends_while_it_announces_leaves_nothing_announced(queue, monkeypatch):
    """The commit is kept, but nobody is left who hears of it."""
    once = queue.database.run

    async def trial():
        goes_on = asyncio.Event()

        async def slowly(work):
            found = await once(work)
            if isinstance(getattr(work, "__self__", None), Cycle) and found.lot:
                await goes_on.wait()
            return found

        monkeypatch.setattr(queue.database, "run", slowly)
        async with Centre() as centre:
            node = joined(queue, "a")
            one = fleet(queue, node, centre, [], binds=Binds.ONE)
            await one.start()
            await until(lambda: one.health({}, ()))
            queue.add(3)
            one.wake()
            await until(lambda: queue.count(State.ANNOUNCED) == 3)
            node.is_sure = False
            await until(lambda: not one.health({}, ()))
            node.is_sure = True
            await asyncio.sleep(1.5)
            assert not one.health({}, ())
            goes_on.set()
            await queue.until(State.SENT)
            await one.close()
        assert len(centre.bodies) == 3

    run(trial())


def test_one_bind_ends_when_its_node_is_in_doubt(queue):
    async def trial():
        async with Centre() as centre:
            node = joined(queue, "a")
            one = fleet(queue, node, centre, [], binds=Binds.ONE)
            await one.start()
            await until(lambda: one.health({}, ()))
            node.is_sure = False
            await until(lambda: not one.health({}, ()))
            node.is_sure = True
            queue.add(3)
            await queue.until(State.SENT)
            await one.close()

    run(trial())

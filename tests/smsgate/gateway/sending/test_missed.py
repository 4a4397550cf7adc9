"""Messages from a phone over several nodes: the same one again, or somebody who wrote it twice."""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace

import pytest
from simulators import run
from sqlalchemy import event, func, select, update

from smsenc.smpp import Pdu, pdus
from smsgate.gateway import database as databases
from smsgate.gateway import tables
from smsgate.gateway.nodes import leases
from smsgate.gateway.sending.receiving import Receiver
from smsgate.gateway.settings import Binds, RouteSettings
from smsgate.gateway.states import NodeState
from smsgate.smppclient import Smsc

ROUTE = "main"


class Node:
    """A receiver of a route that every node is bound to."""

    def __init__(self, database, name, binds=Binds.EACH):
        self.database, self.name = database, name
        self.standing = SimpleNamespace(id=0, is_sure=True, is_alone=False)
        self.join()
        smsc = Smsc(host="localhost", user="me", password="secret")
        route = RouteSettings(name=ROUTE, smsc=smsc, binds=binds)
        self.receiver = Receiver(database, route, node=self.standing)
        self.receiver.renew()

    def join(self):
        self.standing.id = self.database.transact(
            lambda conn: leases.register(conn, self.name, ["send"])
        )

    def end(self, state=NodeState.LOST):
        self.database.transact(
            lambda conn: leases._close(conn, self.standing.id, state, {}, databases.now())
        )

    async def get(self, *words):
        """Messages of a phone, which are all answered OK; how many of them are new."""
        before = self.kept()
        bodies = [pdus.DeliverSm(short_message=word.encode()) for word in words]
        found = await asyncio.gather(*(self.receiver(Pdu(body, 1)) for body in bodies))
        assert set(found) == {0}, self.receiver.problem
        return self.kept() - before

    def kept(self):
        query = select(func.count()).select_from(tables.inbound)
        return self.database.read(lambda conn: conn.execute(query).scalar())


def age(database, seconds):
    """What was kept is so much older."""
    query = update(tables.inbound).values(time=tables.inbound.c.time - seconds)
    database.transact(lambda conn: conn.execute(query).rowcount)


@pytest.fixture
def nodes(database):
    return lambda name, **options: Node(database, name, **options)


def test_what_a_living_node_has_answered_was_heard(nodes):
    async def trial():
        b = nodes("b")
        assert await b.get("1") == 1
        a = nodes("a")
        assert await a.get("1") == 1
        assert await a.get("1") == 1

    run(trial())


@pytest.mark.parametrize("state", [NodeState.LOST, NodeState.ENDED])
def test_what_a_node_answered_at_its_end_may_come_again_over_one_that_runs(nodes, state):
    async def trial():
        a, b = nodes("a"), nodes("b")
        assert await a.get("yes") == 1
        assert await b.get("1", "2") == 2
        b.end(state)
        assert await a.get("1") == 0
        assert await a.get("1") == 1
        assert await a.get("2", "2") == 1

    run(trial())


def test_what_a_node_answered_at_its_end_may_come_again_over_one_that_starts(nodes):
    async def trial():
        b = nodes("b")
        assert await b.get("1") == 1
        b.end()
        a = nodes("a")
        assert await a.get("1", "1") == 1
        assert await a.get("1") == 1

    run(trial())


def test_each_answer_explains_one_message_over_all_nodes(nodes):
    async def trial():
        a, b, c = map(nodes, "abc")
        assert await b.get("1") == 1
        b.end(NodeState.ENDED)
        again = nodes("b")
        for one in (a, c, again):
            assert await one.get("other") == 1
        assert await c.get("1") == 0
        for one in (a, c, again):
            assert await one.get("1") == 1

    run(trial())


def test_answers_long_before_the_end_of_a_node_were_not_missed(nodes, database):
    async def trial():
        b = nodes("b")
        assert await b.get("1") == 1
        age(database, 121)
        b.end()
        assert await nodes("a").get("1") == 1

    run(trial())


def test_a_node_that_was_killed_and_starts_again_is_another_before_its_lease_ends(nodes):
    async def trial():
        b = nodes("b")
        assert await b.get("1") == 1
        again = nodes("b")
        assert await again.get("1") == 0
        b.end()
        assert await again.get("1") == 1

    run(trial())


def test_a_node_that_was_taken_for_lost_knows_what_it_answered(nodes):
    async def trial():
        a = nodes("a")
        assert await a.get("1") == 1
        a.end()
        a.join()
        assert await a.get("1") == 1
        a.receiver.renew()
        assert await a.get("1", "1") == 0
        assert await a.get("1") == 1

    run(trial())


def test_of_a_route_with_one_bind_the_session_before_has_ended(nodes):
    async def trial():
        b = nodes("b", binds=Binds.ONE)
        assert await b.get("1") == 1
        a = nodes("a", binds=Binds.ONE)
        assert await a.get("1") == 0
        assert await a.get("1") == 1

    run(trial())


def test_rows_say_which_node_has_answered_last(nodes, database):
    async def trial():
        a, b = nodes("a"), nodes("b")
        assert await b.get("1", "2") == 2
        b.end()
        assert await a.get("1", "3") == 1
        query = select(tables.inbound.c.node).order_by(tables.inbound.c.id)
        found = database.read(lambda conn: conn.execute(query).scalars().all())
        assert found == [a.standing.id, b.standing.id, a.standing.id]

    run(trial())


def test_a_lot_asks_once_for_nodes_that_have_ended(nodes, database):
    asked = []

    def note(_conn, _cursor, statement, *_):
        asked.extend(re.findall(r"(?:FROM|UPDATE) (node|inbound)\b", statement))

    async def trial():
        b, a = nodes("b"), nodes("a")
        assert await b.get("1") == 1
        b.end()
        assert await a.get("2") == 1
        engine = getattr(database._engine, "sync_engine", database._engine)
        event.listen(engine, "before_cursor_execute", note)
        bodies = [pdus.DeliverSm(short_message=word) for word in (b"3", b"4", b"5")]
        await asyncio.gather(*(a.receiver(Pdu(body, 1)) for body in bodies))
        event.remove(engine, "before_cursor_execute", note)

    run(trial())
    assert asked == ["node"]

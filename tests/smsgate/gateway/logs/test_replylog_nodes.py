"""mo.log when its duty moves from node to node, and when each node has its own storage."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import ExitStack, closing

import pytest
from gatewayqueue import START, Queue
from sqlalchemy import insert

from smsenc.messagefile.logs import read_replies
from smsgate.gateway import accounts, tables
from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.logs import replylots
from smsgate.gateway.logs.replylog import NAME, ReplyLog
from smsgate.gateway.nodes import guards, leases
from smsgate.gateway.settings import Limits
from smsgate.gateway.states import NodeState


class Node:
    """A node that writes the logs of a home, into folders of its storage."""

    is_sure = True
    is_alone = False

    def __init__(self, database, storage, home=""):
        self.database, self.storage = database, storage
        storage.mkdir(exist_ok=True)
        self.id = database.transact(lambda conn: leases.register(conn, "a", ["ftp"]))
        self.guard = storage / "logs.lock"
        self.writer = ReplyLog(
            database, self.folder, Limits(), node=self, home=home, guard=self.guard
        )

    def folder(self, key):
        found = self.storage / str(key)
        found.mkdir(exist_ok=True)
        return found

    def close(self):
        self.writer.close()

    def write(self):
        return asyncio.run(self.writer.write(START))

    def write_in_thread(self):
        """For what has a loop in this thread already."""
        found = []
        thread = threading.Thread(target=lambda: found.append(self.write()))
        thread.start()
        thread.join()
        return found[0]

    def lose(self):
        """Another node declares it lost."""
        close = (self.id, NodeState.LOST, {}, START)
        self.database.transact(lambda conn: leases._close(conn, *close))

    def said(self, account=1):
        return [one.text for one in read_replies((self.folder(account) / NAME).read_bytes())]


@pytest.fixture
def queue(database):
    found = Queue(database)
    for number in (1, 2):
        found.account(number)
    return found


@pytest.fixture
def nodes(database, tmp_path):
    """Makes nodes, all on one storage unless told otherwise."""
    with ExitStack() as stack:

        def make(home="", storage="storage"):
            return stack.enter_context(closing(Node(database, tmp_path / storage, home)))

        yield make


def add(queue, *texts, account=1):
    rows = [
        {"uid": random.randbytes(16).hex(), "account": account, "route": "r", "time": START}
        | {"handset": "447700900123", "number": "448311000000", "text": text}
        for text in texts
    ]
    queue.run(lambda conn: conn.execute(insert(tables.reply), rows))


def test_one_node_writes_and_the_next_goes_on(queue, nodes):
    a, b = nodes(), nodes()
    add(queue, "one", "two")
    assert (a.write(), b.write()) == (2, 0)
    add(queue, "three")
    assert b.write() == 0
    a.lose()
    assert (a.write(), b.write(), a.write()) == (0, 1, 0)
    assert b.said() == ["one", "two", "three"]


@pytest.mark.parametrize("written", [False, True])
def test_a_lot_in_the_middle_of_which_the_duty_moves(queue, nodes, monkeypatch, written):
    """The first node stops before or after it has written, and goes on when it has been lost."""
    a, b = nodes(), nodes()
    add(queue, "one", "two")
    append, during = a.writer._appender.append, []

    def stopped(*given):
        done = append(*given) if written else None
        a.lose()
        during.append(b.write_in_thread())
        return done or append(*given)

    monkeypatch.setattr(a.writer._appender, "append", stopped)
    assert a.write() == 0
    assert during == [0]  # the file is still locked
    assert (b.write(), b.write()) == (2, 0)
    assert b.said() == ["one", "two"]


def test_nothing_is_written_while_another_process_has_the_storage(queue, nodes):
    a = nodes()
    add(queue, "one")
    with guards.guard(a.guard) as is_free:
        assert is_free
        assert a.write() == 0
        assert not (a.folder(1) / NAME).exists()
    assert a.write() == 1


def test_replies_are_in_the_home_of_their_account(queue, nodes):
    x, y = nodes("x", "storage-x"), nodes("y", "storage-y")
    add(queue, "one")
    add(queue, "two", account=2)
    assert (x.write(), y.write()) == (0, 0)  # no file has come yet
    queue.run(accounts.move, 1, "x")
    queue.run(accounts.move, 2, "y")
    assert (x.write(), y.write()) == (1, 1)
    add(queue, "three")
    queue.run(accounts.move, 1, "y")
    assert (x.write(), y.write()) == (0, 1)
    assert (x.said(), y.said(), y.said(2)) == (["one"], ["three"], ["two"])
    queue.run(accounts.move, 1, "x")
    add(queue, "four")
    assert (x.write(), y.write()) == (1, 0)
    assert (x.said(), y.said()) == (["one", "four"], ["three"])


def test_an_account_that_moves_while_its_log_is_written(queue, nodes, monkeypatch):
    """What a home has begun to write it completes, also after it was lost."""
    x, y = nodes("x", "storage-x"), nodes("y", "storage-y")
    queue.run(accounts.move, 1, "x")
    add(queue, "one")
    append = x.writer._appender.append

    def stopped(*given):
        queue.run(accounts.move, 1, "y")
        add(queue, "two")
        x.lose()
        assert y.write_in_thread() == 1
        return append(*given)

    with monkeypatch.context() as patch:
        patch.setattr(x.writer._appender, "append", stopped)
        assert x.write() == 0
    again = nodes("x", "storage-x")
    assert (again.write(), again.write(), y.write()) == (1, 0, 0)
    assert (x.said(), y.said()) == (["one"], ["two"])


# With SQLite one transaction runs at a time.
@pytest.mark.parametrize("opened", ["postgresql"], indirect=True)
def test_two_homes_plan_an_account_at_the_same_moment(queue, nodes):
    """One has read where the account was before it moved, and commits last."""
    x, y = nodes("x", "storage-x"), nodes("y", "storage-y")
    queue.run(accounts.move, 1, "x")
    add(queue, "one")
    planned, may_end, found = threading.Event(), threading.Event(), []

    def late(conn):
        replylots.plan(conn, [1], "x")
        planned.set()
        may_end.wait(20)

    with closing(PostgresDatabase(queue.database._engine.url)) as other:  # has its own thread
        first = threading.Thread(target=other.transact, args=[late])
        first.start()
        assert planned.wait(20)
        queue.run(accounts.move, 1, "y")
        second = threading.Thread(target=lambda: found.append(y.write()))
        second.start()
        second.join(0.5)
        assert second.is_alive()  # it waits to see what becomes of the rows
        may_end.set()
        first.join()
        second.join()
    assert found == [0]
    assert (y.write(), x.write()) == (0, 1)
    assert x.said() == ["one"]

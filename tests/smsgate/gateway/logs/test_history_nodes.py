"""history.log when its duty moves from node to node, and when each node has its own storage."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack, closing, suppress

import pytest
from historyrows import NOW, event_row, file_row, message_row, put, remark_row
from sqlalchemy import insert, update

from smsenc.messagefile.logs import Answer, read_answers
from smsgate.gateway import tables
from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.logs import lots
from smsgate.gateway.logs.history import HistoryWriter
from smsgate.gateway.nodes import leases
from smsgate.gateway.settings import Limits
from smsgate.gateway.states import NodeState

EVENTS = 12


class Node:
    """A node that writes the logs of a home, into folders of its storage."""

    id: int
    is_sure = True
    is_alone = False

    def __init__(self, database, storage, name="a", home=""):
        self.database = database
        self.folder = storage / "account1"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "history.log"
        self.id = database.transact(lambda conn: leases.register(conn, name, ["ftp"]))
        self.writer = HistoryWriter(
            database,
            lambda _: self.folder,
            Limits(),
            node=self,
            home=home,
            guard=storage / "logs.lock",
        )

    def close(self):
        self.writer.close()

    def write(self):
        return asyncio.run(self.writer.write(NOW))

    def lose(self):
        """Another node declares it lost."""
        close = (self.id, NodeState.LOST, {}, NOW)
        self.database.transact(lambda conn: leases._close(conn, *close))

    def lines(self):
        return [one.status for one in read_answers(self.log.read_bytes())]


@pytest.fixture
def nodes(database, tmp_path):
    """Makes nodes, all on one storage."""
    with ExitStack() as stack:

        def make(name, home="", storage="storage"):
            node = Node(database, tmp_path / storage, name, home)
            return stack.enter_context(closing(node))

        yield make


def fill(database, first=1, home="", count=EVENTS):
    """A message with so many events, whose statuses tell their order."""
    file = file_row(first) | {"home": home}
    events = [event_row(first, status=n % 12 + 1) for n in range(count)]
    put(database, file=[file], message=[message_row(first, file=first)], event=events)


def test_one_node_writes_and_the_next_goes_on(database, nodes):
    a, b = nodes("a"), nodes("b")
    fill(database)
    assert (a.write(), b.write()) == (EVENTS, 0)
    put(database, event=[event_row(1, status=5)])
    assert b.write() == 0
    a.lose()
    assert (a.write(), b.write(), a.write()) == (0, 1, 0)
    assert b.lines() == [n % 12 + 1 for n in range(EVENTS)] + [5]


@pytest.mark.parametrize("written", [False, True])
def test_a_lot_in_the_middle_of_which_the_duty_moves(database, nodes, monkeypatch, written):
    """The first node stops before or after it has written, and goes on when it has been lost."""
    a, b = nodes("a"), nodes("b")
    fill(database)
    append, during = a.writer._appender.append, []

    def stopped(*given):
        done = append(*given) if written else None
        a.lose()
        during.append(b_write())
        return done or append(*given)

    def b_write():  # in another thread, because this one has the loop of the first node
        found = []
        thread = threading.Thread(target=lambda: found.append(b.write()))
        thread.start()
        thread.join()
        return found[0]

    monkeypatch.setattr(a.writer._appender, "append", stopped)
    assert a.write() == 0
    assert during == [0]
    assert b.write() == EVENTS
    assert b.write() == 0
    assert b.lines() == [n % 12 + 1 for n in range(EVENTS)]


def test_homes_have_the_lines_of_what_came_in_there(database, nodes):
    shared = nodes("a")
    x, y = nodes("x", "x", "storage-x"), nodes("y", "y", "storage-y")
    for home in "xy":
        database.transact(lambda conn, home=home: lots.begin(conn, home))
    for first, home in enumerate(("", "x", "y"), 1):
        fill(database, first, home, first)
        put(database, remark=[remark_row(f"of {home or 'all'}") | {"home": home}])
    for events, (one, home) in enumerate(((shared, "all"), (x, "x"), (y, "y")), 1):
        assert one.write() == events + 1
        found = read_answers(one.log.read_bytes())
        assert sum(isinstance(row, Answer) for row in found) == events
        assert f"of {home}\n" in one.log.read_text()
    assert [one.write() for one in (shared, x, y)] == [0, 0, 0]


def test_a_new_home_has_nothing_of_what_was_before(database, nodes):
    fill(database)
    database.transact(lambda conn: lots.begin(conn, "x"))
    x = nodes("x", "x")
    assert x.write() == 0
    fill(database, 2, "x", 3)
    assert x.write() == 3
    database.transact(lambda conn: lots.begin(conn, "x"))
    assert x.write() == 0
    assert database.transact(lambda conn: lots.written(conn, "x")) == EVENTS + 3
    assert database.transact(lots.written) == 0


def test_storage_that_is_gone_is_told(database, nodes, tmp_path):
    a = nodes("a")
    (tmp_path / "storage").rename(tmp_path / "gone")
    with pytest.raises(Exception, match=r"cannot lock .*logs\.lock: no such file"):
        a.write()
    with suppress(OSError):
        (tmp_path / "gone").rename(tmp_path / "storage")
    fill(database)
    assert a.write() == EVENTS


# With SQLite one transaction runs at a time.
@pytest.mark.parametrize("opened", ["postgresql"], indirect=True)
def test_an_event_that_is_committed_late_is_not_left_out(database, nodes):
    """Of two transactions the one that took its ids first ends last."""
    a = nodes("a")
    fill(database, count=0)
    begun, may_end = threading.Event(), threading.Event()

    def late(conn):
        conn.execute(update(tables.message).values(note="changed first, as all do"))
        conn.execute(insert(tables.event), event_row(1, status=1))
        begun.set()
        may_end.wait(20)

    with closing(PostgresDatabase(database._engine.url)) as other:  # has a thread of its own
        writer = threading.Thread(target=other.transact, args=[late])
        writer.start()
        assert begun.wait(20)
        put(database, event=[event_row(1, status=2)])
        assert (a.write(), a.write()) == (0, 0)
        may_end.set()
        writer.join()
    assert sum(a.write() for _ in range(3)) == 2
    assert a.lines() == [1, 2]

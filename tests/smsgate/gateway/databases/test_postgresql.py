"""A server of PostgreSQL that is disturbed: what is committed once stays so, and only once."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
import warnings
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress

import postgres
import pytest
from gateways import until
from sqlalchemy import insert, select, update
from sqlalchemy.engine import make_url

from smsgate.errors import OutboxError
from smsgate.gateway import tables
from smsgate.gateway.database import may_pass
from smsgate.gateway.databases import postgresql
from smsgate.gateway.databases.postgresql import PostgresDatabase

TABLE = tables.remark


class Proxy:
    """A port before the server. ``at_commit`` says what happens to the next commit.

    ``before``: the connection is cut, and the server never gets it. ``after``: the server gets it,
    and its answer is lost. ``deaf`` lets nothing through any more.
    """

    def __init__(self, port):
        self.at_commit, self.deaf, self.cuts = "", False, 0
        self._target = port
        self._server = socket.create_server((postgres.HOST, 0))
        self.port = self._server.getsockname()[1]
        self._sockets = [self._server]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection((postgres.HOST, self._target))
                self._sockets += [client, server]
                for one, other, looks in ((client, server, True), (server, client, False)):
                    given = (one, other, looks)
                    threading.Thread(target=self._forward, args=given, daemon=True).start()

    def _forward(self, one, other, looks):
        with suppress(OSError):
            while octets := one.recv(1 << 16):
                if self.deaf:
                    continue
                if looks and self.at_commit and b"COMMIT" in octets:
                    when, self.at_commit = self.at_commit, ""
                    self.cuts += 1
                    one.shutdown(socket.SHUT_RDWR)  # its answer goes nowhere
                    if when == "after":
                        other.sendall(octets)
                        time.sleep(0.2)
                    break
                other.sendall(octets)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self):
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def proxy(postgres_server):
    found = Proxy(postgres_server.port)
    yield found
    found.close()


@pytest.fixture
def far(postgres_server, postgres_url, proxy):
    """The database through the proxy."""
    name = postgres_url.rpartition("/")[2]
    found = PostgresDatabase(make_url(postgres_server.url(name, port=proxy.port)), make=True)
    yield found
    found.close()


@pytest.fixture
def near(postgres_url):
    found = PostgresDatabase(make_url(postgres_url), make=True)
    yield found
    found.close()


def put(conn, text="one"):
    conn.execute(insert(TABLE).values(account=1, time=0.0, file="", text=text))
    return text


def texts(database):
    return database.read(
        lambda conn: conn.execute(select(TABLE.c.text).order_by(TABLE.c.id)).scalars().all()
    )


def test_what_raises_is_undone(near):
    def work(conn):
        put(conn)
        raise KeyError("x")

    with pytest.raises(KeyError):
        near.transact(work)
    assert texts(near) == []
    assert asyncio.run(near.run(put)) == "one"
    assert texts(near) == ["one"]


def test_reading_changes_nothing(near):
    with pytest.raises(OutboxError, match="read-only"):
        near.read(put)


@pytest.mark.parametrize(("when", "runs"), [("after", 1), ("before", 2)])
def test_a_commit_whose_answer_is_lost_is_not_done_twice(far, proxy, when, runs):
    ran = []

    def work(conn):
        ran.append(1)
        return put(conn)

    proxy.at_commit = when
    assert asyncio.run(far.run(work)) == "one"
    assert (proxy.cuts, len(ran)) == (1, runs)
    assert texts(far) == ["one"]


def test_a_server_that_starts_again_is_waited_for(postgres_server, near):
    async def go():
        await near.run(lambda conn: put(conn, "before"))
        postgres_server.stop("immediate")
        stopped.append(1)
        late = asyncio.create_task(near.run(lambda conn: put(conn, "after")))
        await asyncio.to_thread(until, lambda: near.problem)
        problem = near.problem
        stopped.pop()
        await asyncio.to_thread(postgres_server.start)
        return problem, await late

    stopped = []
    try:
        problem, found = asyncio.run(go())
    finally:
        if stopped:  # other tests use it, too
            postgres_server.start()
    assert problem.startswith("cannot use the database at 127.0.0.1: ")
    assert "\n" not in problem
    assert found == "after"
    assert texts(near) == ["before", "after"]
    assert near.problem == ""


def test_a_network_that_is_cut_is_noticed(far, proxy, monkeypatch):
    monkeypatch.setattr(postgresql, "_ANSWER", 0.5)
    monkeypatch.setattr(postgresql, "_CONNECT", 0.5)
    other = PostgresDatabase(far._engine.url, make=False)
    try:
        proxy.deaf = True
        start = time.monotonic()
        with pytest.raises(OutboxError, match="does not answer") as error:
            other.transact(put)
        assert time.monotonic() - start < 8
        assert may_pass(error.value)
    finally:
        other.close()


@contextmanager
def nothing_unclosed():
    """Fails if something is left open for the garbage collector."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield
        gc.collect()
    assert [str(one.message) for one in found if one.category is ResourceWarning] == []


def test_connections_that_are_lost_are_closed(far, proxy, monkeypatch):
    """Also those that nobody uses at that moment, and of a server that does not answer."""
    monkeypatch.setattr(postgresql, "_ANSWER", 1.0)
    monkeypatch.setattr(postgresql, "_CONNECT", 0.5)
    other = PostgresDatabase(far._engine.url, make=False)
    with nothing_unclosed():
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(other.read, [lambda conn: conn.exec_driver_sql("SELECT pg_sleep(.2)")] * 4)
            )
        proxy.deaf = True
        with pytest.raises(OutboxError):
            other.transact(put)
        other.close()


def test_closing_ends_what_is_being_done(postgres_url):
    found = PostgresDatabase(make_url(postgres_url), make=True)
    with nothing_unclosed(), ThreadPoolExecutor(2) as pool:
        slow = pool.submit(found.read, lambda conn: conn.exec_driver_sql("SELECT pg_sleep(8)"))
        time.sleep(0.5)
        found.close()
        with pytest.raises(CancelledError):
            slow.result()
        del found


def test_an_error_after_the_caller_was_cancelled_is_no_message_of_the_interpreter(near):
    begun, goes_on, told = threading.Event(), threading.Event(), []

    def work(_):
        begun.set()
        goes_on.wait(60)
        raise ValueError("too late")

    async def trial():
        asyncio.get_running_loop().set_exception_handler(lambda _, told_of: told.append(told_of))
        caller = asyncio.create_task(near.run(work))
        await asyncio.to_thread(begun.wait, 60)
        caller.cancel()
        await asyncio.wait([caller])
        goes_on.set()
        await asyncio.to_thread(near.read, lambda conn: conn.exec_driver_sql("SELECT 1"))
        await asyncio.sleep(0.2)  # its error comes to this loop
        gc.collect()
        assert caller.cancelled()

    asyncio.run(trial())
    assert told == []


def test_two_that_wait_for_each_other_both_succeed(near):
    near.transact(lambda conn: [put(conn, name) for name in "ab"])
    meet = threading.Barrier(2)
    ran = []

    def work(first, second):
        def change(conn):
            query = update(TABLE).values(time=TABLE.c.time + 1)
            conn.execute(query.where(TABLE.c.text == first))
            ran.append(first)
            if len(ran) <= 2:
                meet.wait(10)
            conn.execute(query.where(TABLE.c.text == second))

        return change

    async def both():
        await asyncio.gather(near.run(work("a", "b")), others.run(work("b", "a")))

    others = PostgresDatabase(near._engine.url)  # its own thread, since work blocks it here
    try:
        asyncio.run(both())
    finally:
        others.close()
    assert len(ran) == 3
    times = near.read(lambda conn: conn.execute(select(TABLE.c.time)).scalars().all())
    assert times == [2.0, 2.0]


def test_errors_show_no_password(postgres_server, postgres_url):
    name = postgres_url.rpartition("/")[2]
    url = make_url(postgres_server.url(name, user=postgres.GUARDED)).set(password="wr0ng-secret")
    with pytest.raises(OutboxError) as error:
        PostgresDatabase(url)
    assert "wr0ng" not in str(error.value)
    assert "password authentication failed" in str(error.value)
    assert not may_pass(error.value)


def test_a_password_opens_it(postgres_server, postgres_url):
    name = postgres_url.rpartition("/")[2]
    url = make_url(postgres_server.url(name, user=postgres.GUARDED))
    PostgresDatabase(url.set(password=postgres.PASSWORD), make=True).close()


def test_a_server_that_is_not_there_is_said_in_one_line():
    with socket.create_server((postgres.HOST, 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OutboxError, match=r": connection refused$") as error:
        PostgresDatabase(make_url(f"postgresql+asyncpg://a@127.0.0.1:{port}/b"))
    assert may_pass(error.value)
    assert "\n" not in str(error.value)


def test_many_start_at_once_on_an_empty_database(postgres_url):
    found, faults = [], []

    def start():
        try:
            found.append(PostgresDatabase(make_url(postgres_url), make=True, connections=1))
        except OutboxError as error:
            faults.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for one in found:
        one.close()
    assert faults == []
    assert len(found) == 4

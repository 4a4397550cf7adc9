"""Locks of a process that is stopped in the middle of a statement are freed; others keep theirs."""

from __future__ import annotations

import asyncio
from functools import partial

import asyncpg
import postgres
import pytest
from gateways import until
from sqlalchemy.engine import make_url

from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.nodes import silence


@pytest.fixture
def base(postgres_url):
    found = PostgresDatabase(make_url(postgres_url), make=True)
    yield found
    found.close()


@pytest.fixture
def opened(postgres_server, postgres_url):
    return partial(_locking, postgres_server.port, postgres_url)


@pytest.fixture
def locks(postgres_server, postgres_url):
    """Counts the locks of the table."""
    query = "SELECT count(*) FROM pg_locks WHERE relation = 'route'::regclass"
    return lambda: postgres_server.do(query, postgres_url)[0][0]


@pytest.fixture
def loop():
    found = asyncio.new_event_loop()
    yield found
    found.close()


async def _locking(port, url, name, *, in_statement):
    connection = await asyncpg.connect(
        host=postgres.HOST,
        port=port,
        user=postgres.USER,
        database=url.rpartition("/")[2],
        server_settings={"application_name": name},
    )
    await connection.execute("BEGIN; LOCK TABLE route")
    if in_statement:
        await connection.prepare("SELECT 1")  # the server waits for what comes next
    return connection


async def _is_usable(connection):
    try:
        return await connection.fetchval("SELECT 1") == 1
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False


@pytest.mark.parametrize(
    ("name", "in_statement", "ended"),
    [(silence.NAME, True, 1), (silence.NAME, False, 0), ("another program", True, 0)],
)
def test_who_is_ended(base, opened, locks, loop, name, in_statement, ended):  # noqa: PLR0917
    work = opened(name, in_statement=in_statement)
    connection = loop.run_until_complete(work)
    try:
        assert base.transact(lambda conn: silence.end(conn, 60)) == 0
        assert base.transact(lambda conn: silence.end(conn, 0)) == ended
        if ended:
            until(lambda: not locks())
        assert loop.run_until_complete(_is_usable(connection)) == (not ended)
    finally:
        connection.terminate()
        loop.run_until_complete(asyncio.sleep(0))


def test_the_sessions_of_a_gateway_have_that_name(base):
    def names(conn):
        query = "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        return conn.exec_driver_sql(query).scalar()

    assert base.read(names) == silence.NAME

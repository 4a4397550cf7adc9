"""The PostgreSQL server of the tests keeps what was committed, however it ends."""

from __future__ import annotations

import asyncio

import asyncpg
import postgres
import pytest


@pytest.mark.parametrize("mode", ["fast", "immediate", "kill"])
def test_what_was_committed_is_there_after_a_restart(postgres_server, postgres_url, mode):
    postgres_server.do("CREATE TABLE kept (number int)", postgres_url)
    postgres_server.do("INSERT INTO kept VALUES (7)", postgres_url)
    postgres_server.restart(mode)
    assert postgres_server.do("SELECT number FROM kept", postgres_url) == [(7,)]


def test_its_settings_are_those_of_a_server_in_use(postgres_server, postgres_url):
    (version,) = postgres_server.do("SHOW server_version_num", postgres_url)[0]
    assert int(version) // 10000 >= postgres.OLDEST
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert postgres_server.do(f"SHOW {name}", postgres_url) == [("on",)]


def test_each_database_is_empty(postgres_server, postgres_url):
    postgres_server.do("CREATE TABLE mine (number int)", postgres_url)
    other = postgres_server.fresh()
    with pytest.raises(asyncpg.UndefinedTableError):
        postgres_server.do("SELECT * FROM mine", other)
    postgres_server.drop(other)


def test_one_of_its_users_needs_a_password(postgres_server, postgres_url):
    async def one(password):
        connection = await asyncpg.connect(
            host=postgres.HOST,
            port=postgres_server.port,
            user=postgres.GUARDED,
            password=password,
            database=postgres_url.rpartition("/")[2],
        )
        found = await connection.fetchval("SELECT 1")
        await connection.close()
        return found

    assert asyncio.run(one(postgres.PASSWORD)) == 1
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(one("wrong"))

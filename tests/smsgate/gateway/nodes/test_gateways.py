"""Whole nodes, in one process, on one PostgreSQL: roles, storage and the end."""

from __future__ import annotations

import asyncio
import ftplib
import json
from contextlib import AsyncExitStack
from functools import partial
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from gateways import HOST, put
from simulators import run, until
from smppcentre import Centre
from sqlalchemy import select
from sqlalchemy.engine import make_url

from smsenc.messagefile.logs import Answer, read_answers
from smsgate.gateway import draining, tables
from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.nodes import leases
from smsgate.gateway.service import Gateway
from smsgate.gateway.settings import (
    FtpSettings,
    HttpSettings,
    NodeSettings,
    Role,
    RouteSettings,
    Settings,
    Tls,
)

ALL = frozenset(Role)


@pytest.fixture
def world(tmp_path, postgres_url):
    found = World(tmp_path, postgres_url)
    yield found
    found.database.close()


class World:
    """Nodes by name, and what they keep."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, make_url(url)
        self.database = PostgresDatabase(self.url, make=True)
        self.told = []

    def node(self, name, centre, roles=ALL, home="", lease=5.0):
        storage = self.folder / (f"storage-{home}" if home else "storage")
        return Gateway(
            Settings(
                data=self.folder / name,
                database=self.url,
                ftp=FtpSettings(port=0, tls=Tls.OFF),
                http=HttpSettings(port=0),
                routes=(RouteSettings(name="main", smsc=centre.smsc(window=10)),),
                node=NodeSettings(
                    name=name, roles=frozenset(roles), storage=storage, home=home, lease=lease
                ),
            ),
            tell=self.told.append,
        )

    def states(self):
        query = select(tables.message.c.state).order_by(tables.message.c.id)
        return self.database.transact(lambda conn: list(conn.execute(query).scalars()))

    def nodes(self):
        return {one.name: one.roles for one in self.database.transact(leases.listed)}

    def history(self, account, home=""):
        storage = self.folder / (f"storage-{home}" if home else "storage")
        path = storage / "accounts" / account.api_id / "history.log"
        rows = read_answers(path.read_bytes()) if path.exists() else []
        return [one.status for one in rows if isinstance(one, Answer)]


async def upload(gateway, account, name="a.txt", *numbers):
    """A file with a message to each number."""
    log_in = f"api_id:{account.api_id}\nuser:{account.user}\npassword:{account.password}\n"
    lines = "".join(f"to:{number}\n" for number in numbers or ("447700900123",))

    def work():
        with ftplib.FTP() as client:  # noqa: S321 - on loopback
            client.connect(HOST, gateway.ftp[1], timeout=20)
            client.login(account.ftp_user, account.ftp_password)
            put(client, name, f"{log_in}text:Hello\n{lines}".encode())

    await asyncio.to_thread(work)


def health(gateway):
    try:
        with urlopen(f"http://{HOST}:{gateway.http[1]}/healthz", timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def test_each_node_does_what_its_roles_say(world):
    async def trial():
        async with Centre() as centre, AsyncExitStack() as ends:
            make = partial(world.node, centre=centre)
            files = await ends.enter_async_context(make("files", roles=[Role.FTP]))
            account = files.account
            pages = await ends.enter_async_context(make("pages", roles=[Role.WEB]))
            assert (files.http, pages.ftp, pages.account) == (None, None, None)
            await upload(files, account)
            await until(lambda: world.states() == ["waiting"])
            await asyncio.sleep(0.6)
            assert (world.states(), len(centre.seen)) == (["waiting"], 0)
            status, found = await asyncio.to_thread(health, pages)
            assert (status, found["ok"], found["routes"]) == (200, True, {})
            sends = await ends.enter_async_context(make("sends", roles=[Role.SEND]))
            assert (sends.ftp, sends.http) == (None, None)
            await until(lambda: world.states() == ["sent"])
            await until(lambda: world.history(account) == [2, 3])
            assert world.nodes() == {"files": ("ftp",), "pages": ("web",), "sends": ("send",)}
        assert world.nodes() == {}

    run(trial(), 60)


def test_all_nodes_end_when_they_are_asked_to_drain(world):
    async def trial():
        async with Centre() as centre, AsyncExitStack() as ends:
            make = partial(world.node, centre=centre)
            files = await ends.enter_async_context(make("files", roles=[Role.FTP]))
            sends = await ends.enter_async_context(make("sends", roles=[Role.SEND]))
            account = files.account
            await upload(files, account, "a.txt", *(f"4477009{n:05}" for n in range(50)))
            world.database.transact(draining.ask)
            await asyncio.wait_for(files.ended(), 60)
            assert set(world.states()) == {"sent"}
            await asyncio.sleep(1.0)
            assert not sends._ended.done()  # it serves the other until that has ended
            ended = asyncio.ensure_future(sends.ended())
            await files.__aexit__(None, None, None)
            await asyncio.wait_for(ended, 60)

    run(trial(), 60)


def test_storage_of_each_node_has_the_logs_of_what_came_in_there(world):
    async def trial():
        async with Centre() as centre, AsyncExitStack() as ends:
            make = partial(world.node, centre=centre)
            x = await ends.enter_async_context(make("x", home="x"))
            y = await ends.enter_async_context(make("y", home="y"))
            account = x.account
            await upload(x, account, "x.txt", "447700900001", "447700900002")
            await upload(y, account, "y.txt", "447700900003")
            await until(lambda: world.states() == ["sent"] * 3)
            await until(lambda: sorted(world.history(account, "x")) == [2, 2, 3, 3])
            await until(lambda: world.history(account, "y") == [2, 3])
        query = select(tables.file.c.name, tables.file.c.home).order_by(tables.file.c.name)
        rows = world.database.transact(lambda conn: [tuple(row) for row in conn.execute(query)])
        assert rows == [("x.txt", "x"), ("y.txt", "y")]
        home = select(tables.account.c.home)
        assert world.database.transact(lambda conn: conn.execute(home).scalar()) == "y"

    run(trial(), 60)


def test_files_of_a_node_that_is_gone_are_read_by_another(world):
    async def trial():
        async with Centre() as centre, AsyncExitStack() as ends:
            make = partial(world.node, centre=centre)
            async with make("gone") as gone:
                account = gone.account
            left = world.folder / "storage" / "spool" / "gone" / ("a" * 32)
            left.mkdir()
            (left / f".{account.api_id}.{1_700_000_000_000_000}").touch()
            text = f"api_id:{account.api_id}\nuser:{account.user}\npassword:{account.password}\n"
            (left / "late.txt").write_text(f"{text}text:Hello\nto:447700900123\nvalidity:1440\n")
            other = await ends.enter_async_context(make("other"))
            answers = world.folder / "storage" / "accounts" / account.api_id / "late.txt.log"
            await until(answers.exists)
            await until(lambda: not left.exists())
            assert answers.read_text().count("\n") == 1
            assert other.account is None

    run(trial(), 60)

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import gatewayqueue
import pytest
from gatewayqueue import new
from sqlalchemy import insert, select

from smsenc.smpp.receipts import MessageState
from smsgate.gateway import accounts, housekeeping, layout, sessions, tables, users
from smsgate.gateway import database as databases
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.folders import AccountFolders
from smsgate.gateway.housekeeping import Housekeeping
from smsgate.gateway.intake import records
from smsgate.gateway.logs.history import HistoryWriter
from smsgate.gateway.queue import expiry, picking
from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.settings import AccountSettings, RouteSettings, Settings
from smsgate.gateway.states import UserRole

API_ID = "3141592"


@pytest.fixture
def database(tmp_path):
    found = SqliteDatabase(tmp_path, make=True)
    found.transact(lambda conn: accounts.named(conn, API_ID, "joe", credit=0, now=1.0))
    yield found
    found.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(housekeeping, "_ROUND", 0.01)
    monkeypatch.setattr("smsgate.gateway.logs.history._REST", 0.0)


async def kept(database, settings, told, until, before=lambda _keeping: None):
    folders = AccountFolders(database, settings)
    history = HistoryWriter(database, folders, settings.limits)
    keeping = Housekeeping(
        database, history, folders, settings, wake=lambda: None, tell=told.append
    )
    before(keeping)
    running = asyncio.create_task(keeping.run())
    try:
        async with asyncio.timeout(60):
            while not until():
                assert not running.done(), running.result()
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await keeping.finish()
        history.close()


def test_a_log_that_cannot_be_written_is_told_once_and_written_later(tmp_path, database):
    database.transact(lambda conn: records.remarks_of(conn, [(API_ID, "a.txt", "cut", 1.0)]))
    folder = tmp_path / "accounts" / API_ID
    folder.parent.mkdir()
    folder.write_bytes(b"")  # a file in place of the folder
    told, waits = [], Counter()

    def until():
        waits["told"] += bool(told)
        if waits["told"] == 30 and folder.is_file():  # many rounds later
            folder.unlink()
        return (folder / "history.log").exists()

    asyncio.run(kept(database, Settings(data=tmp_path), told, until))
    assert told == [f"logs: cannot write {folder}/history.log: not a directory"]
    assert (folder / "history.log").read_text() == "1970-01-01 00:00:01\ta.txt\tcut\n"


def test_any_fault_is_told_and_the_other_work_is_done(tmp_path, database):
    database.transact(lambda conn: records.remarks_of(conn, [(API_ID, "a.txt", "cut", 1.0)]))
    log = tmp_path / "accounts" / API_ID / "history.log"
    told = []

    def break_queue(keeping):
        async def look():
            raise ZeroDivisionError("Sum of Nothing")

        keeping.look = look

    asyncio.run(kept(database, Settings(data=tmp_path), told, log.exists, break_queue))
    assert told == ["queue: Sum of Nothing"]


def test_the_spools_of_all_accounts_are_swept(tmp_path):
    given = {API_ID: AccountSettings(folder=tmp_path / "f", spool=tmp_path / "s")}
    settings = Settings(data=tmp_path, accounts=given)
    assert layout.spools(settings) == (tmp_path / "spool", tmp_path / "s" / "spool")


def test_many_threads_read_while_a_transaction_runs(database):
    """A pool that is too small would close the connection of the transaction."""

    def work(conn):
        conn.execute(tables.setting.insert().values(key="one", value="1"))
        with ThreadPoolExecutor(40) as threads:
            together = Barrier(40)  # so that each thread has a connection of its own
            reads = [threads.submit(database.read, lambda _: together.wait(10)) for _ in range(40)]
            assert sorted(one.result() for one in reads) == list(range(40))
        return conn.execute(select(tables.setting.c.key)).scalars().all()

    assert asyncio.run(database.run(work)) == ["one", "version"]


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """A queue by the clock of the gateway, which stands still."""
    database = SqliteDatabase(tmp_path, make=True)
    found = gatewayqueue.Queue(database)
    found.account()
    monkeypatch.setattr("smsgate.gateway.database.now", lambda: found.now)
    yield found
    database.close()


def states(queue):
    return Counter(row["state"] for row in queue.rows(tables.message))


def by_housekeeping(queue, tmp_path, until, before=lambda _keeping: None):
    """What it told."""
    settings, told = Settings(data=tmp_path, routes=(RouteSettings(name="r"),)), []
    asyncio.run(kept(queue.database, settings, told, until, before))
    return told


def test_a_look_is_some_lots_and_the_next_one_follows_at_once(tmp_path, queue, monkeypatch):
    monkeypatch.setattr(housekeeping, "_ROUND", 3600.0)
    monkeypatch.setattr(housekeeping, "_LOT", 2)
    monkeypatch.setattr(housekeeping, "_LOTS", 3)
    queue.accept(*[new(expires=queue.now + 5)] * 20)
    queue.accept(*[new(due=queue.now + 5)] * 20)
    queue.now += 5
    seen = []

    def watch(keeping):
        look = keeping.look

        async def watched():
            seen.append(await look())
            seen.append(states(queue))
            return seen[-2]

        keeping.look = watched

    by_housekeeping(queue, tmp_path, lambda: False in seen, watch)
    assert seen[:4] == [
        *(True, {"waiting": 14, "expired": 6, "delayed": 20}),
        *(True, {"waiting": 8, "expired": 12, "delayed": 20}),
    ]
    assert seen[-2:] == [False, {"waiting": 20, "expired": 20}]


def test_all_that_is_due_is_done_before_the_start(tmp_path, queue, monkeypatch):
    monkeypatch.setattr(housekeeping, "_LOT", 2)
    monkeypatch.setattr(housekeeping, "_LOTS", 3)
    queue.accept(*[new(expires=queue.now + 5)] * 20)
    queue.accept(*[new(due=queue.now + 5)] * 20)
    queue.now += 5
    seen = []

    def begin(keeping):
        asyncio.get_running_loop().create_task(begun(keeping))

    async def begun(keeping):
        await keeping.begin()
        seen.append(states(queue))

    monkeypatch.setattr(Housekeeping, "run", lambda _: asyncio.Event().wait())
    assert by_housekeeping(queue, tmp_path, lambda: seen, begin) == []
    assert seen == [{"waiting": 20, "expired": 20}]


def test_a_start_tells_of_unknown_messages(tmp_path, queue, monkeypatch):
    queue.accept(*[new()] * 3)
    for due in queue.pick()[:2]:
        queue.end(due, Ended.UNKNOWN)
    begun = []

    def begin(keeping):
        async def work():
            await keeping.begin()
            begun.append(True)

        begun_by = asyncio.get_running_loop().create_task(work())
        keeping.begun_by = begun_by  # so that it is kept

    monkeypatch.setattr(Housekeeping, "run", lambda _: asyncio.Event().wait())
    what = "2 messages in state unknown (sent, and not answered)"
    assert by_housekeeping(queue, tmp_path, lambda: begun, begin) == [
        f"{what}: smsenc gateway message list --state unknown"
    ]


@pytest.mark.parametrize("work", [(expiry, "expire"), (picking, "promote")])
def test_receipts_are_matched_while_there_is_always_more_to_do(tmp_path, queue, monkeypatch, work):
    monkeypatch.setattr(*work, lambda *_: 1)
    monkeypatch.setattr(housekeeping, "_LOTS", 10**9)  # so that a look never ends
    uid = queue.sent("77")
    lots = Counter()

    def until():
        lots["seen"] += 1
        if lots["seen"] == 20:  # in the middle of a look
            receipt = {"route": "r", "key": "77", "smsc_id": "77", "time": queue.now}
            table = insert(tables.early_receipt)
            row = table.values(**receipt, state=int(MessageState.DELIVERED))
            queue.run(lambda conn: conn.execute(row))
        return queue.state(uid)[0] == "delivered"

    by_housekeeping(queue, tmp_path, until)
    assert queue.rows(tables.early_receipt) == []


def test_sessions_that_are_over_are_deleted(tmp_path, database):
    def begin(conn):
        users.add(conn, "anna", UserRole.ADMIN, now=1.0)
        found = users.stored(conn, "anna")
        return [sessions.begin(conn, found.id, found.hash, when) for when in (1.0, databases.now())]

    def left():
        return database.read(lambda conn: len(conn.execute(select(tables.page_session)).all()))

    database.transact(begin)
    assert left() == 2
    told = []
    asyncio.run(kept(database, Settings(data=tmp_path), told, lambda: left() == 1))
    assert told == []

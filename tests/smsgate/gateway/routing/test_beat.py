"""A route that is bound is not taken for down, however long other work takes."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager

import pytest
from smppcentre import Centre

from smsgate.gateway import database as databases
from smsgate.gateway import housekeeping
from smsgate.gateway.folders import AccountFolders
from smsgate.gateway.housekeeping import Housekeeping
from smsgate.gateway.logs.history import HistoryWriter
from smsgate.gateway.nodes.membership import Alone
from smsgate.gateway.queue import expiry
from smsgate.gateway.routing import health
from smsgate.gateway.routing.escalation import Escalation
from smsgate.gateway.sending.fleet import Fleet
from smsgate.gateway.settings import RouteSettings, Settings

LONG = int(10 * health.DOWN)


@pytest.fixture(autouse=True)
def clock(queue, monkeypatch):
    """The clock of the gateway is that of the queue."""
    monkeypatch.setattr(databases, "now", lambda: queue.now)
    monkeypatch.setattr(housekeeping, "_ROUND", 0.005)


@contextmanager
def kept(queue, folder):
    """A housekeeping of a node that is bound to the route ``cheap``."""
    settings = Settings(data=folder)
    folders = AccountFolders(queue.database, settings)
    history = HistoryWriter(queue.database, folders, settings.limits)
    escalation = Escalation(queue.database, lambda: queue.ways)
    yield Housekeeping(
        *(queue.database, history, folders, settings),
        wake=list,
        tell=list,
        escalate=lambda: escalation.look(["cheap"]),
        beat=lambda: escalation.beat(["cheap"]),
    )
    history.close()


async def run_until(keeping, is_over):
    running = asyncio.create_task(keeping.run())
    async with asyncio.timeout(60):
        while not is_over():
            assert not running.done()
            await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_a_route_is_not_down_while_much_expires(queue, tmp_path, monkeypatch):
    begun, seen = queue.now, []

    def expire(conn, now, _most):
        """A lot of very many: it takes a second by the clock."""
        time.sleep(0.02)
        queue.now += 1
        seen.append("cheap" in health.look(conn, queue.ways, now).up)
        return int(now < begun + LONG)

    monkeypatch.setattr(expiry, "expire", expire)
    monkeypatch.setattr(housekeeping, "_LOTS", 10 * LONG)  # in one look
    with kept(queue, tmp_path) as keeping:
        asyncio.run(run_until(keeping, lambda: len(seen) > LONG))
    assert all(seen)


def test_a_round_that_hangs_does_not_stop_the_beat(queue, tmp_path):
    uid = queue.add("cheap", escalates=1)

    async def look():
        await asyncio.Event().wait()

    async def trial(keeping):
        keeping.look = look
        for _ in range(10):
            queue.now += health.DOWN / 2
            await run_until(keeping, lambda: served(queue) == queue.now)
            queue.escalate()  # another node

    with kept(queue, tmp_path) as keeping:
        asyncio.run(trial(keeping))
    queue.now += health.DOWN + 1
    queue.beat("same")
    assert queue.way(uid) == "cheap"
    assert queue.escalate() == 1  # nobody beats any more
    assert queue.way(uid) == "same"


def served(queue):
    (found,) = [one["served"] for one in queue.rows(health.route) if one["name"] == "cheap"]
    return found


def test_there_is_no_beat_more_often_than_needed(queue, monkeypatch):
    beats = []
    monkeypatch.setattr(health, "beat", lambda _conn, bound, now: beats.append((bound, now)))
    escalation = Escalation(queue.database, lambda: queue.ways)

    async def trial():
        for _ in range(2):
            await escalation.beat(["same", "cheap"])
            await escalation.look(["same", "cheap"])

    begun = queue.now
    asyncio.run(trial())
    queue.now += health.BEAT
    asyncio.run(trial())
    assert beats == [
        ([name], now) for now in (begun, begun + health.BEAT) for name in ("cheap", "same")
    ]


def test_routes_have_their_time_from_when_their_senders_start(queue):
    """Whatever was done between their configuration and that."""

    async def trial():
        async with Centre() as centre:
            first, second = (
                RouteSettings(name=one, smsc=centre.smsc()) for one in ("cheap", "same")
            )
            fleet = Fleet(queue.database, (first,), list, Alone(), lambda: queue.ways)
            queue.now += LONG
            await fleet.start()
            assert queue.run(health.look, queue.ways, queue.now).down == {"same", "dear"}
            queue.now += LONG
            await fleet.renew((first, second))
            assert queue.run(health.look, queue.ways, queue.now).down == {"cheap", "dear"}
            await fleet.close()

    asyncio.run(trial())

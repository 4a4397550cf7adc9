"""A sender whose message centre fails: its breaker opens, and one message at a time tries it."""

from __future__ import annotations

import asyncio

import pytest
from queued import ROUTE, Queue
from simulators import run, until
from smppcentre import Centre

from smsenc.smpp import Status
from smsgate.gateway.routing import breaker
from smsgate.gateway.states import State
from smsgate.gateway.tables import route

FAILS = Status.ESME_RSYSERR


@pytest.fixture
def queue(tmp_path):
    found = Queue(tmp_path)
    yield found
    found.close()


def state(queue):
    return queue.database.read(lambda conn: breaker.look(conn, ROUTE))


def test_after_failures_in_a_row_one_message_at_a_time_tries_it(queue):
    async def trial():
        queue.add(300)
        good = asyncio.Event()
        async with (
            Centre(lambda _: 0 if good.is_set() else FAILS) as centre,
            queue.sender(centre.smsc(window=5), failures=4, rest=1.0),
        ):
            await until(lambda: state(queue).failures >= 4)
            at_first = len(centre.bodies)
            assert at_first <= 4 + 15  # what was announced before
            await until(lambda: state(queue).failures >= 6)
            assert len(centre.bodies) == at_first + 2
            rest = queue.count(State.WAITING)
            good.set()
            await until(lambda: queue.count(State.SENT) == rest, 20)
            assert state(queue) == (0, 0)
            assert queue.count(State.DELAYED) == 300 - rest

    run(trial())


def test_a_cut_is_one_failure(queue):
    async def trial():
        queue.add(100)
        async with (
            Centre(lambda n: "cut" if n == 30 else 0) as centre,
            queue.sender(centre.smsc(window=20), failures=3),
        ):
            await queue.until(State.SENT, State.UNKNOWN)
        assert state(queue) == (0, 0)

    run(trial())


def test_what_is_wrong_with_messages_does_not_open_it(queue):
    async def trial():
        queue.add(50)
        async with (
            Centre(lambda _: Status.ESME_RINVDSTADR) as centre,
            queue.sender(centre.smsc(window=5), failures=2),
        ):
            await queue.until(State.FAILED)
        assert state(queue) == (0, 0)

    run(trial())


def test_it_stays_open_over_a_restart(queue):
    async def trial():
        queue.add(20)
        async with Centre(lambda _: FAILS) as centre:
            async with queue.sender(centre.smsc(window=1), failures=2):
                await until(lambda: state(queue).broken)
            await asyncio.sleep(0.2)
            seen = len(centre.bodies)
            async with queue.sender(centre.smsc(window=1), failures=2):
                await asyncio.sleep(1.5)
            assert len(centre.bodies) == seen
        (row,) = queue.rows(route)
        assert row["failures"] == 2

    run(trial())

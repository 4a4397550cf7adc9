"""A sender and the simulator: chaos, receipts of all kinds, and ends by kill -9."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from command import environment
from queued import ROUTE, Queue, number
from simulated import simulator
from simulators import phones, run, until

from smsenc.smpp import Timers
from smsgate.gateway import tables
from smsgate.gateway.queue import ledger, recovery
from smsgate.gateway.settings import Unknown
from smsgate.gateway.states import State
from smsgate.simulator.behaviour import Behaviour, Fate, Fault, IdForm, chances
from smsgate.smppclient import Smsc

QUICK = Timers(response=1.0, session=1.0, enquire=1.0)
COUNT = 300


@pytest.fixture
def queue(tmp_path):
    (tmp_path / "gateway").mkdir()
    found = Queue(tmp_path / "gateway")
    yield found
    assert found.database.transact(ledger.check) == []
    found.close()


@pytest.mark.parametrize("fault", Fault)
def test_chaos(queue, fault):
    behaviour = Behaviour(
        chaos=chances(f"{fault}=0.05", Fault, "chaos"), slow_delay=0.05, receipt_delay=3600
    )

    async def trial():
        queue.add(COUNT)
        async with phones(behaviour=behaviour, keep=0) as simulation:
            async with queue.sender(simulation.smsc(window=10, timers=QUICK)):
                await queue.until(State.SENT, State.UNKNOWN, seconds=60)
            found = await numbers(simulation)
        assert max(found.values()) == 1
        sent = {row["recipient"] for row in queue.rows() if row["state"] == State.SENT}
        assert sent <= set(found)
        if fault in (Fault.THROTTLE, Fault.QUEUE_FULL, Fault.SLOW):
            assert len(sent) == COUNT

    run(trial(), 90)


async def numbers(simulation):
    found = Counter()
    last = 0
    while True:
        page = await simulation.messages(f"?limit=1000&after={last}")
        if not page:
            return found
        found.update(one["to"] for one in page)
        last = page[-1]["id"]


@pytest.mark.parametrize("form", IdForm)
@pytest.mark.parametrize("fate", [Fate.DELIVERED, Fate.EARLY, Fate.FAILED])
def test_receipts_find_their_messages(queue, fate, form):
    behaviour = Behaviour(receipts=chances(f"{fate}", Fate, "receipts"), receipt_id=form)
    state = State.FAILED if fate is Fate.FAILED else State.DELIVERED

    async def trial():
        queue.add(50, deliv_ack=True)
        queue.add(10, first=50, parts=3, text="x" * 400, deliv_ack=True)
        async with (
            phones(behaviour=behaviour) as simulation,
            queue.sender(simulation.smsc(window=10)),
        ):
            await queue.until(state)
            await until(lambda: not queue.rows(tables.early_receipt))

    run(trial())


# --- Ends by kill -9 -----------------------------------------------------------------------------

MANY = 2000
WINDOW = 10
_SENDER = f"""
import asyncio, sys
from queued import Queue
from smsgate.smppclient import Smsc

async def main(folder, port):
    queue = Queue(folder)
    smsc = Smsc(host="127.0.0.1", port=port, user="me", password="secret", window={WINDOW})
    async with queue.sender(smsc):
        print("ready", flush=True)
        await asyncio.sleep(60)

from pathlib import Path
asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


def test_after_kills_nothing_is_sent_twice_and_nothing_is_lost(queue, tmp_path):
    (tmp_path / "phones").mkdir()
    queue.add(MANY)
    rng = random.Random(7)
    with simulator(tmp_path / "phones", "--keep", "0") as simulation:
        for _ in range(8):
            _killed(tmp_path / "gateway", simulation.port, rng.uniform(0, 0.25))
            _recovered(queue)
        smsc = Smsc(host="127.0.0.1", port=simulation.port, user="me", password="secret", window=50)
        asyncio.run(_sent(queue, smsc))
        found = Counter(one["to"] for one in _all(simulation))
    assert set(found.values()) == {1}
    states = {row["recipient"]: row["state"] for row in queue.rows()}
    assert set(states.values()) <= {State.SENT, State.UNKNOWN}
    assert {to for to, state in states.items() if state == State.SENT} <= set(found)
    assert set(found) <= {number(place) for place in range(MANY)}
    assert 1 <= Counter(states.values())[State.UNKNOWN] <= 8 * 6 * WINDOW


def _killed(folder, port, seconds):
    path = os.pathsep.join(one for one in sys.path if one)
    process = subprocess.Popen(
        [sys.executable, "-c", _SENDER, str(folder), str(port)],
        env=environment(PYTHONPATH=path),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def _recovered(queue):
    queue.database.transact(lambda conn: recovery.recover(conn, {ROUTE: Unknown.HOLD}, time.time()))


async def _sent(queue, smsc):
    async with queue.sender(smsc):
        await queue.until(State.SENT, State.UNKNOWN, seconds=60)


def _all(simulation):
    found = []
    while page := simulation.messages(limit=1000, after=found[-1]["id"] if found else 0):
        found += page
    return found

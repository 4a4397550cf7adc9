"""A commit that was kept, and of which the sender does not hear: nothing stays announced."""

from __future__ import annotations

import pytest
from queued import Queue, number
from simulators import run, until
from smppcentre import Centre

from smsgate.errors import OutboxError
from smsgate.gateway.queue import ledger
from smsgate.gateway.sending import sender as senders
from smsgate.gateway.states import State


@pytest.fixture
def queue(tmp_path):
    found = Queue(tmp_path)
    yield found
    assert found.database.transact(ledger.check) == []
    found.close()


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("bad", [0, 1, 3, 6])
def test_all_is_sent_once(queue, monkeypatch, bad, kept):
    monkeypatch.setattr(senders, "_TROUBLE", 0.05)
    once, count = queue.database.run, 0

    async def doubtful(work):
        nonlocal count
        count += 1
        if count - 1 != bad:
            return await once(work)
        if kept:
            await once(work)
        raise OutboxError("the connection was lost at a commit")

    monkeypatch.setattr(queue.database, "run", doubtful)

    async def trial():
        queue.add(120)
        async with Centre() as centre, queue.sender(centre.smsc(window=5)):
            await until(lambda: count > bad, 20)
            await queue.until(State.SENT)
        recipients = sorted(body.destination_addr.digits for body in centre.bodies)
        assert recipients == [number(place) for place in range(120)]

    run(trial())

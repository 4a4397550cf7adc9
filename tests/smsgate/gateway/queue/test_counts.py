from __future__ import annotations

from gatewayqueue import START, new

from smsgate.gateway.queue import counts
from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.states import State


def test_every_state_is_counted(queue):
    assert queue.run(counts.messages) == dict.fromkeys([state.value for state in State], 0)
    queue.accept(new(), new(), new(due=START + 60))
    queue.end(queue.pick(1)[0], Ended.SENT, "a")
    found = queue.run(counts.messages)
    assert {state: count for state, count in found.items() if count} == {
        "delayed": 1,
        "waiting": 1,
        "sent": 1,
    }


def test_accounts(queue):
    queue.account(2, 0, state="closed")
    queue.accept(new(charge=500_000))
    found = queue.run(counts.accounts)
    assert list(found) == ["1", "2"]
    assert found["1"] == {
        "state": "open",
        "balance": "0.5",
        "messages": {**dict.fromkeys([state.value for state in State], 0), "waiting": 1},
    }
    assert (found["2"]["state"], found["2"]["balance"]) == ("closed", "0")


def test_how_long_the_first_has_waited(queue):
    queue.account(2)
    assert queue.run(counts.oldest, START) == {1: 0.0, 2: 0.0, 3: 0.0}
    queue.accept(new(queue=1, due=START - 9), new(queue=3, due=START - 60))
    queue.accept(new(queue=1, due=START - 5), new(queue=3, due=START - 90), account=2)
    assert queue.run(counts.oldest, START) == {1: 9.0, 2: 0.0, 3: 90.0}

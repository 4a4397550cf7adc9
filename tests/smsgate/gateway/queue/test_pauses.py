"""What is paused waits, and everything else goes as before."""

from __future__ import annotations

import pytest
from gatewayqueue import START, new
from hypothesis import given
from hypothesis import strategies as st

from smsgate.gateway.queue import pauses
from smsgate.gateway.queue.pauses import ALL, QUEUES, Pause

PAUSES = st.builds(Pause, st.sampled_from((ALL, 1, 2)), st.sampled_from((ALL, 1, 2, 3)))


@given(st.frozensets(PAUSES))
def test_a_queue_is_open_if_no_pause_is_about_it(found):
    for account in (1, 2, 3):
        closed = {
            queue
            for queue in QUEUES
            for who in (ALL, account)
            for which in (ALL, queue)
            if Pause(who, which) in found
        }
        assert pauses.open_queues(found, account) == tuple(q for q in QUEUES if q not in closed)


@pytest.mark.parametrize(
    ("paused", "picked"),
    [
        ([], "a1 a2 a3 b1 b2 b3"),
        ([Pause(1, ALL)], "b1 b2 b3"),
        ([Pause(ALL, 3)], "a1 a2 b1 b2"),
        ([Pause(2, 1)], "a1 a2 a3 b2 b3"),
        ([Pause(ALL, ALL)], ""),
        ([Pause(1, 1), Pause(2, ALL), Pause(ALL, 2)], "a3"),
    ],
)
def test_what_is_paused_is_not_picked(queue, paused, picked):
    queue.account(2)
    for account, name in ((1, "a"), (2, "b")):
        queue.accept(
            *(new(f"{name}{one}", queue=one) for one in (3, 1, 2)), account=account, file=account
        )
    for one in paused:
        assert queue.run(pauses.begin, one, START)
        assert not queue.run(pauses.begin, one, START)
    assert [due.recipient for due in queue.pick()] == picked.split()
    for one in paused:
        assert queue.run(pauses.end, one)
        assert not queue.run(pauses.end, one)
    rest = {"a1", "a2", "a3", "b1", "b2", "b3"}.difference(picked.split())
    assert {due.recipient for due in queue.pick()} == rest


def test_paused_messages_expire(queue):
    (uid,) = queue.accept(new(expires=START + 10))
    queue.run(pauses.begin, Pause(1, ALL), START)
    queue.now += 11
    assert queue.expire() == 1
    assert queue.state(uid) == ("expired", 10)


def test_pauses_are_named(queue):
    for one in (Pause(1, 3), Pause(ALL, 2), Pause(1, ALL)):
        queue.run(pauses.begin, one, START)
    found = [pauses.said(one) for one in queue.run(pauses.named)]
    assert found == ["queue 2", "account 1", "queue 3 of account 1"]

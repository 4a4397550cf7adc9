from __future__ import annotations

from gatewayqueue import START, new

from smsgate.gateway.queue import expiry


def test_waiting_and_delayed_messages_expire_for_free(queue):
    uids = queue.accept(
        new(expires=START + 5), new(due=START + 9, expires=START + 5), new(expires=START + 6)
    )
    queue.now += 5
    assert queue.expire() == 2
    assert [queue.state(uid)[0] for uid in uids] == ["expired", "expired", "waiting"]
    assert queue.statuses(uids[1]) == [11, 10]
    assert queue.booked(uids[0]) == [("reserve", -100), ("return", 100)]
    assert queue.message(uids[0])["charge"] == 0
    assert queue.balance() == 1_000_000 - 100
    assert queue.expire() == 0


def test_what_is_announced_does_not_expire(queue):
    (uid,) = queue.accept(new(expires=START + 5))
    queue.pick()
    queue.now += 50
    assert queue.expire() == 0
    assert queue.state(uid) == ("sending", 2)


def test_messages_expire_in_lots(queue):
    queue.accept(*[new(expires=START, charge=0)] * 5)
    assert [queue.run(expiry.expire, START, 2) for _ in range(4)] == [2, 2, 1, 0]

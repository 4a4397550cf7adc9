from __future__ import annotations

from gatewayqueue import new

from smsgate.gateway.settings import Unknown


def test_policies(queue):
    ways = ("held", "resent", "gone")
    queue.accept(*(new(way=way) for way in ways))
    held, resent, gone = (queue.pick(1, route)[0].uid for route in ways)
    queue.recover(held=Unknown.HOLD, resent=Unknown.RESEND)
    states = [queue.state(uid) for uid in (held, resent, gone)]
    assert states == [("unknown", 2), ("waiting", 2), ("unknown", 2)]
    assert queue.statuses(held) == [2, 2]
    assert queue.booked(held) == [("reserve", -100)]
    note = "the gateway stopped before the message centre answered"
    assert queue.message(held)["note"] == note
    (again,) = queue.pick(route="resent")
    assert (again.uid, again.attempts) == (resent, 2)


def test_nothing_to_recover(queue):
    (uid,) = queue.accept(new())
    queue.recover()
    assert queue.state(uid) == ("waiting", 2)

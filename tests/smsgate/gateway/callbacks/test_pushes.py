"""Each change that a message's sender wants to be told has one row, made with the change."""

from __future__ import annotations

import gatewayqueue
import pytest
from gatewayqueue import DAY, emptied, new
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsenc.smpp.receipts import MessageState as Said
from smsgate.gateway import tables
from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.queue.pushes import WANTING

CLASSES = {1: {3}, 2: {4, 5, 7, 9, 10, 12}, 4: {5, 7, 9, 10, 12}}


def wanted(bits):
    return set().union(*(statuses for bit, statuses in CLASSES.items() if bits & bit))


def pushed(queue, uid):
    """The statuses of a message's callbacks, in order."""
    condition = tables.callback.c.message == queue.message(uid)["id"]
    return [row["status"] for row in queue.rows(tables.callback, condition)]


@pytest.mark.parametrize("bits", range(8))
def test_the_classes_are_those_of_the_retired_service(queue, bits):
    assert {status for status, of in WANTING.items() if of & bits} == wanted(bits)
    delivered = queue.sent("a", callback=bits)
    failed = queue.sent("b", callback=bits)
    queue.receive(("a", Said.DELIVERED), ("b", Said.UNDELIVERABLE))
    (late,) = queue.accept(new(callback=bits, expires=queue.now + 1))
    queue.now += 2
    queue.expire()
    for uid, statuses in ((delivered, [3, 4]), (failed, [3, 7]), (late, [10])):
        assert pushed(queue, uid) == [one for one in statuses if one in wanted(bits)]


def test_a_receipt_before_the_answer_is_told_after_it(queue):
    (uid,) = queue.accept(new(callback=7))
    (due,) = queue.pick()
    queue.receive(("a", Said.DELIVERED))
    queue.end(due, Ended.SENT, "a")
    assert pushed(queue, uid) == [3, 4]


def test_a_change_that_is_undone_leaves_nothing(queue):
    queue.accept(new(callback=7))
    (due,) = queue.pick()

    def fails(conn):
        gatewayqueue.outcomes.record(
            conn, "r", [gatewayqueue.Outcome(due.message, ((1, "a"),), Ended.SENT)], queue.now
        )
        raise KeyError

    with pytest.raises(KeyError):
        queue.run(fails)
    assert queue.rows(tables.callback) == []
    queue.end(due, Ended.SENT, "a")
    assert len(queue.rows(tables.callback)) == 1


STEPS = st.lists(
    st.sampled_from(
        (
            *("accept", "pick", "sent", "later", "refused", "unknown", "receipt", "bad", "expire"),
            *("cancel", "resend", "recover", "time"),
        )
    ),
    max_size=40,
)


class World:
    """Does steps to a queue: what they do depends on the messages that there are."""

    def __init__(self, queue, bits):
        self.queue, self.bits = queue, bits
        self.uids: list = []
        self.dues: list = []
        self.ids: list = []

    def do(self, step, number):
        getattr(self, step, lambda: self.end(step, number))()

    def accept(self):
        lot = [new(callback=bits, parts=parts) for bits in self.bits for parts in (1, 2)]
        self.uids += self.queue.accept(*lot)

    def pick(self):
        self.dues += self.queue.pick(5)

    def end(self, step, number):
        for due in self.dues[:2]:
            ids = [f"{number:04}{due.message:04}{part}" for part in range(due.parts)]
            given = ids[due.first_part - 1 :] if step == "sent" else ()
            self.queue.end(due, Ended(step), *given)
            self.ids += given
        del self.dues[:2]

    def receipt(self):
        self.queue.receive(*((one, Said.DELIVERED) for one in self.ids[::2]))

    def bad(self):
        self.queue.receive(*((one, Said.REJECTED) for one in self.ids[1::3]))

    def expire(self):
        self.queue.now += DAY / 3
        self.queue.expire()

    def cancel(self):
        for uid in self.uids[::3]:
            self.queue.cancel(uid)

    def resend(self):
        for uid in self.uids:
            self.queue.resend(uid)

    def recover(self):
        self.queue.recover()
        self.dues.clear()

    def time(self):
        self.queue.now += 60
        self.queue.promote()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_callbacks_are_the_events_that_are_wanted(database, steps):
    queue = gatewayqueue.Queue(emptied(database))
    queue.account()
    world = World(queue, (0, 1, 2, 4, 7))
    for number, step in enumerate(["accept", "pick", *steps]):
        world.do(step, number)
    bits = {row["id"]: row["callback"] for row in queue.rows(tables.message)}
    expected = [
        (row["id"], row["message"], row["status"], row["charge"], row["time"])
        for row in queue.rows(tables.event)
        if row["status"] in wanted(bits[row["message"]])
    ]
    found = [
        (row["event"], row["message"], row["status"], row["charge"], row["time"])
        for row in queue.rows(tables.callback)
    ]
    assert sorted(found) == expected

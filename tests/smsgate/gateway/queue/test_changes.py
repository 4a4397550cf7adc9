from __future__ import annotations

import pytest
from gatewayqueue import DAY, START, new

from smsenc.smpp.receipts import MessageState as Said
from smsgate.gateway import tables
from smsgate.gateway.queue import ledger
from smsgate.gateway.queue.outcomes import Ended


@pytest.fixture
def due(queue):
    queue.accept(new(parts=2))
    (found,) = queue.pick()
    return found


@pytest.mark.parametrize("time", [START, START + 60])
def test_a_message_that_waits_is_cancelled_for_free(queue, time):
    (uid,) = queue.accept(new(due=time))
    assert queue.cancel(uid.upper()) == ""
    assert queue.state(uid) == ("cancelled", 6)
    assert queue.statuses(uid)[-1] == 6
    assert queue.booked(uid) == [("reserve", -100), ("return", 100)]
    assert queue.pick() == []
    assert queue.cancel(uid) == "it is cancelled already"
    assert queue.resend(uid) == "it is cancelled"


def test_one_that_went_in_part_costs_the_part(queue, due):
    queue.end(due, Ended.LATER, "a")
    assert queue.cancel(due.uid) == ""
    assert queue.booked(due.uid) == [("reserve", -100), ("return", 50)]


@pytest.mark.parametrize("uid", ["", "0" * 32, "' OR 1=1 --"])
def test_no_such_message(queue, uid):
    assert queue.cancel(uid) == "no message has this id"
    assert queue.resend(uid) == "no message has this id"


def test_what_is_being_sent_stays(queue, due):
    assert queue.cancel(due.uid) == "it is being sent at the moment"
    assert queue.resend(due.uid) == "it is being sent at the moment"


def test_what_may_have_been_sent_is_not_cancelled(queue, due):
    queue.end(due, Ended.UNKNOWN)
    assert queue.cancel(due.uid) == "it may have been sent: the message centre has not answered"
    assert queue.booked(due.uid) == [("reserve", -100)]


def test_what_was_sent_stays(queue):
    uid = queue.sent("a")
    assert queue.cancel(uid) == queue.resend(uid) == "it has been sent"
    queue.receive(("a", Said.DELIVERED))
    assert queue.cancel(uid) == queue.resend(uid) == "it has been sent"


def test_what_waits_is_not_resent(queue):
    waiting, delayed = queue.accept(new(), new(due=START + 60))
    assert queue.resend(waiting) == queue.resend(delayed) == "it has not been sent yet"


def test_what_has_expired_stays(queue):
    (uid,) = queue.accept(new(expires=START))
    queue.expire()
    assert queue.cancel(uid) == queue.resend(uid) == "its validity is over"


def test_an_unknown_message_is_sent_again_after_its_accepted_parts(queue, due):
    queue.end(due, Ended.UNKNOWN, "a")
    assert queue.resend(due.uid) == ""
    assert queue.statuses(due.uid) == [2, 2, 2]
    assert queue.booked(due.uid) == [("reserve", -100)]
    (again,) = queue.pick()
    assert (again.first_part, again.attempts, again.charge) == (2, 2, 100)


def test_not_when_its_validity_is_over(queue, due):
    queue.end(due, Ended.UNKNOWN)
    queue.now += DAY
    assert queue.resend(due.uid) == "its validity is over"
    assert queue.state(due.uid)[0] == "unknown"


def test_a_failed_message_is_sent_as_a_whole_and_paid_again(queue, due):
    queue.end(due, Ended.REFUSED, "a")
    assert queue.cancel(due.uid) == "it has failed"
    assert queue.resend(due.uid) == ""
    assert queue.booked(due.uid) == [("reserve", -100), ("return", 50), ("reserve", -100)]
    assert queue.rows(tables.part) == []
    (again,) = queue.pick()
    assert (again.first_part, again.charge) == (1, 100)
    queue.end(again, Ended.SENT, "b", "c")
    assert queue.balance() == 1_000_000 - 50 - 100


def test_one_that_failed_by_its_receipt_as_well(queue):
    uid = queue.sent("a")
    queue.receive(("a", Said.UNDELIVERABLE))
    assert queue.resend(uid) == ""
    queue.end(queue.pick()[0], Ended.SENT, "b")
    queue.receive(("a", Said.UNDELIVERABLE), ("b", Said.DELIVERED))
    assert queue.state(uid) == ("delivered", 4)
    assert queue.balance() == 1_000_000 - 200


def test_not_without_credits(queue, due):
    queue.end(due, Ended.REFUSED)
    queue.run(ledger.grant, 1, 99 - 1_000_000, "", queue.now)
    assert queue.resend(due.uid) == "the balance does not cover it: it costs 0.0001 credits"
    assert queue.state(due.uid)[0] == "failed"

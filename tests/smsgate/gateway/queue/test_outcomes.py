from __future__ import annotations

import pytest
from gatewayqueue import DAY, new

from smsgate.gateway import tables
from smsgate.gateway.queue.outcomes import Ended, Outcome


@pytest.fixture
def due(queue):
    queue.accept(new(parts=3, charge=100))
    (found,) = queue.pick()
    return found


def test_sent(queue, due):
    queue.end(due, Ended.SENT, "A", "0b", "0")
    assert queue.state(due.uid) == ("sent", 3)
    assert queue.statuses(due.uid) == [2, 3]
    assert queue.booked(due.uid) == [("reserve", -100), ("settle", 0)]
    found = queue.rows(tables.part)
    assert [(row["number"], row["route"], row["smsc_id"], row["key"]) for row in found] == [
        (1, "r", "A", "a"),
        (2, "r", "0b", "b"),
        (3, "r", "0", "0"),
    ]


@pytest.mark.parametrize(("used", "back"), [(60, 40), (0, 100), (100, 0), (500, 0), (-5, 100)])
def test_what_it_did_not_cost_is_returned(queue, due, used, back):
    queue.end(due, Ended.SENT, "a", "b", "c", used=used)
    assert queue.booked(due.uid) == [("reserve", -100), ("settle", back)]
    assert queue.message(due.uid)["charge"] == 100 - back
    assert queue.balance() == 1_000_000 - 100 + back


@pytest.mark.parametrize(("status", "expected"), [(0, 5), (5, 5), (9, 9)])
def test_refused(queue, due, status, expected):
    queue.end(due, Ended.REFUSED, status=status, detail="not a\nnumber")
    assert queue.state(due.uid) == ("failed", expected)
    assert queue.statuses(due.uid) == [2, expected]
    assert queue.booked(due.uid) == [("reserve", -100), ("return", 100)]
    assert queue.message(due.uid)["note"] == "not a\\nnumber"


def test_refused_after_a_part_costs_the_part(queue, due):
    queue.end(due, Ended.REFUSED, "a")
    assert queue.booked(due.uid) == [("reserve", -100), ("return", 67)]
    assert queue.message(due.uid)["charge"] == 33


def test_later_with_a_pause(queue, due):
    queue.end(due, Ended.LATER, pause=30, detail="throttled")
    assert queue.state(due.uid) == ("delayed", 2)
    queue.now += 29
    assert queue.promote() == 0
    queue.now += 1
    assert queue.promote() == 1
    assert queue.statuses(due.uid) == [2, 2]
    (again,) = queue.pick()
    assert again.attempts == 2
    assert queue.message(due.uid)["note"] == "throttled"


def test_later_without_a_pause_is_first_again(queue, due):
    queue.accept(new())
    queue.end(due, Ended.LATER)
    assert queue.pick()[0].uid == due.uid
    assert queue.booked(due.uid) == [("reserve", -100)]


def test_tried_again_and_again_it_expires_and_pays_what_went(queue, due):
    queue.end(due, Ended.LATER, "a", pause=30)
    queue.now += DAY
    assert queue.expire() == 1
    assert queue.state(due.uid) == ("expired", 10)
    assert queue.booked(due.uid) == [("reserve", -100), ("return", 67)]


def test_unknown_stays_reserved(queue, due):
    queue.end(due, Ended.UNKNOWN, "a", detail="connection lost")
    assert queue.state(due.uid) == ("unknown", 2)
    assert queue.booked(due.uid) == [("reserve", -100)]
    assert queue.message(due.uid)["note"] == "connection lost"
    queue.now += 10 * DAY
    assert queue.expire() == 0
    assert queue.pick() == []


def test_unknown_twice_is_not_news(queue, due):
    queue.end(due, Ended.UNKNOWN)
    queue.end(due, Ended.UNKNOWN)
    assert queue.statuses(due.uid) == [2, 2]


def test_an_answer_may_come_after_all(queue, due):
    queue.end(due, Ended.UNKNOWN)
    queue.end(due, Ended.SENT, "a", "b", "c")
    assert queue.state(due.uid) == ("sent", 3)


def test_given_back_leaves_no_trace(queue, due):
    before = queue.message(due.uid)
    queue.end(due, Ended.GIVEN_BACK)
    assert queue.state(due.uid) == ("waiting", 2)
    assert queue.statuses(due.uid) == [2]
    (again,) = queue.pick()
    assert again == due
    assert queue.message(due.uid) == before


def test_given_back_after_a_part_remembers_it(queue, due):
    queue.end(due, Ended.GIVEN_BACK, "a")
    (again,) = queue.pick()
    assert (again.first_part, again.accepted) == (2, (1,))


@pytest.mark.parametrize("ended", Ended)
def test_outcomes_that_come_again_change_nothing(queue, due, ended):
    lot = [Outcome(due.message, (), ended, pause=5)]
    queue.record(*lot)
    before = [queue.rows(table) for table in (tables.message, tables.ledger, tables.event)]
    queue.record(*lot)
    after = [queue.rows(table) for table in (tables.message, tables.ledger, tables.event)]
    assert before == after


def test_outcomes_of_other_routes_and_of_nothing_change_nothing(queue, due):
    queue.record(Outcome(due.message, (), Ended.SENT), route="other")
    queue.record(Outcome(99, (), Ended.SENT))
    queue.record()
    assert queue.state(due.uid) == ("sending", 2)


def test_a_message_twice_in_a_lot(queue, due):
    queue.record(Outcome(due.message, (), Ended.REFUSED), Outcome(due.message, (), Ended.REFUSED))
    assert queue.booked(due.uid) == [("reserve", -100), ("return", 100)]


def test_a_part_that_is_accepted_again_has_its_new_id(queue, due):
    queue.end(due, Ended.LATER, "a")
    (again,) = queue.pick()
    queue.record(Outcome(again.message, ((1, "x"), (2, "y"), (3, "z")), Ended.SENT))
    assert [row["smsc_id"] for row in queue.rows(tables.part)] == ["x", "y", "z"]


def test_notes_are_short(queue, due):
    queue.end(due, Ended.REFUSED, detail="x" * 10_000)
    assert len(queue.message(due.uid)["note"]) < 250


def test_a_lot_of_all_kinds(queue):
    queue.account(2)
    queue.accept(*[new()] * 3, account=1)
    queue.accept(*[new()] * 3, account=2)
    found = queue.pick()
    ends = [Ended.SENT, Ended.REFUSED, Ended.LATER, Ended.UNKNOWN, Ended.REFUSED, Ended.SENT]
    queue.record(
        *(
            Outcome(due.message, ((1, str(due.message)),) if end is Ended.SENT else (), end)
            for due, end in zip(found, ends, strict=True)
        )
    )
    states = [queue.state(due.uid)[0] for due in found]
    assert states == ["sent", "failed", "waiting", "unknown", "failed", "sent"]
    assert (queue.balance(1), queue.balance(2)) == (1_000_000 - 200, 1_000_000 - 200)

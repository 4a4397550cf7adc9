from __future__ import annotations

from collections import Counter
from itertools import groupby

import pytest
from gatewayqueue import DAY, START, new
from sqlalchemy import insert

from smsgate.gateway import tables
from smsgate.gateway.queue import picking
from smsgate.gateway.queue.outcomes import Ended, Outcome


def recipients(found):
    return [due.recipient for due in found]


def test_a_picked_message_is_announced(queue):
    (uid,) = queue.accept(new("31612345678", text="Hoi", parts=3, charge=9), file=4)
    (due,) = queue.pick()
    assert due == (queue.message(uid)["id"], uid, 1, "31612345678", "Hoi", 4, 3, 9, 1, START, 1, ())
    found = queue.message(uid)
    assert (found["state"], found["route"], found["attempts"]) == ("sending", "r", 1)
    assert queue.statuses(uid) == [2]
    assert queue.pick() == []


def test_queues_then_the_order_of_acceptance(queue):
    queue.accept(*(new(f"{number}", queue=number % 3 + 1) for number in range(9)))
    assert recipients(queue.pick()) == ["0", "3", "6", "1", "4", "7", "2", "5", "8"]


def test_a_route_leaves_what_it_cannot_carry(queue):
    queue.accept(*(new(f"{number}", features=number) for number in range(5)))
    assert recipients(queue.pick(lacking=2)) == ["0", "1", "4"]
    assert recipients(queue.pick(lacking=1)) == ["2"]
    assert recipients(queue.pick()) == ["3"]


def test_no_more_parts_than_asked_for(queue):
    queue.accept(*(new(f"{number}", parts=2) for number in range(5)))
    assert recipients(queue.pick(5)) == ["0", "1"]
    assert recipients(queue.pick(6)) == ["2", "3", "4"]


def test_the_first_message_goes_whatever_its_parts(queue):
    queue.accept(new("long", parts=20), new("short"))
    assert recipients(queue.pick(3)) == ["long"]
    assert queue.pick(0) == []


def test_a_long_message_is_not_passed_for_ever(queue):
    queue.account(2)
    queue.accept(new("short"), new("long", parts=8))
    queue.accept(*[new("other")] * 100, account=2)
    after, found = 0, []
    for _ in range(4):
        picked = queue.pick(4, after=after)
        found += recipients(picked)
        after = picked[-1].account
    assert "long" in found


def test_accounts_take_turns(queue):
    for number in (2, 3):
        queue.account(number)
    queue.accept(*[new()] * 40, account=1)
    queue.accept(*[new()] * 40, account=2)
    queue.accept(*[new()] * 5, account=3)
    found = [due.account for due in queue.pick(60)]
    turns = [(account, len(list(ones))) for account, ones in groupby(found)]
    assert turns == [(1, 10), (2, 10), (3, 5), (1, 10), (2, 10), (1, 10), (2, 5)]


def test_the_next_pick_goes_on_with_the_next_account(queue):
    for number in (2, 3):
        queue.account(number)
    for number in (1, 2, 3):
        queue.accept(*[new()] * 20, account=number)
    after, found = 0, []
    for _ in range(6):
        picked = queue.pick(4, after=after)
        after = picked[-1].account
        found.append(after)
    assert found == [1, 2, 3, 1, 2, 3]


def test_many_messages_of_one_account_do_not_delay_the_few_of_another(queue):
    queue.account(2)
    queue.accept(*[new(charge=0)] * 5000, account=1)
    queue.accept(*[new(charge=0)] * 10, account=2)
    assert Counter(due.account for due in queue.pick(50)) == {1: 40, 2: 10}


def test_turns_count_parts(queue):
    queue.account(2)
    queue.accept(*[new(parts=5)] * 10, account=1)
    queue.accept(*[new()] * 10, account=2)
    assert Counter(due.account for due in queue.pick(20)) == {1: 2, 2: 10}


def test_nothing_goes_when_its_validity_is_over(queue):
    old, ok = queue.accept(new("old", expires=START + 5), new("ok", expires=START + 6))
    queue.now = START + 5
    assert recipients(queue.pick()) == ["ok"]
    assert queue.state(old) == ("expired", 10)
    assert queue.booked(old) == [("reserve", -100), ("return", 100)]
    assert queue.state(ok)[0] == "sending"


def test_nor_when_more_are_over_aged_than_one_transaction_expires(queue, monkeypatch):
    monkeypatch.setattr(picking.expiry.expire, "__defaults__", (3,))
    queue.accept(*[new("old", expires=START + 5, charge=0)] * 20, new("ok"))
    queue.now = START + 5
    assert recipients(queue.pick()) == ["ok"]
    assert Counter(row["state"] for row in queue.rows(tables.message)) == {
        "expired": 3,
        "waiting": 17,
        "sending": 1,
    }


def test_a_paused_route_gets_nothing(queue):
    queue.accept(new(way="paused"), new(way="open"))
    queue.run(lambda conn: conn.execute(insert(tables.route).values(name="paused", state="paused")))
    queue.run(lambda conn: conn.execute(insert(tables.route).values(name="open", state="open")))
    assert queue.pick(route="paused") == []
    assert len(queue.pick(route="open")) == 1


def test_a_frozen_account_sends_nothing_and_a_closed_one_what_was_accepted(queue):
    queue.account(2, state="frozen")
    queue.account(3, state="closed")
    for number in (1, 2, 3):
        queue.accept(new(str(number)), account=number)
    assert recipients(queue.pick()) == ["1", "3"]
    assert queue.pick(after=2) == []


def test_a_message_continues_after_the_parts_that_were_accepted(queue):
    queue.accept(new(parts=4))
    (due,) = queue.pick()
    queue.end(due, Ended.LATER, "a", "b")
    (again,) = queue.pick()
    assert (again.attempts, again.first_part, again.accepted) == (2, 3, (1, 2))


def test_parts_may_be_accepted_out_of_order(queue):
    queue.accept(new(parts=3))
    (due,) = queue.pick()
    queue.record(Outcome(due.message, ((2, "b"),), Ended.LATER))
    (again,) = queue.pick()
    assert (again.first_part, again.accepted) == (1, (2,))


def test_delayed_messages_wait_when_their_time_has_come(queue):
    first, second = queue.accept(new(due=START + 60), new(due=START + 61))
    queue.now = START + 60
    assert queue.promote() == 1
    assert queue.state(first) == ("waiting", 2)
    assert queue.statuses(first) == [11, 2]
    assert queue.state(second) == ("delayed", 11)
    assert queue.promote() == 0


def test_they_are_promoted_in_lots(queue):
    queue.accept(*[new(due=START + 60, charge=0)] * 5)
    queue.now += DAY / 2
    assert [queue.run(picking.promote, queue.now, 2) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.parametrize("after", [0, 1, 2, 5, 9])
def test_each_account_is_found_from_any_start(queue, after):
    for number in (2, 5):
        queue.account(number)
    for number in (1, 2, 5):
        queue.accept(new(), account=number)
    order = [due.account for due in queue.pick(after=after)]
    assert order == sorted((1, 2, 5), key=lambda number: (number <= after, number))

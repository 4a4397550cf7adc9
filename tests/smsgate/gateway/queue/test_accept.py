from __future__ import annotations

import uuid

from gatewayqueue import DAY, START, new


def test_an_accepted_message_waits_and_its_credits_are_reserved(queue):
    (uid,) = queue.accept(new(charge=300))
    assert queue.state(uid) == ("waiting", 2)
    assert queue.statuses(uid) == [2]
    assert queue.booked(uid) == [("reserve", -300)]
    assert queue.balance() == 1_000_000 - 300


def test_one_that_is_not_due_is_delayed(queue):
    (uid,) = queue.accept(new(due=START + 60))
    assert queue.state(uid) == ("delayed", 11)
    assert queue.statuses(uid) == [11]
    assert queue.pick() == []


def test_what_it_says_is_kept(queue):
    given = new("31612345678", line=7, text="Hoi", queue=1, parts=2, expires=START + 9)
    (uid,) = queue.accept(given, file=5)
    found = queue.message(uid)
    kept = {name: one for name, one in given._asdict().items() if name != "costs"}
    assert {name: found[name] for name in kept} == kept
    assert (found["account"], found["file"], found["changed"]) == (1, 5, START)


def test_all_that_the_balance_covers_is_accepted(queue):
    queue.account(2, 250)
    found = queue.accept(*(new(charge=amount) for amount in (100, 200, 150, 1, 0)), account=2)
    assert [uid is not None for uid in found] == [True, False, True, False, True]
    assert queue.balance(2) == 0


def test_an_account_that_is_not_there_has_no_credits(queue):
    assert queue.accept(new(), account=9) == [None]


def test_an_empty_lot(queue):
    assert queue.accept() == []


def test_uids_are_in_order_and_unique(queue):
    uids = queue.accept(*[new(charge=0)] * 1000)
    queue.now += 0.001
    uids += queue.accept(*[new(charge=0)] * 1000)
    assert uids == sorted(set(uids))
    found = uuid.UUID(uids[0])
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert found.hex == uids[0]


def test_a_clock_that_was_set_back_changes_no_order(queue):
    (first,) = queue.accept(new(charge=0))
    queue.now -= DAY
    (second,) = queue.accept(new(charge=0, due=0))
    assert [due.uid for due in queue.pick()] == [first, second]


def test_of_what_may_cost_less_the_dearest_that_the_balance_covers_is_reserved(queue):
    queue.account(2, 250)
    dear = {"escalates": 1, "costs": (50, 80, 100), "charge": 100}
    found = queue.accept(*(new(**dear) for _ in range(5)), account=2)
    charges = [queue.message(uid)["charge"] for uid in found if uid]
    assert charges == [100, 100, 50]
    assert queue.balance(2) == 0

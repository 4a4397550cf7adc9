"""The quick way of messages that were sent at their first try does what the general one does."""

from __future__ import annotations

import gatewayqueue
import pytest
from gatewayqueue import emptied, new

from smsenc.smpp.receipts import MessageState
from smsgate.gateway import tables
from smsgate.gateway.queue import firsttry, outcomes
from smsgate.gateway.queue.outcomes import Ended, Outcome

TABLES = (tables.message, tables.event, tables.ledger, tables.part, tables.early_receipt)


def picked(queue, count=3, **changed):
    """The numbers of new messages that are with the route ``r``."""
    queue.accept(*[new(**changed)] * count)
    return [due.message for due in queue.pick(parts=1000)]


def are_all(queue, messages, route="r"):
    return queue.run(firsttry.are_all, route, messages)


# are_all ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 9, 10, 11, 199, 201])
def test_all_are_with_their_route_for_the_first_time(queue, count):
    """Also where a list is filled up with its last number, which counts once."""
    found = picked(queue, count)
    assert len(found) == count
    assert are_all(queue, found)


def test_more_than_one_statement_takes(queue):
    found = picked(queue, 1000) + picked(queue, 1)
    assert are_all(queue, found)
    assert not are_all(queue, [*found, 9999])


def test_none_are_all(queue):
    assert are_all(queue, [])


def test_not_with_another_route(queue):
    assert not are_all(queue, picked(queue), "other")


def test_not_what_is_no_message(queue):
    assert not are_all(queue, [*picked(queue), 99])


def test_not_at_a_second_try(queue):
    queue.accept(new())
    (due,) = queue.pick()
    queue.end(due, Ended.LATER)
    (again,) = queue.pick()
    assert again.attempts == 2
    assert not are_all(queue, [again.message, *picked(queue)])


@pytest.mark.parametrize("ended", Ended)
def test_not_what_has_ended(queue, ended):
    queue.accept(new())
    (due,) = queue.pick()
    queue.end(due, ended)
    assert not are_all(queue, [due.message])


def test_not_what_waits(queue):
    queue.accept(new())
    assert not are_all(queue, [1])


# settle -------------------------------------------------------------------------------------------


def test_they_are_sent_and_what_was_reserved_is_spent(queue):
    found = picked(queue, 3, charge=70)
    before, later = queue.balance(), queue.now + 5
    queue.run(firsttry.settle, found[:2][::-1], later)
    rows = queue.rows(tables.message)
    assert [row["state"] for row in rows] == ["sent", "sent", "sending"]
    assert [row["status"] for row in rows] == [3, 3, 2]
    assert [row["changed"] for row in rows[:2]] == [later, later]
    assert queue.balance() == before
    events = queue.rows(tables.event, tables.event.c.time == later)
    assert [(row["message"], row["status"], row["charge"]) for row in events] == [
        (message, 3, 70) for message in found[:2]
    ]
    spent = queue.rows(tables.ledger, tables.ledger.c.time == later)
    assert [(row["message"], row["kind"], row["amount"]) for row in spent] == [
        (message, "settle", 0) for message in found[:2]
    ]


def test_each_account_has_its_own(queue):
    queue.account(2)
    queue.accept(new(), account=2)
    found = picked(queue, 1)
    queue.run(firsttry.settle, found, queue.now + 5)
    for table in (tables.event, tables.ledger):
        rows = queue.rows(table, table.c.time == queue.now + 5)
        assert sorted(row["account"] for row in rows) == [1, 2]


# Equal to the general way -------------------------------------------------------------------------


def contents(queue):
    """All rows but for the names of messages, which are random, and the order of events."""
    found = {}
    for table in TABLES:
        left_out = {"uid"} if table is tables.message else {"id"}
        rows = [{k: v for k, v in row.items() if k not in left_out} for row in queue.rows(table)]
        found[table.name] = sorted(map(repr, rows))
    return found | {"balances": [queue.balance(1), queue.balance(2)]}


def sent(due, *, ids=None, **named):
    numbers = range(due.first_part, due.parts + 1)
    parts = tuple((no, ids or f"{due.message}-{no}") for no in numbers if no not in due.accepted)
    return Outcome(due.message, parts, Ended.SENT, **named)


def first_tries(due):
    return [sent(one) for one in due]


def of_all_kinds(due):
    first, second, third, fourth, fifth, sixth, *rest = due
    return [
        sent(first, used=10),
        sent(second, detail="slow"),
        Outcome(third.message, (), Ended.REFUSED, "no", 9),
        Outcome(fourth.message, (), Ended.LATER, pause=5.0),
        Outcome(fifth.message, (), Ended.UNKNOWN),
        Outcome(sixth.message, (), Ended.GIVEN_BACK),
        *first_tries(rest),
    ]


def one_twice(due):
    return [*first_tries(due), sent(due[0])]


def one_unknown(due):
    return [*first_tries(due), Outcome(999, ((1, "x"),), Ended.SENT)]


def with_early_receipts(due):
    return [sent(one, ids="early" if one.message == 1 else None) for one in due]


LOTS = (first_tries, of_all_kinds, one_twice, one_unknown, with_early_receipts)


def run(database, make, *, second_tries):
    queue = gatewayqueue.Queue(emptied(database))
    queue.account()
    queue.account(2)
    for account in (1, 2):
        lot = [new(parts=1 + n % 3, charge=100 * (1 + n % 3)) for n in range(6)]
        queue.accept(*lot, account=account)
    if second_tries:
        for one in queue.pick(parts=5):
            queue.end(one, Ended.LATER, "a")
    queue.receive(("early", MessageState.DELIVERED))
    due = sorted(queue.pick(parts=1000))
    queue.now += 3
    queue.record(*make(due))
    return contents(queue)


@pytest.mark.parametrize("second_tries", [False, True])
@pytest.mark.parametrize("make", LOTS)
def test_both_ways_write_the_same(database, monkeypatch, make, second_tries):
    settled = []
    settle = firsttry.settle
    monkeypatch.setattr(
        outcomes.firsttry, "settle", lambda *given: (settled.append(1), settle(*given))
    )
    quick = run(database, make, second_tries=second_tries)
    # Second tries are among the first six messages, which of all kinds go the general way.
    quickly = make is of_all_kinds or (make not in {one_twice, one_unknown} and not second_tries)
    assert bool(settled) == quickly
    monkeypatch.setattr(outcomes.firsttry, "are_all", lambda *_: False)
    assert quick == run(database, make, second_tries=second_tries)

"""Callbacks in the database: who takes which, when they are tried again, and which URLs rest."""

from __future__ import annotations

from itertools import pairwise

import pytest
from gatewayqueue import START, new
from hypothesis import given
from hypothesis import strategies as st
from plans import explained

from smsenc.smpp.receipts import MessageState as Said
from smsgate.gateway import tables
from smsgate.gateway.callbacks import breaker, claims, contents, pruning, shown, timetable, urls
from smsgate.gateway.callbacks.breaker import FAILURES, Health, Result
from smsgate.gateway.callbacks.claims import Outcome
from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.states import CallbackKind

STATUS = CallbackKind.STATUS
MINUTE = 60.0


def claim(queue, most=100, *, account=1, node=1):
    return queue.run(claims.claim, account, STATUS, most, node, queue.now)


def fail(queue, one, node=1):
    queue.run(claims.record, [Outcome(one, detail="answered 500")], node, queue.now)


def rows(queue, *names):
    found = queue.rows(tables.callback)
    return [tuple(row[name] for name in names) for row in found]


def delivered(queue, name="a"):
    """A message with two callbacks, 003 and 004."""
    uid = queue.sent(name, callback=7)
    queue.receive((name, Said.DELIVERED))
    return uid


def test_what_one_node_has_taken_no_other_gets(queue):
    for name in "abcd":
        queue.sent(name, callback=1)
    first = claim(queue, 3, node=1)
    second = claim(queue, 3, node=2)
    assert [one.id for one in first + second] == [1, 2, 3, 4]
    queue.run(
        claims.record, [Outcome(one, ok=True, detail="answered 200") for one in first], 1, 5.0
    )
    assert rows(queue, "state", "node")[:3] == [("done", None)] * 3
    assert claim(queue) == []


def test_the_timetable_is_that_of_the_retired_service(queue):
    queue.sent("a", callback=1)
    pauses = []
    while found := claim(queue):
        fail(queue, *found)
        ((due, state),) = rows(queue, "due", "state")
        pauses.append(due - queue.now)
        queue.now = due - 1
        assert claim(queue) == []
        queue.now = due
    assert state == "failed"
    expected = [2, 4, 8, 16, 32, 64, 128, 3 * 24 * 60]
    assert pauses == [minutes * MINUTE for minutes in expected] + [0.0]
    replies = [timetable.pause(CallbackKind.REPLY, tries) for tries in range(1, 7)]
    assert replies == [120, 240, 480, 960, 1500, None]


def test_callbacks_of_one_message_come_in_order(queue):
    delivered(queue)
    delivered(queue, "b")
    assert [one.message for one in claim(queue)] == [1, 2]
    assert claim(queue) == []


def test_the_next_one_waits_for_three_failures_of_the_one_before(queue):
    delivered(queue)
    due = []
    for _ in range(2):
        (first,) = claim(queue)
        assert first.id == 1
        fail(queue, first)
        due = [row[0] for row in rows(queue, "due")]
        assert due[0] == due[1]
        queue.now = due[0]
    (first,) = claim(queue)
    fail(queue, first)
    (second,) = claim(queue)
    assert (first.id, second.id) == (1, 2)


def test_one_that_comes_later_waits_as_well(queue):
    queue.sent("a", callback=7)
    fail(queue, *claim(queue))
    queue.receive(("a", Said.DELIVERED))
    assert len({row[0] for row in rows(queue, "due")}) == 1
    assert claim(queue) == []
    queue.now += 2 * MINUTE
    assert [one.id for one in claim(queue)] == [1]
    assert claim(queue) == []


def test_a_dead_node_gives_back_after_its_lease(queue):
    queue.sent("a", callback=1)
    (lost,) = claim(queue, node=1)
    assert queue.run(claims.give_back_old, 2, queue.now + 59, 60.0) == 0
    assert queue.run(claims.give_back_old, 1, queue.now + 61, 60.0) == 0
    assert queue.run(claims.give_back_old, 2, queue.now + 61, 60.0) == 1
    queue.now += 61
    (again,) = claim(queue, node=2)
    fail(queue, lost, node=1)  # it was not dead: what it says of a failure is too late
    assert rows(queue, "state", "tries", "node") == [("sending", 0, 2)]
    queue.run(claims.record, [Outcome(lost, ok=True, detail="x")], 1, queue.now)
    assert rows(queue, "state") == [("done",)]
    fail(queue, again, node=2)
    assert rows(queue, "state") == [("done",)]


def test_a_clock_that_was_set_back_holds_nothing_for_ever(queue):
    queue.sent("a", callback=1)
    claim(queue, node=1)
    assert queue.run(claims.give_back_old, 2, queue.now - 100, 60.0) == 1


def test_what_nobody_could_try_for_a_week_is_given_up_and_goes_after_a_month(queue):
    queue.sent("a", callback=1)
    assert queue.run(pruning.prune, queue.now + 7 * 86400) == 0
    queue.now += 7 * 86400 + 1
    assert queue.run(pruning.prune, queue.now) == 1
    ((state, note),) = rows(queue, "state", "note")
    assert state == "failed"
    assert "seven days" in note
    assert queue.run(pruning.prune, queue.now + 29 * 86400) == 0
    assert queue.run(pruning.prune, queue.now + 31 * 86400) == 1
    assert rows(queue, "id") == []


def test_what_was_told_goes_after_a_week(queue):
    queue.sent("a", callback=1)
    queue.run(claims.record, [Outcome(*claim(queue), ok=True)], 1, queue.now)
    assert queue.run(pruning.prune, queue.now + 6 * 86400) == 0
    assert queue.run(pruning.prune, queue.now + 8 * 86400) == 1


def test_a_person_has_it_tried_again(queue):
    queue.sent("a", callback=1)
    queue.sent("b", callback=1)
    assert queue.run(shown.retry, queue.now) == 0
    for one in claim(queue):
        queue.run(claims.record, [Outcome(one, detail="x", final=True)], 1, queue.now)
    listed = queue.run(shown.listed, failed=True)
    assert [(one["id"], one["status"], one["note"]) for one in listed] == [(2, 3, "x"), (1, 3, "x")]
    assert queue.run(shown.retry, queue.now, 2) == 1
    assert [one.id for one in claim(queue)] == [2]
    assert queue.run(shown.retry, queue.now) == 1
    (first,) = claim(queue)
    fail(queue, first)
    assert queue.run(shown.retry, queue.now, 1) == 1
    assert [one.tries for one in claim(queue)] == [1]
    assert queue.run(shown.retry, queue.now, 77) == 0
    assert queue.run(shown.counts)[STATUS]["sending"] == 2


def test_the_fields_are_those_of_the_retired_service(queue):
    queue.sent("a", callback=1, recipient="447700900123", charge=333_333)
    (found,) = queue.run(contents.load, [1]).values()
    (row,) = queue.rows(tables.message)
    assert list(found.fields.items()) == [
        ("api_id", "1"),
        ("apiMsgId", row["uid"]),
        ("cliMsgId", ""),
        ("to", "447700900123"),
        ("timestamp", str(int(START))),
        ("from", ""),
        ("status", "003"),
        ("charge", "0.333333"),
    ]
    assert found.key == f"{row['uid']}-2"


@given(st.integers(-(10**15), 10**15))
def test_a_charge_has_six_decimals(amount):
    text = contents.charge(amount)
    assert len(text.partition(".")[2]) == 6
    assert int(text.replace(".", "")) == amount


#: What is being sent is no more than the nodes have room for; there are not many accounts.
SHORT = ("SCAN callback USING INDEX callback_sending", "SCAN account")


def test_a_backlog_is_neither_scanned_nor_sorted(queue):
    for name in "abcdefgh":
        delivered(queue, name)
    seen = explained(queue.database)
    fail(queue, claim(queue)[0])
    queue.run(claims.give_back_old, 2, queue.now, 60.0)
    queue.run(pruning.prune, queue.now)
    queue.run(contents.load, [1, 2])
    assert len(seen.steps) > 10
    assert seen.scans("callback", "event", "message", "reply") == []
    bad = [
        (statement, step)
        for statement, step in seen.steps
        if step.startswith(("SCAN", "USE TEMP")) and not step.startswith(SHORT)
    ]
    assert bad == []


# Rests --------------------------------------------------------------------------------------------

URL = urls.parse("https://example.com/secret")


def test_five_failures_in_a_row_make_a_rest():
    health = Health()
    for _ in range(FAILURES - 1):
        health = breaker.after(health, Result("u", ok=False), 100.0)
        assert not health.rests_at(100.0)
    assert breaker.after(health, Result("u", ok=True), 100.0) == Health()
    health = breaker.after(health, Result("u", ok=False), 100.0)
    assert (health.rests_at(129.9), health.rests_at(130.0)) == (True, False)
    assert health.is_broken


def test_rests_double_up_to_ten_minutes_and_end_with_a_success():
    health, now, found = Health(FAILURES, 1, 130.0), 130.0, []
    for _ in range(7):
        health = breaker.after(health, Result("u", ok=False, is_trial=True), now)
        found.append(health.until - now)
        now = health.until
    assert found == [60, 120, 240, 480, 600, 600, 600]
    assert breaker.after(health, Result("u", ok=True, is_trial=True), now) == Health()


def test_a_clock_that_is_set_back_prolongs_no_rest():
    assert not Health(FAILURES, 1, 1000.0).rests_at(0.0)
    assert Health(FAILURES, 1, 1000.0).rests_at(500.0)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0, 700)), max_size=60))
def test_a_rest_is_never_longer_than_ten_minutes(steps):
    health, now, times = Health(), 1000.0, []
    for ok, is_trial, pause in steps:
        now += pause
        was = health
        health = breaker.after(health, Result("u", ok, is_trial), now)
        assert health.until <= now + 600
        if was.rests_at(now) and not ok and not is_trial:
            assert health.until == was.until  # calls that were under way
        times.append(now)
    assert all(one <= other for one, other in pairwise(times))


def test_only_one_node_makes_the_trial(queue):
    queue.run(breaker.add, [URL, URL])
    results = [Result(URL.digest, ok=False)] * FAILURES
    queue.run(breaker.record, results, queue.now)
    (health,) = queue.run(breaker.healths, [URL.digest]).values()
    assert queue.run(breaker.resting, queue.now) == [("https://example.com", queue.now + 30)]
    assert "secret" not in str(queue.rows(tables.callback_url))
    queue.now += 31
    assert queue.run(breaker.try_again, URL.digest, health, queue.now + 10)
    assert not queue.run(breaker.try_again, URL.digest, health, queue.now + 10)
    queue.run(breaker.add, [URL])  # another start changes nothing
    (now_,) = queue.run(breaker.healths, [URL.digest]).values()
    assert now_.rests_at(queue.now)
    queue.run(breaker.record, [Result("unknown", ok=False)], queue.now)


@pytest.mark.parametrize("number", [1, 2])
def test_a_subject_is_an_account_with_something_waiting(queue, number):
    queue.account(2)
    queue.accept(new(callback=7), account=number)
    (due,) = queue.pick()
    queue.end(due, Ended.SENT, "a")
    assert queue.run(claims.subjects) == [(number, str(number))]
    claim(queue, account=number)
    assert queue.run(claims.subjects) == []

"""The breaker of a route: when it opens, for how long, and what closes it."""

from __future__ import annotations

import pytest
from gatewayqueue import START
from hypothesis import given
from hypothesis import strategies as st

from smsgate.gateway.routing import breaker
from smsgate.gateway.routing.breaker import Breaker, Policy, Tally

POLICY = Policy(3, 60.0)


def record(queue, failures=0, *, accepted=False, trial=False):
    tally = Tally(accepted, failures, trial)
    queue.run(breaker.record, "cheap", POLICY, tally, queue.now)
    return queue.run(breaker.look, "cheap")


def test_it_opens_after_failures_in_a_row(queue):
    assert record(queue, 2) == (2, 0)
    assert record(queue, accepted=True) == (0, 0)
    assert record(queue, 2) == (2, 0)
    assert record(queue, 1, accepted=True) == (1, 0)
    assert record(queue, 2) == (3, START + 60)


def test_what_was_announced_before_changes_nothing_unless_it_is_accepted(queue):
    record(queue, 3)
    queue.now += 1
    assert record(queue, 50) == (3, START + 60)
    assert record(queue, accepted=True) == (0, 0)


def test_a_trial_that_fails_doubles_the_rest_up_to_ten_minutes(queue):
    found, rests = record(queue, 300), []
    for _ in range(6):
        rests.append(found.broken - queue.now)
        queue.now = found.broken
        assert queue.run(breaker.claim, "cheap", found, queue.now)
        assert not queue.run(breaker.claim, "cheap", found, queue.now)
        found = record(queue, 1, trial=True)
    assert rests == [60, 120, 240, 480, 600, 600]
    assert record(queue, accepted=True, trial=True) == (0, 0)


def test_a_trial_that_says_nothing_is_made_again(queue):
    found = record(queue, 3)
    queue.now += 60
    assert queue.run(breaker.claim, "cheap", found, queue.now)
    assert queue.run(breaker.look, "cheap").is_open(queue.now)
    found = record(queue, trial=True)
    assert found == (3, queue.now)
    assert not found.is_open(queue.now)


def test_a_trial_without_a_message_is_given_back(queue):
    found = record(queue, 3)
    queue.now += 61
    queue.run(breaker.claim, "cheap", found, queue.now)
    queue.run(breaker.release, "cheap", found)
    assert queue.run(breaker.look, "cheap") == found


def test_a_trial_of_a_process_that_is_gone_is_made_again_after_a_minute(queue):
    found = record(queue, 3)
    queue.now += 60
    queue.run(breaker.claim, "cheap", found, queue.now)
    queue.now += 60
    again = queue.run(breaker.look, "cheap")
    assert not again.is_open(queue.now)
    assert queue.run(breaker.claim, "cheap", again, queue.now)


def test_a_route_that_is_not_there(queue):
    queue.run(breaker.record, "other", POLICY, Tally(failures=9), queue.now)
    assert queue.run(breaker.look, "other") == Breaker()


answers = st.lists(st.sampled_from(("accepted", "failed", "other")), max_size=20)


def tallied(found):
    tally = Tally()
    for one in found:
        tally.add(accepted=one == "accepted", failed=one == "failed")
    return tally


@given(answers, answers)
def test_lots_of_answers_count_as_all_in_a_row(first, second):
    assert tallied(first).joined(tallied(second)) == tallied(first + second)


@pytest.mark.parametrize("failures", [3, 4, 1000])
def test_the_pause_is_never_longer_than_ten_minutes(failures):
    assert 60 <= POLICY.pause(failures) <= breaker.LONGEST

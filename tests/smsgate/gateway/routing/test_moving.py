"""Messages move to other routes: after a refusal, after some time, and away from what is down."""

from __future__ import annotations

import json

import pytest
from gatewayqueue import START, new
from routed import NUMBER, Routed, ways

from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.routing import escalation, health
from smsgate.gateway.routing.ways import REPLIES, Way, Ways
from smsgate.gateway.states import RouteState

PLAIN = {"charge": 10}
DEAR = {"charge": 30, "escalates": 1, "costs": (10, 30)}


# Refusals -----------------------------------------------------------------------------------------


def refuse(queue, route, **given):
    """The next message of a route is refused; its Due."""
    (due,) = queue.pick(1, route)
    given = {"ended": Ended.REFUSED, "status": 9, "elsewhere": True, **given}
    queue.record(_outcome(due, **given), route=route)
    return due


def _outcome(due, ended, **given):
    return Outcome(due.message, given.pop("accepted", ()), ended, "no", **given)


def test_what_is_refused_goes_by_a_route_of_the_same_price(queue):
    first = queue.ways.fitting(0).order(NUMBER)[0].name
    other = {"cheap": "same", "same": "cheap"}[first]
    uid = queue.add(first, **PLAIN)
    refuse(queue, first)
    found = queue.message(uid)
    assert (found["state"], found["way"], found["tried"]) == ("waiting", other, f"{first} ")
    assert (found["status"], found["note"], queue.statuses(uid)) == (2, "no", [2])
    due = refuse(queue, other)
    assert due.attempts == 2
    assert queue.state(uid) == ("failed", 9)  # the dear one is for those that escalate
    assert queue.booked(uid) == [("reserve", -10), ("return", 10)]


def test_what_escalates_goes_by_all_routes_that_are_reserved_for(queue):
    uid = queue.add("cheap", **DEAR)
    seen = []
    while queue.message(uid)["state"] == "waiting":
        seen.append(queue.way(uid))
        refuse(queue, seen[-1])
    assert sorted(seen) == ["cheap", "dear", "same"]
    assert queue.state(uid) == ("failed", 9)
    assert queue.balance() == 1_000_000


def test_nothing_goes_by_a_route_that_costs_more_than_reserved(queue):
    uid = queue.add("cheap", charge=29, escalates=1)
    refuse(queue, "cheap")
    if queue.message(uid)["state"] == "waiting":
        refuse(queue, "same")
    assert queue.state(uid) == ("failed", 9)


def test_what_may_pass_is_tried_again_here_if_no_other_route_fits(queue):
    queue.begin(ways(cheap=10, dear=30))
    uid = queue.add("cheap", **PLAIN)
    refuse(queue, "cheap", ended=Ended.LATER, pause=30.0)
    found = queue.message(uid)
    assert (found["state"], found["way"], found["due"]) == ("delayed", "cheap", START + 30)


def test_a_message_of_which_a_part_is_accepted_stays(queue):
    uid = queue.add("cheap", charge=60, parts=2, escalates=1)
    refuse(queue, "cheap", ended=Ended.LATER, accepted=((1, "a"),), used=20)
    assert queue.way(uid) == "cheap"
    assert queue.booked(uid) == [("reserve", -60), ("reserve", 40)]
    (due,) = queue.pick(9, "cheap")
    assert (due.charge, due.first_part) == (20, 2)
    queue.set("cheap", served=0)
    queue.record(_outcome(due, Ended.GIVEN_BACK), route="cheap")
    assert queue.escalate() == 0
    (due,) = queue.pick(9, "cheap")
    queue.record(_outcome(due, Ended.SENT, accepted=((2, "b"),)), route="cheap")
    assert queue.booked(uid)[-1] == ("settle", 0)
    assert queue.balance() == 1_000_000 - 20


def test_what_is_not_used_of_the_reservation_goes_back(queue):
    uid = queue.add("cheap", **DEAR)
    (due,) = queue.pick(1, "cheap")
    queue.record(_outcome(due, Ended.SENT, accepted=((1, "a"),), used=10), route="cheap")
    assert queue.booked(uid) == [("reserve", -30), ("settle", 20)]


def test_no_more_stays_reserved_for_what_is_unknown_than_it_costs_there(queue):
    uid = queue.add("cheap", **DEAR)
    (due,) = queue.pick(1, "cheap")
    queue.record(_outcome(due, Ended.UNKNOWN, used=10), route="cheap")
    assert queue.message(uid)["charge"] == 10
    assert queue.booked(uid) == [("reserve", -30), ("reserve", 20)]


# Time ---------------------------------------------------------------------------------------------


def bound(queue, seconds, *names):
    queue.now += seconds
    queue.beat(*(names or [way.name for way in queue.ways.all]))


def test_what_escalates_moves_on_by_rising_price_after_some_time(queue):
    queue.begin(ways(cheap=10, middle=20, dear=30, dearest=40))
    uid, other = queue.add("cheap", **DEAR), queue.add("cheap", **PLAIN)
    bound(queue, 59)
    assert queue.escalate() == 0
    seen = []
    for _ in range(4):
        bound(queue, 61)
        queue.escalate()
        seen.append(queue.way(uid))
    assert seen == ["middle", "dear", "dear", "dear"]
    assert queue.way(other) == "cheap"
    assert queue.state(uid) == ("waiting", 2)
    assert queue.message(uid)["routed"] == START + 59 + 2 * 61


def test_time_counts_from_when_a_delayed_message_is_due(queue):
    queue.begin(ways(cheap=10, dear=30))
    uid = queue.add("cheap", **DEAR, due=START + 100)
    bound(queue, 101)
    queue.promote()
    assert queue.escalate() == 0
    bound(queue, 60)
    assert queue.escalate() == 1
    assert queue.way(uid) == "dear"


def test_what_waits_for_another_try_moves_on_too(queue):
    queue.begin(ways(cheap=10, dear=30))
    uid = queue.add("cheap", **DEAR)
    (due,) = queue.pick(1, "cheap")
    queue.record(_outcome(due, Ended.LATER, pause=1800.0), route="cheap")
    bound(queue, 61)
    assert queue.escalate() == 1
    assert queue.message(uid)["way"] == "dear"


# Routes that are down -----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["not bound", "paused", "broken", "no row"])
def test_messages_leave_a_route_that_is_down(queue, how):
    queue.begin(ways(cheap=10, same=10, dear=30))
    uids = queue.add("cheap", **DEAR), queue.add("cheap", **PLAIN)
    if how == "paused":
        queue.pause("cheap")
    if how == "broken":
        queue.set("cheap", broken=START + 100)
    if how == "no row":
        queue.ways = Ways((*queue.ways.all, Way(name="new", price=10)))
        uids = queue.add("new", **DEAR), queue.add("new", **PLAIN)
    bound(queue, 11, "same", "dear", *(["cheap"] if how != "not bound" else []))
    queue.escalate()
    others = {"same"} if how != "no row" else {"same", "cheap"}
    assert {queue.way(uid) for uid in uids} <= others


def test_they_move_to_no_route_that_is_down_itself(queue):
    uid = queue.add("cheap", **PLAIN)
    bound(queue, 11, "dear")
    assert queue.escalate() == 0
    bound(queue, 1, "dear", "same")
    assert queue.escalate() == 1
    assert queue.way(uid) == "same"


def test_and_back_to_a_cheaper_one_if_only_that_is_up(queue):
    queue.begin(ways(cheap=10, dear=30))
    uid = queue.add("dear", **DEAR)
    bound(queue, 11, "cheap")
    assert queue.escalate() == 1
    assert queue.way(uid) == "cheap"
    bound(queue, 59)
    assert queue.escalate() == 0


def test_a_route_that_waits_for_its_trial_is_neither_up_nor_down(queue):
    queue.set("cheap", broken=START - 1)
    found = queue.run(health.look, queue.ways, START)
    assert found == ({"same", "dear"}, frozenset())


def test_messages_that_cannot_move_do_not_stop_those_behind_them(queue, monkeypatch):
    monkeypatch.setattr(escalation, "LOT", 3)
    queue.begin(ways(cheap=10, dear=30))
    queue.accept(*[new(way="cheap", charge=20, escalates=1)] * 10)
    uid = queue.add("cheap", **DEAR)
    bound(queue, 61)
    assert queue.escalate() == 1
    assert queue.way(uid) == "dear"
    queue.begin(ways(cheap=10, same=10))
    queue.accept(*[new(way="cheap", charge=5)] * 10)
    uid = queue.add("cheap", **PLAIN)
    bound(queue, 20, "same")
    queue.escalate()
    assert queue.way(uid) == "same"


def test_replies_must_come_back_by_the_next_route_too(queue):
    queue.begin(Ways((Way(name="cheap"), Way(name="same"), Way(name="mine", numbers=("123",)))))
    file = queue.file(json.dumps({"from": "123", "text": "Hi"}))
    (uid,) = queue.accept(new(way="cheap", charge=10**6, features=REPLIES | 1), file=file)
    bound(queue, 11, "same", "mine")
    queue.escalate()
    assert queue.way(uid) == "mine"


# The configuration changes ------------------------------------------------------------------------


def test_messages_of_a_route_that_is_gone_go_by_the_cheapest_within_the_reservation(queue):
    queue.begin(ways(gone=30, dear=40))
    uids = [queue.add("gone", charge=charge) for charge in (30, 30, 15, 9)]
    delayed = queue.add("gone", charge=30, due=START + 50)
    queue.begin(ways(dear=20, cheap=10))
    assert queue.reroute() == 4
    assert [queue.way(uid) for uid in (*uids, delayed)] == ["cheap"] * 3 + ["gone", "cheap"]
    assert queue.message(delayed)["routed"] == START + 50
    assert queue.reroute() == 0
    assert queue.pick(9, "gone")  # nobody picks it: the route has no sender


def test_messages_whose_route_does_not_take_them_any_more_move(queue):
    uid, other = queue.add("cheap", charge=10, features=8), queue.add("cheap", charge=10)
    queue.begin(Ways((Way(name="cheap", price=10, features=1), Way(name="b", price=10))))
    assert queue.reroute() == 1
    assert (queue.way(uid), queue.way(other)) == ("b", "cheap")


def test_an_unused_route_is_not_served(queue):
    queue.set("cheap", state=RouteState.UNUSED, served=0.0)
    queue.beat("cheap")
    assert "cheap" in queue.run(health.look, queue.ways, START).down


@pytest.mark.parametrize("sender", ["", "456"])
def test_a_sender_that_no_route_has_any_more_waits(database, sender):
    found = Routed(database)
    found.account()
    found.begin(Ways((Way(name="mine", numbers=("123",)),)))
    file = found.file(json.dumps({"from": sender} if sender else {}))
    (uid,) = found.accept(new(way="gone", charge=10**6, features=REPLIES), file=file)
    assert found.reroute() == 0
    assert found.way(uid) == "gone"

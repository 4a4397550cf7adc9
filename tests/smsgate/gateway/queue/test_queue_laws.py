"""The queue under any sequence of work: nothing is lost or picked twice, and credits add up."""

from __future__ import annotations

import os
from collections import Counter
from itertools import count

import pytest
from gatewayqueue import DAY, START, Queue, emptied, new
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from smsenc.smpp.receipts import MessageState as Said
from smsgate.gateway import tables
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.queue import counts, ledger
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.settings import Unknown
from smsgate.gateway.states import State, Status

GRANT = 3000
#: A transaction with a server takes several times as long.
EXAMPLES = {"sqlite": 30, "postgresql": int(os.environ.get("SMSENC_QUEUE_LAWS", "4"))}
ACCOUNTS = (1, 2, 3)

#: The statuses that a message's last event may have in each state.
STATUSES = {
    State.DELAYED: {Status.DELAYED, Status.QUEUED},
    State.WAITING: {Status.QUEUED},
    State.ANNOUNCED: {Status.QUEUED},
    State.SENT: {Status.DELIVERED_TO_GATEWAY},
    State.DELIVERED: {Status.RECEIVED},
    State.FAILED: {Status.ERROR_WITH_MESSAGE, Status.ROUTING_ERROR, Status.ERROR_DELIVERING},
    State.EXPIRED: {Status.EXPIRED},
    State.CANCELLED: {Status.CANCELLED},
    State.UNKNOWN: {Status.QUEUED},
}
#: Statuses after which a message only waits again because somebody has resent it.
ENDS = {Status.RECEIVED, Status.EXPIRED, Status.CANCELLED}
HELD = {State.DELAYED, State.WAITING, State.ANNOUNCED, State.UNKNOWN}

messages = st.builds(
    new,
    queue=st.sampled_from((1, 2, 3)),
    due=st.integers(-50, 200).map(lambda seconds: START + seconds),
    expires=st.sampled_from((5, 60, 300, 10_000)).map(lambda seconds: START + seconds),
    parts=st.integers(1, 4),
    charge=st.integers(0, 200),
    way=st.sampled_from(("r", "s")),
)


class Law(RuleBasedStateMachine):
    def __init__(self, opened):
        super().__init__()
        self.opened = opened
        self.queue = Queue(emptied(opened()))
        for number in ACCOUNTS:
            self.queue.account(number, GRANT)
        self.uids = []
        self.announced = {}  # Due by message, of what was picked and has no outcome
        self.may_go = set()  # messages that may be picked: not yet, or once more
        self.ids = count(1000)
        self.named = []  # ids of parts, also of those whose answer is still to come
        self.after = 0

    def teardown(self):
        self.queue.database.close()

    @rule(account=st.sampled_from(ACCOUNTS), lot=st.lists(messages, max_size=8))
    def accept(self, account, lot):
        balance = self.queue.balance(account)
        found = self.queue.accept(*lot, account=account)
        for one, uid in zip(lot, found, strict=True):
            assert (uid is not None) == (one.charge <= balance)
            balance -= one.charge if uid else 0
        self.uids += filter(None, found)
        self.may_go |= {self.queue.message(uid)["id"] for uid in found if uid}

    @rule(parts=st.integers(1, 30), route=st.sampled_from(("r", "s")))
    def pick(self, parts, route):
        found = self.queue.pick(parts, route, self.after)
        assert sum(due.parts for due in found[1:]) <= max(parts - found[0].parts, 0) if found else 1
        for due in found:
            assert due.message in self.may_go
            self.may_go.discard(due.message)
            self.announced[due.message] = (route, due)
            row = self.queue.message(due.uid)
            assert row["expires"] > self.queue.now
            assert due.first_part not in due.accepted
            assert row["way"] == route
        if found:
            self.after = found[-1].account

    @precondition(lambda self: self.announced)
    @rule(
        data=st.data(),
        end=st.sampled_from(Ended),
        pause=st.sampled_from((0.0, 30.0)),
        early=st.booleans(),
        again=st.booleans(),
    )
    def record(self, data, end, pause, early, again):
        message = data.draw(st.sampled_from(sorted(self.announced)))
        route, due = self.announced.pop(message)
        rest = [number for number in range(1, due.parts + 1) if number not in due.accepted]
        most = len(rest) if end is Ended.SENT else data.draw(st.integers(0, len(rest) - 1))
        ids = {number: str(next(self.ids)) for number in rest[:most]}
        if early:
            for smsc_id in ids.values():
                self.queue.receive((smsc_id, Said.DELIVERED), route=route)
        self.named += [(route, smsc_id) for smsc_id in ids.values()]
        used = data.draw(st.none() | st.integers(0, 200)) if end is Ended.SENT else None
        lot = Outcome(message, tuple(ids.items()), end, "", 9, pause, used)
        self.queue.record(lot, route=route)
        if again:
            self.queue.record(lot, route=route)
        if end in (Ended.LATER, Ended.GIVEN_BACK):
            self.may_go.add(message)

    @precondition(lambda self: self.named)
    @rule(data=st.data(), said=st.sampled_from(Said), again=st.integers(1, 2))
    def receive(self, data, said, again):
        route, smsc_id = data.draw(st.sampled_from(self.named))
        for _ in range(again):
            self.queue.receive((smsc_id, said), (smsc_id, said), route=route)

    @rule(policy=st.sampled_from(Unknown))
    def crash(self, policy):
        self.queue.database.close()
        self.queue.database = self.opened()
        self.queue.recover(r=policy)  # route s is gone
        if policy is Unknown.RESEND:
            self.may_go |= {
                message for message, (route, _) in self.announced.items() if route == "r"
            }
        self.announced.clear()

    @precondition(lambda self: self.uids)
    @rule(data=st.data())
    def cancel(self, data):
        uid = data.draw(st.sampled_from(self.uids))
        before = self.queue.message(uid)
        why = self.queue.cancel(uid)
        assert (why == "") == (before["state"] in (State.WAITING, State.DELAYED))
        if not why:
            self.may_go.discard(before["id"])

    @precondition(lambda self: self.uids)
    @rule(data=st.data())
    def resend(self, data):
        uid = data.draw(st.sampled_from(self.uids))
        before = self.queue.message(uid)
        if not self.queue.resend(uid):
            assert before["state"] in (State.UNKNOWN, State.FAILED)
            self.may_go.add(before["id"])

    @rule()
    def expire(self):
        self.queue.expire()
        assert not [
            row
            for row in self.queue.rows(tables.message)
            if row["state"] in (State.WAITING, State.DELAYED) and row["expires"] <= self.queue.now
        ]

    @rule()
    def promote(self):
        self.queue.promote()

    @rule(seconds=st.sampled_from((1.0, 30.0, 100.0, -200.0, DAY / 10)))
    def time_passes(self, seconds):
        self.queue.now += seconds

    @invariant()
    def each_message_is_in_one_state(self):
        found = self.queue.run(counts.messages)
        assert sum(found.values()) == len(self.uids)
        rows = self.queue.rows(tables.message)
        assert {row["uid"] for row in rows} == set(self.uids)
        assert Counter(row["state"] for row in rows) == Counter(
            {state: number for state, number in found.items() if number}
        )
        announced = {row["id"] for row in rows if row["state"] == State.ANNOUNCED}
        assert announced == set(self.announced)

    @invariant()
    def credits_add_up(self):
        assert self.queue.run(ledger.check) == []
        rows = self.queue.rows(tables.ledger)
        spent = Counter()  # by message: what its rows have taken in all
        for row in rows:
            if row["message"]:
                spent[row["message"]] -= row["amount"]
        for row in self.queue.rows(tables.message):
            kinds = [one["kind"] for one in rows if one["message"] == row["id"]]
            assert kinds[0] == "reserve"
            assert (kinds[-1] == "reserve") == (row["state"] in HELD)
            assert kinds[::2] == ["reserve"] * ((len(kinds) + 1) // 2)
            assert row["charge"] >= 0
            if len(kinds) <= 2:  # never failed and resent, which costs twice
                assert spent[row["id"]] == row["charge"]
        for number in ACCOUNTS:
            mine = [one for one in rows if one["account"] == number]
            assert self.queue.balance(number) == sum(one["amount"] for one in mine) >= 0
        assert sum(spent.values()) == len(ACCOUNTS) * GRANT - sum(map(self.queue.balance, ACCOUNTS))

    @invariant()
    def events_tell_the_path(self):
        last = {}
        for row in self.queue.rows(tables.event):
            if row["message"] not in last:
                assert row["status"] in (Status.QUEUED, Status.DELAYED)
            assert last.get(row["message"]) not in ENDS
            last[row["message"]] = row["status"]
        for row in self.queue.rows(tables.message):
            assert last[row["id"]] == row["status"]
            assert row["status"] in STATUSES[State(row["state"])]


@pytest.mark.usefixtures("database")
def test_laws(opened):
    kind = "sqlite" if opened.func is SqliteDatabase else "postgresql"
    run_state_machine_as_test(
        lambda: Law(opened),
        settings=settings(
            max_examples=EXAMPLES[kind],
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

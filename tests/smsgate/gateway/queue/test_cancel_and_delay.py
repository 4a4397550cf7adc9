"""Messages that wait are delayed, and many are stopped at once; credits are exact."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from gatewayqueue import DAY, START, Queue, new
from hypothesis import given, settings
from hypothesis import strategies as st

from smsgate.gateway import tables
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.queue import changes
from smsgate.gateway.queue.changes import Which
from smsgate.gateway.queue.outcomes import Ended


def delay(queue, uid, due):
    return queue.run(changes.delay, uid, due, queue.now)


def times(queue, uid):
    row = queue.message(uid)
    return row["due"] - START, row["expires"] - START


def test_a_waiting_message_is_delayed_and_its_validity_with_it(queue):
    (uid,) = queue.accept(new(expires=START + 60))
    queue.now += 30
    assert delay(queue, uid, START + 1000) == ""
    assert queue.state(uid) == ("delayed", 11)
    assert times(queue, uid) == (1000, 1060)
    assert queue.statuses(uid) == [2, 11]
    assert queue.pick() == []
    assert queue.booked(uid) == [("reserve", -100)]
    assert delay(queue, uid, START) == ""  # now
    assert queue.state(uid) == ("waiting", 2)
    assert times(queue, uid) == (30, 90)
    assert [due.uid for due in queue.pick()] == [uid]


def test_a_delayed_message_becomes_due_at_its_new_time(queue):
    (uid,) = queue.accept(new(due=START + 100, expires=START + 200))
    assert delay(queue, uid, START + 50) == ""
    assert times(queue, uid) == (50, 150)
    queue.now = START + 50
    assert queue.promote() == 1
    assert queue.state(uid) == ("waiting", 2)


@pytest.mark.parametrize(
    ("due", "why"), [(START + 7 * DAY + 1, "expected a time within 7 days"), (START + 7 * DAY, "")]
)
def test_seven_days_are_the_longest(queue, due, why):
    (uid,) = queue.accept(new())
    assert delay(queue, uid, due) == why


def test_what_does_not_wait_is_not_delayed(queue):
    (uid,) = queue.accept(new())
    (due,) = queue.pick()
    assert delay(queue, uid, START + 60) == "it is being sent at the moment"
    queue.end(due, Ended.SENT, "a1")
    assert delay(queue, uid, START + 60) == "it has been sent"
    assert delay(queue, "0" * 32, START + 60) == "no message has this id"
    (uid,) = queue.accept(new(expires=START + 5))
    queue.now += 6
    assert delay(queue, uid, START + 60) == "its validity is over"


def cancel(queue, which, most=1000):
    lots = []
    while (done := queue.run(changes.cancel_some, which, queue.now, most)).messages:
        lots.append(done)
    return lots


@given(data=st.data())
@settings(deadline=None, max_examples=25)
def test_all_that_wait_are_stopped_and_paid_back(data):
    with (
        TemporaryDirectory() as folder,
        closing(SqliteDatabase(Path(folder), make=True)) as database,
    ):
        queue = Queue(database)
        queue.account()
        queue.account(2)
        draw = st.tuples(st.integers(1, 2), st.integers(1, 500), st.booleans())
        for account, charge, later in data.draw(st.lists(draw, max_size=12)):
            due = START + 60 * later
            queue.accept(new(charge=charge, due=due, expires=due + DAY), account=account)
        sent = queue.pick(data.draw(st.integers(0, 3)))
        for due in sent:
            queue.end(due, Ended.SENT, f"a{due.message}")
        before = {number: queue.balance(number) for number in (1, 2)}
        expected = [
            row
            for row in queue.rows(tables.message)
            if row["account"] == 1 and row["state"] in {"waiting", "delayed"}
        ]
        which = Which(1)
        assert queue.run(changes.waiting, which) == len(expected)
        lots = cancel(queue, which, 5)
        assert sum(one.messages for one in lots) == len(expected)
        assert sum(one.credits for one in lots) == sum(row["charge"] for row in expected)
        assert queue.balance(1) - before[1] == sum(row["charge"] for row in expected)
        assert queue.balance(2) == before[2]
        for row in expected:
            assert queue.state(row["uid"]) == ("cancelled", 6)
        assert not cancel(queue, which)


def test_those_of_a_file_are_stopped(queue):
    row = {"size": 1, "digest": "", "taken": START, "state": "read", "account": 1}

    def add(conn, number, name):
        spool = f"{number:032}"
        conn.execute(
            tables.file.insert().values(row | {"id": number, "name": name, "spool": spool})
        )

    for number, name in enumerate(("a.txt", "b.txt", "a.txt"), 1):
        queue.run(add, number, name)
        queue.accept(new(), new(), file=number)
    which = Which(1, "a.txt")
    assert queue.run(changes.waiting, which) == 4
    assert [one.messages for one in cancel(queue, which)] == [4]
    assert [due.file for due in queue.pick()] == [2, 2]
    assert cancel(queue, Which(1, "none")) == []

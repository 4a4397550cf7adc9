"""Several senders, intakes and receivers at once on one database of PostgreSQL."""

from __future__ import annotations

import threading
from collections import Counter

import gatewayqueue
import pytest
from gatewayqueue import START, new
from sqlalchemy import select, update
from sqlalchemy.engine import make_url

from smsenc.smpp.receipts import MessageState as Said
from smsgate.gateway import tables
from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.queue import ledger, outcomes, receipts
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.queue.reconciling import reconcile

pytestmark = pytest.mark.parametrize("opened", ["postgresql"], indirect=True)


@pytest.fixture
def other(database, postgres_url):  # noqa: ARG001 - which has made it
    """The same database, as another node has it."""
    found = PostgresDatabase(make_url(postgres_url))
    yield gatewayqueue.Queue(found)
    found.close()


def together(*works):
    """Run all at once, each in a thread; raises what one of them raised."""
    faults = []

    def guarded(work):
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - shown below
            faults.append(error)

    threads = [threading.Thread(target=guarded, args=(one,)) for one in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if faults:
        raise faults[0]


def test_each_message_is_picked_and_paid_once(queue, other):
    for number in (2, 3):
        queue.account(number)
    for number in (1, 2, 3):
        queue.accept(*[new(parts=1 + n % 2) for n in range(150)], account=number)
    picked = []

    def send(sender):
        while lot := sender.pick(20):
            picked.extend(due.uid for due in lot)
            ends = [Ended.SENT, Ended.REFUSED]
            sender.record(
                *(
                    Outcome(
                        due.message,
                        ((1, due.uid),) if due.parts == 1 else (),
                        ends[due.message % 2],
                    )
                    for due in lot
                )
            )

    together(*(lambda one=one: send(one) for one in (queue, other, queue, other)))
    assert Counter(Counter(picked).values()) == {1: 450}
    rows = queue.rows(tables.message)
    assert {row["state"] for row in rows} == {"sent", "failed"}
    assert queue.run(ledger.check) == []


def test_a_balance_is_spent_once(queue, other):
    """What two intakes accept at the same time is covered by one balance."""
    queue.run(ledger.grant, 1, 1000 - 1_000_000, "", START)
    found = []

    def take(place, file):
        for _ in range(10):
            found.extend(place.accept(*[new(charge=100)] * 3, file=file))

    together(lambda: take(queue, 1), lambda: take(other, 2))
    assert len([one for one in found if one]) == 10
    assert queue.balance() == 0


def test_two_receipts_of_a_message_at_once_deliver_it(queue, other):
    names = [f"{n:04}" for n in range(30)]
    uids = [queue.sent(f"a{one}", f"b{one}") for one in names]
    together(
        *(
            lambda place=place, lot=lot, letter=letter: [
                place.receive((f"{letter}{one}", Said.DELIVERED)) for one in lot
            ]
            for place, letter, lot in ((queue, "a", names), (other, "b", names[::-1]))
        )
    )
    assert {queue.state(uid)[0] for uid in uids} == {"delivered"}


def test_a_receipt_beside_its_answer_is_matched_by_the_next_look(queue, other):
    """Both transactions run at once, so that neither sees what the other writes."""
    (uid,) = queue.accept(new())
    (due,) = queue.pick()

    def answer(conn):
        outcomes.record(conn, "r", [Outcome(due.message, ((1, "77"),), Ended.SENT)], queue.now)
        other.receive(("77", Said.DELIVERED))

    queue.run(answer)
    assert queue.state(uid)[0] == "sent"
    assert len(queue.rows(tables.early_receipt)) == 1
    queue.run(receipts.match_waiting, route="r", now=queue.now)
    assert queue.state(uid)[0] == "delivered"
    assert queue.rows(tables.early_receipt) == []


def test_what_somebody_holds_is_left_to_him(queue, other):
    uids = queue.accept(*[new()] * 3)

    def hold(conn):
        table = tables.message
        conn.execute(update(table).where(table.c.uid == uids[0]).values(line=9))
        return [due.uid for due in other.pick()], other.expire(), other.promote()

    assert queue.run(hold) == (uids[1:], 0, 0)
    assert [due.uid for due in other.pick()] == uids[:1]


def test_what_a_lost_answer_announced_is_given_back(database, queue):
    uids = queue.accept(*[new()] * 3)
    known = [due.message for due in queue.pick(1)]
    queue.pick(2)
    assert len(queue.run(reconcile, "r", None, known, queue.now)) == 2
    assert [queue.state(uid)[0] for uid in uids] == ["sending", "waiting", "waiting"]
    rows = database.read(
        lambda conn: conn.execute(select(tables.message.c.attempts)).scalars().all()
    )
    assert sorted(rows) == [0, 0, 1]

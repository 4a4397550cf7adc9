"""All hold rows in one order on PostgreSQL: no transaction is undone for the sake of another."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, closing

import pytest
from gatewayqueue import Queue, new

from smsgate.gateway import listed, routes
from smsgate.gateway.callbacks import breaker as urlbreaker
from smsgate.gateway.callbacks import claims, pruning, urls
from smsgate.gateway.callbacks.breaker import Result
from smsgate.gateway.callbacks.claims import Outcome as Told
from smsgate.gateway.databases import postgresql
from smsgate.gateway.databases.postgresql import PostgresDatabase
from smsgate.gateway.listed import Kind
from smsgate.gateway.queue import changes, claimed, expiry, ledger, outcomes
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.routing import health
from smsgate.gateway.routing.breaker import Policy, Tally
from smsgate.gateway.routing.breaker import record as record_breaker
from smsgate.gateway.states import CallbackKind, State

ROUNDS = int(os.environ.get("SMSENC_ROUNDS", "25"))
NUMBERS = [f"44790000000{n}" for n in range(4)]
ACCOUNTS = (1, 2, 3)
SECONDS = 20

pytestmark = pytest.mark.parametrize("opened", ["postgresql"], indirect=True)


@pytest.fixture
def another(database):
    """Opens the same database as other nodes do; each can wait in a transaction of its own."""
    with ExitStack() as stack:

        def make():
            found = PostgresDatabase(database._engine.url)
            return Queue(stack.enter_context(closing(found)))

        yield make


@pytest.fixture
def conflicts(monkeypatch):
    """The reasons for which transactions were undone and run again."""
    found, is_conflict = [], postgresql.faults.is_conflict

    def noted(error):
        answer = is_conflict(error)
        if answer:
            found.append(postgresql.faults.reason(error))
        return answer

    monkeypatch.setattr(postgresql.faults, "is_conflict", noted)
    return found


class Holding:
    """A transaction of another node that has done its first work, and does the rest later."""

    def __init__(self, queue, first, then=lambda _: None):
        self._done, self._may_end = threading.Event(), threading.Event()

        def work(conn):
            first(conn)
            self._done.set()
            self._may_end.wait(SECONDS)
            then(conn)

        self._thread = threading.Thread(target=queue.run, args=[work])

    def __enter__(self):
        self._thread.start()
        assert self._done.wait(SECONDS)
        return self

    def __exit__(self, *_):
        self._may_end.set()
        self._thread.join()


def begun(work):
    """It runs in a thread: the thread, and the answer once it has ended."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join(0.5)
    return thread, found


def test_messages_of_an_account_that_is_held_expire_later(queue, another):
    (uid,) = queue.accept(new(expires=queue.now))
    with Holding(another(), lambda conn: ledger.hold(conn, [1])):
        assert queue.expire() == 0
        assert queue.state(uid)[0] == State.WAITING
    assert queue.expire() == 1


@pytest.mark.parametrize(
    "cancel",
    [
        lambda queue, uid: queue.cancel(uid),
        lambda queue, _: queue.run(changes.cancel_some, changes.Which(1), queue.now).messages,
    ],
    ids=["one", "some"],
)
def test_a_cancel_at_the_moment_of_an_opt_out(queue, another, conflicts, cancel):
    """Both want the account and then the message."""
    (uid,) = queue.accept(new(NUMBERS[0]))
    opt_out = (1, [NUMBERS[0]], Kind.OPTED_OUT, queue.now)
    first = Holding(
        another(), lambda conn: listed.hold(conn, 1), lambda conn: listed.add(conn, *opt_out)
    )
    with first:
        thread, found = begun(lambda: cancel(queue, uid))
        assert thread.is_alive()
    thread.join()
    assert found in (["it is cancelled already"], [0])
    assert (queue.state(uid)[0], conflicts) == (State.CANCELLED, [])


def test_two_senders_that_book_for_the_same_accounts(queue, another, conflicts):
    """Each refuses a message of one account first, and holds the other account in a later step."""
    queue.account(2)
    for account in (1, 1, 2, 2):
        queue.accept(new(parts=2, charge=100), account=account)
    due = {}
    for one in queue.pick():
        due.setdefault(one.account, []).append(one)
    other, meet = another(), threading.Barrier(2)

    def record(mine, refused, late):
        lot = [
            Outcome(refused.message, (), Ended.REFUSED),
            Outcome(late.message, (), Ended.LATER, pause=5.0),
        ]

        def work(conn):
            outcomes.record(conn, "r", lot, mine.now)
            for account in (refused.account, late.account):
                ledger.available(conn, account)  # what a later step holds it has already

        meet.wait(SECONDS)
        mine.run(work)

    works = [(queue, due[1][0], due[2][0]), (other, due[2][1], due[1][1])]
    threads = [threading.Thread(target=record, args=each) for each in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert conflicts == []
    assert queue.run(ledger.check) == []


def test_a_trial_of_a_url_does_not_wait_for_others(queue, another):
    """Who holds it has just kept a result of it, and has the trial."""
    url = urls.parse("http://127.0.0.1:1/x")
    queue.run(urlbreaker.add, [url])
    known = queue.run(urlbreaker.healths, [url.digest])[url.digest]
    kept = [Result(url.digest, ok=False)]
    with Holding(another(), lambda conn: urlbreaker.record(conn, kept, queue.now)):
        assert not queue.run(urlbreaker.try_again, url.digest, known, queue.now + 9)
    known = queue.run(urlbreaker.healths, [url.digest])[url.digest]
    assert queue.run(urlbreaker.try_again, url.digest, known, queue.now + 9)


def cycle(queue, route):
    """What a sender does in a transaction, with messages of all accounts."""
    lot = queue.pick(12, route=route)
    ends = (Ended.REFUSED, Ended.LATER, Ended.SENT, Ended.GIVEN_BACK)
    found = [
        Outcome(
            due.message,
            ((1, f"{route}{due.message}"),) if ends[due.message % 4] is Ended.SENT else (),
            ends[due.message % 4],
            used=10,
        )
        for due in lot
    ]

    def work(conn):
        record_breaker(conn, route, Policy(3, 0.0), Tally(failures=1), queue.now)
        outcomes.record(conn, route, found[::-1], queue.now)
        again = (Ended.LATER, Ended.GIVEN_BACK)
        listed.stop(conn, [one.message for one in found if one.end in again], queue.now)
        expiry.expire(conn, queue.now)

    queue.run(work)


def accepting(queue, n):
    account = ACCOUNTS[n % len(ACCOUNTS)]
    lot = [
        new(number, way=route, callback=7, expires=queue.now + (n % 3))
        for number in NUMBERS
        for route in "ab"
    ]
    queue.accept(*lot, account=account)
    queue.now += 1


def opting_out(queue, n):
    for account in ACCOUNTS:
        queue.run(listed.add, account, NUMBERS[::-1][: 1 + n % 3], Kind.OPTED_OUT, queue.now)
        queue.run(listed.remove, account, NUMBERS, Kind.OPTED_OUT)


def cancelling(queue, n):
    queue.run(changes.cancel_some, changes.Which(ACCOUNTS[n % 3]), queue.now, 5)


def expiring(queue, n):
    queue.run(expiry.expire, queue.now + n)
    queue.promote()


def configuring(queue, n):
    queue.run(routes.configure, ["b", "a"] if n % 2 else ["a", "b"])
    queue.run(routes.publish, {"b": f"{n}", "a": ""})
    queue.run(health.beat, ["a"], queue.now)


def telling(node):
    def work(queue, n):
        for account in ACCOUNTS:
            found = queue.run(claims.claim, account, CallbackKind.STATUS, 9, node, queue.now + n)
            told = [Told(one, ok=one.id % 3 == 0, given_back=one.id % 3 == 1) for one in found]
            queue.run(claims.record, told[::-1], node, queue.now)
        queue.run(claims.give_back_old, node, queue.now + 99, 9.0)
        queue.run(claimed.give_back, node)
        queue.run(pruning.prune, queue.now + 8 * 86_400)

    return work


def test_nobody_is_undone_whatever_all_do_at_the_same_time(queue, another, conflicts):
    for number in ACCOUNTS[1:]:
        queue.account(number)
    queue.run(routes.configure, ["a", "b"])
    works = [
        *(accepting, opting_out, cancelling, expiring, configuring, telling(1), telling(2)),
        *(lambda queue, _, route=route: cycle(queue, route) for route in "abab"),
    ]
    faults = []

    def repeat(work, mine):
        try:
            for n in range(ROUNDS):
                work(mine, n)
        except BaseException as error:  # noqa: BLE001 - shown below
            faults.append(error)

    threads = [threading.Thread(target=repeat, args=(work, another())) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    assert conflicts == []
    assert queue.run(ledger.check) == []

"""The worker with real servers: everything is told, slow and dead URLs hold up nobody else."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import ip_network

import callbackservers
import pytest
from callbackservers import Site, answer
from gatewayqueue import new
from simulators import run, until
from sqlalchemy import func, insert, select, update

from smsenc.messagefile import Message
from smsgate.gateway import content, tables
from smsgate.gateway.callbacks import claims, urls, worker
from smsgate.gateway.callbacks.calls import Target
from smsgate.gateway.callbacks.replies import enqueue_reply
from smsgate.gateway.callbacks.targets import Subject
from smsgate.gateway.nodes import leases
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.reports.figures import Figures
from smsgate.gateway.reports.happenings import nobody
from smsgate.gateway.settings import CallbackSettings
from smsgate.gateway.states import CallbackKind, NodeState

MANY = int(os.environ.get("SMSENC_CALLBACKS", "300"))
LOOPBACK = (ip_network("127.0.0.0/8"),)


def targets(**sites):
    """The URLs of accounts: ``_1`` is that of account 1, ``r1`` the one for its replies."""
    return {
        Subject(name[1:], CallbackKind.STATUS if name[0] == "_" else CallbackKind.REPLY): Target(
            urls.parse(one if isinstance(one, str) else one.url)
        )
        for name, one in sites.items()
    }


@asynccontextmanager
async def working(queue, wanted, *, node=None, report=nobody, **settings):
    """A worker that runs; its clock is the queue's."""
    values = CallbackSettings(**{"timeout": 5.0, "allow_private": LOOPBACK} | settings)
    clock = lambda: queue.now  # noqa: E731
    found = worker.Worker(queue.database, wanted, values, node=node, clock=clock, report=report)
    task = asyncio.create_task(found.run())
    try:
        yield found
    finally:
        await found.close()
        await task


class Node:
    """A node that is alive, until ``lose``; it comes again as a new one."""

    is_sure = True
    is_alone = False

    def __init__(self, queue):
        self._queue = queue
        self.join()

    def join(self):
        self.id = self._queue.run(leases.register, "a", ["callback"])
        self.is_sure = True

    def lose(self):
        self.end(NodeState.LOST)

    def end(self, state):
        self._queue.run(leases._close, self.id, state, {}, self._queue.now)


def sent(queue, count=1, account=1, file=1, bits=1):
    """Messages that have been sent, each with a callback of 003; their uids."""
    uids = queue.accept(
        *(new(callback=bits, charge=0) for _ in range(count)), account=account, file=file
    )
    while found := queue.pick(1000):
        queue.record(*(Outcome(one.message, ((1, f"{one.message}"),), Ended.SENT) for one in found))
    return uids


def states(queue):
    query = select(tables.callback.c.state, func.count()).group_by(tables.callback.c.state)
    return Counter(dict(map(tuple, queue.database.read(lambda conn: conn.execute(query).all()))))


def done(queue, count):
    return until(lambda: states(queue)["done"] == count, 20 + count / 20)


@pytest.mark.parametrize("count", [1, MANY])
def test_every_callback_is_told_once(queue, count):
    async def trial():
        uids, sums = sent(queue, count), Figures()
        async with Site() as site, working(queue, targets(_1=site), report=sums) as it:
            await done(queue, count)
            assert sums.sums()["callbacks"] == {("status", "sent"): count}
            assert sorted(call.fields["apiMsgId"] for call in site.calls) == sorted(uids)
            assert len({call.headers["idempotency-key"] for call in site.calls}) == count
            assert it.stats.sent[CallbackKind.STATUS] == count
            assert site.most <= 4

    run(trial(), 60 + count)


def test_what_the_file_says_is_told(queue):
    async def trial():
        message = Message(to=(content.NOBODY,), text="x", sender="12345", client_id="order7")
        row = {"account": 1, "name": "a", "spool": "s", "size": 1, "digest": "", "taken": 0.0}
        row |= {"id": 9, "state": "read", "content": content.dumps(message)}
        queue.run(lambda conn: conn.execute(insert(tables.file).values(row)))
        sent(queue, file=9)
        async with Site() as site, working(queue, targets(_1=site)):
            await done(queue, 1)
            assert site.calls[0].fields["from"] == "12345"
            assert site.calls[0].fields["cliMsgId"] == "order7"

    run(trial())


def test_a_new_callback_is_found_without_being_told(queue):
    async def trial():
        async with Site() as site, working(queue, targets(_1=site)):
            await asyncio.sleep(0.1)
            sent(queue)
            await done(queue, 1)

    run(trial())


def test_a_failure_is_tried_again_at_its_time_also_by_another_worker(queue):
    async def trial():
        sent(queue)
        async with Site() as site:
            site.answers += [answer(500), callbackservers.cut]
            async with working(queue, targets(_1=site)):
                await until(lambda: len(site.calls) == 1)
                await until(lambda: states(queue)["waiting"] == 1)
            for seconds, calls, state in ((119, 1, "waiting"), (1, 2, "waiting"), (240, 3, "done")):
                queue.now += seconds
                async with working(queue, targets(_1=site)):
                    await until(lambda calls=calls: len(site.calls) == calls)
                    await until(lambda state=state: states(queue)[state] == 1)
            keys = {call.headers["idempotency-key"] for call in site.calls}
            assert len(keys) == 1

    run(trial())


def test_slow_urls_hold_up_nobody_else(queue):
    async def trial():
        for number in range(2, 11):
            queue.account(number)
            sent(queue, 20, account=number)
        async with AsyncExitStack() as ends:
            slow = [
                await ends.enter_async_context(Site(default=callbackservers.hang)) for _ in range(8)
            ]
            fast = await ends.enter_async_context(Site())
            wanted = targets(**{f"_{n}": one for n, one in enumerate([*slow, fast], 2)})
            async with working(queue, wanted, timeout=60.0, at_once=16, per_url=4):
                await until(lambda: len(fast.calls) == 20)
                assert all(1 <= len(one.calls) <= 4 for one in slow)
                assert sum(len(one.calls) for one in slow) < 16
                ended = asyncio.get_running_loop().time()
            assert asyncio.get_running_loop().time() - ended < 20  # it waited for none of them
        assert states(queue) == {"done": 20, "waiting": 160}
        assert {row["tries"] for row in queue.rows(tables.callback)} == {0}

    run(trial(), 60)


def test_a_url_that_fails_rests_and_one_trial_ends_that(queue):
    async def trial():
        sent(queue, 40)
        async with Site(default=callbackservers.refuse) as site:
            async with working(queue, targets(_1=site), per_url=1) as it:
                await until(lambda: len(site.calls) == 5)
                await until(lambda: it.stats.failed[CallbackKind.STATUS] == 5)
                await asyncio.sleep(1.2)
                assert len(site.calls) == 5
                queue.now += 31
                await until(lambda: len(site.calls) == 6)
                await asyncio.sleep(0.7)
                assert len(site.calls) == 6
            async with working(queue, targets(_1=site)):  # a restart does not end the rest
                await asyncio.sleep(0.7)
                assert len(site.calls) == 6
                tries = Counter(row["tries"] for row in queue.rows(tables.callback))
                assert tries == {1: 6, 0: 34}
                site.default = callbackservers.ok
                queue.now += 130
                await done(queue, 40)
                assert len(site.calls) == 46

    run(trial(), 60)


def test_what_a_killed_worker_had_taken_is_told_again_with_its_key(queue):
    async def trial():
        sent(queue, 3)
        async with Site(default=callbackservers.hang) as site:
            wanted = targets(_1=site)
            values = CallbackSettings(timeout=30.0, allow_private=LOOPBACK)
            dead = worker.Worker(queue.database, wanted, values, clock=lambda: queue.now)
            task = asyncio.create_task(dead.run())
            await until(lambda: len(site.calls) == 3)
            for one in [*dead._tasks, task]:  # nothing of it is recorded
                one.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert states(queue) == {"sending": 3}
            site.default = callbackservers.ok
            async with working(queue, wanted):
                await done(queue, 3)
            keys = Counter(call.headers["idempotency-key"] for call in site.calls)
            assert set(keys.values()) == {2}

    run(trial())


def test_two_workers_share_and_none_tells_twice(queue):
    async def trial():
        sent(queue, MANY)
        async with (
            Site() as site,
            working(queue, targets(_1=site), node=Node(queue)),
            working(queue, targets(_1=site), node=Node(queue)),
        ):
            await done(queue, MANY)
            assert len(site.calls) == MANY

    run(trial(), 60 + MANY)


def test_a_node_that_is_lost_tells_nothing_any_more(queue):
    """What it had taken is told by another node, once; it goes on as a new node."""

    async def trial():
        first, second = Node(queue), Node(queue)
        async with Site() as site, working(queue, targets(_1=site), node=first):
            first.is_sure = False  # it was stopped for so long that others may take over
            sent(queue, 10)
            await until(lambda: states(queue) == {"sending": 10})
            await asyncio.sleep(0.2)
            assert site.calls == []
            first.lose()
            assert states(queue) == {"waiting": 10}
            async with working(queue, targets(_1=site), node=second):
                await done(queue, 10)
            first.is_sure = True  # and still has the id of the lost one
            sent(queue, 1)
            await asyncio.sleep(1)
            assert (states(queue)["waiting"], len(site.calls)) == (1, 10)
            first.join()
            await done(queue, 11)
            assert len(site.calls) == 11

    run(trial())


@pytest.mark.parametrize("state", [NodeState.ENDED, NodeState.LOST])
def test_a_node_that_ends_or_is_lost_gives_back_what_it_has(queue, state):
    first, second = Node(queue), Node(queue)
    sent(queue, 3)
    queue.run(claims.claim, 1, CallbackKind.STATUS, 2, first.id, queue.now)
    queue.run(claims.claim, 1, CallbackKind.STATUS, 1, second.id, queue.now)
    first.end(state)
    assert states(queue) == {"waiting": 2, "sending": 1}
    queue.run(leases.lose_all, {}, queue.now)
    assert states(queue) == {"waiting": 3}


def test_urls_can_be_changed_while_it_runs(queue):
    async def trial():
        sent(queue)
        async with Site() as site, working(queue, {}) as it:
            await asyncio.sleep(0.6)
            assert states(queue) == {"waiting": 1}
            it.configure(targets(_1=site))
            await done(queue, 1)
            it.configure({})
            sent(queue)
            await asyncio.sleep(0.6)
            assert states(queue) == {"done": 1, "waiting": 1}

    run(trial())


def test_a_url_may_go_while_its_callbacks_are_taken(queue, monkeypatch):
    steps, gone = worker.step, threading.Event()

    def changed(*given):
        found = steps(*given)
        if found.calls and not gone.is_set():
            gone.set()
            it.configure({})
        return found

    it = None

    async def trial():
        nonlocal it
        async with Site() as site, working(queue, targets(_1=site)) as it:
            monkeypatch.setattr(worker, "step", changed)
            sent(queue)
            await until(gone.is_set)
            await until(lambda: states(queue) == {"waiting": 1})
            assert site.calls == []
            it.configure(targets(_1=site))
            await done(queue, 1)

    run(trial())


def test_replies_of_an_account_that_is_made_later_are_pushed(queue):
    async def trial():
        async with Site() as site, working(queue, targets(r2=site)):
            await asyncio.sleep(0.2)
            queue.account(2)
            await until(lambda: queue.rows(tables.account)[1]["replies_pushed"] == 1)

    run(trial())


def test_nothing_kept_is_said(queue):
    async def trial():
        sent(queue)
        queue.run(lambda conn: conn.execute(tables.message.delete()))
        async with Site() as site, working(queue, targets(_1=site)):
            await until(lambda: states(queue)["failed"] == 1)
            assert site.calls == []

    run(trial())


# Replies ------------------------------------------------------------------------------------------


def reply(queue, **values):
    row = {
        "uid": f"{values.get('id', 1):032x}",
        "account": 1,
        "route": "r",
        "handset": "447700900123",
    }
    row |= {"number": "12345", "time": 1_700_000_000.0} | values

    def keep(conn):
        (key,) = conn.execute(insert(tables.reply).values(row)).inserted_primary_key
        enqueue_reply(conn, key, queue.now)

    queue.run(keep)


def test_replies_are_told_with_their_fields(queue):
    async def trial():
        async with Site() as site, working(queue, targets(r1=site)):
            await until(lambda: queue.rows(tables.account)[0]["replies_pushed"] == 1)
            reply(queue, id=1, text="Gr\xfc\xdfe & \u20ac \U0001f600")
            reply(queue, id=2, data="00ff", udh="050003010201")
            await done(queue, 2)
            first, second = sorted(
                (call.fields for call in site.calls), key=lambda one: one["moMsgId"]
            )
        assert first == {
            "api_id": "1",
            "moMsgId": f"{1:032x}",
            "from": "447700900123",
            "to": "12345",
            "timestamp": "2023-11-15 00:13:20",
            "text": "Gr\xfc\xdfe & \u20ac \U0001f600",
            "charset": "UTF-8",
            "udh": "",
        }
        assert (second["text"], second["charset"]) == ("00ff", "binary")
        assert second["udh"] == "050003010201"

    run(trial())


def test_a_reply_of_an_account_without_a_url_is_not_pushed(queue):
    reply(queue, text="x")
    queue.run(worker.prepare, targets(r1="http://a.example/"))
    reply(queue, id=2, text="y")
    queue.run(worker.prepare, targets(_1="http://a.example/"))
    reply(queue, id=3, text="z")
    assert [row["reply"] for row in queue.rows(tables.callback)] == [2]


def test_a_reply_is_given_up_after_six_tries(queue):
    async def trial():
        queue.run(worker.prepare, targets(r1="http://a.example/"))
        reply(queue, text="x")
        async with Site(default=callbackservers.refuse) as site, working(queue, targets(r1=site)):
            for calls in range(1, 7):
                await until(lambda calls=calls: len(site.calls) == calls)
                queue.run(lambda conn: conn.execute(update(tables.callback_url).values(failures=0)))
                await until(lambda: states(queue)["sending"] == 0)
                queue.now += 25 * 60
            await until(lambda: states(queue) == {"failed": 1})
            assert len(site.calls) == 6

    run(trial())

"""A sender against a message centre of our own, which does what each test wants."""

from __future__ import annotations

import asyncio

import pytest
from queued import ROUTE, Queue, number
from simulators import run, until
from smppcentre import Centre
from sqlalchemy import update

from smsenc.smpp import Status, Timers
from smsgate.gateway import tables
from smsgate.gateway.queue import ledger, outcomes
from smsgate.gateway.sending import sender as senders
from smsgate.gateway.settings import Unknown
from smsgate.gateway.states import State

QUICK = Timers(response=0.3)


@pytest.fixture
def queue(tmp_path, database):
    found = Queue(tmp_path, database)
    yield found
    assert found.database.transact(ledger.check) == []


def recipients(centre):
    return [body.destination_addr.digits for body in centre.bodies]


def test_messages_are_sent_once_and_in_order(queue):
    async def trial():
        queue.add(500)
        async with Centre() as centre, queue.sender(centre.smsc(window=10)) as sender:
            await queue.until(State.SENT)
            assert recipients(centre) == [number(place) for place in range(500)]
            stats = sender.stats
            assert (stats.bound, stats.sent, stats.in_flight) == (True, 500, 0)
            assert stats.rate > 0
            assert sender.problem == ""
        parts = queue.rows(tables.part)
        assert [row["smsc_id"] for row in parts] == [str(n) for n in range(1, 501)]
        assert {row["number"] for row in parts} == {1}

    run(trial())


def test_new_messages_go_when_it_is_woken(queue, monkeypatch):
    monkeypatch.setattr(senders, "_IDLE", 60)

    async def trial():
        async with Centre() as centre, queue.sender(centre.smsc()) as sender:
            await sender._client.bound()
            await asyncio.sleep(0.1)
            queue.add(1)
            sender.wake()
            await queue.until(State.SENT, seconds=30)

    run(trial())


def test_no_more_is_announced_than_leaves_soon(queue):
    async def trial():
        queue.add(100)
        async with Centre(lambda _: None) as centre, queue.sender(centre.smsc(window=5)) as sender:
            await until(lambda: queue.count(State.ANNOUNCED) >= senders._AHEAD * 5)
            await until(lambda: len(centre.seen) >= 5)
            await asyncio.sleep(0.3)
            assert queue.count(State.ANNOUNCED) == senders._AHEAD * 5
            assert len(centre.seen) == 5
            sender._is_picking = False  # the end is not to wait for answers
            await sender._finish()
            sender._client._session.abort()
            await until(lambda: queue.count(State.UNKNOWN) == 5)
        assert (queue.count(State.UNKNOWN), queue.count(State.WAITING)) == (5, 95)

    run(trial())


def test_at_a_low_rate_little_is_announced(queue):
    async def trial():
        queue.add(100)
        smsc_options = {"window": 50, "rate": 2}
        async with Centre() as centre, queue.sender(centre.smsc(**smsc_options)):
            await asyncio.sleep(0.3)
            assert queue.count(State.ANNOUNCED) <= 4

    run(trial())


def test_what_is_announced_was_committed_before_its_octets(queue):
    seen = []

    async def trial():
        queue.add(30)
        centre = Centre()

        def answer(_number):
            to = centre.bodies[-1].destination_addr.digits
            seen.extend(row["state"] for row in queue.rows() if row["recipient"] == to)
            return 0

        centre.answer = answer
        async with centre, queue.sender(centre.smsc(window=5)):
            await queue.until(State.SENT)

    run(trial())
    assert seen == [State.ANNOUNCED] * 30


def test_while_there_is_no_session_nothing_is_announced(queue):
    async def trial():
        queue.add(5)
        async with Centre() as centre:
            smsc = centre.smsc()
        async with queue.sender(smsc) as sender:
            await until(lambda: sender.told)
            assert sender.problem == f"cannot connect to {smsc}: connection refused"
            assert sender.told == [f"route main: {sender.problem}"]
        assert queue.states() == [State.WAITING] * 5

    run(trial())


def test_a_wrong_log_in_is_shown_and_is_tried_again_later(queue):
    async def trial():
        queue.add(5)
        async with Centre() as centre:
            centre.bind_status = Status.ESME_RINVPASWD
            async with queue.sender(centre.smsc(longest_wait=1)) as sender:
                await until(lambda: "refuses the log-in: ESME_RINVPASWD" in sender.problem)
                assert len(centre.sessions) == 1
                centre.bind_status = 0
                await queue.until(State.SENT)
                assert sender.told[-1] == "route main: sending"

    run(trial())


def test_what_was_not_sent_when_the_session_is_lost_is_given_back(queue):
    async def trial():
        queue.add(300)
        async with (
            Centre(lambda n: "cut" if n % 40 == 0 else 0) as centre,
            queue.sender(centre.smsc(window=10)),
        ):
            await queue.until(State.SENT, State.UNKNOWN)
            seen = recipients(centre)
            assert len(set(seen)) == len(seen)
        assert 7 <= queue.count(State.UNKNOWN) <= 80
        assert {row["attempts"] for row in queue.rows()} == {1}

    run(trial())


def test_nothing_new_is_announced_while_it_is_away(queue):
    async def trial():
        queue.add(50)
        async with Centre(lambda n: "cut" if n == 5 else 0) as centre:
            smsc = centre.smsc(window=5, first_wait=60)
            async with queue.sender(smsc):
                await until(lambda: queue.count(State.UNKNOWN))
                await until(lambda: queue.count(State.ANNOUNCED) == 0)
                await asyncio.sleep(0.7)
                assert queue.count(State.ANNOUNCED) == 0
                assert queue.count(State.WAITING) >= 40

    run(trial())


def test_with_resend_the_unknown_are_sent_again(queue, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.sending.endings._FIRST_PAUSE", 0.0)

    async def trial():
        queue.add(20)
        async with (
            Centre(lambda n: "cut" if n == 7 else 0) as centre,
            queue.sender(centre.smsc(window=5), unknown=Unknown.RESEND),
        ):
            await queue.until(State.SENT)
            assert {number(place) for place in range(20)} == set(recipients(centre))
            assert len(centre.seen) > 20

    run(trial())


def test_a_silent_message_centre_makes_few_messages_unknown(queue):
    async def trial():
        queue.add(100)
        async with (
            Centre(lambda n: None if n < 20 else 0) as centre,
            queue.sender(centre.smsc(window=5, timers=QUICK), failures=100),
        ):
            await until(lambda: queue.count(State.UNKNOWN) >= 5)
            assert queue.count(State.UNKNOWN) < 19  # not all at once
            await queue.until(State.SENT, State.UNKNOWN)
        assert queue.count(State.UNKNOWN) == 19

    run(trial())


def test_throttled_messages_stay_in_order_and_are_sent_once(queue):
    async def trial():
        queue.add(100)
        async with (
            Centre(lambda n: Status.ESME_RTHROTTLED if n % 7 == 0 else 0) as centre,
            queue.sender(centre.smsc(window=1)),
        ):
            await queue.until(State.SENT)
            wanted = [number(place) for place in range(100)]
            assert list(dict.fromkeys(recipients(centre))) == wanted
        assert {row["attempts"] for row in queue.rows()} == {1}

    run(trial())


def test_after_a_long_time_of_throttling_validity_counts(queue, monkeypatch):
    monkeypatch.setattr(senders, "_HELD", 0.5)

    async def trial():
        queue.add(5, lasts=1.5)
        queue.add(5, first=5)
        async with (
            Centre(lambda _: Status.ESME_RMSGQFUL) as centre,
            queue.sender(centre.smsc(window=10)),
        ):
            await until(lambda: queue.states()[:5] == [State.EXPIRED] * 5)
            centre.answer = lambda _: 0
            seen = len(centre.bodies)
            await queue.until(State.SENT, State.EXPIRED)
            assert set(recipients(centre)[seen:]) == {number(place) for place in range(5, 10)}

    run(trial())


def test_what_expires_while_the_message_centre_is_down_is_not_sent(queue):
    async def trial():
        async with Centre() as centre:
            port = centre.port
            smsc = centre.smsc()
        queue.add(5, lasts=0.5)
        queue.add(5, first=5)
        async with queue.sender(smsc):
            await asyncio.sleep(0.7)
            loop = asyncio.get_running_loop()
            centre.server = await loop.create_server(centre._session, "127.0.0.1", port)
            await queue.until(State.SENT, State.EXPIRED)
            centre.server.close()
        assert recipients(centre) == [number(place) for place in range(5, 10)]

    run(trial())


def test_refusals(queue):
    answers = {
        0: Status.ESME_RINVDSTADR,
        1: Status.ESME_RINVSRCADR,
        2: Status.ESME_RSYSERR,
        3: Status.ESME_ROK,
        4: 0x400,
    }

    async def trial():
        queue.add(5)
        async with (
            Centre(lambda n: answers[n - 1]) as centre,
            queue.sender(centre.smsc(window=1)),
        ):
            await queue.until(State.SENT, State.FAILED, State.DELAYED)
        found = [(row["state"], row["status"], row["note"]) for row in queue.rows()]
        refused = "the message centre refuses it:"
        assert found == [
            (State.FAILED, 9, f"{refused} ESME_RINVDSTADR"),
            (State.FAILED, 5, f"{refused} ESME_RINVSRCADR"),
            (State.DELAYED, 2, f"{refused} ESME_RSYSERR"),
            (State.SENT, 3, None),
            (State.FAILED, 5, f"{refused} 0x00000400"),
        ]

    run(trial())


def test_what_cannot_be_built_fails_alone(queue):
    async def trial():
        queue.add(1, sender="1234567890123456")
        queue.add(1, msg_type="SMS_NOKIA_RTTL", text="no tune")
        broken = queue.file()
        queue.add(1)
        queue.database.transact(
            lambda conn: conn.execute(
                update(tables.message).where(tables.message.c.id == 3).values(file=broken)
            )
        )
        queue.database.transact(
            lambda conn: conn.execute(
                update(tables.file).where(tables.file.c.id == broken).values(content="{")
            )
        )
        queue.add(1, first=3)
        async with Centre() as centre, queue.sender(centre.smsc()) as sender:
            await queue.until(State.SENT, State.FAILED)
            assert [line for line in sender.told if "internal error" in line]
        assert queue.states() == [State.FAILED] * 3 + [State.SENT]
        notes = [row["note"] for row in queue.rows()]
        assert notes[0].startswith("expected a number of at most 15 digits")
        assert notes[1] == "text: expected a tune in RTTTL, found none (gateway error 101)"
        assert notes[2] == "internal error: JSONDecodeError"

    run(trial())


def test_a_database_that_fails_does_not_end_it(queue, monkeypatch):
    monkeypatch.setattr(senders, "_TROUBLE", 0.05)
    record, faults = outcomes.record, [1, 2, 3]

    def failing(*given):
        record(*given)
        if faults:
            faults.pop()
            raise LookupError("damaged")

    monkeypatch.setattr(outcomes, "record", failing)

    async def trial():
        queue.add(20)
        async with Centre() as centre, queue.sender(centre.smsc(window=2)) as sender:
            await queue.until(State.SENT)
            assert "damaged" in " ".join(sender.told)
            assert len(set(recipients(centre))) == len(centre.bodies) == 20

    run(trial())


def test_a_paused_route_sends_nothing(queue):
    def pause(state):
        queue.database.transact(lambda conn: conn.execute(update(tables.route).values(state=state)))

    async def trial():
        queue.add(5)
        pause("paused")
        async with Centre() as centre, queue.sender(centre.smsc()):
            await asyncio.sleep(0.7)
            assert centre.seen == []
            pause("open")
            await queue.until(State.SENT)

    run(trial())


# --- Messages of several parts -------------------------------------------------------------------

LONG = "x" * 400


def test_parts_go_one_after_the_other(queue):
    async def trial():
        queue.add(20, parts=3, text=LONG)
        async with Centre() as centre, queue.sender(centre.smsc(window=4)):
            await queue.until(State.SENT)
        headers = [(body.short_message[3], body.short_message[5]) for body in centre.bodies]
        assert headers == [(id_ + 1, part) for id_ in range(1, 21) for part in (1, 2, 3)]
        assert recipients(centre) == [number(place) for place in range(20) for _ in range(3)]
        assert len(queue.rows(tables.part)) == 60

    run(trial())


def test_the_rest_of_a_refused_message_is_not_sent(queue):
    async def trial():
        queue.add(2, parts=3, text=LONG)
        async with (
            Centre(lambda n: Status.ESME_RINVDSTADR if n == 2 else 0) as centre,
            queue.sender(centre.smsc(window=1)),
        ):
            await queue.until(State.SENT, State.FAILED)
        assert [body.short_message[5] for body in centre.bodies] == [1, 2, 1, 2, 3]
        assert queue.states() == [State.FAILED, State.SENT]
        found = [(row["message"], row["number"]) for row in queue.rows(tables.part)]
        assert found == [(1, 1), (2, 1), (2, 2), (2, 3)]

    run(trial())


def test_only_the_parts_that_are_missing_are_sent_again(queue, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.sending.endings._FIRST_PAUSE", 0.0)

    async def trial():
        queue.add(1, parts=3, text=LONG)
        async with (
            Centre(lambda n: Status.ESME_RSYSERR if n == 2 else 0) as centre,
            queue.sender(centre.smsc(window=3)),
        ):
            await queue.until(State.SENT)
        assert [body.short_message[5] for body in centre.bodies] == [1, 2, 3, 2]
        assert len({body.short_message[3] for body in centre.bodies}) == 1

    run(trial())


def test_a_message_that_is_cut_in_the_middle_goes_on(queue):
    async def trial():
        queue.add(1, parts=3, text=LONG)
        async with Centre() as centre, queue.sender(centre.smsc(window=1, rate=2)):
            while not centre.bodies:  # noqa: ASYNC110 - the message centre tells nobody
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.1)
            centre.sessions[0].abort()
            await queue.until(State.SENT)
            assert len(centre.sessions) == 2
        assert [body.short_message[5] for body in centre.bodies] == [1, 2, 3]
        assert [row["attempts"] for row in queue.rows()] == [2]

    run(trial())


def test_one_unknown_part_makes_the_message_unknown(queue):
    async def trial():
        queue.add(1, parts=3, text=LONG)
        async with (
            Centre(lambda n: None if n == 2 else 0) as centre,
            queue.sender(centre.smsc(window=1, timers=QUICK)),
        ):
            await queue.until(State.UNKNOWN)
        assert [body.short_message[5] for body in centre.bodies] == [1, 2]
        assert [row["number"] for row in queue.rows(tables.part)] == [1]

    run(trial())


# --- The end -------------------------------------------------------------------------------------


def test_a_drain_waits_for_answers_and_announces_nothing_more(queue):
    async def trial():
        queue.add(100)
        async with Centre() as centre, queue.sender(centre.smsc(window=5, rate=50)) as sender:
            await until(lambda: centre.bodies)
            await sender.drain()
            assert set(queue.states()) == {State.SENT, State.WAITING}
            assert queue.count(State.SENT) == len(centre.bodies)
            seen = len(centre.bodies)
            await asyncio.sleep(0.3)
            assert len(centre.bodies) == seen

    run(trial())


def test_a_drain_gives_back_what_is_held(queue, monkeypatch):
    monkeypatch.setattr(senders, "_PATIENCE", 0.5)

    async def trial():
        queue.add(10)
        async with (
            Centre(lambda _: Status.ESME_RTHROTTLED) as centre,
            queue.sender(centre.smsc()) as sender,
        ):
            await until(lambda: centre.bodies)
            await sender.drain()
            assert queue.states() == [State.WAITING] * 10
            assert {row["attempts"] for row in queue.rows()} == {0}

    run(trial())


def test_a_drain_gives_back_what_is_announced_meanwhile(queue, monkeypatch):
    async def trial():
        async with Centre() as centre, queue.sender(centre.smsc()) as sender:
            await until(lambda: sender.stats.bound)
            transact, has_begun, goes_on = sender.transactions.run, asyncio.Event(), asyncio.Event()

            async def held(work):
                found = await transact(work)
                if found.lot:
                    has_begun.set()
                    await goes_on.wait()
                return found

            monkeypatch.setattr(sender.transactions, "run", held)
            queue.add(10)
            sender.wake()
            await has_begun.wait()
            drain = asyncio.create_task(sender.drain())
            await asyncio.sleep(0.05)
            goes_on.set()
            await drain
            assert queue.states() == [State.WAITING] * 10
            assert {row["attempts"] for row in queue.rows()} == {0}
            assert not centre.bodies

    run(trial())


def test_a_drain_waits_for_the_cycle_that_gives_back_what_is_held(queue, monkeypatch):
    sleep = asyncio.sleep

    async def longer(seconds):  # the loop of the sender takes what comes back
        await sleep(seconds or 0.05)

    async def trial():
        queue.add(10)
        async with (
            Centre(lambda _: Status.ESME_RTHROTTLED) as centre,
            queue.sender(centre.smsc()) as sender,
        ):
            await until(lambda: centre.bodies)
            transact = sender.transactions.run

            async def slowly(work):
                await sleep(0.3)
                return await transact(work)

            monkeypatch.setattr(sender.transactions, "run", slowly)
            monkeypatch.setattr(asyncio, "sleep", longer)
            await sender.drain(1)
            assert queue.states() == [State.WAITING] * 10

    run(trial())


def test_what_is_not_answered_at_the_end_is_unknown(queue, monkeypatch):
    monkeypatch.setattr(senders, "_PATIENCE", 0.3)
    monkeypatch.setattr("smsgate.smppclient.client._PATIENCE", 0.3)

    async def trial():
        queue.add(10)
        async with Centre(lambda _: None) as centre, queue.sender(centre.smsc(window=3)):
            await until(lambda: len(centre.seen) == 3)
        assert queue.count(State.UNKNOWN) == 3
        assert queue.count(State.WAITING) == 7
        assert {row["route"] for row in queue.rows()} <= {ROUTE, None}

    run(trial())


def test_results_that_cannot_be_kept_at_the_end_are_told(queue, monkeypatch):
    async def trial():
        queue.add(1)
        async with Centre() as centre, queue.sender(centre.smsc()) as sender:
            await queue.until(State.SENT)
            told = []
            monkeypatch.setattr(sender._notices, "_tell", told.append)

            async def fails():
                raise ZeroDivisionError("broken")

            monkeypatch.setattr(sender, "_cycle", fails)
            await sender._finish()
            monkeypatch.undo()
            assert told == [f"route {ROUTE}: the last results are not kept: broken"]

    run(trial())

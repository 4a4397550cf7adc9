"""The client against a message centre of our own, which does what each test wants."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from smppcentre import Centre

from smsenc.smpp import Status, Timers, pdus
from smsgate.smppclient import Accepted, BindError, Client, Refused, Unknown


def texts(count):
    return [b"%d" % n for n in range(count)]


async def sent(client, count):
    futures = [client.submit(pdus.SubmitSm(short_message=text)) for text in texts(count)]
    return await asyncio.wait_for(asyncio.gather(*futures), 20)


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 30))


def test_messages_are_accepted_in_order():
    async def trial():
        async with Centre() as centre, Client(centre.smsc(window=5)) as client:
            results = await sent(client, 100)
        assert centre.seen == texts(100)
        assert results == [Accepted(str(n)) for n in range(1, 101)]

    run(trial())


def test_a_busy_message_centre_gets_the_same_again_first():
    async def trial():
        async with (
            Centre(lambda n: Status.ESME_RTHROTTLED if n % 20 == 0 else 0) as centre,
            Client(centre.smsc(window=1)) as client,
        ):
            results = await sent(client, 100)
        assert all(isinstance(one, Accepted) for one in results)
        assert list(dict.fromkeys(centre.seen)) == texts(100)
        assert len(centre.seen) == 105

    run(trial())


def test_a_refused_message_ends_alone():
    async def trial():
        async with (
            Centre(lambda n: Status.ESME_RINVDSTADR if n == 3 else 0) as centre,
            Client(centre.smsc()) as client,
        ):
            results = await sent(client, 5)
        assert results[2] == Refused(Status.ESME_RINVDSTADR)
        assert sum(isinstance(one, Accepted) for one in results) == 4

    run(trial())


@pytest.mark.parametrize("window", [1, 10, 50])
def test_after_a_cut_nothing_is_sent_twice(window):
    async def trial():
        async with (
            Centre(lambda n: "cut" if n == 500 else 0) as centre,
            Client(centre.smsc(window=window)) as client,
        ):
            results = await sent(client, 1000)
        assert len(set(centre.seen)) == len(centre.seen)
        kinds = [type(one) for one in results]
        assert kinds.count(Accepted) + kinds.count(Unknown) == 1000
        assert 1 <= kinds.count(Unknown) <= window

    run(trial())


def test_silence_is_unknown():
    async def trial():
        timers = Timers(response=0.3)
        async with (
            Centre(lambda n: None if n == 2 else 0) as centre,
            Client(centre.smsc(timers=timers)) as client,
        ):
            results = await sent(client, 3)
        assert [type(one) for one in results] == [Accepted, Unknown, Accepted]

    run(trial())


def test_a_wrong_log_in_is_said():
    async def trial():
        async with Centre() as centre:
            centre.bind_status = Status.ESME_RINVPASWD
            async with Client(centre.smsc()) as client:
                with pytest.raises(BindError, match="ESME_RINVPASWD"):
                    await asyncio.wait_for(client.bound(), 5)
                assert "secret" not in client.problem

    run(trial())


def test_it_binds_again_however_often_the_message_centre_starts_again():
    async def trial():
        async with Centre() as centre, Client(centre.smsc()) as client:
            for _ in range(10):
                assert len(await sent(client, 5)) == 5
                centre.sessions[-1].abort()
                await asyncio.sleep(0.05)
            await client.bound()
            assert len(centre.sessions) == 11

    run(trial())


def test_a_message_is_answered_when_it_is_kept():
    async def trial():
        kept = asyncio.Event()
        got = []

        async def keep(request):
            got.append(request.body.short_message)
            await kept.wait()
            return 0

        async with Centre() as centre, Client(centre.smsc(), keep) as client:
            await client.bound()
            session = centre.sessions[0]
            session.send(pdus.DeliverSm(short_message=b"reply"))
            session.flush()
            await asyncio.sleep(0.1)
            assert (got, session.connection.waiting) == ([b"reply"], 1)
            kept.set()
            await asyncio.sleep(0.1)
            assert session.connection.waiting == 0

    run(trial())


def test_the_rate_counts_parts():
    async def trial():
        loop = asyncio.get_running_loop()
        async with Centre() as centre, Client(centre.smsc(rate=100)) as client:
            await client.bound()
            start = loop.time()
            body = pdus.SubmitSm(short_message=b"x")
            await asyncio.gather(*(client.submit(body, parts=2) for _ in range(30)))
            assert loop.time() - start > 0.4

    run(trial())


def test_the_end_is_an_unbind():
    async def trial():
        async with Centre() as centre:
            async with Client(centre.smsc()) as client:
                await sent(client, 1)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(centre.sessions[0].ended), 2)
            assert centre.sessions[0].connection.state == "closed"
            assert len(centre.sessions) == 1

    run(trial())


def test_why_there_is_no_connection_is_said_as_the_system_does():
    async def trial():
        async with Centre() as centre:
            smsc = centre.smsc()
        async with Client(smsc) as client:
            await asyncio.sleep(0.1)
            assert client.problem == f"cannot connect to {smsc}: connection refused"

    run(trial())

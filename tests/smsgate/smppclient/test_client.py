"""The client against a message centre of our own, which does what each test wants."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from simulators import until
from smppcentre import Centre

from smsenc import OptionError, SmsencError
from smsenc.smpp import SmppError, Status, Timers, pdus
from smsgate.smppclient import (
    Accepted,
    BindError,
    Client,
    ClosedError,
    RecalledError,
    Refused,
    Unknown,
)


def texts(count):
    return [b"%d" % n for n in range(count)]


async def sent(client, count):
    futures = [client.submit(pdus.SubmitSm(short_message=text)) for text in texts(count)]
    return await asyncio.wait_for(asyncio.gather(*futures), 60)


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


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
                    await asyncio.wait_for(client.bound(), 60)
                assert "secret" not in client.problem

    run(trial())


def test_it_binds_again_however_often_the_message_centre_starts_again():
    async def trial():
        async with Centre() as centre, Client(centre.smsc()) as client:
            for _ in range(10):
                assert len(await sent(client, 5)) == 5
                centre.sessions[-1].abort()
                await until(lambda: not client.is_bound)
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
            await until(lambda: got)
            assert (got, session.connection.waiting) == ([b"reply"], 1)
            kept.set()
            await until(lambda: session.connection.waiting == 0)

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
                await asyncio.wait_for(asyncio.shield(centre.sessions[0].ended), 60)
            assert centre.sessions[0].connection.state == "closed"
            assert len(centre.sessions) == 1

    run(trial())


def test_why_there_is_no_connection_is_said_as_the_system_does():
    async def trial():
        async with Centre() as centre:
            smsc = centre.smsc()
        async with Client(smsc) as client:
            await until(lambda: client.problem)
            assert client.problem == f"cannot connect to {smsc}: connection refused"

    run(trial())


# --- Withdrawing ----------------------------------------------------------------------------------


def test_what_is_not_sent_is_recalled_in_order():
    async def trial():
        async with (
            Centre(lambda _: None) as centre,
            Client(centre.smsc(window=2, timers=Timers(response=0.5))) as client,
        ):
            futures = [client.submit(pdus.SubmitSm(short_message=text)) for text in texts(5)]
            assert not client.is_bound
            await client.bound()
            await until(lambda: client.in_flight == 2)
            assert (client.in_flight, client.waiting, client.is_bound) == (2, 5, True)
            assert client.recall() == futures[2:]
            assert (client.in_flight, client.waiting) == (2, 2)
            results = await asyncio.gather(*futures, return_exceptions=True)
            assert [type(one) for one in results] == [Unknown] * 2 + [RecalledError] * 3
            assert client.recall() == []
        assert centre.seen == texts(2)

    run(trial())


def test_some_are_recalled_and_the_others_are_sent():
    async def trial():
        async with Centre() as centre, Client(centre.smsc(window=1)) as client:
            futures = [client.submit(pdus.SubmitSm(short_message=text)) for text in texts(5)]
            assert client.recall({futures[1], futures[3]}) == [futures[1], futures[3]]
            results = await asyncio.gather(*futures, return_exceptions=True)
            assert [type(one) for one in results[1::2]] == [RecalledError] * 2
        assert centre.seen == [b"0", b"2", b"4"]

    run(trial())


def test_what_the_message_centre_was_too_busy_for_is_recalled():
    async def trial():
        async with (
            Centre(lambda _: Status.ESME_RTHROTTLED) as centre,
            Client(centre.smsc(window=3, first_wait=5, longest_wait=5)) as client,
        ):
            futures = [client.submit(pdus.SubmitSm(short_message=text)) for text in texts(5)]
            await client.bound()
            await until(lambda: len(centre.seen) == 3)
            await asyncio.sleep(0.1)  # the answers come
            assert client.recall() == futures
            assert client.waiting == 0
        assert centre.seen == texts(3)

    run(trial())


def test_bound_and_lost_are_told():
    async def trial():
        told = []

        def tell(is_bound):
            told.append((is_bound, client.is_bound))
            client.recall()

        async with (
            Centre(lambda n: "cut" if n == 2 else 0) as centre,
            Client(centre.smsc(window=2), on_state=tell) as client,
        ):
            futures = [client.submit(pdus.SubmitSm(short_message=text)) for text in texts(1)]
            assert client.recall() == futures
            await client.bound()
            futures = [client.submit(pdus.SubmitSm(short_message=text)) for text in texts(5)]
            results = await asyncio.gather(*futures, return_exceptions=True)
            assert set(map(type, results[:2])) <= {Accepted, Unknown}
            assert RecalledError in map(type, results)
            await client.bound()
            assert told == [(True, True), (False, False), (True, True)]
            assert not client.ended
        assert told[3:] == [(False, False)]
        assert client.ended

    run(trial())


def test_after_a_wrong_log_in_the_next_try_is_late():
    async def trial():
        async with Centre() as centre:
            centre.bind_status = Status.ESME_RINVPASWD
            async with Client(centre.smsc(longest_wait=5)) as client:
                with pytest.raises(BindError):
                    await asyncio.wait_for(client.bound(), 60)
                await asyncio.sleep(0.3)
                assert len(centre.sessions) == 1

    run(trial())


def test_what_is_not_answered_at_the_end_is_unknown(monkeypatch):
    monkeypatch.setattr("smsgate.smppclient.client._PATIENCE", 0.2)

    async def trial():
        async with Centre(lambda _: None) as centre:
            async with Client(centre.smsc(window=2)) as client:
                futures = [client.submit(pdus.SubmitSm(short_message=text)) for text in texts(3)]
                await client.bound()
                await until(lambda: len(centre.seen) == 2)
            results = await asyncio.gather(*futures, return_exceptions=True)
            assert [type(one) for one in results] == [Unknown, Unknown, ClosedError]

    run(trial())


def test_what_a_result_withdraws_is_not_sent():
    async def trial():
        async with (
            Centre(lambda n: Status.ESME_RINVDSTADR if n == 2 else 0) as centre,
            Client(centre.smsc(window=1)) as client,
        ):
            futures = [client.submit(pdus.SubmitSm(short_message=text)) for text in texts(4)]
            futures[1].add_done_callback(lambda _: client.recall(futures[2:3]))
            results = await asyncio.gather(*futures, return_exceptions=True)
            assert [type(one) for one in results] == [Accepted, Refused, RecalledError, Accepted]
        assert centre.seen == [b"0", b"1", b"3"]

    run(trial())


HERE = pdus.Address("448311000000", 1, 1)
WRONG = {
    "source_addr: expected Address, found str": {"source_addr": "12345"},
    "source_addr: expected Address, found list": {"source_addr": ["1", 1, 1]},
    "destination_addr: expected Address, found str": {"destination_addr": "447700900123"},
    "destination_addr: .*not supported": {"destination_addr": pdus.Address("1", "1", 1)},
    "short_message: expected bytes, found str": {"short_message": "x"},
    "service_type: expected str, found int": {"service_type": 7},
    "esm_class: expected int, found str": {"esm_class": "64"},
    "tlvs: ": {"tlvs": (7,)},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_value_of_the_wrong_type_ends_its_message_alone(what):
    async def trial():
        async with Centre() as centre, Client(centre.smsc()) as client:
            await client.bound()
            values = {"source_addr": HERE, "short_message": b"wrong"} | WRONG[what]
            bad = client.submit(pdus.SubmitSm(**values))
            good = client.submit(pdus.SubmitSm(short_message=b"good"))
            with pytest.raises(SmppError, match=what):
                await asyncio.wait_for(bad, 60)
            assert isinstance(await asyncio.wait_for(good, 60), Accepted)
            assert client.waiting == 0
        assert centre.seen == [b"good"]

    run(trial())


def test_what_is_no_body_ends_alone():
    async def trial():
        async with Centre() as centre, Client(centre.smsc()) as client:
            await client.bound()
            with pytest.raises(SmsencError):
                await asyncio.wait_for(client.submit("a text"), 60)
            for parts in (0, "2"):
                with pytest.raises(OptionError, match=f"parts: .*{parts!r}"):
                    client.submit(pdus.SubmitSm(), parts=parts)
            assert len(await sent(client, 2)) == 2

    run(trial())


@pytest.mark.parametrize("error", [BindError(14), ClosedError(), RecalledError()])
def test_errors_of_the_client_are_those_of_the_library(error):
    assert isinstance(error, SmsencError)
    assert error.message == str(error)
    assert getattr(error, "status", 14) == 14

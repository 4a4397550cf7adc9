"""The simulated message centre, with our client on real sockets."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from simulators import NUMBER, SENDER, phones, run, submits, text, until

from smsenc import encode_text, split
from smsenc.model import Payload
from smsenc.smpp import Status, Timers, mapping, pdus, receipts
from smsenc.smpp.mapping import Carry
from smsgate.outbox.lock import BusyError
from smsgate.simulator import behaviour
from smsgate.simulator.behaviour import Behaviour, Fate, Fault, IdForm
from smsgate.simulator.service import Settings, Simulator
from smsgate.smppclient import Accepted, BindError, Client, Refused, Unknown


def behave(given="delivered", chaos="", **options):
    return Behaviour(
        receipts=behaviour.chances(given, Fate, "receipts"),
        chaos=behaviour.chances(chaos, Fault, "chaos"),
        **options,
    )


def test_what_arrives_is_what_was_sent_octet_for_octet():
    payloads = [
        encode_text("Hello"),
        encode_text("Grüße " * 100),
        encode_text("Привет " * 50),
        Payload.to_port(0x23F4, bytes(range(256)) * 2),
    ]
    sent = [submits(one, reference=n) for n, one in enumerate(payloads)]

    async def trial():
        async with phones() as here, here.client() as client:
            for bodies in sent:
                results = await asyncio.gather(*map(client.submit, bodies))
                assert all(isinstance(one, Accepted) for one in results)
            return await here.messages()

    found = run(trial())
    assert [one["missing"] for one in found] == [[]] * 4
    assert [one["parts"] for one in found] == [len(one) for one in sent]
    assert [one["text"] for one in found[:3]] == ["Hello", "Grüße " * 100, "Привет " * 50]
    assert found[3]["port"] == 0x23F4
    for message, bodies in zip(found, sent, strict=True):
        octets = [bytes.fromhex(one["udh"] + one["data"]) for one in message["segments"]]
        assert octets == [one.short_message for one in bodies]
        assert message["data_coding"] == bodies[0].data_coding
        assert (message["from"], message["to"], message["state"]) == (SENDER, NUMBER, "delivered")


@pytest.mark.parametrize("carry", Carry)
def test_parts_are_joined_however_they_are_carried(carry):
    async def trial():
        async with phones() as here, here.client() as client:
            bodies = submits(encode_text("Hello " * 100), carry=carry)
            await asyncio.gather(*map(client.submit, reversed(bodies)))
            (found,) = await here.messages()
            assert (found["parts"], found["missing"], found["text"]) == (4, [], "Hello " * 100)

    run(trial())


def test_a_long_message_payload_is_one_message():
    async def trial():
        async with phones() as here, here.client() as client:
            whole = encode_text("Hello " * 100)
            one = mapping.submit(
                whole, source=mapping.address(SENDER), destination=mapping.address(NUMBER)
            )
            await client.submit(one)
            (found,) = await here.messages()
            assert (found["parts"], found["text"]) == (4, "Hello " * 100)

    run(trial())


def test_missing_parts_are_named_and_the_same_reference_begins_again():
    async def trial():
        async with phones() as here, here.client() as client:
            bodies = submits(encode_text("a" * 400))
            for body in (bodies[0], bodies[2], bodies[0], bodies[1], bodies[2]):
                await client.submit(body)
            first, second = await here.messages()
            assert (first["missing"], first["parts"], first["kind"]) == ([2], 3, "text")
            assert first["text"] is None
            assert (second["missing"], second["text"]) == ([], "a" * 400)

    run(trial())


def test_damaged_octets_are_kept_with_their_error():
    async def trial():
        async with phones() as here, here.client() as client:
            await client.submit(text(b"\x09\x00", esm_class=0x40))
            (found,) = await here.messages()
            assert found["error"]["message"]
            assert found["segments"][0]["udh"] == "0900"

    run(trial())


@pytest.mark.parametrize(
    ("state", "word"),
    [("delivered", 2), ("failed", 5), ("expired", 3), ("rejected", 8), ("late", 2)],
)
def test_receipts_say_what_became_of_a_message(state, word):
    async def trial():
        wanted = behave(state, late_delay=0.1)
        async with phones(behaviour=wanted) as here, here.client() as client:
            result = await client.submit(text(registered_delivery=1))
            await client.submit(text(b"no receipt"))
            await until(lambda: client.arrived)
            await asyncio.sleep(0.2)  # no receipt of the other comes
            (body,) = client.arrived
            assert mapping.is_receipt(body)
            found = receipts.read(body)
            assert (found.message_id, found.state) == (result.message_id, word)
            assert (found.text, body.source_addr.digits) == ("Hello", NUMBER)
            (_, other) = await here.messages()
            assert other["state"] == {"late": "delivered"}.get(state, state)

    run(trial())


def test_only_failures_are_reported_where_only_they_are_wanted():
    async def trial():
        wanted = behave(suffixes=(("1", Fate.FAILED),))
        async with phones(behaviour=wanted) as here, here.client() as client:
            for number in ("4477009001", "4477009002"):
                await client.submit(text(to=number, registered_delivery=2))
            await until(lambda: client.arrived)
            await asyncio.sleep(0.1)
            assert [one.source_addr.digits for one in client.arrived] == ["4477009001"]

    run(trial())


def test_a_receipt_can_have_the_id_in_decimal():
    async def trial():
        wanted = behave(receipt_id=IdForm.DECIMAL)
        async with phones(behaviour=wanted) as here, here.client() as client:
            result = await client.submit(text(registered_delivery=1))
            await until(lambda: client.arrived)
            found = receipts.read(client.arrived[0]).message_id
            assert found == str(int(result.message_id, 16))

    run(trial())


def test_early_receipts_come_before_the_answer():
    async def trial():
        order = []

        async with phones(behaviour=behave("early")) as here, here.client() as client:
            inner = client._on_events
            client._session.on_events = lambda session, events: (
                order.extend(type(one).__name__ for one in events),
                inner(session, events),
            )
            await client.submit(text(registered_delivery=1))
            await until(lambda: client.arrived)
        assert order[:2] == ["Request", "Answer"]

    run(trial())


def test_never_is_no_receipt_and_stays_accepted():
    async def trial():
        async with phones(behaviour=behave("never")) as here, here.client() as client:
            await client.submit(text(registered_delivery=1))
            await asyncio.sleep(0.1)
            assert not client.arrived
            assert [one["state"] for one in await here.messages()] == ["accepted"]

    run(trial())


def test_receipts_wait_for_a_session_that_can_receive_them():
    async def trial():
        async with phones() as here:
            async with here.client(bind_as="transmitter") as client:
                result = await client.submit(text(registered_delivery=1))
            async with here.client(user="other", bind_as="receiver") as other:
                async with here.client(bind_as="receiver") as client:
                    await until(lambda: client.arrived)
                    assert receipts.read(client.arrived[0]).message_id == result.message_id
                assert not other.arrived

    run(trial())


def test_receipts_and_ids_survive_a_new_start(tmp_path):
    async def first():
        async with phones(folder=tmp_path) as here, here.client(bind_as="transmitter") as client:
            return await client.submit(text(registered_delivery=1))

    async def second():
        async with phones(folder=tmp_path) as here, here.client() as client:
            await until(lambda: client.arrived)
            return receipts.read(client.arrived[0]).message_id, await client.submit(text())

    one = run(first())
    found, other = run(second())
    assert found == one.message_id
    assert int(other.message_id, 16) == int(one.message_id, 16) + 1


def test_two_simulators_cannot_use_one_folder(tmp_path):
    async def trial():
        async with phones(folder=tmp_path):
            with pytest.raises(BusyError, match="another simulator uses this folder"):
                async with Simulator(Settings(port=0, http_port=0, folder=tmp_path)):
                    pass

    run(trial())


def test_only_so_many_are_kept():
    async def trial():
        async with phones(keep=10) as here, here.client(window=50) as client:
            await asyncio.gather(*(client.submit(text(b"%d" % n)) for n in range(100)))
            found = await here.messages()
            assert [one["text"] for one in found] == [str(n) for n in range(90, 100)]

    run(trial())


def test_old_ones_are_deleted():
    async def trial():
        async with phones(max_age=0.3) as here, here.client() as client:
            await client.submit(text())
            assert len(await here.messages()) == 1
            await asyncio.sleep(1)
            assert await here.messages() == []

    run(trial())


# --- Log-ins, limits and faults ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "password", "status"),
    [("me", "wrong", Status.ESME_RINVPASWD), ("you", "secret", Status.ESME_RINVSYSID)],
)
def test_a_wrong_log_in_is_refused(user, password, status):
    async def trial():
        async with phones(log_ins={"me": "secret"}) as here:
            async with here.client() as client:
                assert isinstance(await client.submit(text()), Accepted)
            with pytest.raises(BindError) as raised:
                async with here.client(user=user, password=password):
                    pass
            assert raised.value.status == status

    run(trial())


def test_more_than_the_window_is_throttled_and_sent_again():
    async def trial():
        async with phones(behaviour=behave(window=5)) as here, here.client(window=20) as client:
            results = await asyncio.gather(*(client.submit(text()) for _ in range(40)))
            assert all(isinstance(one, Accepted) for one in results)
            assert len(await here.messages()) == 40

    run(trial())


def test_more_than_the_rate_is_throttled():
    async def trial():
        async with phones(behaviour=behave(rate=50)) as here, here.client() as client:
            start = asyncio.get_running_loop().time()
            await asyncio.gather(*(client.submit(text()) for _ in range(20)))
            assert asyncio.get_running_loop().time() - start > 0.25
            assert len(await here.messages()) == 20

    run(trial(), 60)


def test_chaos_loses_nothing_that_was_accepted():
    chaos = "throttle=0.02,queue-full=0.01,cut=0.01,silence=0.01,slow=0.02,malformed=0.01"

    async def trial():
        timers = {"timers": Timers(response=1.0)}
        wanted = behave(chaos=chaos, slow_delay=0.2)
        async with phones(behaviour=wanted) as here, here.client(**timers) as client:
            bodies = [text(b"%d" % n) for n in range(400)]
            results = await asyncio.gather(*map(client.submit, bodies))
            found = [one["text"] for one in await here.messages()]
        kinds = [type(one) for one in results]
        accepted = [str(n) for n, kind in enumerate(kinds) if kind is Accepted]
        assert set(kinds) == {Accepted, Unknown}
        assert len(found) == len(set(found))
        assert set(accepted) <= set(found)

    run(trial(), 60)


# --- Other requests ------------------------------------------------------------------------------


async def asked(client, body):
    """The answer to any request of the client's session."""
    session = client._session
    answers = []
    inner = session.on_events
    session.on_events = lambda one, events: (answers.extend(events), inner(one, events))
    session.send(body)
    session.flush()
    await until(lambda: answers)
    return answers[0].pdu


def test_query_cancel_and_replace():
    source = mapping.address(SENDER)

    async def trial():
        async with phones(behaviour=behave("never")) as here, here.client() as client:
            one = (await client.submit(text(registered_delivery=1))).message_id
            asks = {"message_id": one, "source_addr": source}
            assert (await asked(client, pdus.QuerySm(**asks))).body.message_state == 6
            new = pdus.ReplaceSm(**asks, registered_delivery=1, short_message=b"Other")
            assert (await asked(client, new)).command_status == 0
            assert [m["text"] for m in await here.messages()] == ["Other"]
            assert (await asked(client, pdus.CancelSm(**asks))).command_status == 0
            assert (await asked(client, pdus.CancelSm(**asks))).command_status == 0x11
            assert (await asked(client, new)).command_status == Status.ESME_RREPLACEFAIL
            assert (await asked(client, pdus.QuerySm(**asks))).body.message_state == 5 - 1
            wrong = pdus.QuerySm(message_id=one, source_addr=mapping.address("999"))
            assert (await asked(client, wrong)).command_status == Status.ESME_RQUERYFAIL
            missing = pdus.QuerySm(message_id="zz", source_addr=source)
            assert (await asked(client, missing)).command_status == Status.ESME_RINVMSGID
            await until(lambda: client.arrived)
            assert receipts.read(client.arrived[0]).state == 4

    run(trial())


def test_all_messages_between_two_numbers_can_be_cancelled():
    async def trial():
        async with phones(behaviour=behave("never")) as here, here.client() as client:
            for to in (NUMBER, NUMBER, "447700900999"):
                await client.submit(text(to=to))
            body = pdus.CancelSm(
                source_addr=mapping.address(SENDER), destination_addr=mapping.address(NUMBER)
            )
            assert (await asked(client, body)).command_status == 0
            states = [one["state"] for one in await here.messages()]
            assert states == ["deleted", "deleted", "accepted"]

    run(trial())


def test_submit_multi_and_data_sm():
    async def trial():
        async with phones() as here, here.client() as client:
            numbers = tuple(map(mapping.address, ("4477009001", "4477009002")))
            many = pdus.SubmitMulti(
                source_addr=mapping.address(SENDER),
                dest_addresses=(*numbers, pdus.DistributionList("all")),
                registered_delivery=1,
                short_message=b"Hello",
            )
            answer = (await asked(client, many)).body
            assert [one.address.digits for one in answer.unsuccess_smes] == ["all"]
            await until(lambda: len(client.arrived) == 2)
            ids = {receipts.read(one).message_id for one in client.arrived}
            assert ids == {answer.message_id}
            (segment,) = split(encode_text("Data"), reference=1)
            data = mapping.data(
                segment, source=mapping.address(SENDER), destination=mapping.address(NUMBER)
            )
            assert isinstance(await client.submit(data), Accepted)
            assert [one["text"] for one in await here.messages()] == ["Hello", "Hello", "Data"]

    run(trial())


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"schedule_delivery_time": "991399000000000+"}, Status.ESME_RINVSCHED),
        ({"validity_period": "009900000000000+"}, Status.ESME_RINVEXPIRY),
    ],
)
def test_wrong_times_are_refused(options, status):
    async def trial():
        async with phones() as here, here.client() as client:
            assert await client.submit(text(**options)) == Refused(status)
            assert await client.submit(pdus.SubmitSm()) == Refused(Status.ESME_RINVDSTADR)

    run(trial())


def test_a_scheduled_message_waits_and_a_short_validity_expires():
    async def trial():
        async with phones() as here, here.client() as client:
            await client.submit(text(schedule_delivery_time="000000000001000R"))
            later = "000000000100000R"
            await client.submit(
                text(schedule_delivery_time=later, validity_period="000000000001000R")
            )
            states = [one["state"] for one in await here.messages()]
            assert states == ["accepted", "accepted"]
            await asyncio.sleep(1.2)
            states = [one["state"] for one in await here.messages()]
            assert states == ["delivered", "expired"]

    run(trial())


def test_strange_octets_are_answered_and_others_are_served():
    async def trial():
        async with phones() as here:
            for octets in (b"GET / HTTP/1.1\r\n\r\n" * 3, b"\0" * 16, b"\0\0\0\x10\0\0\0\x04"):
                reader, writer = await asyncio.open_connection(*here.simulator.smpp)
                writer.write(octets)
                writer.write_eof()
                with suppress(ConnectionError):
                    await asyncio.wait_for(reader.read(), 60)
                writer.close()
            async with here.client() as client:
                assert isinstance(await client.submit(text()), Accepted)

    run(trial())


def test_the_end_is_an_unbind():
    async def trial():
        async with phones() as here:
            client = Client(here.smsc())
            await client.bound()
            session = client._session
        await asyncio.wait_for(asyncio.shield(session.ended), 60)
        assert client.problem == "the peer ended the session"
        await client.close()

    run(trial())

"""Receipts and messages from phones, of a message centre of our own."""

from __future__ import annotations

import asyncio

import pytest
from queued import Queue
from simulators import run, until
from smppcentre import Centre

from smsenc.smpp import Answer, Status, codec, decode, pdus
from smsenc.smpp.receipts import MessageState, Receipt, parameters, text
from smsgate.gateway import tables
from smsgate.gateway.queue import receipts
from smsgate.gateway.sending import receiving
from smsgate.gateway.settings import Receipts
from smsgate.gateway.states import State
from smsgate.smppclient.session import Session

RECEIPT = 0x04


def receipt(smsc_id, state=MessageState.DELIVERED, **values):
    found = Receipt(message_id=smsc_id, state=state)
    given = {"esm_class": RECEIPT, "short_message": text(found), "tlvs": parameters(found)}
    return pdus.DeliverSm(**given | values)


class Talker(Centre):
    """A message centre that asks, and keeps the answers."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.statuses = []

    def on_events(self, session, events):
        super().on_events(session, events)
        self.statuses += [event.status for event in events if isinstance(event, Answer)]

    def ask(self, *bodies):
        session: Session = self.sessions[-1]
        for body in bodies:
            session.send(body)
        session.flush()

    async def answered(self, count):
        await until(lambda: len(self.statuses) >= count)
        return self.statuses


@pytest.fixture
def queue(tmp_path):
    found = Queue(tmp_path)
    yield found
    found.close()


def test_receipts_are_asked_for_and_change_messages(queue):
    async def trial():
        queue.add(2, deliv_ack=True)
        async with Talker() as centre, queue.sender(centre.smsc()):
            await queue.until(State.SENT)
            assert [body.registered_delivery for body in centre.bodies] == [1, 1]
            centre.ask(receipt("1"), receipt("2", MessageState.UNDELIVERABLE))
            assert await centre.answered(2) == [0, 0]
            assert queue.states() == [State.DELIVERED, State.FAILED]

    run(trial())


def test_an_early_receipt_counts_when_the_answer_comes(queue):
    async def trial():
        queue.add(1)
        centre = Talker()

        def answer(number):
            centre.ask(receipt(f"{number}"))
            return 0

        centre.answer = answer
        async with centre, queue.sender(centre.smsc()):
            await queue.until(State.DELIVERED)

    run(trial())


def test_the_same_receipt_again_changes_nothing(queue):
    async def trial():
        queue.add(1)
        async with Talker() as centre, queue.sender(centre.smsc()):
            await queue.until(State.SENT)
            centre.ask(receipt("1"), receipt("1"), receipt("1", MessageState.UNDELIVERABLE))
            assert await centre.answered(3) == [0, 0, 0]
            assert queue.states() == [State.DELIVERED]
        assert [row["status"] for row in queue.rows(tables.event)] == [2, 3, 4]

    run(trial())


@pytest.mark.parametrize(
    ("receipts_", "values", "asked"),
    [
        (Receipts.ASKED, {}, 0),
        (Receipts.ASKED, {"deliv_ack": True}, 1),
        (Receipts.ASKED, {"callback": 1}, 0),
        (Receipts.ASKED, {"callback": 2}, 1),
        (Receipts.ASKED, {"callback": 4}, 1),
        (Receipts.ALWAYS, {}, 1),
        (Receipts.NEVER, {"deliv_ack": True}, 0),
    ],
)
def test_which_messages_ask_for_receipts(queue, receipts_, values, asked):
    async def trial():
        queue.add(1, **values)
        async with Centre() as centre, queue.sender(centre.smsc(), receipts=receipts_):
            await queue.until(State.SENT)
            assert [body.registered_delivery for body in centre.bodies] == [asked]

    run(trial())


def test_what_is_no_receipt_or_cannot_be_read_is_kept(queue):
    reply = pdus.DeliverSm(short_message=b"yes please")
    unreadable = pdus.DeliverSm(esm_class=RECEIPT, short_message=b"all is well")

    async def trial():
        async with Talker() as centre, queue.sender(centre.smsc()) as sender:
            await sender._client.bound()
            centre.ask(reply, unreadable)
            assert await centre.answered(2) == [0, 0]
        kept = [codec.decode(row["pdu"]).body for row in queue.rows(tables.inbound)]
        assert kept == [reply, unreadable]

    run(trial())


def test_a_message_that_comes_again_in_a_new_session_is_recognised(queue):
    reply = pdus.DeliverSm(short_message=b"yes please")

    async def trial():
        async with Talker() as centre, queue.sender(centre.smsc()) as sender:
            await sender._client.bound()
            centre.ask(reply)
            await centre.answered(1)
            centre.ask(reply)  # somebody says it twice
            await centre.answered(2)
            assert len(queue.rows(tables.inbound)) == 2
            centre.sessions[0].abort()
            await until(lambda: len(centre.sessions) == 2 and sender._client.is_bound)
            centre.ask(reply)
            assert await centre.answered(3) == [0, 0, 0]
            assert len(queue.rows(tables.inbound)) == 2

    run(trial())


def test_what_the_last_run_has_answered_at_its_end_may_come_again(queue):
    reply = pdus.DeliverSm(short_message=b"yes please")

    async def trial():
        for known in (1, 1, 2):  # the second run takes it for the same, and once only
            async with Talker() as centre, queue.sender(centre.smsc()) as sender:
                await sender._client.bound()
                centre.ask(*[reply] * known)
                assert await centre.answered(known) == [0] * known
                assert len(queue.rows(tables.inbound)) == known

    run(trial())


def test_without_a_commit_it_is_to_come_again(queue, monkeypatch):
    monkeypatch.setattr(receiving, "_PATIENCE", 0.3)

    async def trial():
        async with Talker() as centre, queue.sender(centre.smsc()) as sender:
            await sender._client.bound()
            free = asyncio.Event()
            run_ = queue.database.run

            async def slow(work):
                await free.wait()
                return await run_(work)

            monkeypatch.setattr(sender._receiver._database, "run", slow)
            centre.ask(receipt("1"))
            await asyncio.sleep(0.1)
            assert centre.statuses == []
            centre.ask(receipt("2"))
            assert await centre.answered(2) == [Status.ESME_RX_T_APPN] * 2
            free.set()
            centre.ask(receipt("3"))
            assert (await centre.answered(3))[2] == 0

    run(trial())


def test_a_fault_of_the_database_is_not_the_end(queue, monkeypatch):
    def failing(*_):
        raise LookupError("damaged")

    async def trial():
        async with Talker() as centre, queue.sender(centre.smsc()) as sender:
            await sender._client.bound()
            with monkeypatch.context() as patch:
                patch.setattr(receipts, "apply", failing)
                centre.ask(receipt("1"))
                assert await centre.answered(1) == [Status.ESME_RX_T_APPN]
                assert "damaged" in sender._receiver.problem
            centre.ask(receipt("1"))
            assert await centre.answered(2) == [Status.ESME_RX_T_APPN, 0]

    run(trial())


def test_a_kept_message_is_a_whole_pdu():
    body = pdus.DeliverSm(short_message=b"x")
    assert decode(codec.encode(codec.Pdu(body, 1))).body == body

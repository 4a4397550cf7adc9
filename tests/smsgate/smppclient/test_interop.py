"""Our client and ``smsenc send`` against message centres of others, which are real programs."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import kannel
import peers
import pytest
from command import NUMBER, smsenc
from peers import HOST
from smpptraffic import DESTINATION, SAMPLES, SOURCE, converted, parts, source, texts

from smsenc import decode_text, encode_text, join, split
from smsenc.smpp import mapping, pdus, receipts
from smsgate.smppclient import Accepted, BindAs, Client, Smsc

#: Windows: smpp34's server hands out what waits together in any order.
SERVERS = {"npm smpp": 5, "smpp34": 1}


@pytest.fixture(params=SERVERS)
def server(request):
    with peers.server(request.param) as running:
        running.window = SERVERS[request.param]
        yield running


class Inbox:
    """Keeps what is delivered."""

    def __init__(self):
        self.bodies = asyncio.Queue()

    async def __call__(self, pdu):
        self.bodies.put_nowait(pdu.body)
        return 0

    async def take(self, count):
        async with asyncio.timeout(60):
            return [await self.bodies.get() for _ in range(count)]


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


def centre(server):
    return Smsc(host=HOST, port=server.port, user="me", password="secret", window=server.window)


def submits(traffic, *, receipts=0):
    return [
        mapping.submit(part, source=SOURCE, destination=DESTINATION, registered_delivery=receipts)
        for segments in traffic.values()
        for part in segments
    ]


async def sent(bodies, server, receipts=0):
    """The results, and the receipts."""
    inbox = Inbox()
    async with Client(centre(server), inbox) as client:
        results = await asyncio.gather(*(client.submit(body) for body in bodies))
        return results, await inbox.take(receipts)


def read_back(message):
    """The part that a message centre got."""
    return mapping.segment_of(
        pdus.SubmitSm(
            esm_class=message["esm_class"],
            data_coding=message["data_coding"],
            short_message=bytes.fromhex(message["octets"]),
        )
    )


def test_what_arrives_is_what_was_sent(server, tmp_path):
    traffic = parts(tmp_path)
    bodies = submits(traffic)
    results, _ = run(sent(bodies, server))
    assert all(isinstance(one, Accepted) for one in results)
    arrived = server.submits(len(bodies))
    assert [peers.without_reading(one) for one in arrived] == [peers.shown(one) for one in bodies]
    assert [read_back(one) for one in arrived] == [
        part for segments in traffic.values() for part in segments
    ]


def test_the_npm_package_reads_the_texts():
    with peers.server("npm smpp") as server:
        server.window = 5
        bodies = submits({name: split(text, reference=1) for name, text in texts().items()})
        run(sent(bodies, server))
        read = [one["read"] for one in server.submits(len(bodies))]
    assert read[0] == decode_text(texts()["GSM 7-bit"])
    assert read[1] == decode_text(texts()["UCS-2"])
    assert read[3:8] == [part_text(body) for body in bodies[3:8]]
    assert read[8] == "Fire drill at noon"


def part_text(body):
    return body.short_message[6:].decode("ascii")


def test_receipts_name_their_messages(server):
    bodies = submits({"text": [*split(encode_text("Hello"), reference=1)] * 20}, receipts=1)
    results, delivered = run(sent(bodies, server, receipts=20))
    assert all(mapping.is_receipt(body) for body in delivered)
    found = [receipts.read(body) for body in delivered]
    assert sorted(one.message_id for one in found) == sorted(one.message_id for one in results)
    assert {one.state for one in found} == {receipts.MessageState.DELIVERED}


def test_a_reply_in_three_parts(server):
    text = "".join(f"Sentence {n} of a long reply. " for n in range(14))
    reply = split(encode_text(text), reference=9)
    assert len(reply) == 3

    async def trial():
        inbox = Inbox()
        async with Client(centre(server), inbox) as client:
            await client.bound()
            await client.submit(submits({"text": reply})[0])
            for part in reply:
                body = mapping.deliver(part, source=DESTINATION, destination=SOURCE)
                message = peers.shown(body)
                assert await asyncio.to_thread(server.deliver, message) == 0
            return await inbox.take(3)

    arrived = run(trial())
    assert all(body.source_addr == DESTINATION for body in arrived)
    found = [mapping.segment_of(body) for body in arrived]
    assert found == list(reply)
    assert decode_text(join(found)) == text


@pytest.mark.parametrize("name", SAMPLES)
def test_smsenc_send(server, name, tmp_path):
    path = source(name, tmp_path)
    smsc = ("--smsc", f"smpp://me@{HOST}:{server.port}", "--window", server.window)
    password = {"SMSENC_SMPP_PASSWORD": "secret"}
    done = smsenc("send", path, "--to", NUMBER, *smsc, env=password)
    assert done.returncode == 0, done.stderr
    expected = converted(path, tmp_path)
    arrived = server.submits(len(expected))
    assert [read_back(one) for one in arrived] == expected
    assert {one["destination"][0] for one in arrived} == {NUMBER}


def test_a_message_centre_of_kannel(tmp_path):
    wanted = [f"Message {n} for a gateway" for n in range(20)]
    traffic = {text: split(encode_text(text), reference=1) for text in wanted}
    with kannel.message_centre(tmp_path) as (port, log):

        async def trial():
            smsc = Smsc(host=HOST, port=port, user="me", bind_as=BindAs.TRANSMITTER)
            async with Client(replace(smsc, first_wait=0.1)) as client:
                return await asyncio.gather(*(client.submit(body) for body in submits(traffic)))

        results = run(trial())
        found = re.findall(r"submit_sm: short_message = <(.*)>", log.read_text())
    assert all(isinstance(one, Accepted) for one in results)
    assert found == wanted

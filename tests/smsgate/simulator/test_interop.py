"""The simulator with clients of others, which are real programs, and with ``smsenc send``."""

from __future__ import annotations

import kannel
import peers
import pytest
from command import NUMBER, smsenc
from peers import HOST
from simulated import simulator
from smpptraffic import DESTINATION, LONG, SAMPLES, SOURCE, converted, parts, source, texts

from smsenc import Coding, decode_text, encode_text, join, split
from smsenc.smpp import mapping, pdus, receipts

CLIENTS = ("npm smpp", "smpp34", "smpplib")
REPLIES = {
    "GSM 7-bit": "".join(f"Sentence {n} of a long reply. " for n in range(14)),
    "UCS-2": "Длинный ответ. " * 12,
}


@pytest.fixture
def network(tmp_path):
    with simulator(tmp_path / "kept", "--receipts", "delivered") as running:
        yield running


def submits(segments, *, receipts=0):
    return [
        mapping.submit(part, source=SOURCE, destination=DESTINATION, registered_delivery=receipts)
        for part in segments
    ]


def kept_octets(message):
    """The header and the data of each part that the simulator kept, as they came."""
    return [(bytes.fromhex(one["udh"]), bytes.fromhex(one["data"])) for one in message["segments"]]


def sent_octets(segments):
    """The same of parts that were sent."""
    return [_header_and_data(body) for body in submits(segments)]


def _header_and_data(body):
    octets = body.short_message
    behind = octets[0] + 1 if body.esm_class & mapping.UDHI else 0
    return octets[:behind], octets[behind:]


def delivered(lines):
    """What a client got, as PDUs."""
    return [
        pdus.DeliverSm(
            source_addr=pdus.Address(*one["source"]),
            destination_addr=pdus.Address(*one["destination"]),
            esm_class=one["esm_class"],
            data_coding=one["data_coding"],
            short_message=bytes.fromhex(one["octets"]),
        )
        for one in (line["deliver"] for line in lines if "deliver" in line)
    ]


@pytest.mark.parametrize("name", CLIENTS)
def test_what_arrives_is_what_was_sent(name, network, tmp_path):
    traffic = parts(tmp_path)
    given = [peers.shown(body) for one in traffic.values() for body in submits(one)]
    lines = peers.client(name, network.port, given, "--window", 1)
    assert [list(line) for line in lines] == [["accepted"]] * len(given)
    kept = dict(zip(traffic, network.wait(len(traffic)), strict=True))
    for kind, segments in traffic.items():
        assert kept_octets(kept[kind]) == sent_octets(segments), kind
        assert (kept[kind]["parts"], kept[kind]["missing"]) == (len(segments), []), kind
    for kind, payload in texts().items():
        if payload.coding is not Coding.OCTETS:
            assert kept[kind]["text"] == decode_text(payload)


@pytest.mark.parametrize("name", CLIENTS)
def test_receipts_name_their_messages(name, network):
    (part,) = split(encode_text("Hello"), reference=1)
    given = [peers.shown(body) for body in submits([part] * 20, receipts=1)]
    lines = peers.client(name, network.port, given, "--deliveries", 20)
    found = delivered(lines)
    assert all(mapping.is_receipt(one) for one in found)
    accepted = sorted(line["accepted"] for line in lines if "accepted" in line)
    assert len(set(accepted)) == 20
    assert sorted(receipts.read(one).message_id for one in found) == accepted


@pytest.mark.parametrize("coding", REPLIES)
@pytest.mark.parametrize("name", CLIENTS)
def test_a_reply_in_three_parts(name, coding, network):
    network.reply(NUMBER, "12345", REPLIES[coding])
    lines = peers.client(name, network.port, (), "--deliveries", 3)
    found = delivered(lines)
    assert {one.source_addr.digits for one in found} == {NUMBER}
    assert decode_text(join([mapping.segment_of(one) for one in found])) == REPLIES[coding]


@pytest.fixture
def gateway(network, tmp_path):
    with kannel.gateway(tmp_path, network.port) as running:
        yield running


def test_kannel_sends_texts(gateway, network):
    sent = {"Price [net]: 5 €, at Ørsted's": 0, "Привет": 2, LONG: 0}
    for text, coding in sent.items():
        gateway.send(to=NUMBER, text=text, charset="UTF-8", coding=coding, **{"from": "12345"})
    kept = network.wait(3)
    assert {one["text"] for one in kept} == set(sent)
    assert {one["to"] for one in kept} == {NUMBER}
    assert {one["text"]: one["parts"] for one in kept}[LONG] == 5


@pytest.mark.parametrize("name", SAMPLES)
def test_kannel_sends_what_was_converted(name, gateway, network, tmp_path):
    segments = converted(source(name, tmp_path), tmp_path)
    for part in segments:
        binary = {"coding": 1, "udh": part.udh, "text": part.data, "from": "12345"}
        gateway.send(to=NUMBER, **binary)
    (kept,) = network.wait(1)
    assert sorted(kept_octets(kept)) == sorted(sent_octets(segments))


def test_kannel_gets_receipts(gateway, network):
    for n in range(5):
        gateway.send(to=NUMBER, text=f"Message {n}", receipts=True, **{"from": "12345"})
    network.wait(5)
    states = [gateway.next("/receipt")["status"] for _ in range(10)]
    assert (states.count("8"), states.count("1")) == (5, 5)  # taken by the network, delivered


@pytest.mark.parametrize("coding", REPLIES)
def test_kannel_joins_a_reply_in_three_parts(coding, gateway, network):
    network.reply(NUMBER, "12345", REPLIES[coding])
    got = gateway.next("/mo")
    octets = got["octets"].encode("latin-1")
    encoding = {"0": "utf-8", "2": "utf-16-be"}[got["coding"]]
    assert octets.decode(encoding) == REPLIES[coding]


@pytest.mark.parametrize("name", SAMPLES)
def test_smsenc_send(name, network, tmp_path):
    path = source(name, tmp_path)
    smsc = ("--smsc", f"smpp://me@{HOST}:{network.port}")
    password = {"SMSENC_SMPP_PASSWORD": "secret"}
    done = smsenc("send", path, "--to", NUMBER, *smsc, env=password)
    assert done.returncode == 0, done.stderr
    (kept,) = network.wait(1)
    assert kept_octets(kept) == sent_octets(converted(path, tmp_path))

"""Messages, receipts and times in SMPP beside tshark, which dissects them in one run."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta, timezone

from smpporacles import ask_tshark

from smsenc import MessageClass, Payload, encode_text, split, udh
from smsenc.model import Coding
from smsenc.smpp import Pdu, Tag, encode, pdus, tlvs
from smsenc.smpp.mapping import (
    Carry,
    Classes,
    CodingProfile,
    Gsm7,
    address,
    content,
    deliver,
    segment_of,
    submit,
)
from smsenc.smpp.receipts import MessageState, Receipt, parameters, text
from smsenc.smpp.times import absolute, relative

FIELDS = {
    "from": "smpp.source_addr",
    "to": "smpp.destination_addr",
    "ton": "smpp.source_addr_ton",
    "npi": "smpp.source_addr_npi",
    "kind": "smpp.esm.submit.msg_type",
    "features": "smpp.esm.submit.features",
    "data_coding": "smpp.data_coding",
    "short": "smpp.message",
    "payload": "smpp.message_payload",
    "schedule": "smpp.schedule_delivery_time",
    "validity": "smpp.validity_period_r",
    "subunit": "smpp.dest_addr_subunit",
    "reference": "smpp.sar_msg_ref_num",
    "total": "smpp.sar_total_segments",
    "sequence": "smpp.sar_segment_seqnum",
    "state": "smpp.message_state",
    "message_id": "smpp.receipted_message_id",
    "network": "smpp.network_error.type",
    "error": "smpp.network_error.code",
    "elements": "gsm_sms.ie_identifier",
    "mark": "gsm_sms.udh.mm.msg_part",
}


def tshark(bodies, path):
    """The fields of each PDU by our names."""
    octets = (encode(Pdu(body, number)) for number, body in enumerate(bodies, start=1))
    found = ask_tshark(octets, FIELDS.values(), path)
    return [{name: layers.get(field, []) for name, field in FIELDS.items()} for layers in found]


PROFILES = [
    CodingProfile(gsm7=gsm7, classes=classes, binary=binary)
    for gsm7, classes, binary in itertools.product(Gsm7, Classes, (None, 0x04, 0xF5))
]
TEXTS = ("hello", "[two] ä " * 40, "Привет " * 30, "a" * 160)
SENDERS = ("smsenc", "447700900456", "+4412345", "07700900456", "12345")


def payloads():
    for words, message_class in itertools.product(TEXTS, (None, MessageClass.FLASH)):
        yield encode_text(words, message_class=message_class)
    yield Payload.to_port(0x1582, bytes(range(200)))
    yield Payload(data=bytes(140), coding=Coding.OCTETS)


def bodies():
    """Each part of each payload as each profile and carry has it."""
    senders = itertools.cycle(SENDERS)
    for payload, profile, carry, make in itertools.product(
        payloads(), PROFILES, Carry, (submit, deliver)
    ):
        for part in split(payload, reference=0x2A):
            source, destination = address(next(senders)), address("447700900123")
            body = make(part, source=source, destination=destination, profile=profile, carry=carry)
            yield body, part, profile


def number(body, tag):
    found = tlvs.number(body.tlvs, tag)
    return [] if found is None else [found]


def test_tshark_dissects_what_we_meant(tmp_path):
    made = list(bodies())
    found = tshark((body for body, _, _ in made), tmp_path / "messages.pcap")
    for (body, part, profile), seen in zip(made, found, strict=True):
        source = body.source_addr
        assert seen["from"] + seen["to"] == [source.digits, body.destination_addr.digits]
        assert [int(n, 16) for n in seen["ton"] + seen["npi"]] == [source.ton, source.npi]
        assert [int(n, 16) for n in seen["data_coding"]] == [body.data_coding]
        assert bytes.fromhex("".join(seen["short"] + seen["payload"])) == content(body)
        assert [int(n, 16) for n in seen["subunit"]] == number(body, Tag.DEST_ADDR_SUBUNIT)
        # The place of a part is in its header or in the parameters, and nowhere else.
        mark = udh.find_concatenation(udh.decode(part.udh))
        places = seen["mark"] + seen["sequence"]
        assert places == ([str(mark.sequence)] if mark else [])
        if seen["sequence"]:
            assert seen["reference"] + seen["total"] == [str(mark.reference), str(mark.total)]
        elements = [e.iei for e in udh.decode(part.udh)]
        if seen["sequence"]:
            elements = [iei for iei in elements if iei != 0]
        assert [int(n, 16) for n in seen["elements"]] == elements
        assert [int(n, 16) for n in seen["features"]] == [int(bool(elements))]
        if profile.binary != 0xF5:
            assert segment_of(body, profile) == part


def test_tshark_reads_receipts(tmp_path):
    receipts = [
        Receipt(message_id=f"{n:X}", state=state, network=3, error=f"{n * 31:03}")
        for n, state in enumerate(MessageState, start=1)
    ]
    made = [
        pdus.DeliverSm(esm_class=0x04, short_message=text(one), tlvs=parameters(one))
        for one in receipts
    ]
    for receipt, seen in zip(receipts, tshark(made, tmp_path / "receipts.pcap"), strict=True):
        assert (seen["kind"], seen["message_id"]) == (["0x01"], [receipt.message_id])
        assert seen["state"] == [str(int(receipt.state))]
        assert seen["network"] == ["0x03"] or seen["network"] == ["3"]
        assert [int(n, 16) for n in seen["error"]] == [int(receipt.error)]


def test_tshark_reads_times(tmp_path):
    chance = random.Random(15)
    zones = [timezone(timedelta(minutes=15 * n)) for n in (0, 4, -20, 22, 48, -48)]
    instants = [
        datetime(2026, 1, 1, tzinfo=UTC).astimezone(zone)
        + timedelta(seconds=chance.randrange(366 * 86400))
        for zone in zones
        for _ in range(10)
    ]
    durations = [timedelta(seconds=chance.randrange(32 * 86400)) for _ in instants]
    made = [
        pdus.SubmitSm(schedule_delivery_time=absolute(instant), validity_period=relative(duration))
        for instant, duration in zip(instants, durations, strict=True)
    ]
    found = tshark(made, tmp_path / "times.pcap")
    for instant, duration, seen in zip(instants, durations, found, strict=True):
        expected = instant.astimezone(UTC)
        (shown,) = seen["schedule"]
        assert datetime.strptime(shown[:21], "%b %d, %Y %H:%M:%S").replace(tzinfo=UTC) == expected
        assert [float(n) for n in seen["validity"]] == [duration.total_seconds()]

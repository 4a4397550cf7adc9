"""PDUs as octets: vectors of the specification, laws, and what is malformed."""

from __future__ import annotations

import dataclasses
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from smpppdus import KINDS, PDUS, Draw

from smsenc.smpp import LONGEST, Address, Pdu, SmppError, Status, Tag, Tlv, decode, encode, pdus
from smsenc.smpp.codec import HEADER_OCTETS, LAYOUTS, command_id, kind_of, response_to
from smsenc.smpp.pdus import DistributionList, Unsuccessful

# The example of the specification (3.2.2): a bind_transmitter.
BIND = bytes.fromhex(
    "0000002F 00000002 00000000 00000001 534D50503354455354 00 7365637265743038 00"
    "5355424D495431 00 34 01 01 00"
)


def test_the_bind_of_the_specification():
    bind = pdus.BindTransmitter(
        system_id="SMPP3TEST",
        password="secret08",
        system_type="SUBMIT1",
        interface_version=0x34,
        address_range=Address("", 1, 1),
    )
    assert decode(BIND) == Pdu(bind, 1)
    assert encode(Pdu(bind, 1)) == BIND


# Made by hand after the tables of clause 4: header, and each field on its own.
VECTORS = [
    (
        "00000010 80000000 00000003 00000007",
        Pdu(pdus.GenericNack(), 7, Status.ESME_RINVCMDID),
    ),
    (
        (
            "00000027 00000004 00000000 00000002"
            "00 05 00 53 00 01 01 34 34 00 40 7F 01 00 00 11 01 F5 09 03 06 05 04"
        ),
        Pdu(
            pdus.SubmitSm(
                source_addr=Address("S", 5, 0),
                destination_addr=Address("44", 1, 1),
                esm_class=0x40,
                protocol_id=0x7F,
                priority_flag=1,
                registered_delivery=0x11,
                replace_if_present_flag=1,
                data_coding=0xF5,
                sm_default_msg_id=9,
                short_message=b"\6\5\4",
            ),
            2,
        ),
    ),
    (
        "0000001F 80000004 00000000 00000002 61 62 00 0427 0001 02 001E 0003 616200",
        Pdu(
            pdus.SubmitSmResp(
                message_id="ab",
                tlvs=(Tlv(Tag.MESSAGE_STATE, 2), Tlv(Tag.RECEIPTED_MESSAGE_ID, "ab")),
            ),
            2,
        ),
    ),
    (
        "00000010 80000004 00000058 00000003",
        Pdu(pdus.SubmitSmResp(), 3, Status.ESME_RTHROTTLED),
    ),
]


@pytest.mark.parametrize(("octets", "pdu"), VECTORS)
def test_vectors(octets, pdu):
    found = bytes.fromhex(octets)
    assert decode(found) == pdu
    assert encode(pdu) == found


def test_many_addresses():
    body = pdus.SubmitMulti(dest_addresses=(Address("4", 1, 1), DistributionList("L")))
    octets = encode(Pdu(body, 1))
    assert octets[20:29].hex(" ") == "02 01 01 01 34 00 02 4c 00"
    answer = pdus.SubmitMultiResp(
        message_id="7", unsuccess_smes=(Unsuccessful(Address("44", 1, 1), 0x0B),)
    )
    octets = encode(Pdu(answer, 1))
    assert octets[16:].hex(" ") == "37 00 01 01 01 34 34 00 00 00 00 0b"
    assert decode(octets).body == answer


def test_command_ids_are_those_of_the_specification():
    found = {kind.__name__: f"{command_id(kind):08X}" for kind in KINDS}
    assert found == {
        "GenericNack": "80000000",
        "BindReceiver": "00000001",
        "BindReceiverResp": "80000001",
        "BindTransmitter": "00000002",
        "BindTransmitterResp": "80000002",
        "QuerySm": "00000003",
        "QuerySmResp": "80000003",
        "SubmitSm": "00000004",
        "SubmitSmResp": "80000004",
        "DeliverSm": "00000005",
        "DeliverSmResp": "80000005",
        "Unbind": "00000006",
        "UnbindResp": "80000006",
        "ReplaceSm": "00000007",
        "ReplaceSmResp": "80000007",
        "CancelSm": "00000008",
        "CancelSmResp": "80000008",
        "BindTransceiver": "00000009",
        "BindTransceiverResp": "80000009",
        "Outbind": "0000000B",
        "EnquireLink": "00000015",
        "EnquireLinkResp": "80000015",
        "SubmitMulti": "00000021",
        "SubmitMultiResp": "80000021",
        "AlertNotification": "00000102",
        "DataSm": "00000103",
        "DataSmResp": "80000103",
    }
    assert all(kind_of(command_id(kind)) is kind for kind in KINDS)
    unanswered = {kind for kind in KINDS if command_id(kind) < 1 << 31 and not response_to(kind)}
    assert unanswered == {pdus.Outbind, pdus.AlertNotification}


# --- Laws ----------------------------------------------------------------------------------------


@settings(max_examples=1500)
@given(PDUS)
def test_what_is_written_is_read(pdu):
    octets = encode(pdu)
    assert int.from_bytes(octets[:4], "big") == len(octets)
    assert decode(octets) == pdu


def judge(octets):
    """A PDU that is written as it was read, or an error that says where and what to answer."""
    try:
        found = decode(octets)
    except SmppError as error:
        assert 0 <= error.offset <= len(octets)
        assert error.status in tuple(Status)
        assert str(error)
    else:
        assert decode(encode(found)) == found


@given(st.binary(max_size=80))
@example(b"")
def test_any_octets_are_a_pdu_or_our_error(octets):
    judge(octets)


@settings(max_examples=500)
@given(st.sampled_from(KINDS), st.binary(max_size=120))
def test_any_body_is_a_pdu_or_our_error(kind, octets):
    length = (HEADER_OCTETS + len(octets)).to_bytes(4, "big")
    judge(length + command_id(kind).to_bytes(4, "big") + bytes(7) + b"\1" + octets)


@settings(max_examples=500)
@given(PDUS, st.data())
def test_a_changed_pdu_is_a_pdu_or_our_error(pdu, data):
    octets = bytearray(encode(pdu))
    for _ in range(data.draw(st.integers(1, 3))):
        octets[data.draw(st.integers(4, len(octets) - 1))] = data.draw(st.integers(0, 255))
    judge(bytes(octets))


@given(PDUS, st.data())
def test_a_body_that_is_cut_is_a_pdu_or_our_error(pdu, data):
    octets = encode(pdu)
    octets = octets[: data.draw(st.integers(HEADER_OCTETS, len(octets)))]
    judge(len(octets).to_bytes(4, "big") + octets[4:])


# --- What is malformed ---------------------------------------------------------------------------


def submit(body):
    octets = bytes.fromhex(body)
    return (
        (HEADER_OCTETS + len(octets)).to_bytes(4, "big") + bytes((0, 0, 0, 4)) + bytes(8) + octets
    )


@pytest.mark.parametrize(
    ("octets", "status", "text"),
    [
        (bytes(15), "RINVCMDLEN", "offset 15: expected a header of 16 octets, found 15"),
        (
            bytes(3) + b"\x0f" + bytes(12),
            "RINVCMDLEN",
            "offset 0: command_length: expected 16 to 73728, found 15",
        ),
        (
            b"\xff" * 16,
            "RINVCMDLEN",
            "offset 0: command_length: expected 16 to 73728, found 4294967295",
        ),
        (
            bytes(3) + b"\x11" + bytes(12),
            "RINVCMDLEN",
            "offset 0: command_length: expected 17 octets, found 16",
        ),
        (
            bytes(3) + b"\x10\0\0\1\x11" + bytes(8),
            "RINVCMDID",
            "offset 4: command_id: expected a command_id of SMPP 3.4, found 0x00000111",
        ),
        (
            submit(""),
            "RINVCMDLEN",
            "offset 16: service_type: expected more octets, found the end of the PDU",
        ),
        (
            submit("414243444546 00"),
            "RINVSERTYP",
            (
                "offset 16: service_type: "
                "expected Latin-1 of at most 5 octets, without NUL, found a longer one"
            ),
        ),
        (
            submit("00 0101" + "31" * 21 + "00"),
            "RINVSRCADR",
            (
                "offset 19: source_addr: "
                "expected Latin-1 of at most 20 octets, without NUL, found a longer one"
            ),
        ),
        (
            submit("00 010100 0101" + "31" * 21 + "00"),
            "RINVDSTADR",
            (
                "offset 22: destination_addr: "
                "expected Latin-1 of at most 20 octets, without NUL, found a longer one"
            ),
        ),
        (
            submit("00 010100 010100 000000 3132333400 00"),
            "RINVSCHED",
            "offset 26: schedule_delivery_time: expected a time of 16 characters, found '1234'",
        ),
        (
            submit("00 010100 010100 000000 00 3100 00"),
            "RINVEXPIRY",
            "offset 27: validity_period: expected a time of 16 characters, found '1'",
        ),
        (
            submit("00 010100 010100 000000 00 00 00000000 05 31"),
            "RINVMSGLEN",
            "offset 32: short_message: expected 5 octets (sm_length), found 1",
        ),
        (
            submit("00 010100 010100 000000 00 00 00000000 FF" + "31" * 255),
            "RINVMSGLEN",
            "offset 32: short_message: expected at most 254 octets, found 255",
        ),
        (
            submit("00 010100 010100 000000 00 00 00000000 00 0424"),
            "RINVOPTPARSTREAM",
            "offset 33: expected a tag and a length of two octets each, found 2 octets",
        ),
        (
            submit("00 010100 010100 000000 00 00 00000000 00 0424 0003 3132"),
            "RINVOPTPARSTREAM",
            "offset 37: message_payload: expected 3 octets, found 2",
        ),
        (
            submit("00 010100 010100 000000 00 00 00000000 00 020A 0001 31"),
            "RINVPARLEN",
            "offset 37: source_port: expected an integer of 2 octets, found 1 octet",
        ),
    ],
)
def test_an_error_says_where_and_what_to_answer(octets, status, text):
    with pytest.raises(SmppError) as error:
        decode(octets)
    assert str(error.value) == text
    assert error.value.status == Status[f"ESME_{status}"]


def test_destinations_have_a_flag():
    octets = encode(Pdu(pdus.SubmitMulti(dest_addresses=(DistributionList("L"),)), 1))
    with pytest.raises(SmppError) as error:
        decode(octets.replace(b"\x01\x02L", b"\x01\x03L"))
    assert str(error.value) == "offset 21: dest_addresses: expected dest_flag 1 or 2, found 3"
    assert error.value.status == Status.ESME_RINVDESTFLAG


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (
            pdus.SubmitSm(short_message=bytes(255)),
            "RINVMSGLEN",
            "short_message: expected at most 254 octets, found 255",
        ),
        (
            pdus.SubmitSm(data_coding=256),
            "RINVCMDLEN",
            "data_coding: expected 0 to 255, found 256",
        ),
        (
            pdus.SubmitSm(source_addr=Address("1", -1, 0)),
            "RINVSRCADR",
            "source_addr: expected 0 to 255 twice, found -1 and 0",
        ),
        (
            pdus.SubmitSm(validity_period="1"),
            "RINVEXPIRY",
            "validity_period: expected a time of 16 characters, found '1'",
        ),
        (
            pdus.BindReceiver(password="123456789"),
            "RINVPASWD",
            "password: expected Latin-1 of at most 8 octets, without NUL, found '123456789'",
        ),
        (
            pdus.BindReceiver(system_id="a\0b"),
            "RINVSYSID",
            "system_id: expected Latin-1 of at most 15 octets, without NUL, found 'a\\x00b'",
        ),
        (
            pdus.Outbind(system_id="ő"),
            "RINVSYSID",
            "system_id: expected Latin-1 of at most 15 octets, without NUL, found 'ő'",
        ),
        (
            pdus.SubmitMulti(dest_addresses=(Address("1"),) * 255),
            "RINVNUMDESTS",
            "dest_addresses: expected at most 254 addresses, found 255",
        ),
        (
            pdus.DataSm(tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, bytes(65535)),) * 2),
            "RINVCMDLEN",
            "command_length: expected 16 to 73728, found 131104",
        ),
    ],
)
def test_a_value_that_a_field_cannot_have_is_not_written(body, status, text):
    with pytest.raises(SmppError) as error:
        encode(Pdu(body, 1))
    assert str(error.value) == text
    assert error.value.status == Status[f"ESME_{status}"]


@pytest.mark.parametrize(("sequence", "status"), [(-1, 0), (1 << 32, 0), (1, 1 << 32)])
def test_numbers_of_the_header_have_four_octets(sequence, status):
    with pytest.raises(SmppError, match="expected numbers of four octets, found"):
        encode(Pdu(pdus.EnquireLinkResp(), sequence, status))


def test_the_longest_payload_can_be_written_and_read():
    body = pdus.SubmitSm(short_message=bytes(254), tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, bytes(65535)),))
    octets = encode(Pdu(body, 1))
    assert len(octets) <= LONGEST
    assert decode(octets).body == body


@pytest.mark.parametrize("kind", [kind for kind in KINDS if command_id(kind) >> 31])
def test_an_answer_with_an_error_needs_no_fields(kind):
    octets = encode(Pdu(kind(), 1, Status.ESME_RSYSERR))
    assert len(octets) == HEADER_OCTETS
    assert decode(octets) == Pdu(kind(), 1, Status.ESME_RSYSERR)


def test_every_field_of_every_pdu_is_drawn():
    """The generator of the tests leaves nothing out."""
    draw = Draw(random.Random(1))
    for kind in KINDS:
        drawn = [draw.body(kind) for _ in range(60)]
        for field in dataclasses.fields(kind):
            assert len({getattr(body, field.name) for body in drawn}) > 1, (kind, field.name)
        assert {field.name for field in LAYOUTS[kind][1]} | {"tlvs"} == {
            field.name for field in dataclasses.fields(kind)
        }


@pytest.mark.parametrize(
    ("pdu", "message"),
    [
        (pdus.EnquireLink(), "expected a Pdu, such as Pdu(body, sequence_number=1), found Enqu"),
        (Pdu("x", 1), "body: expected a body of smsenc.smpp.pdus, found str"),
        (Pdu(pdus.BindTransmitter(password=b"secret"), 1), "password: expected str, found bytes"),
        (Pdu(pdus.SubmitMulti(dest_addresses=7), 1), "dest_addresses: expected tuple, found int"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(pdu, message):
    with pytest.raises(SmppError) as caught:
        encode(pdu)
    assert str(caught.value).startswith(message)

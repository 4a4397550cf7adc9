"""What fields say, and where they say that something is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smsenc import IEI, Coding, Element, Payload, encode_text, shifts, split, tpdu, udh
from smsenc.national import Language
from smsenc.octetmap import Field, messagefiles, parts, smpppdus, tpdus
from smsenc.octetmap.tpdus import Kind
from smsenc.smpp import Pdu, Tag, Tlv, encode, pdus
from smsenc.smpp.pdus import Address, DistributionList, Unsuccessful


def texts(found):
    """The last text of each field by its name."""
    return {field.name: field.text for _, field in found.walk()}


def faults(found):
    return [(field.start, field.name, field.fault) for _, field in found.walk() if field.fault]


# TPDUs --------------------------------------------------------------------------------------------


def test_the_fields_of_a_part_of_a_text():
    first = split(encode_text("x" * 200), reference=7)[0]
    sent = tpdu.submit(
        first, "448311234567", validity=tpdu.Relative(167), status_report=True, reference=9
    )
    found = tpdus.tpdu(tpdu.encode(replace(sent, reject_duplicates=True)), Kind.SUBMIT)
    said = texts(found)
    assert said["first octet"] == "117 (SMS-SUBMIT, user data header, status report wanted)"
    assert said["TP-RD"] == "1 (duplicates rejected)"
    assert said["TP-MR"] == "9"
    assert said["TP-DA"] == "448311234567"
    assert said["TP-VP"] == "167 (1 day)"
    assert said["TP-UDL"] == "160 septets"
    assert said["concatenation-8"] == "reference 7, total 2, sequence 1"
    assert said["text"] == f"{'x' * 153} (153 septets, fill bits: 1)"
    assert faults(found) == []


@pytest.mark.parametrize(
    ("octet", "minutes"),
    [
        (0, "5 minutes"),
        (11, "1 hour"),
        (143, "12 hours"),
        (144, "12 hours 30 minutes"),
        (168, "2 days"),
        (173, "1 week"),
        (174, "8 days"),
        (197, "5 weeks"),
        (255, "63 weeks"),
    ],
)
def test_relative_validity(octet, minutes):
    octets = bytes.fromhex(f"11000291210000{octet:02x}00")
    assert texts(tpdus.tpdu(octets, Kind.SUBMIT))["TP-VP"] == f"{octet} ({minutes})"


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        ("01a70000000000", {"validity": "167 (1 day)", "not used": "00 00 00 00 00"}),
        ("021e0000000000", {"seconds": "30"}),
        ("03103254000000", {"hour": "1", "minute": "23", "second": "45"}),
        ("c103a700000000", {"extension": "3", "single shot": "1 (tried once)"}),
        ("00000000000000", {"format": "0 (none)"}),
    ],
)
def test_enhanced_validity(octets, said):
    found = tpdus.tpdu(bytes.fromhex(f"09000291210000{octets}00"), Kind.SUBMIT)
    assert said.items() <= texts(found).items()
    assert faults(found) == []


def test_absolute_validity_and_a_zone():
    found = tpdus.tpdu(bytes.fromhex("190002912100006211923021430a00"), Kind.SUBMIT)
    assert texts(found)["TP-VP"] == "2026-11-29 03:12:34 -05:00"
    assert texts(found)["zone"] == "-20 (-05:00)"


@pytest.mark.parametrize(
    ("kind", "octets", "found"),
    [
        (Kind.SUBMIT, "", [(0, "first octet", "expected 1 octet (first octet), found 0")]),
        (Kind.SUBMIT, "00", [(0, "first octet", "expected TP-MTI 1, found 0")]),
        (Kind.SUBMIT, "0100", [(2, "TP-DA", "expected 2 octets (TP-DA), found 0")]),
        (Kind.SUBMIT, "01000491", [(2, "TP-DA", "expected 4 octets (TP-DA), found 2")]),
        (
            Kind.SUBMIT,
            "010016910000000000000000000000000000",
            [(2, "length", "expected at most 20 semi-octets, found 22")],
        ),
        (
            Kind.SUBMIT,
            "0100021121000000",
            [(3, "type of address", "expected bit 7 set, found an extension")],
        ),
        (
            Kind.SUBMIT,
            "010002911f000000",
            [(4, "digits", "expected a digit, found the filler F")],
        ),
        (
            Kind.SUBMIT,
            "0100019121000000",
            [(4, "digits", "expected the filler F after the last digit, found 2")],
        ),
        (
            Kind.SUBMIT,
            "0900029121000000",
            [(7, "TP-VP", "expected 7 octets (TP-VP), found 1")],
        ),
        (
            Kind.SUBMIT,
            "0100029121000000ff",
            [(8, "after the end", "expected the end")],
        ),
        (
            Kind.SUBMIT,
            "01000291210004",
            [(7, "TP-UDL", "expected 1 octet (TP-UDL), found 0")],
        ),
        (
            Kind.SUBMIT,
            "01000291210004ff",
            [
                (7, "TP-UDL", "expected at most 140 octets of user data, found 255"),
                (8, "TP-UD", "expected 255 octets of user data, found 0"),
            ],
        ),
        (
            Kind.SUBMIT,
            "0100029121000803414243",
            [(8, "text", "expected an even number of octets in UCS-2, found 3")],
        ),
        (
            Kind.SUBMIT,
            "0100029121000802d83d",
            [(8, "text", "expected pairs of surrogates, found half of one")],
        ),
        (
            Kind.SUBMIT,
            "4100029121000401",
            [(8, "TP-UD", "expected 1 octets of user data, found 0")],
        ),
        (
            Kind.DELIVER,
            "00029121000062b1923021430a00",
            [(7, "month", "expected decimal semi-octets, found B1")],
        ),
        (
            Kind.DELIVER,
            "0002912100006231923021b30a00",
            [
                (7, "month", "expected 1 to 12, found 13"),
                (11, "second", "expected decimal semi-octets, found B3"),
            ],
        ),
        (
            Kind.DELIVER,
            "0002912100006211923021f3fa00",
            [
                (11, "second", "expected decimal semi-octets, found F3"),
                (12, "zone", "expected decimal semi-octets, found FA"),
            ],
        ),
        (Kind.DELIVER, "0002912100", [(5, "TP-DCS", "expected 1 octet (TP-DCS), found 0")]),
        (
            Kind.COMMAND,
            "0200000000029121050102",
            [(9, "TP-CD", "expected 5 octets (TP-CD), found 2")],
        ),
        (
            Kind.STATUS_REPORT,
            "02000291216211923021430a62119230214380",
            [(19, "TP-ST", "expected 1 octet (TP-ST), found 0")],
        ),
        (Kind.DELIVER_REPORT, "00", [(1, "TP-PI", "expected 1 octet (TP-PI), found 0")]),
        (Kind.DELIVER_REPORT, "0080", [(2, "TP-PI", "expected 1 octet (TP-PI), found 0")]),
    ],
)
def test_faults_of_tpdus(kind, octets, found):
    assert faults(tpdus.tpdu(bytes.fromhex(octets), kind))[: len(found)] == found


@pytest.mark.parametrize(
    ("centre", "said", "fault"),
    [
        ("00", "service centre (the phone's own)", ""),
        ("0191", "the phone's own", ""),
        ("0791448311234567", "443811325476", ""),
        ("0291f1", "1", ""),
        ("02911f", "F1", "expected a digit, found the filler F"),
        ("02911a", "*1", "expected a decimal digit, found *"),
    ],
)
def test_service_centres(centre, said, fault):
    octets = bytes.fromhex(f"{centre}0100029121000000")
    found = tpdus.tpdu(octets, Kind.SUBMIT, with_centre=True)
    assert found.title == "SMS-SUBMIT with a service centre"
    assert found.fields[0].text in said
    assert [what for _, _, what in faults(found)] == [fault] * bool(fault)


def test_wrong_service_centres():
    for octets, fault in (
        ("", "expected 1 octet (service centre), found 0"),
        ("0791", "expected 8 octets (service centre), found 2"),
        ("0c91" + "00" * 11 + "0100029121000000", "expected at most 11 octets"),
    ):
        found = tpdus.tpdu(bytes.fromhex(octets), Kind.SUBMIT, with_centre=True)
        assert faults(found)[0][2] == fault


def test_names_protocols_and_codings():
    (part,) = split(encode_text("a"), reference=1)
    sent = tpdu.Deliver(
        originator=tpdu.address("smsenc"),
        segment=replace(part, data=b"\0a", coding=Coding.UCS2, units=1),
        dcs=0xE3,
        pid=0x41,
        timestamp=tpdu.Timestamp(26, 11, 29, 3, 12, 34),
    )
    said = texts(tpdus.tpdu(tpdu.encode(sent), Kind.DELIVER))
    assert said["name"] == said["TP-OA"] == "smsenc"
    assert said["text"] == "a (1 unit of 16 bits)"
    assert said["type of address"] == "208 (alphanumeric, unknown)"
    assert said["message type"] == "1 (replace short message type 1)"
    assert said["TP-DCS"] == "227 (UCS-2, other waiting)"
    assert said["waiting"] == "3 (other)"
    for octet, words in (
        (0x00, "GSM 7-bit"),
        (0xF5, "8-bit data, class 1"),
        (0x18, "UCS-2, class 0"),
        (0x24, "8-bit data, compressed"),
        (0x8F, "GSM 7-bit"),
    ):
        octets = bytes((1, 0, 2, 0x91, 0x21, 0x3F, octet, 0))
        assert texts(tpdus.tpdu(octets, Kind.SUBMIT))["TP-DCS"] == f"{octet} ({words})"
    for pid, field in ((0x24, "device"), (0x04, "protocol"), (0x80, "value"), (0xC1, "value")):
        octets = bytes((1, 0, 2, 0x91, 0x21, pid, 0, 0))
        assert field in texts(tpdus.tpdu(octets, Kind.SUBMIT))


# Headers and data ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (
            "0500030701",
            [
                (0, "expected 5 octets of header, found 4"),
                (1, "expected 3 octets in element 00, found 2"),
            ],
        ),
        ("0100", [(1, "expected an element's length, found the header's end")]),
        (
            "0500030702",
            [
                (0, "expected 5 octets of header, found 4"),
                (1, "expected 3 octets in element 00, found 2"),
            ],
        ),
        (
            "0500030702030405",
            [(1, "expected part 1 to 2, found 3"), (6, "expected the end of the header")],
        ),
        ("050003000000", [(1, "expected part 1 to 0, found 0")]),
        ("0400020101", [(1, "expected 3 octets in concatenation-8, found 2")]),
        ("050500", [(0, "expected 5 octets of header, found 2")]),
        (
            f"8d708b{'00' * 139}",
            [
                (1, "expected at most 137 octets, found 139"),
                (142, "expected at most 140 octets of user data, found 142"),
            ],
        ),
    ],
)
def test_faults_of_headers(header, found):
    made = parts.part(bytes.fromhex(header), b"", 0xF5)
    assert [(start, what) for start, _, what in faults(made)][: len(found)] == found


def test_elements_down_to_their_bits():
    header = udh.encode(
        (
            Element(IEI.SPECIAL_MESSAGE, b"\xa3\2"),
            Element(IEI.TEXT_FORMATTING, b"\0\5\x15\x1f"),
            Element(IEI.PORTS_16, b"\x23\xf4\0\7"),
            Element(IEI.SMSC_CONTROL, b"\x41"),
            Element(IEI.SINGLE_SHIFT, b"\1"),
            Element(0x80, b""),
        )
    )
    said = texts(parts.part(header, b"", 0xF5))
    expected = {
        "storage": "1 (store message)",
        "profile": "1 (profile 2)",
        "waiting": "3 (extended type)",
        "count": "2",
        "bold": "1 (yes)",
        "size": "1 (large)",
        "alignment": "1 (centre)",
        "background": "1 (dark grey)",
        "foreground": "15 (bright magenta)",
        "destination": "9204 (0x23F4, vcard)",
        "originator": "7 (0x0007)",
        "report completion": "1 (yes)",
        "language": "1 (turkish)",
        "sme-specific": "data of 0 octets",
    }
    assert expected.items() <= said.items()


def test_texts_in_national_tables_and_with_escapes():
    payload = Payload(
        data=bytes((0x1B, 0x65, 0x1B, 0x1B, 0x41)),
        coding=Coding.GSM7,
        elements=shifts(Language.TURKISH, Language.TURKISH),
    )
    (part,) = split(payload, reference=1)
    found = parts.of_segment(part)
    assert found.fields[1].value == "€ A"
    septets = [f.meaning for _, f in found.walk() if f.name == "septet"]
    assert septets == ["escape", "'€'", "escape", "' '", "'A'"]


def test_septets_that_are_too_many_are_marked():
    found = parts.part(b"", b"\xe8\x32\x9b\xfd\x06", 0, 7)
    assert faults(found) == [
        (0, "text", "expected at most 5 septets after the header, found 7"),
    ]
    assert found.fields[0].value == "hello"
    assert faults(parts.part(udh.encode((Element(1, b"\0\0"),)), b"\0", 0, 1))


def test_known_fields_of_a_payload_are_below_its_data():
    def known(_payload):
        return (
            Field(1, 3, "a", 1, "here"),
            Field(2, 4, "overlaps", 1, "here"),
            Field(4, 4, "nothing", "", "here"),
            Field(4, 9, "too long", "", "here"),
        )

    header = udh.encode((Element(IEI.PORTS_16, b"\0\1\0\2"),))
    (_, data) = parts.part(header, b"123456", 0xF5, None, known).fields
    assert [(f.name, f.start, f.end) for f in data.children] == [
        ("data", 7, 8),
        ("a", 8, 10),
        ("data", 10, 13),
    ]


# SMPP ---------------------------------------------------------------------------------------------


def body(kind, **values):
    return encode(Pdu(kind(**values), 7))


def test_the_fields_of_a_submit_sm():
    (part,) = split(Payload.to_port(0x23F4, b"AB"), reference=1)
    octets = body(
        pdus.SubmitSm,
        source_addr=Address("smsenc", 5, 0),
        destination_addr=Address("447700900123", 1, 1),
        esm_class=0x40,
        registered_delivery=1,
        data_coding=0xF5,
        short_message=part.udh + part.data,
        validity_period="000002000000000R",
    )
    said = texts(smpppdus.pdu(octets))
    expected = {
        "command_id": "4 (submit_sm)",
        "command_status": "0 (ESME_ROK)",
        "service_type": "default",
        "source_addr_ton": "5 (alphanumeric)",
        "source_addr": "smsenc",
        "dest_addr_npi": "1 (E.164)",
        "esm_class": "64 (user data header)",
        "validity_period": "000002000000000R (2 days, 0:00:00)",
        "receipt": "1 (always)",
        "data_coding": "245 (8-bit data, class 1)",
        "sm_length": "9 octets",
        "destination": "9204 (0x23F4, vcard)",
        "data": "41 42",
    }
    assert expected.items() <= said.items()


def test_parameters_have_their_values_and_bits():
    found = smpppdus.pdu(
        body(
            pdus.DataSm,
            tlvs=(
                Tlv(Tag.MS_MSG_WAIT_FACILITIES, 0x81),
                Tlv(Tag.ITS_SESSION_INFO, b"\5\3"),
                Tlv(Tag.USSD_SERVICE_OP, b"\2"),
                Tlv(Tag.CALLBACK_NUM, bytes((1, 1, 1)) + b"23"),
                Tlv(Tag.SOURCE_SUBADDRESS, b"\xa0ab"),
                Tlv(Tag.RECEIPTED_MESSAGE_ID, "ab"),
                Tlv(Tag.ALERT_ON_MESSAGE_DELIVERY, b"\1"),
                Tlv(Tag.MESSAGE_PAYLOAD, b"Hi"),
                Tlv(0x1401, b"\1"),
            ),
        )
    )
    expected = {
        "indication": "1 (active)",
        "end of session": "1 (yes)",
        "ussd_service_op": "2 (USSR request)",
        "digit mode": "1 (ASCII)",
        "digits": "23",
        "type": "160 (user specified)",
        "receipted_message_id": "ab",
        "alert_on_message_delivery": "1",
        "text": "Hi (2 septets)",
        "0x1401": "01",
    }
    assert expected.items() <= texts(found).items()
    assert faults(found) == []


def test_lists_of_addresses():
    several = body(pdus.SubmitMulti, dest_addresses=(Address("1", 1, 1), DistributionList("all")))
    found = smpppdus.pdu(several)
    assert [f.value for _, f in found.walk() if f.name == "destination"] == ["1", "all"]
    failed = body(pdus.SubmitMultiResp, unsuccess_smes=(Unsuccessful(Address("1"), 0x0B),))
    assert texts(smpppdus.pdu(failed))["error_status_code"] == "11 (ESME_RINVDSTADR)"
    at = several.index(b"\2all")
    wrong = several[:at] + b"\7" + several[at + 1 :]
    assert faults(smpppdus.pdu(wrong))[0] == (
        at,
        "dest_flag",
        "expected dest_flag 1 or 2, found 7",
    )
    cut = several[:at]
    assert (at, "dest_flag", "expected 1 octet (dest_flag), found 0") in faults(smpppdus.pdu(cut))


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (b"", [(0, "command_length", "expected 4 octets (command_length), found 0")]),
        (
            bytes((0, 0, 0, 16, 0, 0, 0, 99, *bytes(8))),
            [(4, "command_id", "expected a command_id of SMPP 3.4")],
        ),
        (
            body(pdus.EnquireLink)[:-1] + b"\1\2",
            [
                (0, "command_length", "expected 16 octets, found 17"),
                (
                    16,
                    "optional parameter",
                    "expected a tag and a length of two octets each, found 1 octets",
                ),
            ],
        ),
        (
            body(pdus.QuerySm, message_id="1")[:-1],
            [
                (0, "command_length", "expected 21 octets, found 20"),
                (18, "source_addr", "expected more octets, found the end of the PDU"),
            ],
        ),
        (
            body(pdus.SubmitSm, tlvs=(Tlv(Tag.SOURCE_PORT, 5),))[:-1],
            [
                (0, "command_length", "expected 39 octets, found 38"),
                (33, "source_port", "expected 2 octets, found 1"),
            ],
        ),
        (
            body(pdus.SubmitSm) + bytes((2, 10, 0, 1, 5)),
            [
                (0, "command_length", "expected 33 octets, found 38"),
                (33, "source_port", "expected an integer of 2 octets, found 1 octet"),
            ],
        ),
        (
            body(pdus.SubmitSm, short_message=b"\x80"),
            [(33, "text", "expected septets 0 to 127, found 128: packed septets or Latin-1?")],
        ),
        (
            body(pdus.SubmitSm, short_message=b"\xff", data_coding=0x0E),
            [(33, "text", "expected text in euc_kr")],
        ),
        (
            body(pdus.SubmitSm, validity_period="0000000000000000"),
            [
                (
                    27,
                    "validity_period",
                    "expected YYMMDDhhmmsstnn and one of + - R, found '0000000000000000'",
                )
            ],
        ),
        (
            body(pdus.SubmitSm, short_message=b"a", tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, b"b"),)),
            [
                (
                    34,
                    "message_payload",
                    "expected short_message or message_payload, found both (5.3.2.32)",
                )
            ],
        ),
    ],
)
def test_faults_of_smpp_pdus(octets, found):
    assert faults(smpppdus.pdu(octets)) == found


def test_receipts_are_mapped_if_they_are_receipts():
    text = b"id:42 stat:DELIVRD err:000"
    for values in ({"esm_class": 4}, {}):
        said = texts(smpppdus.pdu(body(pdus.DeliverSm, short_message=text, **values)))
        assert (said["id"], said["stat"], said["err"]) == ("42", "DELIVRD", "000")
    said = texts(smpppdus.pdu(body(pdus.DeliverSm, short_message=b"hello", esm_class=8)))
    assert said["text"] == "hello (5 septets)"
    said = texts(smpppdus.pdu(body(pdus.DeliverSm, short_message=text, data_coding=4)))
    assert "stat" not in said


def test_answers_without_fields():
    found = smpppdus.pdu(encode(Pdu(pdus.SubmitSmResp(), 7, 8)))
    assert [field.name for field in found.fields] == ["header"]
    assert texts(found)["command_status"] == "8 (ESME_RSYSERR)"


# Message files ------------------------------------------------------------------------------------


def test_the_lines_of_a_message_file():
    head = "\ufeffAPI-ID:1\r\nuser:x\rpassword:y\n"
    found = messagefiles.message_file(f"{head}\n text: Hi\nto:448311234567\n".encode())
    places = messagefiles.Places(found.octets)
    assert [(places.of(f.start), f.name, f.value) for f in found.fields] == [
        ((1, 4), "api_id", ""),
        ((2, 1), "user", ""),
        ((3, 1), "password", ""),
        ((5, 1), "text", "Hi"),
        ((6, 1), "to", "448311234567"),
    ]
    assert faults(found) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("nothing", (0, "line", "expected key:value, found no colon")),
        ("user:x\nuser:y", (7, "user", "expected the key once, found it again")),
        ("udh:0", (0, "udh", "expected pairs of hex digits, found '0'")),
        ("data:xx", (0, "data", "expected pairs of hex digits")),
        ("to:12", (0, "to", "expected 7 to 15 digits, found 2")),
        ("text:a", (7, "api_id", "expected a line that begins with api_id:, found none")),
    ],
)
def test_faults_of_message_files(line, fault):
    found = faults(messagefiles.message_file(f"{line}\n".encode()))
    assert found[0][:2] == fault[:2]
    assert fault[2][:24] in found[0][2]


def test_a_fault_of_several_lines_is_marked_at_the_first():
    head = "api_id:1\nuser:x\npassword:y\n"
    found = messagefiles.message_file(f"{head}data:4\nto:448311234567\n".encode())
    ((start, name, what),) = faults(found)
    assert (start, name) == (len(head), "data")
    assert "hex digits" in what


def test_many_lines_are_not_explained():
    head = "api_id:1\nuser:x\npassword:y\ntext:z\n"
    found = messagefiles.message_file((head + "to:448311234567\n" * 2000).encode())
    assert len(found.fields) == messagefiles.MOST_LINES + 1
    assert found.fields[-1].name == messagefiles.MORE
    assert found.fields[-1].end == len(found.octets)
    whole = messagefiles.message_file((head + "to:448311234567\n" * 996).encode())
    assert len(whole.fields) == messagefiles.MOST_LINES

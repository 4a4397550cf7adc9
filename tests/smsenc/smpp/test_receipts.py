"""Receipts by their parameters, and in the text forms of message centres."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.smpp import SmppError, Tag, Tlv, pdus, tlvs
from smsenc.smpp.receipts import MessageState, Receipt, is_text, parameters, read, text

DELIVERED, EXPIRED = MessageState.DELIVERED, MessageState.EXPIRED
UNDELIVERABLE, UNKNOWN = MessageState.UNDELIVERABLE, MessageState.UNKNOWN


def of(octets, *optional, zone=UTC):
    return read(pdus.DeliverSm(esm_class=4, short_message=octets, tlvs=optional), zone)


def at(*numbers, zone=UTC):
    return datetime(*numbers, tzinfo=zone)


STANDARD = Receipt(
    message_id="0123456789",
    state=DELIVERED,
    submitted=at(2026, 11, 28, 15, 30),
    done=at(2026, 11, 28, 15, 31),
    parts=1,
    delivered=1,
    error="000",
    text="hello",
)
# Texts that message centres sent. The names are those of the reports about them.
VARIANTS = {
    "appendix B": (
        (
            b"id:0123456789 sub:001 dlvrd:001 submit date:2611281530 done date:2611281531 "
            b"stat:DELIVRD err:000 text:hello"
        ),
        STANDARD,
    ),
    "another case": (
        (
            b"ID:0123456789 SUB:001 DLVRD:001 SUBMIT DATE:2611281530 DONE DATE:2611281531 "
            b"STAT:delivrd ERR:000 Text:hello"
        ),
        STANDARD,
    ),
    "no spaces": (
        (
            b"id:0123456789sub:001dlvrd:001submit date:2611281530done date:2611281531"
            b"stat:DELIVRDerr:000text:hello"
        ),
        STANDARD,
    ),
    "tabs, and spaces after colons": (
        (
            b"id: 0123456789\tsub: 001\tdlvrd: 001\tsubmit date: 2611281530\t"
            b"done date: 2611281531\tstat: DELIVRD\terr: 000\tText: hello\0"
        ),
        STANDARD,
    ),
    "another order, words in full": (
        (
            b"stat:DELIVERED err:000 done_date:2611281531 submitdate:2611281530 dlvr:1 sub:1 "
            b"id:0123456789 text:hello"
        ),
        STANDARD,
    ),
    "the text first": (
        (
            b"text:hello id:0123456789 sub:001 dlvrd:001 submit date:2611281530 "
            b"done date:2611281531 stat:DELIVRD err:000"
        ),
        STANDARD,
    ),
    "seconds": (
        (
            b"id:a29f6845555647139e5c8f3b817f2c9a sub:001 dlvrd:001 submit date:141023215253 "
            b"done date:141023215259 stat:DELIVRD err:000 text:"
        ),
        Receipt(
            message_id="a29f6845555647139e5c8f3b817f2c9a",
            state=DELIVERED,
            submitted=at(2014, 10, 23, 21, 52, 53),
            done=at(2014, 10, 23, 21, 52, 59),
            parts=1,
            delivered=1,
            error="000",
        ),
    ),
    "without sub and dlvrd": (
        (
            b"id:1526758174 submit date:1701240904 done date:1701240904 stat:DELIVRD err:000 "
            b"text:hellow"
        ),
        Receipt(
            message_id="1526758174",
            state=DELIVERED,
            submitted=at(2017, 1, 24, 9, 4),
            done=at(2017, 1, 24, 9, 4),
            error="000",
            text="hellow",
        ),
    ),
    "an error of four characters, any octets in the text": (
        (
            b"id:117062714244798261 sub:001 dlvrd:001 submit date:1706271624 done date:1706271624 "
            b"stat:DELIVRD err:0000 text:H\x1bello"
        ),
        Receipt(
            message_id="117062714244798261",
            state=DELIVERED,
            submitted=at(2017, 6, 27, 16, 24),
            done=at(2017, 6, 27, 16, 24),
            parts=1,
            delivered=1,
            error="0000",
            text="H\x1bello",
        ),
    ),
    "times of SMPP, no text": (
        (
            b"id:rdwjwxns18krxr9936ey96ymcw sub:000 dlvrd:000 submit date:180711070003912+ "
            b"done date:180711070000012+ stat:UNDELIV err:000"
        ),
        Receipt(
            message_id="rdwjwxns18krxr9936ey96ymcw",
            state=UNDELIVERABLE,
            submitted=at(2018, 7, 11, 7, 0, 3, 900_000, zone=timezone(timedelta(hours=3))),
            done=at(2018, 7, 11, 7, 0, zone=timezone(timedelta(hours=3))),
            parts=0,
            delivered=0,
            error="000",
        ),
    ),
    "an error in hexadecimal, no dates": (
        b"id:6C7C7DE28BB3E961947700000000FE37 stat:UNDELIV err:0F1",
        Receipt(message_id="6C7C7DE28BB3E961947700000000FE37", state=UNDELIVERABLE, error="0F1"),
    ),
    "an unknown word": (
        b"id:5 stat:MK:0012 text:",
        Receipt(message_id="5", state=UNKNOWN, error="MK:0012"),
    ),
    "fields that are empty or no numbers": (
        b"id:5 sub: dlvrd:x submit date:none done date: stat:EXPIRED err:",
        Receipt(message_id="5", state=EXPIRED),
    ),
    "a text that looks like fields": (
        b"id:5 stat:EXPIRED err:1 text:id:6 stat:DELIVRD err:2",
        Receipt(message_id="5", state=EXPIRED, error="1", text="id:6 stat:DELIVRD err:2"),
    ),
    "the same before the other fields": (
        b"text:id:6 stat:DELIVRD id:5 stat:EXPIRED",
        Receipt(message_id="5", state=EXPIRED),
    ),
    "UTF-16": (
        "id:5 stat:EXPIRED text:Ж".encode("utf-16-be"),
        Receipt(message_id="5", state=EXPIRED, text="Ж"),
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_texts_of_message_centres(name):
    octets, expected = VARIANTS[name]
    assert of(octets) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2611281530", at(2026, 11, 28, 15, 30)),
        ("261128153001", at(2026, 11, 28, 15, 30, 1)),
        ("202611281530", at(2026, 11, 28, 15, 30)),
        ("20261128153001", at(2026, 11, 28, 15, 30, 1)),
        ("2026-11-28 15:30:01", at(2026, 11, 28, 15, 30, 1)),
        ("2026-11-28T15:30:01.123", at(2026, 11, 28, 15, 30, 1)),
        ("26/11/28 15:30", at(2026, 11, 28, 15, 30)),
        ("261128153001012", at(2026, 11, 28, 15, 30, 1)),
        ("261128153001012+", at(2026, 11, 28, 12, 30, 1)),
        ("1795879801", at(2026, 11, 28, 15, 30, 1)),  # UNIX seconds
        ("1795879801000", at(2026, 11, 28, 15, 30, 1)),
        ("2613281530", None),
        ("261328153000", None),
        ("261328153000012+", None),
        ("0", None),
        ("yesterday", None),
        ("9" * 200, None),
    ],
)
def test_dates(written, expected):
    assert of(f"id:1 stat:DELIVRD done date:{written}".encode()).done == expected


def test_dates_are_in_the_zone_of_the_message_centre():
    zone = timezone(timedelta(hours=2))
    found = of(b"id:1 stat:DELIVRD done date:2611281530", zone=zone)
    assert found.done == at(2026, 11, 28, 13, 30)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("DELIVERD", DELIVERED),
        ("Undelivered", UNDELIVERABLE),
        ("UNDELIVERABLE", UNDELIVERABLE),
        ("FAILED", UNDELIVERABLE),
        ("ACCEPTED", MessageState.ACCEPTED),
        ("REJECTED", MessageState.REJECTED),
        ("BUFFERED", MessageState.ENROUTE),
        ("SKIPPED", MessageState.SKIPPED),
        ("nonsense", UNKNOWN),
        *((state.word, state) for state in MessageState),
    ],
)
def test_states(word, state):
    assert of(f"id:1 stat:{word} err:000".encode()).state is state


def test_states_after_which_others_follow():
    assert {state.name for state in MessageState if not state.final} == {
        *("SCHEDULED", "ENROUTE", "ACCEPTED")
    }


def test_parameters_count_before_the_text():
    found = of(
        b"id:1 stat:DELIVRD err:000 text:hello",
        Tlv(Tag.RECEIPTED_MESSAGE_ID, "0A"),
        Tlv(Tag.MESSAGE_STATE, 5),
        Tlv(Tag.NETWORK_ERROR_CODE, b"\x03\x00\x1b"),
    )
    assert found == Receipt(
        message_id="0A", state=UNDELIVERABLE, error="027", network=3, text="hello"
    )


def test_parameters_are_enough():
    optional = (Tlv(Tag.RECEIPTED_MESSAGE_ID, "0A"), Tlv(Tag.MESSAGE_STATE, 99))
    assert of(b"", *optional) == Receipt(message_id="0A", state=UNKNOWN)
    assert read(pdus.DataSm(tlvs=optional)) == Receipt(message_id="0A", state=UNKNOWN)


@pytest.mark.parametrize(
    ("octets", "missing"),
    [
        (b"", "message_state or stat:"),
        (b"hello", "message_state or stat:"),
        (b"id:1", "message_state or stat:"),
        (b"stat:DELIVRD", "receipted_message_id or id:"),
        (b"id:\0 stat:DELIVRD", "receipted_message_id or id:"),
    ],
)
def test_what_is_no_receipt(octets, missing):
    with pytest.raises(SmppError) as error:
        of(octets)
    assert str(error.value) == f"expected a receipt with {missing}, found none"


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"id:1 stat:DELIVRD", True),
        (b"id:1 stat:perfect", False),
        (b"the state: good", False),
        (b"", False),
    ],
)
def test_a_text_that_is_plainly_a_receipt(octets, expected):
    assert is_text(octets) is expected


def test_the_standard_form_is_written():
    assert text(STANDARD) == VARIANTS["appendix B"][0]


def test_twenty_characters_of_the_message_are_written():
    receipt = Receipt(message_id="1", state=EXPIRED, text="Жa" * 20)
    assert text(receipt) == b"id:1 stat:EXPIRED text:" + b"?a" * 10


tokens = st.text("0123456789abcdefABCDEF-", min_size=1, max_size=64)
minutes = st.datetimes(at(2000, 1, 1).replace(tzinfo=None), at(2068, 12, 31).replace(tzinfo=None))
instants = st.none() | minutes.map(lambda d: d.replace(second=0, microsecond=0, tzinfo=UTC))
counts = st.none() | st.integers(0, 999)
receipts = st.builds(
    Receipt,
    message_id=tokens,
    state=st.sampled_from(MessageState),
    submitted=instants,
    done=instants,
    parts=counts,
    delivered=counts,
    error=st.text("0123456789ABCDEF", max_size=4),
    text=st.text(st.characters(max_codepoint=0xFF), max_size=20).map(
        lambda s: s.strip(" \t\r\n\0,;")
    ),
)


@given(receipts)
def test_what_is_written_is_read(receipt):
    assert of(text(receipt)) == receipt


@given(receipts, st.sampled_from([1, 2, 3]), st.integers(0, 0xFFFF))
def test_parameters_are_read(receipt, network, code):
    receipt = Receipt(
        message_id=receipt.message_id,
        state=receipt.state,
        network=network,
        error=f"{code:03}",
    )
    octets = tlvs.encode(parameters(receipt))
    assert of(b"", *tlvs.decode(octets, 0, len(octets))) == receipt


def test_parameters_without_a_network():
    assert len(parameters(STANDARD)) == 2


any_text = st.lists(
    st.sampled_from(
        [*(b"id:", b"text:", b"stat:", b"submit date:", b"err:", b"\0", b" ", b"2611281530")]
    )
    | st.binary(max_size=20),
    max_size=20,
).map(b"".join)


@given(any_text, st.binary(max_size=70))
def test_any_octets_are_a_receipt_or_an_error(octets, message_id):
    is_text(octets)
    try:
        found = of(octets, Tlv(Tag.RECEIPTED_MESSAGE_ID, message_id.decode("latin-1")))
    except SmppError:
        return
    assert text(found)

"""Messages from phones: read, and joined."""

from __future__ import annotations

import phonereplies
import pytest
from gatewayqueue import emptied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from phonereplies import HANDSET, NUMBER, ROUTE, deliver
from smpppdus import Draw

from smsenc import udh
from smsenc.model import Coding
from smsenc.smpp import codec, mapping, pdus
from smsenc.smpp.tlvs import Tag, Tlv
from smsgate.gateway import tables
from smsgate.gateway.replies import parts
from smsgate.gateway.replies.joining import joined
from smsgate.gateway.replies.reading import read
from smsgate.gateway.settings import NumberSettings

FIXTURE = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
LONG = "The quick brown fox jumps over the lazy dog. " * 10
_CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
WIDE = "Жёлтая осень 🍂 " * 20


@pytest.mark.parametrize("text", ["Yes", "", "€[]{}", "Ж", "🍂", "a\nb\r\nc", LONG, WIDE])
@pytest.mark.parametrize("carry", mapping.Carry)
def test_a_text_is_that_of_its_parts(phones, text, carry):
    phones.arrive(*deliver(text, carry=carry))
    assert phones.look() == 1
    (row,) = phones.replies()
    assert (row["text"], row["data"], row["note"]) == (text, None, None)
    assert (row["handset"], row["number"], row["account"]) == (HANDSET, NUMBER, 1)
    assert len(row["uid"]) == 32
    assert phones.look() == 0


@settings(max_examples=30, **FIXTURE)
@given(
    st.lists(st.text(_CHARACTERS, max_size=300), min_size=1, max_size=4),
    st.sampled_from(mapping.Carry),
    st.randoms(use_true_random=False),
)
def test_any_order_and_any_duplicates_give_the_texts(database, texts, carry, chance):
    bodies = [
        body for n, text in enumerate(texts) for body in deliver(text, carry=carry, reference=n)
    ]
    several = [one for one in bodies if read(octets(one), ROUTE).place]
    bodies += [chance.choice(several)] * 3 if several else []
    chance.shuffle(bodies)
    phones = phonereplies.phones(emptied(database), numbers=(NumberSettings(account="1"),))
    for body in bodies:
        phones.arrive(body)
        if chance.random() < 0.3:
            phones.look()
    phones.look()
    phones.now += 4000
    phones.look()
    assert sorted(phones.texts()) == sorted(texts)
    assert not {"new", "part"} & set(phones.inbound_states())


def octets(body):
    return codec.encode(codec.Pdu(body, 1))


def wire(header, data=b"x", **values):
    """A deliver_sm with these elements, and data of GSM 7-bit."""
    return pdus.DeliverSm(
        source_addr=mapping.address(HANDSET),
        destination_addr=mapping.address(NUMBER),
        esm_class=mapping.UDHI,
        short_message=udh.encode(tuple(header)) + data,
        **values,
    )


def test_other_elements_before_and_behind_do_not_matter(phones):
    other = mapping.udh.Element(0x70, b"abc")
    for n, data in enumerate((b"one ", b"two ", b"three"), 1):
        place = udh.concatenation(0x1234, 3, n, wide=True)
        phones.arrive(wire((other, place) if n == 1 else (place, other), data))
    assert phones.look() == 1
    (row,) = phones.replies()
    assert (row["text"], row["udh"], row["parts"]) == ("one two three", "057003616263", 3)


def test_references_of_8_and_16_bits_and_other_totals_are_other_messages(phones):
    for total in (2, 3):
        phones.arrive(wire([udh.concatenation(7, total, 1)], b"a"))
    phones.arrive(wire([udh.concatenation(7, 2, 2)], b"b"))
    phones.look()
    assert phones.texts() == ["ab"]


def test_a_character_that_is_cut_between_parts_is_whole(phones):
    pieces = "🍂".encode("utf-16-be")
    for n, data in enumerate((pieces[:2], pieces[2:]), 1):
        phones.arrive(wire([udh.concatenation(7, 2, n)], data, data_coding=8))
    phones.look()
    assert phones.texts() == ["🍂"]


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ([b"\xd8\x3c"], "\ufffd"),
        ([b"\xdf\x42\0a"], "\ufffda"),
        ([b"\0a\xd8\x3c", b"\xd8\x3c\xdf\x42"], "a\ufffd🍂"),
        ([b"\xdf\x42", b"\xd8\x3c"], "\ufffd\ufffd"),
    ],
)
def test_half_a_character_is_kept_as_a_sign_for_it(phones, pieces, text):
    for n, data in enumerate(pieces, 1):
        phones.arrive(wire([udh.concatenation(7, len(pieces), n)], data, data_coding=8))
    phones.look()
    assert phones.texts() == [text]
    phones.arrive(wire([udh.concatenation(8, 9, 2)], pieces[0], data_coding=8))
    phones.now += 4000
    phones.look()
    assert "\ufffd" in phones.texts()[1]
    assert "missing" in phones.texts()[1]


def test_parts_in_two_alphabets_are_one_text(phones):
    phones.arrive(wire([udh.concatenation(7, 2, 1)], b"Hi "))
    phones.arrive(wire([udh.concatenation(7, 2, 2)], "Ж".encode("utf-16-be"), data_coding=8))
    phones.look()
    assert phones.texts() == ["Hi Ж"]


def test_octets_are_kept_in_hex(phones):
    ports = mapping.udh.Element(0x05, bytes.fromhex("23F40000"))
    for n in (2, 1):
        header = (ports, udh.concatenation(7, 2, n))
        phones.arrive(wire(header, bytes((n, 0xFF)), data_coding=4))
    phones.look()
    (row,) = phones.replies()
    assert (row["text"], row["data"], row["udh"]) == (None, "01FF02FF", "06050423F40000")


def test_what_is_missing_after_the_time_is_said(phones):
    sent = deliver(LONG)
    assert len(sent) == 3
    phones.arrive(sent[2], sent[0])
    assert phones.look() == 0
    phones.now += 3599
    assert phones.look() == 0
    phones.now += 2
    assert phones.look() == 1
    (row,) = phones.replies()
    assert row["note"] == "missing: part 2 of 3"
    begin, end = row["text"].split("[missing: part 2 of 3]")
    assert LONG.startswith(begin)
    assert LONG.endswith(end)
    phones.arrive(sent[1])  # too late: it is a message of its own, and nothing is lost
    phones.now += 4000
    phones.look()
    assert phones.replies()[1]["note"] == "missing: parts 1, 3 of 3"


def test_a_reference_that_is_used_again_begins_another_message(phones):
    first, second = deliver("a" * 300), deliver("b" * 300)
    phones.arrive(first[0], second[0], second[1])
    phones.look()
    assert phones.texts() == ["b" * 300]
    phones.arrive(first[1])
    phones.look()
    assert phones.texts()[1] == "a" * 300


def test_a_part_that_comes_again_when_all_is_there_is_no_message(phones):
    sent = deliver(LONG)
    phones.arrive(*sent)
    phones.look()
    phones.arrive(sent[1])
    phones.look()
    phones.now += 4000
    assert phones.look() == 0
    assert phones.texts() == [LONG]
    assert phones.inbound_states() == ["done"] * 3 + ["repeated"]


def test_all_parts_again_are_another_message(phones):
    for _ in range(2):
        phones.arrive(*deliver(LONG))
        phones.look()
    assert phones.texts() == [LONG] * 2


def test_parts_wait_over_a_restart(phones):
    sent = deliver(LONG)
    phones.arrive(*sent[:2])
    phones.look()
    phones.configure(numbers=phones.settings.numbers)
    phones.arrive(sent[2])
    phones.look()
    assert phones.texts() == [LONG]


def test_a_phone_begins_a_bounded_number_of_messages(phones, monkeypatch):
    monkeypatch.setattr(parts, "MOST", 3)
    for n in range(5):
        phones.arrive(wire([udh.concatenation(n, 2, 1)], b"%d" % n))
    phones.look()
    assert [text[0] for text in phones.texts()] == ["1", "0"]
    assert phones.inbound_states().count("part") == 3


def test_what_is_complete_is_kept_once_however_many_there_are(phones, monkeypatch):
    monkeypatch.setattr(parts, "MOST", 3)
    phones.arrive(wire([udh.concatenation(99, 2, 1)], b"half"))
    for n in range(5):
        phones.arrive(*deliver(f"{n} {WIDE[:80]}", reference=n))
    phones.look()
    assert [text[0] for text in phones.texts()] == list("01234")
    assert phones.inbound_states().count("part") == 1


def test_what_was_complete_before_its_time_was_over_is_kept_once(phones):
    phones.arrive(*deliver(LONG))
    phones.now += 4000  # nothing ran meanwhile
    phones.look()
    assert phones.texts() == [LONG]


def test_a_receipt_that_cannot_be_read_is_no_reply(phones):
    phones.arrive(pdus.DeliverSm(esm_class=4, short_message=b"all is well"))
    assert phones.look() == 0
    assert phones.inbound_states() == ["odd"]


@pytest.mark.parametrize(
    "body",
    [
        pdus.DeliverSm(esm_class=0x40, short_message=b"\x09\x00"),
        pdus.DeliverSm(esm_class=0x40, short_message=b"\x03\x00\x09abc"),
        pdus.DeliverSm(data_coding=8, short_message=b"odd"),
        pdus.DeliverSm(data_coding=0, short_message=b"\xff"),
        pdus.DeliverSm(short_message=b"a", tlvs=(Tlv(Tag.MESSAGE_PAYLOAD, b"b"),)),
    ],
)
def test_damaged_messages_are_kept_with_a_note(phones, body):
    phones.arrive(body)
    assert phones.look() == 1
    (row,) = phones.replies()
    assert row["note"].startswith("cannot be read: ")
    assert bytes.fromhex(row["data"]).startswith(body.short_message)


@settings(max_examples=60, **FIXTURE)
@given(
    st.lists(
        st.randoms(use_true_random=False).map(
            lambda chance: octets(
                chance.choice((Draw(chance).body(pdus.DeliverSm), Draw(chance).body(pdus.DataSm)))
            )
        )
        | st.binary(max_size=100),
        min_size=1,
        max_size=8,
    )
)
def test_any_octets_end_in_a_row(database, pdus_):
    phones = phonereplies.phones(emptied(database))
    phones.arrive(*pdus_)
    phones.look()
    assert "new" not in phones.inbound_states()
    phones.now += 4000
    phones.look()
    rows = phones.rows(tables.inbound)
    assert {row["state"] for row in rows} <= {"done", "odd", "repeated"}
    kept = {row["id"] for row in phones.replies()}
    assert {row["reply"] for row in rows if row["state"] == "done"} == kept


@given(
    st.dictionaries(st.integers(1, 9), st.tuples(st.sampled_from(Coding), st.binary(max_size=20)))
)
def test_any_parts_are_joined(given_):
    users = {
        n: mapping.UserData(
            b"", bytes(c & 0x7F for c in data) if coding == "gsm7" else data, coding
        )
        for n, (coding, data) in given_.items()
        if coding is not Coding.UCS2 or len(data) % 2 == 0
    }
    found = joined(users, 9)
    assert (found.text is None) != (found.data is None)
    assert bool(found.note) == (len(users) < 9)
    assert "\0" not in (found.text or "")
    (found.text or "").encode()  # fails for a lone surrogate

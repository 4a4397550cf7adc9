"""Message ids of answers, and what receipts make of them."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.smpp.messageids import Likeness, forms, likeness, same_id

EXACT, WRITING, NUMBER, NONE = Likeness.EXACT, Likeness.WRITING, Likeness.NUMBER, Likeness.NONE


@pytest.mark.parametrize(
    ("sent", "found", "expected"),
    [
        ("0A1F", "0A1F", EXACT),
        ("0A1F", "0a1f", WRITING),
        ("0A1F", "a1f", WRITING),
        ("0A1F", "0x0A1F", WRITING),
        ("0A1F", "2591", NUMBER),
        ("2591", "A1F", NUMBER),
        ("2591", "00000A1F", NUMBER),
        ("16", "10", NUMBER),  # which is 16 in hexadecimal
        ("1", "0000000001", WRITING),
        ("7", " 7\0", WRITING),
        ("0", "000", WRITING),
        ("a-b", "A-B", WRITING),
        (
            "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
            "6f9619ff8b86d011b42d00cf4fc964ff",
            WRITING,
        ),
        (
            "{6F9619FF-8B86-D011-B42D-00CF4FC964FF}",
            "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
            WRITING,
        ),
        ("0A1F", "0A1E", NONE),
        ("12-34", "1234", NONE),
        ("xyz", "xy", NONE),
        ("", "", NONE),
        ("\0", " ", NONE),
        ("9" * 65, "9" * 66, NONE),
        ("١", "1", NONE),
    ],
)
def test_likeness(sent, found, expected):
    assert likeness(sent, found) is expected
    assert same_id(sent, found) is (expected is not NONE)


def test_forms():
    assert forms("0A1f") == {"=a1f", "#2591"}
    assert forms("0010") == {"=10", "#10", "#16"}
    assert forms("SMS-7") == {"=sms-7"}
    assert forms("") == frozenset()


numbers = st.integers(1, 2**64)
written = st.sampled_from(["{}", "{:x}", "{:X}", "{:08X}", "{:020}", " {}", "{}\0", "0x{:x}"])


@given(numbers, written, written)
def test_a_number_is_found_in_every_writing(number, one, other):
    assert same_id(one.format(number), other.format(number))


@given(st.uuids(), st.sampled_from([str, str.upper]), st.booleans())
def test_a_uuid_is_found_in_every_writing(found: uuid.UUID, case, hyphens):
    assert same_id(str(found), case(str(found) if hyphens else found.hex))


@given(st.text(), st.text())
def test_any_texts_are_compared(one, other):
    assert likeness(one, other) is likeness(other, one)
    assert same_id(one, other) is not forms(one).isdisjoint(forms(other))

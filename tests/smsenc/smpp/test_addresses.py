"""Numbers, short codes and names as addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.smpp import Address, SmppError
from smsenc.smpp.addresses import address, number_of


@pytest.mark.parametrize(
    ("text", "expected", "number"),
    [
        ("+447700900123", Address("447700900123", 1, 1), "447700900123"),
        ("00447700900123", Address("447700900123", 1, 1), "447700900123"),
        ("447700900123", Address("447700900123", 1, 1), "447700900123"),
        ("123456789", Address("123456789", 1, 1), "123456789"),
        ("+12345", Address("12345", 1, 1), "+12345"),
        ("07700900123", Address("07700900123", 2, 1), "07700900123"),
        ("12345678", Address("12345678", 3, 0), "12345678"),
        ("0123", Address("0123", 3, 0), "0123"),
        ("112", Address("112", 3, 0), "112"),
        ("smsenc", Address("smsenc", 5, 0), "smsenc"),
        ("7UP", Address("7UP", 5, 0), "7UP"),
        ("Café 24", Address("Café 24", 5, 0), "Café 24"),
        ("A", Address("A", 5, 0), "A"),
        ("Twelve chars"[:11], Address("Twelve char", 5, 0), "Twelve char"),
    ],
)
def test_addresses(text, expected, number):
    assert address(text) == expected
    assert number_of(expected) == number
    assert address(number) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "12", "+", "+0123", "1234567890123456", "+44 7700 90", "Twelve chars"),
        *("Ж", "Γ", "á", "a[[[[[[", "a\nb", "*100#", "00", "١٢٣", "a\0"),
    ],
)
def test_what_is_no_address(text):
    with pytest.raises(SmppError) as error:
        address(text)
    assert str(error.value) == (
        "expected a number of at most 15 digits, a short code of 3 to 8, or a name of 1 to 11 "
        f"characters of GSM 7-bit and Latin-1, found {text!r}"
    )


def test_a_long_text_is_not_repeated():
    with pytest.raises(SmppError, match=r"found 100 characters$"):
        address("a" * 100)


@pytest.mark.parametrize(
    ("found", "number"),
    [
        (Address("+447700900123", 1, 1), "447700900123"),
        (Address("00447700900123", 1, 1), "447700900123"),
        (Address("447700900123", 0, 0), "447700900123"),
        (Address("", 1, 1), ""),
        (Address(), ""),
    ],
)
def test_numbers_as_message_centres_write_them(found, number):
    assert number_of(found) == number


@given(st.text(max_size=20) | st.text("+0123456789", max_size=20))
def test_any_text_is_an_address_or_an_error(text):
    try:
        found = address(text)
    except SmppError:
        return
    assert address(number_of(found)) == found

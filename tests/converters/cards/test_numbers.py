import pytest

from converters.cards.model import Tel
from converters.cards.reader import read

TWO = "2 numbers in one line; each is a line of its own"


def tels(value, params=""):
    """The numbers of a card with one TEL, and its losses without the place."""
    source = f"BEGIN:VCARD\nVERSION:4.0\nN:Ana\nTEL{params}:{value}\nEND:VCARD\n"
    ((card, losses),) = read(source.encode())
    assert all(loss.line == 4 for loss in losses)
    return [tel.number for tel in card.tels], [str(loss)[8:] for loss in losses]


@pytest.mark.parametrize(
    ("value", "first", "second"),
    [
        ("07700 900161 / 07700 900162", "07700900161", "07700900162"),
        ("07700 900161/07700 900162", "07700900161", "07700900162"),
        ("+447700900161;+447700900162", "+447700900161", "+447700900162"),
        ("07700900161; 07700900162", "07700900161", "07700900162"),
        ("0113 496 0161, 0113 496 0162", "01134960161", "01134960162"),
        ("+447700900161,+447700900162", "+447700900161", "+447700900162"),
        ("07700 900161 or 07700 900162", "07700900161", "07700900162"),
        ("0301 23456 und 0301 23457", "030123456", "030123457"),
        ("07700 900161 & +44 7700 900162", "07700900161", "+447700900162"),
        ("07700 900161 | 07700 900162", "07700900161", "07700900162"),
        ("07700 900161 bzw. 07700 900162", "07700900161", "07700900162"),
        ("07700900161\\n07700900162", "07700900161", "07700900162"),
        ("+44 7700 900161 +44 7700 900162", "+447700900161", "+447700900162"),
        ("07700 900161 07700 900162", "07700900161", "07700900162"),
        ("(0113) 496 0161 / (0113) 496 0162", "01134960161", "01134960162"),
        ("0044 7700 900161 - 0044 7700 900162", "00447700900161", "00447700900162"),
        ("0113 496 0161 07700 900162", "01134960161", "07700900162"),
        ("07700 900161,07700 900162", "07700900161", "07700900162"),
        ("07700 900161\u300107700 900162", "07700900161", "07700900162"),
        ("07700 900161 -> 07700 900162", "07700900161", "07700900162"),
        ("07700 900161 u. 07700 900162", "07700900161", "07700900162"),
        ("tel:+447700900161,tel:+447700900162", "+447700900161", "+447700900162"),
    ],
)
def test_two_numbers(value, first, second):
    assert tels(value) == ([first, second], [f"TEL expanded: {TWO}"])


def test_three_numbers_with_only_blanks_between_them():
    numbers = ["07700900161", "07700900162", "07700900163"]
    assert tels(" ".join(numbers))[0] == numbers


def test_what_the_second_number_is_called_is_told():
    assert tels("07700 900161 Fax 07700 900162") == (
        ["07700900161", "07700900162"],
        ["TEL 'Fax' left out: phones keep only the number", f"TEL expanded: {TWO}"],
    )
    assert tels("home: 07700900161 work: 07700900162")[0] == ["07700900161", "07700900162"]


def test_a_word_inside_of_one_number_is_no_separator():
    value = "0800 CALL 123456"
    assert tels(value) == ([], [f"TEL left out: expected a phone number, found {value!r}"])


def test_two_numbers_have_the_same_types():
    source = b"BEGIN:VCARD\nN:Ana\nTEL;WORK;FAX:0113 4960161/0113 4960162\nEND:VCARD\n"
    ((card, _losses),) = read(source)
    assert card.tels == (
        Tel("01134960161", ("WORK", "FAX")),
        Tel("01134960162", ("WORK", "FAX")),
    )


@pytest.mark.parametrize(
    ("value", "number", "end"),
    [
        ("07700 900161/900162", "07700900161", "900162"),
        ("0113 496 0161/62", "01134960161", "62"),
        ("+44 113 4960161 / 162", "+441134960161", "162"),
        ("01134960161, 0162", "01134960161", "0162"),
        ("07700 900161 or 162", "07700900161", "162"),
    ],
)
def test_the_end_of_a_second_number_is_told(value, number, end):
    told = f"TEL {end!r} left out: phones keep only the number"
    assert tels(value) == ([number], [told])


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("0770/0900439", "07700900439"),
        ("+49 123 / 42 42 42", "+49123424242"),
        ("0113/496/0161", "01134960161"),
        ("0800 123456,,1234#", "0800123456,,1234#"),
        ("0800123456p12w3", "0800123456p12w3"),
        ("*31#07700900161", "*31#07700900161"),
        ("\u202a+44\u00a07700\u2011900\u200b161\u202c", "+447700900161"),
        ("\u2066\ufeff07700\u2009900\u00ad161\u2069", "07700900161"),
        ("\uff10770\u2007900\u202f161\u061c", "0770900161"),
        ("+39 (0)6 1234567", "+39061234567"),
        ("+49 (0) 30 123456", "+4930123456"),
        ("tel:+44-7700-900161", "+447700900161"),
    ],
)
def test_one_number(value, number):
    assert tels(value) == ([number], [])


@pytest.mark.parametrize("value", ["0770090016107700900162", "1" * 21, "07700 90O161", "sip:a@b.c"])
def test_what_is_no_number_is_left_out(value):
    assert tels(value) == ([], [f"TEL left out: expected a phone number, found {value!r}"])


def test_a_label_is_told():
    told = "TEL 'Mobile:' left out: phones keep only the number"
    assert tels("Mobile: 07700 900161") == (["07700900161"], [told])
    told = "TEL 'Tel.' left out: phones keep only the number"
    assert tels("Tel. 07700 900161") == (["07700900161"], [told])


def test_short_numbers_that_may_be_two():
    assert tels("110/112") == (["110112"], ["TEL guessed: '110/112' read as one number"])


def test_a_doubled_plus():
    assert tels("++44 7700 900161") == (["+447700900161"], ["TEL guessed: ++ read as +"])


def test_an_extension_and_parameters():
    assert tels("tel:07700900161;phone-context=+44;ext=5", ";VALUE=uri") == (
        ["07700900161"],
        [
            "TEL 'phone-context=+44' left out: phones keep only the number",
            "TEL 'ext=5' left out: phones keep only the number",
        ],
    )
    assert tels("0113 4960161 ext. 12")[1] == [
        "TEL 'ext. 12' left out: phones keep only the number"
    ]

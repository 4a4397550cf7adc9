import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import NumberError
from smsenc.messagefile.folding import folded
from smsenc.messagefile.numbers import (
    Unclean,
    UncleanNumberError,
    clean,
    international,
    normalise,
)
from smsenc.messagefile.writtennumbers import apart


@pytest.mark.parametrize(
    "typed",
    ["448311234567", "+448311234567", "00448311234567", "+44 (8311) 23-45-67", "[44] 8311–234567"],
)
def test_the_ways_people_type_a_number(typed):
    assert normalise(typed) == "448311234567"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("44831a", "expected a phone number in digits, found '44831a'"),
        ("", "expected a phone number in digits, found ''"),
        ("+", "expected a phone number in digits, found '+'"),
        ("+44\t8311234567", "expected a phone number in digits, found '+44\\t8311234567'"),
        ("448311\nto:449", "expected a phone number in digits, found '448311\\nto:449'"),
        ("448311234567\n", "expected a phone number in digits, found '448311234567\\n'"),
        ("٤٤٨٣١١٢٣٤", "expected a phone number in digits, found '٤٤٨٣١١٢٣٤'"),
        ("44+8311234567", "expected a phone number in digits, found '44+8311234567'"),
        ("08311234567", "expected a number with its country code, found '08311234567'"),
        ("+08311234567", "expected a number with its country code, found '+08311234567'"),
        (
            "+44 (0)20 79460000",
            "expected an international number without '(0)', found '+44 (0)20 79460000'",
        ),
        ("449", "expected 7 to 15 digits, found '449'"),
        ("4483112345671234", "expected 7 to 15 digits, found '4483112345671234'"),
    ],
)
def test_what_is_no_international_number_is_refused(typed, message):
    with pytest.raises(NumberError) as caught:
        normalise(typed)
    assert str(caught.value) == message


@given(st.text())
def test_any_text_gives_digits_or_our_error(text):
    try:
        digits = normalise(text)
    except NumberError:
        return
    assert digits.isascii()
    assert digits.isdecimal()
    assert normalise(digits) == digits


# What people write --------------------------------------------------------------------------------

MARKS = [
    *(0x00AD, 0x061C, 0xFEFF),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x206A),
]
BLANKS = "\t \u00a0\u1680\u2007\u2009\u202f\u205f\u3000"


@pytest.mark.parametrize("mark", [*map(chr, MARKS), *BLANKS], ids=ascii)
@pytest.mark.parametrize("form", ["{}+447700900321", "+447700900321{}", "+44{}7700{}900321"])
def test_marks_and_blanks_are_left_out_wherever_they_are(form, mark):
    assert clean(form.replace("{}", mark)) == "+447700900321"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("447700900321", "447700900321"),
        ("07700 900321", "07700900321"),
        ("0044 7700 900321", "00447700900321"),
        ("+44\u20117700\u2012900321", "+447700900321"),
        ("+44 (0) 7700 900321", "+447700900321"),
        ("0044 (0)7700 900321", "00447700900321"),
        ("+44 [0] 7700 900321", "+447700900321"),
        ("+4407700900321", "+447700900321"),
        ("+39 (0)6 698 12345", "+390669812345"),
        ("+39 06 698 12345", "+390669812345"),
        ("(07700) 900321", "07700900321"),
        ("(+44) 7700 900321", "+447700900321"),
        ("+ 44 7700 900321", "+447700900321"),
        ("+44.7700.900321", "+447700900321"),
        ("0770/0900321", "07700900321"),
        ("+49 33056/12345", "+493305612345"),
        ("447,700,900,321", "447700900321"),
        ("447'700'900'321", "447700900321"),
        (
            "\uff0b\uff14\uff14\uff17\uff17\uff10\uff10\uff19\uff10\uff10\uff13\uff12\uff11",
            "+447700900321",
        ),
        (
            "\u0664\u0664\u0667\u0667\u0660\u0660\u0669\u0660\u0660\u0663\u0662\u0661",
            "447700900321",
        ),
        ("\u096a\u096a7700900321", "447700900321"),
        ('="447700900321"', "447700900321"),
        ('="+447700900321"', "+447700900321"),
        ("=447700900321", "447700900321"),
        ("=+447700900321", "+447700900321"),
        ("'447700900321", "447700900321"),
        ("\u2019447700900321", "447700900321"),
        ('"447700900321"', "447700900321"),
        ("tel:+44-7700-900321", "+447700900321"),
        ("TEL://+447700900321", "+447700900321"),
        ("tel:7700-900321;phone-context=+44", "+447700900321"),
        ("sms:+447700900321?body=Hi%20there", "+447700900321"),
        ("smsto:+447700900321:See you at 5", "+447700900321"),
        ("tel:%2B447700900321", "+447700900321"),
        ("+447700900321,", "+447700900321"),
    ],
)
def test_one_number_in_the_ways_people_and_programs_write_it(written, number):
    assert clean(written) == number


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("", Unclean.NONE),
        (" \u200b ", Unclean.NONE),
        ("tel:", Unclean.NONE),
        ("4.47701E+11", Unclean.SPREADSHEET),
        ("4,47701e+11", Unclean.SPREADSHEET),
        ("4.4770090032E11", Unclean.SPREADSHEET),
        ("4E+11", Unclean.SPREADSHEET),
        ("'4.47701E+11", Unclean.SPREADSHEET),
        ("\uff14.47701E+11", Unclean.SPREADSHEET),
        ("447700900321.0", Unclean.SPREADSHEET),
        ("447700900321,5", Unclean.SPREADSHEET),
        ("#########", Unclean.SPREADSHEET),
        ("#N/A", Unclean.SPREADSHEET),
        ("2026-01-05", Unclean.SPREADSHEET),
        ("2026/1/5", Unclean.SPREADSHEET),
        ("12/31/2026", Unclean.SPREADSHEET),
        ("05.01.2026", Unclean.SPREADSHEET),
        ("07700 900321 / 900322", Unclean.TWO),
        ("07700 900321/07700 900322", Unclean.TWO),
        ("+44 7700 900321 / 22", Unclean.TWO),
        ("+447700900321,+447700900322", Unclean.TWO),
        ("+447700900321;+447700900322", Unclean.TWO),
        ("+447700900321\n+447700900322", Unclean.TWO),
        ("+447700900321\u2028+447700900322", Unclean.TWO),
        ("+447700900321 +447700900322", Unclean.TWO),
        ("07700 900321 07700 900322", Unclean.TWO),
        ("07700 900321 - 07700 900322", Unclean.TWO),
        ("07700 900321 or 07700 900322", Unclean.TWO),
        ("07700 900321 bzw. 07700 900322", Unclean.TWO),
        ("07700 900321 -> 07700 900322", Unclean.TWO),
        ("07700 900321 & 07700 900322", Unclean.TWO),
        ("07700 900321 | 07700 900322", Unclean.TWO),
        ("sms:+447700900321,+447700900322", Unclean.TWO),
        ("+44 7700 900321 x12", Unclean.EXTENSION),
        ("+44 7700 900321 ext. 12", Unclean.EXTENSION),
        ("tel:+447700900321;ext=12", Unclean.EXTENSION),
        ("+44 7700 CALLME", Unclean.LETTERS),
        ("NULL", Unclean.LETTERS),
        ("44+7700900321", Unclean.CHARACTERS),
        ("+44 7700 900321#1", Unclean.CHARACTERS),
        ("-", Unclean.CHARACTERS),
        ("\u00b2\u00b3", Unclean.CHARACTERS),
        ("4" * 201, Unclean.TOO_LONG),
    ],
)
def test_what_is_not_one_number_is_refused_with_its_kind(written, kind):
    with pytest.raises(UncleanNumberError) as caught:
        clean(written)
    assert caught.value.kind is kind


def test_numbers_side_by_side_are_told_apart():
    assert apart("07700 900321 / 07700 900322") == ("07700 900321", "07700 900322")
    assert apart("07700 900321/900322") == ("07700 900321", "900322")
    assert apart("0770/0900321") == ("0770/0900321",)
    assert apart("+447700900321, +447700900322; 07700 900323") == (
        "+447700900321",
        "+447700900322",
        "07700 900323",
    )
    assert apart("0044 7700 900321 - 0044 7700 900322") == (
        "0044 7700 900321",
        "0044 7700 900322",
    )


def test_a_folded_text_keeps_its_letters():
    assert folded("\u202a+44\u00a07700\u2011900321 ext\u200b 5\u202c") == "+44 7700-900321 ext 5"


def test_an_international_number_is_clean_and_complete():
    assert international("\u202a+44 (0)7700 900321\u202c") == "447700900321"
    with pytest.raises(NumberError) as caught:
        international("07700 900321")
    message = "expected a number with its country code, found '07700 900321'"
    assert str(caught.value) == message
    with pytest.raises(NumberError) as caught:
        international("07700 900321 / 22")
    assert str(caught.value) == "expected one number, found two or more in '07700 900321 / 22'"


@given(st.text() | st.text("+0123456789 /,;()-.'\"=E\u200b\n", max_size=40))
def test_a_clean_number_is_digits_and_stays_clean(text):
    try:
        number = clean(text)
    except UncleanNumberError:
        return
    assert number.removeprefix("+").isdecimal()
    assert number.isascii()
    assert clean(number) == number

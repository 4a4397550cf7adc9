import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import NumberError
from smsenc.messagefile.numbers import normalise


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

from enum import StrEnum

import pytest

from converters.shared.parsers import CHARSETS, alternatives, choice, flag, one_of, whole_number


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("255", 255), ("007", 7)])
def test_whole_numbers(text, number):
    assert whole_number(1, 255)(text) == number


@pytest.mark.parametrize("text", ["0", "256", "-1", "+1", "1.0", " 1", "", "x", "٣", "1" * 5000])
def test_text_that_is_no_whole_number_in_the_range(text):
    with pytest.raises(ValueError, match=r"^expected a number of parts 1\.\.255$"):
        whole_number(1, 255, "a number of parts")(text)


def test_negative_numbers():
    assert whole_number(-12, 12)("-12") == -12
    assert whole_number(-12, 12)("+2") == 2
    with pytest.raises(ValueError, match=r"^expected number -12\.\.12$"):
        whole_number(-12, 12)("--1")


def test_names_in_any_case():
    parse = one_of("auto", "gsm7", "ucs2")
    assert parse("GSM7") == "gsm7"
    with pytest.raises(ValueError, match=r"^expected auto, gsm7 or ucs2$"):
        parse("utf8")


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def test_a_choice_gives_the_value():
    parse = choice({colour.value: colour for colour in Colour})
    assert parse("Blue") is Colour.BLUE
    assert choice(CHARSETS)("latin-1") == "ISO-8859-1"


def test_flags():
    assert (flag("yes"), flag("no")) == (True, False)
    for text in ("Yes", "true", ""):
        with pytest.raises(ValueError, match=r"^expected yes or no$"):
            flag(text)


@pytest.mark.parametrize(
    ("names", "text"), [(("a",), "a"), (("a", "b"), "a or b"), (("a", "b", "c"), "a, b or c")]
)
def test_alternatives(names, text):
    assert alternatives(names) == text

from decimal import Decimal

import pytest

from smsenc import MessageFileError
from smsenc.messagefile.parameters import BY_KEY, KEYS, canonical, line_at, one_line, spell


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("cliMsgId", "abc1", "abc1"),
        ("unicode", "1", True),
        ("mo", "0", False),
        ("concat", "35", 35),
        ("max_credits", "0.8", Decimal("0.8")),
        ("udh", "0500FF", b"\x05\x00\xff"),
    ],
)
def test_a_value_is_written_as_it_was_read(key, text, value):
    assert BY_KEY[key].value(text) == value
    assert spell(value) == text


def test_a_value_that_could_not_be_read_back_is_refused():
    BY_KEY["queue"].check(3)
    with pytest.raises(MessageFileError) as caught:
        BY_KEY["queue"].check(4)
    assert str(caught.value) == (
        "queue: expected a whole number 1 to 3, found '4' (gateway error 101)"
    )


@pytest.mark.parametrize(
    ("spelling", "key"),
    [("TO", "to"), ("climsgid", "cliMsgId"), ("API-ID", "api_id"), ("to ", None), ("x", None)],
)
def test_keys_in_any_case(spelling, key):
    assert canonical(spelling) == key


def test_every_key_is_its_own_spelling():
    assert [canonical(key) for key in KEYS] == list(KEYS)


@pytest.mark.parametrize("control", ["\n", "\r", "\t", "\x00", "\x85", "\u2028"])
def test_a_value_has_no_control_character(control):
    assert one_line("text", "é €") == "é €"
    with pytest.raises(MessageFileError) as caught:
        one_line("text", f"a{control}b")
    assert str(caught.value) == (f"text: expected no control character, found U+{ord(control):04X}")


@pytest.mark.parametrize(("offset", "line"), [(0, 1), (2, 2), (5, 3), (7, 4)])
def test_lines_are_counted_with_any_line_end(offset, line):
    assert line_at(b"a\nb\r\nc\rd", offset) == line

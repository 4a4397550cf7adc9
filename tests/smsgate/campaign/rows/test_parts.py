import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc import Coding, SmsencError, SplitError, encode_text
from smsenc.messagefile import Message
from smsenc.messagefile.packing import package
from smsgate.campaign.rows.parts import Cost, cost_of, expensive_in, is_latin

TEMPLATE = Message(to=("447700900000",), text="")
CHARACTERS = st.sampled_from("ab \n{€ü€Жé😀\u0301") | st.characters(
    codec="utf-16", exclude_categories=["Cc"]
)


@given(st.text(CHARACTERS, max_size=30), st.integers(1, 40))
def test_the_parts_are_those_of_the_packed_message(text, times):
    text *= times
    try:
        expected = len(package(encode_text(text), TEMPLATE, reference=1).segments)
    except SmsencError:
        with pytest.raises(SplitError):
            cost_of(text)
    else:
        assert cost_of(text).parts == expected


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("a" * 160, (Coding.GSM7, 160, 1)),
        ("a" * 161, (Coding.GSM7, 161, 2)),
        ("a" * 306 + "a", (Coding.GSM7, 307, 3)),
        ("a\nb", (Coding.GSM7, 4, 1)),
        ("a\r\nb", (Coding.GSM7, 4, 1)),
        ("[", (Coding.GSM7, 2, 1)),
        ("a" * 152 + "[" + "a" * 152, (Coding.GSM7, 306, 3)),  # an escape is not cut in two
        ("€", (Coding.UCS2, 1, 1)),  # ISO-8859-1 lacks it
        ("ç" * 70, (Coding.UCS2, 70, 1)),
        ("ç" * 71, (Coding.UCS2, 71, 2)),
        ("😀" * 35, (Coding.UCS2, 70, 1)),
    ],
)
def test_costs(text, cost):
    assert cost_of(text) == Cost(*cost)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a text, found an empty one"),
        ("a" * (153 * 35 + 1), "expected at most 35 parts of text, found 36"),
        ("ç" * (67 * 35 + 1), "expected at most 35 parts of text, found 36"),
        ("Ж" * (67 * 35 + 1), "expected at most 35 parts of text, found 36"),
    ],
)
def test_texts_without_a_cost(text, message):
    with pytest.raises(SplitError) as caught:
        cost_of(text)
    assert str(caught.value) == message


def test_characters_that_take_two_septets_are_counted():
    assert [expensive_in(text) for text in ("ab", "a[b]\n", "a€", "Ж")] == [0, 3, None, None]
    assert [is_latin(text) for text in ("ab ç", "a\u0301", "a\nb")] == [True, False, False]

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT

from smsenc import OptionError, SmsencError
from smsenc.messagefile import Message
from smsenc.messagefile.options import BY_ARGUMENT, OPTIONS, message_fields, names_of
from smsenc.messagefile.parameters import CALLBACKS, FEATURES, PARAMETERS


def test_every_option_makes_a_message():
    given = {
        "client_id": "order7",
        "from": "447700900123",
        "ack": True,
        "callback": "final, error",
        "delay": "2h",
        "validity": "1d",
        "max_credits": "1.5",
        "features": "udh,8bit,concat",
        "queue": "1",
        "escalate": True,
        "mo": True,
        "binary": True,
        "reply": "ann@example.org",
    }
    assert given.keys() | {"at"} == BY_ARGUMENT.keys()
    fields = message_fields(given)
    assert fields == {
        "client_id": "order7",
        "sender": "447700900123",
        "deliv_ack": True,
        "callback": 6,
        "deliv_time": 120,
        "validity": 1440,
        "max_credits": Decimal("1.5"),
        "req_feat": 16390,
        "queue": 1,
        "escalate": True,
        "mo": True,
        "binary": True,
        "reply": "ann@example.org",
    }
    Message(to=("447700900123",), data=b"x", **fields)


def test_what_is_not_given_is_not_set():
    assert message_fields({"ack": False, "delay": None}) == {}


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("1700000000", "1700000000"),
        ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00Z"),
        ("2026-12-01 09:00+01:00", "2026-12-01T08:00:00Z"),
        ("2024-02-29T00:00-0530", "2024-02-29T05:30:00Z"),
    ],
)
def test_times_with_a_zone_become_utc(typed, written):
    assert message_fields({"at": typed}) == {"scheduled_time": written}


@pytest.mark.parametrize(
    ("argument", "typed", "message"),
    [
        ("delay", "8d", "--delay: expected at most 7d, found '8d'"),
        ("delay", "200h", "--delay: expected at most 168h, found '200h'"),
        (
            "callback",
            "sometimes",
            (
                "--callback: expected a number or names among intermediate, final, error, "
                "found 'sometimes'"
            ),
        ),
        (
            "callback",
            "8",
            "--callback: expected a whole number 0 to 7, found '8' (gateway error 101)",
        ),
        (
            "delay",
            "11520",
            "--delay: expected a whole number 0 to 10080, found '11520' (gateway error 120)",
        ),
        ("delay", "soon", "--delay: expected minutes, or a number with m, h or d, found 'soon'"),
        (
            "at",
            "2026-12-01T09:00",
            (
                "--at: expected UNIX seconds or YYYY-MM-DDTHH:MM:SS with Z or +HH:MM, "
                "found '2026-12-01T09:00'"
            ),
        ),
        (
            "at",
            "2023-02-29T09:00Z",
            "--at: expected a day of the calendar from 1970 on, found '2023-02-29T09:00Z'",
        ),
        (
            "from",
            "Much too long",
            (
                "--from: expected 1 to 16 digits or 1 to 11 letters and digits, "
                "found 'Much too long' (gateway error 106)"
            ),
        ),
        ("ack", "perhaps", "--ack: expected yes or no, found 'perhaps'"),
    ],
)
def test_what_is_out_of_range_is_named(argument, typed, message):
    with pytest.raises(OptionError) as caught:
        message_fields({argument: typed})
    assert str(caught.value) == message


@given(st.sampled_from([option.argument for option in OPTIONS]), st.text(max_size=20))
def test_any_text_is_a_value_or_our_error(argument, typed):
    try:
        message_fields({argument: typed})
    except SmsencError:
        pass


@given(st.integers(0, 0x7FFF))
def test_bits_have_names(value):
    *names, last = names_of(FEATURES, value) or ("",)
    rest = int(last) if last.isdigit() else FEATURES.get(last, 0)
    assert sum(FEATURES[name] for name in names) + rest == value
    assert names_of(CALLBACKS, 7) == ("intermediate", "final", "error")


def test_the_documentation_names_every_key_with_its_option_and_error():
    text = (ROOT / "docs" / "message-file.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (?:`(--[a-z-]+)`)? *\| .* \| (\d+) \|$", text, re.MULTILINE)
    names = {option.key: option.name for option in OPTIONS}
    assert rows == [(row.key, names.get(row.key, ""), str(row.code)) for row in PARAMETERS]
    for name, bit in FEATURES.items():
        assert f"`{name}` {bit}" in text.replace("\n", " ")

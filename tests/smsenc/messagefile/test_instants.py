import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.messagefile.instants import seconds, written


@given(st.integers(0, 253_402_300_799))  # until the end of the year 9999
def test_the_calendar_is_python_s(instant):
    text = datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert written(instant) == text
    assert seconds(text) == instant


@given(st.text(max_size=25) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{5}Z"))
def test_any_text_is_a_time_or_a_value_error(text):
    try:
        seconds(text)
    except ValueError:
        pass


FORM = "expected UNIX seconds or YYYY-MM-DDTHH:MM:SS with Z or +HH:MM"
DAY = "expected a day of the calendar from 1970 on"
TIME = "expected a time of day 00:00:00 to 23:59:59"
OFFSET = "expected an offset of at most 23:59"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("9999999999", 9_999_999_999),
        ("2026-12-01T09:00:00Z", 1_796_115_600),
        ("2026-12-01t09:00z", 1_796_115_600),
        ("2026-12-01 09:00:00+01:00", 1_796_112_000),
        ("2026-12-01T09:00-0130", 1_796_121_000),
        ("1970-01-01T00:00+01:00", -3600),
        ("2000-02-29T00:00Z", 951_782_400),
    ],
)
def test_the_forms_of_a_time(text, instant):
    assert seconds(text) == instant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1969-12-31T00:00Z", DAY),
        ("0000-01-01T00:00Z", DAY),
        ("2023-02-29T00:00Z", DAY),
        ("2100-02-29T00:00Z", DAY),
        ("2026-00-10T00:00Z", DAY),
        ("2026-02-30T25:00Z", DAY),
        ("2024-01-01T24:00Z", TIME),
        ("2024-01-01T24:00:00Z", TIME),
        ("2024-01-01T00:60Z", TIME),
        ("2024-01-01T00:00:60Z", TIME),
        ("2024-01-01T00:00+24:00", OFFSET),
        ("2024-01-01T00:00-00:60", OFFSET),
        ("", FORM),
        ("10000000000", FORM),
        (" 2024-01-01T00:00Z", FORM),
        ("2024-01-01T00:00Z ", FORM),
        ("2024-01-01T00:00Z\n", FORM),
        ("2024-01-01T00:00", FORM),
        ("2024-01-01", FORM),
        ("2024-W01-1T00:00Z", FORM),
        ("2024W011T00:00Z", FORM),
        ("20240101T000000Z", FORM),
        ("2024-01-01_00:00Z", FORM),
        ("2024-01-01T0000Z", FORM),
        ("2024-01-01T00Z", FORM),
        ("2024-01-01T00:00:00.5Z", FORM),
        ("2024-01-01T00:00:00,5Z", FORM),
        ("2024-01-01T00:00+01", FORM),
        ("2024-01-01T00:00+01:00:00", FORM),
        ("\u0662024-01-01T00:00Z", FORM),
    ],
)
def test_any_other_form_is_refused(text, expected):
    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        seconds(text)


def test_an_instant_after_the_year_9999_is_refused():
    with pytest.raises(ValueError, match=r"^expected a time before the year 10000$"):
        written(seconds("9999-12-31T23:59:59-00:01"))

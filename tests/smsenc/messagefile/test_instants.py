from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.messagefile.instants import seconds, written


@given(st.integers(0, 253_402_300_799))  # until the end of the year 9999
def test_the_calendar_is_python_s(instant):
    text = datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    assert written(instant) == text
    assert seconds(text) == instant


@given(st.text(max_size=25) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{5}Z"))
def test_any_text_is_a_time_or_a_value_error(text):
    try:
        seconds(text)
    except ValueError:
        pass


@pytest.mark.parametrize(
    "text",
    ["1969-12-31T00:00Z", "2023-02-29T00:00Z", "2024-01-01T24:00Z", "2024-01-01T00:00+24:00"],
)
def test_what_no_calendar_has_is_refused(text):
    with pytest.raises(ValueError, match="expected"):
        seconds(text)

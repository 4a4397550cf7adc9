from datetime import datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.calendars.recurrence import from_vcal, occurrences, to_ical, to_vcal
from converters.errors import SourceError

START = datetime(1997, 9, 2, 9)  # noqa: DTZ001 - wall clock


@pytest.mark.parametrize(
    ("text", "ical"),
    [
        ("d1", "FREQ=DAILY;COUNT=2"),  # without an end: twice
        ("YM1", "FREQ=YEARLY;COUNT=2"),
        (" W2  FR   20251231 ", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20251231T000000;BYDAY=FR"),
        ("MD1 10+ #0", "FREQ=MONTHLY;BYMONTHDAY=10"),
        ("MP12 2+ MO #0", "FREQ=MONTHLY;INTERVAL=12;BYDAY=2MO"),
        ("D1 #0 20251231T000000", "FREQ=DAILY;UNTIL=20251231T000000"),
    ],
)
def test_what_1_0_leaves_open(text, ical):
    assert to_ical(from_vcal(text)) == ical


@pytest.mark.parametrize(
    "text",
    [
        *("", "D", "D0 #1", "D1000", "X1", "D1 600", "D1 2460", "D1 MO", "W1 1", "W1 MO 1200"),
        *("MP1", "MP1 MO", "MP1 1+", "MP1 6+ MO", "MP1 1+ MO 2+", "MD1 32", "MD1 x", "MD1 +"),
        *("YM1 13", "YD1", "YD1 367", "D1 20250230", "D1 #1 $", "YM1 6 MP1 1+ MO $", "W1 ²"),
        "D1 " + "0600 " * 60,
    ],
)
def test_damaged_rules_of_1_0(text):
    with pytest.raises(SourceError) as caught:
        from_vcal(text)
    shown = text if len(text) <= 40 else text[:39] + "…"
    assert str(caught.value) == f"expected a recurrence rule, found {shown!r}"


@given(st.text(max_size=30) | st.text("DWMPY LD#$+-0123456789TZMOSUWEFR", max_size=30))
def test_any_text(text):
    try:
        rule = from_vcal(text)
    except SourceError:
        return
    once = to_vcal(rule, START)
    assert to_vcal(from_vcal(once), START) == once
    list(islice(occurrences(rule, datetime.max), 5))  # noqa: DTZ901 - wall clock
    list(islice(occurrences(rule, datetime.min), 5))  # noqa: DTZ901 - wall clock

from datetime import datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.calendars.recurrence import doubts, from_vcal, occurrences, to_ical, to_vcal
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
        *("", "D", "D0 #1", "D1000", "X1", "D1 600", "D1 2460", "D1 MO", "W1 1", "W1 1200 MO"),
        *("MP1", "MP1 MO", "MP1 1+", "MP1 6+ MO", "MP1 1+ MO 2+", "MD1 32", "MD1 x", "MD1 +"),
        *(
            "YM1 13",
            "YD1 367",
            "D1 20250230",
            "D1 #1 $",
            "MD1 1$ #2",
            "M5 MO",
            "D1 D1 D1 D1",
            "W1 ²",
        ),
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
    if once is None:
        return  # expanded
    assert to_vcal(from_vcal(once), START) == once
    list(islice(occurrences(rule, datetime.max), 5))  # noqa: DTZ901 - wall clock
    list(islice(occurrences(rule, datetime.min), 5))  # noqa: DTZ901 - wall clock


def moments(text, start=START, most=9):
    found = islice(occurrences(from_vcal(text, start), start), most)
    return [moment.strftime("%m%dT%H%M") for moment in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # START is a Tuesday.
        ("W1 TU TH #2", ["0902T0900", "0904T0900", "0909T0900", "0911T0900"]),
        ("W2 MO$ TU #2", ["0902T0900", "0915T0900"]),
        ("W1 TU$ TH #2", ["0902T0900", "0904T0900", "0909T0900"]),
        ("D1 0900 1200 #2", ["0902T0900", "0902T1200", "0903T0900", "0903T1200"]),
        ("D1 0900$ 1200 #2", ["0902T0900", "0902T1200", "0903T0900"]),
        ("W1 TU 1200 TH 1130 #2", ["0902T1200", "0904T1130", "0909T1200", "0911T1130"]),
        ("MD1 2 15 #3", ["0902T0900", "0915T0900", "1002T0900"]),
        ("M60 #4", ["0902T0900", "0902T1000", "0902T1100", "0902T1200"]),
        ("M90", ["0902T0900", "0902T1030"]),
        ("M90 19970902T120000", ["0902T0900", "0902T1030", "0902T1200"]),
        ("D7 0900 #2 M15 #2", ["0902T0900", "0902T0915", "0909T0900", "0909T0915"]),
        ("D7 1000 #2 M15 #2", ["0902T1000", "0902T1015", "0909T1000", "0909T1015"]),
        ("YM1 9 #2 W1 TU TH #1", ["0902T0900", "0904T0900", "0902T0900", "0903T0900"][:2]),
    ],
)
def test_the_standard_s_own_forms(text, expected):
    assert moments(text, most=len(expected)) == expected
    if text.startswith(("M", "D7")) and not text.startswith("MD"):
        assert to_vcal(from_vcal(text, START), START) is None


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("YD1 #0", "YM1 9 #0"),
        ("MP1 #12", "MP1 1+ TU #12"),
        ("MP1", "MP1 1+ TU #2"),
        ("W1 TU TH #2", "W1 TU TH 19970911T090000"),
        ("W2 MO$ TU #2", "W2 MO TU 19970915T090000"),
        ("MD1 2 15 #3", "MD1 2 15 19971002T090000"),
        ("w2 tu #4", "W2 TU #4"),
    ],
)
def test_what_is_open_is_written_with_one_meaning(text, again):
    assert to_vcal(from_vcal(text, START), START) == again


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("W1 TU TH #5", ["'#5' may count dates or weeks; read as weeks"]),
        ("D1 0600 1200 #5", ["'#5' may count dates or days; read as days"]),
        ("MD1 2 15 #10", ["'#10' may count dates or intervals; read as dates"]),
        ("MP1 #12", ["MP1 names no day; read as '1+ TU', the day of the start"]),
        ("YD1 #0", ["YD1 names no day; read as the date of the start"]),
        ("YD1 19991231T000000", ["YD1 names no day; read as the date of the start"]),
        ("M60 #4", ["M60 is minutes; some phones write it for months"]),
        *(("W1 TU #5", []), ("W1 TU TH #0", []), ("D2 #3", []), ("YD1 100 #0", [])),
    ],
)
def test_doubts(text, why):
    assert list(doubts(text, from_vcal(text, START), START)) == why


@pytest.mark.parametrize("text", ["M1 19991231T000000", "M1 #0"])
def test_minutes_are_no_months(text):
    why = "expected a rule of days, found M1, which is minutes"
    with pytest.raises(SourceError) as caught:
        from_vcal(text, START)
    assert str(caught.value) == why

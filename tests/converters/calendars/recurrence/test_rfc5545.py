"""RRULE of iCalendar, and the same rule in vCalendar 1.0."""

from datetime import datetime, time
from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from converters.calendars.recurrence import (
    from_ical,
    from_vcal,
    occurrences,
    rfc5545,
    to_ical,
    to_vcal,
)
from converters.calendars.recurrence.rule import WEEKDAYS
from converters.errors import SourceError

START = datetime(1997, 9, 2, 9)  # noqa: DTZ001 - wall clock; RFC 5545's examples begin here


def said(text, start=START):
    return to_vcal(from_ical(text, start.time()), start)


# Every form of vCalendar 1.0, and the same rule in iCalendar.

FORMS = [
    ("D2 #10", "FREQ=DAILY;INTERVAL=2;COUNT=10"),
    (
        "D1 0600 1200 19970904T060000",
        "FREQ=DAILY;UNTIL=19970904T060000;BYHOUR=6,12;BYMINUTE=0",
    ),
    ("D1 0600 1230 #0", "FREQ=DAILY;BYHOUR=6,12;BYMINUTE=0,30;BYSETPOS=1,4"),
    ("W1 MO TU #0", "FREQ=WEEKLY;BYDAY=MO,TU"),
    ("W2 #0", "FREQ=WEEKLY;INTERVAL=2"),
    ("W2 FR 20251231T000000", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20251231T000000;BYDAY=FR"),
    ("W2 FR 20251231T000000Z", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20251231T000000Z;BYDAY=FR"),
    ("MP1 2+ MO #12", "FREQ=MONTHLY;COUNT=12;BYDAY=2MO"),
    ("MP2 1+ 1- FR #0", "FREQ=MONTHLY;INTERVAL=2;BYDAY=1FR,-1FR"),
    ("MP1 1+ MO 2+ TU #0", "FREQ=MONTHLY;BYDAY=1MO,2TU"),
    ("MP1 4+ MO TU WE #0", "FREQ=MONTHLY;BYDAY=4MO,4TU,4WE"),
    ("MD1 1 15 #0", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
    ("MD1 2- #0", "FREQ=MONTHLY;BYMONTHDAY=-2"),
    ("MD1 LD #0", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("YM1 6 7 #0", "FREQ=YEARLY;BYMONTH=6,7"),
    ("YD1 100 #0", "FREQ=YEARLY;BYYEARDAY=100"),
    ("YD3 1 100 200 #0", "FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,200"),
]


@pytest.mark.parametrize(("vcal", "ical"), FORMS)
def test_both_ways(vcal, ical):
    assert said(ical) == vcal
    assert to_ical(from_vcal(vcal)) == ical


# The examples of RFC 5545, 3.8.5.3, from 2 September 1997, 9:00.


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;COUNT=10", "D1 #10"),
        ("FREQ=DAILY;UNTIL=19971224", "D1 19971224T000000"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "W1 MO TU WE TH FR #0"),
        ("FREQ=DAILY;BYHOUR=9;BYMINUTE=0", "D1 #0"),
        ("FREQ=WEEKLY;COUNT=10", "W1 #10"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "W2 #0"),
        ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "W1 TU TH 19971002T090000"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "W2 TU TH 19971016T090000"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "W2 TU SU 19970921T090000"),
        ("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "MP1 1+ FR #10"),
        ("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "MP2 1+ 1- SU 19980531T090000"),
        ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "MP1 2- MO #6"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", "MP1 1- MO #0"),
        ("FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11", "MD18 10 11 20030911T090000"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "MP2 1+ 2+ 3+ 4+ 5+ TU #0"),
        ("FREQ=MONTHLY", "MD1 2 #0"),
        ("FREQ=MONTHLY;BYMONTH=6,7", "YM1 6 7 #0"),
        ("FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "YM1 6 7 20020702T090000"),
        ("FREQ=YEARLY", "YM1 9 #0"),
        ("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2", "YM1 9 #0"),
        ("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=3", "MD12 3 #0"),
        ("FREQ=YEARLY;BYMONTH=9;BYDAY=1MO;INTERVAL=2", "MP24 1+ MO #0"),
        ("FREQ=YEARLY;BYMONTHDAY=1", "MD1 1 #0"),
        ("RSCALE=GREGORIAN;SKIP=OMIT;FREQ=MONTHLY", "MD1 2 #0"),
    ],
)
def test_rules(rule, expected):
    assert said(rule) == expected


EVERY_DAY = "BYDAY=SU,MO,TU,WE,TH,FR,SA"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (f"FREQ=MONTHLY;{EVERY_DAY};BYSETPOS=-1", "MD1 LD #0"),
        (f"FREQ=MONTHLY;{EVERY_DAY};BYSETPOS=1", "MD1 1 #0"),
        (f"FREQ=MONTHLY;{EVERY_DAY};BYSETPOS=-2;INTERVAL=3", "MD3 2- #0"),
        (f"FREQ=MONTHLY;{EVERY_DAY};BYSETPOS=1,-1", "MD1 LD 1 #0"),
        (f"FREQ=YEARLY;BYMONTH=9;{EVERY_DAY};BYSETPOS=-1", "MD12 LD #0"),
        (f"FREQ=YEARLY;BYMONTH=9;{EVERY_DAY};BYSETPOS=1", "MD12 1 #0"),
        (f"FREQ=YEARLY;BYMONTH=3,6,9;{EVERY_DAY};BYSETPOS=-1", "MD12 LD #0"),
        ("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=-1", "MD12 LD #0"),
        ("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "MD1 LD #0"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;BYSETPOS=1", "MD1 LD #0"),
        (f"FREQ=MONTHLY;{EVERY_DAY};BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "MD1 LD #0"),
        (f"FREQ=MONTHLY;{EVERY_DAY};BYMONTHDAY=-1", "MD1 LD #0"),
        (f"FREQ=MONTHLY;BYMONTH=9;{EVERY_DAY};BYSETPOS=-1", "MD12 LD #0"),
        ("FREQ=MONTHLY;BYMONTH=9", "YM1 9 #0"),
        ("FREQ=DAILY;BYMONTHDAY=-1", "MD1 LD #0"),
        (f"FREQ=WEEKLY;{EVERY_DAY};COUNT=5", "D1 #5"),
        (f"FREQ=DAILY;{EVERY_DAY};INTERVAL=2", "D2 #0"),
        ("FREQ=WEEKLY;BYDAY=TU;BYSETPOS=-1", "W1 TU #0"),
        ("FREQ=MONTHLY;BYMONTHDAY=29,30,31;BYSETPOS=-1", None),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", None),
        ("FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=-1", None),
    ],
)
def test_last_and_first_days(rule, expected):
    assert said(rule) == expected


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=WEEKLY;COUNT=5;BYDAY=MO,WE,FR", "19970901", "W1 MO WE FR 19970910T090000"),
        ("FREQ=WEEKLY;COUNT=5;BYDAY=MO", "19970901", "W1 MO #5"),
        ("FREQ=WEEKLY;COUNT=5;BYDAY=FR", "19970902", "W1 FR #5"),
        ("FREQ=WEEKLY;COUNT=5;BYDAY=MO", "19970902", "W1 MO 19971006T090000"),
        ("FREQ=DAILY;COUNT=6;BYDAY=MO,TU,WE", "19970901", "W1 MO TU WE 19970910T090000"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=1,15", "19970901", "MD1 1 15 19971001T090000"),
        ("FREQ=MONTHLY;COUNT=3", "19970131", "MD1 31 19970531T090000"),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=-1", "19970131", "MD1 LD #3"),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=5MO", "19970929", "MP1 5+ MO 19980330T090000"),
        ("FREQ=YEARLY;COUNT=3", "19960229", "YM1 2 20040229T090000"),
        ("FREQ=YEARLY;COUNT=3;BYMONTH=9,10", "19970902", "YM1 9 10 19980902T090000"),
        ("FREQ=YEARLY;COUNT=3", "19970902", "YM1 9 #3"),
    ],
)
def test_a_count_is_written_only_if_it_has_one_meaning(rule, start, expected):
    assert said(rule, datetime.strptime(f"{start}0900", "%Y%m%d%H%M")) == expected  # noqa: DTZ007


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=HOURLY;INTERVAL=4;COUNT=3", ["0209:00", "0213:00", "0217:00"]),
        ("FREQ=HOURLY;BYHOUR=9,10;BYMINUTE=0,30", ["0209:00", "0209:30", "0210:00"]),
        ("FREQ=MINUTELY;INTERVAL=90;UNTIL=19970902T120000", ["0209:00", "0210:30", "0212:00"]),
        ("FREQ=MINUTELY;BYHOUR=8;BYMINUTE=15", ["0308:15", "0408:15", "0508:15"]),
        ("FREQ=SECONDLY;INTERVAL=43200;COUNT=3", ["0209:00", "0221:00", "0309:00"]),
        ("FREQ=HOURLY;BYDAY=TH;INTERVAL=7;COUNT=3", ["0403:00", "0410:00", "0417:00"]),
        ("FREQ=SECONDLY;BYMONTHDAY=31;BYMONTH=2", []),
    ],
)
def test_rules_within_the_day(rule, expected):
    found = islice(occurrences(from_ical(rule, START.time()), START), 3)
    assert [moment.strftime("%d%H:%M") for moment in found] == expected
    assert said(rule) is None


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "FREQ=WEEKLY;BYHOUR=8,9",
        "FREQ=DAILY;BYHOUR=8,9;BYSECOND=30",
        "FREQ=DAILY;BYMONTH=1",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=1",
        "FREQ=YEARLY;BYYEARDAY=-1",
        "FREQ=YEARLY;INTERVAL=84;BYMONTH=9;BYDAY=1MO",
    ],
)
def test_rules_that_cannot_be_said(rule):
    assert said(rule) is None


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=SOMETIMES", "expected a recurrence rule, found 'FREQ=SOMETIMES'"),
        (
            "COUNT=3",
            "expected one of HOURLY, MINUTELY, SECONDLY, DAILY, WEEKLY, MONTHLY, YEARLY, found ''",
        ),
        ("FREQ=HOURLY;BYDAY=1MO", "expected weekdays without a position, found HOURLY"),
        ("FREQ=DAILY;COUNT=0", "expected COUNT in 1..99999, found 0"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "expected BYMONTHDAY in 1..31, found 32"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "expected BYMONTHDAY in 1..31, found 0"),
        ("FREQ=YEARLY;BYMONTH=5L", "expected BYMONTH in 1..12, found 5L"),
        ("FREQ=DAILY;BYDAY=1MO", "expected weekdays without a position, found DAILY"),
        ("FREQ=MONTHLY;BYDAY=0MO", "expected weekdays in the rule, found '0MO'"),
        ("FREQ=DAILY;X-PART=1", "expected parts of a rule, found 'X-PART'"),
        ("FREQ=DAILY;UNTIL=130000", "expected a date or time in UNTIL, found 13:00:00"),
        ("RSCALE=HEBREW;FREQ=YEARLY", "expected the Gregorian calendar, found another"),
        ("FREQ=YEARLY;SKIP=FORWARD", "expected the Gregorian calendar, found another"),
        (
            "FREQ=DAILY;BYSETPOS=2",
            "expected a rule with dates, found one without",
        ),
        (
            "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5",
            "expected at most 24 times a day, found 25",
        ),
    ],
)
def test_damaged_rules(rule, why):
    with pytest.raises(SourceError) as caught:
        from_ical(rule, time(9))
    assert str(caught.value) == why


PARTS = st.sampled_from(
    ["FREQ", "COUNT", "UNTIL", "BYDAY", "BYSETPOS", "BYWEEKNO", "WKST", "BYHOUR"]
)


@given(st.lists(st.tuples(PARTS, st.text("0123456789,-+MOYEARLYDI", max_size=8)), max_size=4))
def test_any_parts(parts):
    try:
        rule = from_ical("FREQ=YEARLY;" + ";".join(f"{k}={v}" for k, v in parts), time(9))
    except SourceError:
        return
    list(islice(occurrences(rule, START), 5))
    to_vcal(rule, START)


# --- Rules that are read without icalendar -------------------------------------------------------

_SIGNED = st.integers(-60, 60)
_DAYS = st.builds(
    "{}{}".format, st.sampled_from(("", "1", "-1", "-5", "+1", "6", "0")), st.sampled_from(WEEKDAYS)
)
_PARTS = {
    "FREQ": st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "daily")),
    "INTERVAL": st.integers(0, 99),
    "COUNT": st.integers(-1, 100_001),
    "WKST": st.sampled_from(("MO", "SU", "XX")),
    "UNTIL": st.sampled_from(
        ("20240229", "20230229", "20240715T120000Z", "20240715T120000", "20240715T250000", "2024")
    ),
    "BYDAY": st.lists(_DAYS, min_size=1, max_size=3).map(",".join),
    "X": st.just("1"),
} | {
    name: st.lists(_SIGNED, min_size=1, max_size=3).map(lambda found: ",".join(map(str, found)))
    for name in ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS", "BYHOUR")
}


@st.composite
def rules(draw):
    names = draw(st.lists(st.sampled_from(sorted(_PARTS)), max_size=5))
    return ";".join(f"{name}={draw(_PARTS[name])}" for name in ("FREQ", *names))


def outcome(text):
    try:
        return from_ical(text, time(9))
    except SourceError as error:
        return str(error)


@given(rules())
@example("FREQ=WEEKLY;BYDAY=MO;UNTIL=20240715T120000Z")
@example("FREQ=YEARLY;UNTIL=20240229;BYMONTH=2")
@example("FREQ=YEARLY;UNTIL=20230229")
@example("FREQ=DAILY;COUNT=3;COUNT=4")
def test_a_plain_rule_is_read_as_icalendar_reads_it(text):
    ours = outcome(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rfc5545, "_plain_parts", lambda _text: None)
        assert ours == outcome(text)


def test_a_plain_rule_needs_no_library(monkeypatch):
    monkeypatch.setattr(rfc5545, "_library_parts", None)
    assert from_ical("FREQ=WEEKLY;BYDAY=MO;UNTIL=20240715T120000Z", time(9)).weekdays == ((0, 0),)

"""Rules both ways, and the dates they give: ours, dateutil's, and those of a small 1.0 expander."""

import random
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from converters.calendars.recurrence import (
    MOST_DAYS,
    WEEKDAYS,
    Rule,
    from_ical,
    from_vcal,
    occurrences,
    only_one_end,
    stamp,
    to_ical,
    to_vcal,
)
from converters.errors import SourceError

START = datetime(1997, 9, 2, 9)  # noqa: DTZ001 - wall clock; RFC 5545's examples begin here
COUNT = 10_000


def said(text, start=START):
    return to_vcal(from_ical(text, start.time()), start)


# Every form of vCalendar 1.0, and the same rule in iCalendar.

FORMS = [
    ("D2 #10", "FREQ=DAILY;INTERVAL=2;COUNT=10"),
    ("D1 0600 1200 #5", "FREQ=DAILY;COUNT=5;BYHOUR=6,12;BYMINUTE=0"),
    ("D1 0600 1230 #5", "FREQ=DAILY;COUNT=5;BYHOUR=6,12;BYMINUTE=0,30;BYSETPOS=1,4"),
    ("W1 MO TU #0", "FREQ=WEEKLY;BYDAY=MO,TU"),
    ("W2 #0", "FREQ=WEEKLY;INTERVAL=2"),
    ("W2 FR 20251231T000000", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20251231T000000;BYDAY=FR"),
    ("W2 FR 20251231T000000Z", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20251231T000000Z;BYDAY=FR"),
    ("MP1 1+ MO #12", "FREQ=MONTHLY;COUNT=12;BYDAY=1MO"),
    ("MP2 1+ 1- FR #3", "FREQ=MONTHLY;INTERVAL=2;COUNT=3;BYDAY=1FR,-1FR"),
    ("MP1 1+ MO 2+ TU #3", "FREQ=MONTHLY;COUNT=3;BYDAY=1MO,2TU"),
    ("MP1 4+ MO TU WE #4", "FREQ=MONTHLY;COUNT=4;BYDAY=4MO,4TU,4WE"),
    ("MD1 1 15 #0", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
    ("MD1 2- #0", "FREQ=MONTHLY;BYMONTHDAY=-2"),
    ("MD1 LD #0", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("YM1 6 7 #0", "FREQ=YEARLY;BYMONTH=6,7"),
    ("YD1 100 #0", "FREQ=YEARLY;BYYEARDAY=100"),
    ("YD3 1 100 200 #10", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200"),
]


@pytest.mark.parametrize(("vcal", "ical"), FORMS)
def test_both_ways(vcal, ical):
    assert said(ical) == vcal
    assert to_ical(from_vcal(vcal)) == ical


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
    ("end", "expected"),
    [
        ("#5 19970904T090000", "FREQ=DAILY;UNTIL=19970904T090000"),
        ("#5 19980904T090000", "FREQ=DAILY;COUNT=5"),
        ("#5", "FREQ=DAILY;COUNT=5"),
    ],
)
def test_of_two_ends_the_earlier_counts(end, expected):
    assert to_ical(only_one_end(from_vcal(f"D1 {end}"), START)) == expected


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
        ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "W1 TU TH #10"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "W2 TU TH #8"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "W2 TU SU #4"),
        ("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "MP1 1+ FR #10"),
        ("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "MP2 1+ 1- SU #10"),
        ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "MP1 2- MO #6"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", "MP1 1- MO #0"),
        ("FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11", "MD18 10 11 #10"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=TU", "MP2 1+ 2+ 3+ 4+ 5+ TU #0"),
        ("FREQ=MONTHLY", "MD1 2 #0"),
        ("FREQ=MONTHLY;BYMONTH=6,7", "YM1 6 7 #0"),
        ("FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "YM1 6 7 #10"),
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
        ("COUNT=3", "expected one of DAILY, WEEKLY, MONTHLY, YEARLY, found ''"),
        ("FREQ=SECONDLY", "phones repeat by the day at most, not SECONDLY"),
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
            "expected a rule that holds at some time, found one that never does",
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


# Dates: an expander of 1.0's rules that shares no code with ours, straight from the grammar.


def vcal_dates(text, start, horizon):
    """Dates of a 1.0 rule: walk the days one by one and ask each whether the rule names it."""
    head, *words = text.split()
    letters, interval = head.rstrip("0123456789"), int(head.lstrip("DWMPY"))
    count, until = 0, horizon
    while words and (words[-1][0] == "#" or len(words[-1]) > 8):
        last = words.pop()
        if last[0] == "#":
            count = int(last[1:])
        else:
            until = min(until, datetime.strptime(last, "%Y%m%dT%H%M%S"))  # noqa: DTZ007 - wall clock
    clocks = [time(int(w[:2]), int(w[2:])) for w in words] if letters == "D" else []
    found = []
    day = start.date()
    while day <= until.date():
        if _named(letters, interval, words, day, start.date()):
            moments = [datetime.combine(day, clock) for clock in clocks or [start.time()]]
            found += [moment for moment in moments if start <= moment <= until]
        day += timedelta(days=1)
    return found[:count] if count else found


def _named(letters, interval, words, day, start):  # noqa: PLR0911 - a line for each form
    months = (day.year - start.year) * 12 + day.month - start.month
    from_end = monthrange(day.year, day.month)[1] - day.day + 1
    if letters == "D":
        return (day - start).days % interval == 0
    if letters == "W":
        monday, first = (d - timedelta(days=d.weekday()) for d in (day, start))
        names = words or [WEEKDAYS[start.weekday()]]
        return (monday - first).days // 7 % interval == 0 and WEEKDAYS[day.weekday()] in names
    if letters == "MD":
        days = {str(day.day), f"{from_end}-", *(["LD"] if from_end == 1 else [])}
        return months % interval == 0 and bool(days & set(words or [str(start.day)]))
    if letters == "MP":
        places = {f"{(day.day + 6) // 7}+", f"{(from_end + 6) // 7}-"}
        return months % interval == 0 and _at(places, WEEKDAYS[day.weekday()], words)
    if (day.year - start.year) % interval:
        return False
    if letters == "YD":
        return str(day.timetuple().tm_yday) in words
    return str(day.month) in (words or [str(start.month)]) and day.day == start.day


def _at(places, weekday, words):
    current, named = set(), False
    for word, before in zip(words, ["MO", *words], strict=False):
        if word in WEEKDAYS:
            named |= word == weekday and bool(current & places)
        else:
            current = {word} | (set() if before in WEEKDAYS else current)
    return named


def generated(rnd):
    """A rule of iCalendar of the forms that calendars write, and a start."""
    start = datetime(rnd.randint(1990, 2035), rnd.randint(1, 12), rnd.randint(1, 28)) + timedelta(  # noqa: DTZ001 - wall clock
        days=rnd.randint(0, 3), minutes=rnd.randint(0, 1439)
    )

    def some(low, high, most=3):
        return ",".join(str(rnd.randint(low, high)) for _ in range(rnd.randint(1, most)))

    def days():
        return ",".join(rnd.sample(WEEKDAYS, rnd.randint(1, 4)))

    def placed():
        return ",".join(
            f"{rnd.choice((1, 2, 3, 4, 5, -1, -2))}{rnd.choice(WEEKDAYS)}" for _ in "ab"
        )

    frequency, parts = rnd.choice(
        [
            ("DAILY", ""),
            ("DAILY", f";BYDAY={days()}"),
            ("DAILY", f";BYHOUR={some(0, 23)};BYMINUTE={some(0, 59, 2)};BYSECOND=0"),
            ("WEEKLY", ""),
            ("WEEKLY", f";BYDAY={days()};WKST={rnd.choice(WEEKDAYS)}"),
            ("MONTHLY", ""),
            ("MONTHLY", f";BYMONTHDAY={some(1, 31)}"),
            ("MONTHLY", f";BYMONTHDAY={some(-31, -1)}"),
            ("MONTHLY", f";BYDAY={placed()}"),
            ("MONTHLY", f";BYDAY={days()}"),
            ("MONTHLY", f";BYDAY={rnd.choice(WEEKDAYS)};BYSETPOS={rnd.choice((1, 2, -1))}"),
            ("YEARLY", ""),
            ("YEARLY", f";BYMONTH={some(1, 12)}"),
            ("YEARLY", f";BYMONTH={start.month};BYMONTHDAY={some(1, 31)}"),
            ("YEARLY", f";BYMONTH={start.month};BYDAY={placed()}"),
            ("YEARLY", f";BYYEARDAY={some(1, 366)}"),
        ]
    )
    interval = rnd.choice(("", "", ";INTERVAL=2", ";INTERVAL=3"))
    until = start + timedelta(days=rnd.randint(0, 2000))
    end = rnd.choice(("", f";COUNT={rnd.randint(1, 40)}", f";UNTIL={stamp(until)}"))
    return f"FREQ={frequency}{interval}{parts}{end}", start


def compare(number):
    """Whether that generated rule could be said, after its dates were held against dateutil's."""
    text, start = generated(random.Random(number))
    words = said(text, start)
    if words is None:
        return False
    horizon = start + timedelta(days=1500)
    expected = rrulestr(text, dtstart=start).between(start, horizon, inc=True)
    assert vcal_dates(words, start, horizon) == expected, (text, start, words)
    back = to_ical(only_one_end(from_vcal(words), start))
    again = rrulestr(back, dtstart=start).between(start, horizon, inc=True)
    assert again == expected, (text, start, words, back)
    return True


def test_dates_of_both_rules_are_the_same():
    # All 10,000 (COUNT) take a minute; they were run, and `python -m` of this file runs them.
    assert sum(map(compare, range(0, COUNT, 20))) > COUNT / 20 * 0.6


def any_rule(rnd):
    """Rules of all kinds, those beyond 1.0 above all."""
    start = datetime(rnd.randint(1990, 2035), rnd.randint(1, 12), rnd.randint(1, 28), 9, 30)  # noqa: DTZ001 - wall clock
    number = rnd.choice
    parts = {
        "BYMONTH": number(("1", "3,11", "2")),
        "BYMONTHDAY": number(("13", "-1,1", "8,9,10,11,12,13,14")),
        "BYDAY": number(("FR", "MO,TU,WE,TH,FR", "SU,TU")),
        "BYYEARDAY": number(("1,100", "-1", "60,366")),
        "BYSETPOS": number(("1", "-1", "2,-2")),
        "BYHOUR": number(("8", "8,17")),
        "INTERVAL": number(("2", "3")),
        "WKST": number(WEEKDAYS),
    }
    frequency = number(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
    chosen = {name: parts[name] for name in rnd.sample(sorted(parts), rnd.randint(0, 3))}
    if frequency == "YEARLY" and rnd.random() < 0.3:
        chosen |= {"BYWEEKNO": number(("20", "1", "53,-1")), "BYDAY": "MO"}
    if set(chosen) <= {"BYSETPOS", "INTERVAL", "WKST", "BYHOUR"}:
        chosen.pop("BYSETPOS", None)
    return ";".join((f"FREQ={frequency}", *(f"{n}={v}" for n, v in chosen.items()))), start


def test_our_dates_are_dateutils():
    for number in range(400):
        text, start = any_rule(random.Random(number))
        horizon = start + timedelta(days=1500)
        try:
            found = islice(occurrences(from_ical(text, start.time()), start), 99)
        except SourceError:
            continue
        ours = [moment for moment in found if moment <= horizon]
        if not ours:
            continue  # dateutil would look for it until the year 9999
        rule = rrulestr(text, dtstart=start)
        theirs = []
        for moment in rule.xafter(start, count=99, inc=True):
            if moment > horizon:
                break
            theirs.append(moment)
        assert ours == theirs, (text, start)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=DAILY;INTERVAL=999999;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=YEARLY;BYMONTH=1;BYDAY=MO;BYSETPOS=300",
    ],
)
def test_a_rule_without_dates_ends(text):
    assert list(occurrences(from_ical(text, time()), START)) == []


def test_a_rule_without_an_end_ends():
    assert len(list(occurrences(Rule(frequency="DAILY"), START))) == MOST_DAYS


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


def test_stamps():
    assert stamp(datetime(2024, 5, 20, 13, tzinfo=UTC)) == "20240520T130000Z"
    assert stamp(date(2024, 5, 20)) == "20240520T000000"


if __name__ == "__main__":
    print(sum(map(compare, range(COUNT))), "of", COUNT, "said in 1.0, dates equal to dateutil's")  # noqa: T201 - run by hand

import random
from calendar import monthrange
from datetime import datetime, time, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr

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

START = datetime(1997, 9, 2, 9)  # noqa: DTZ001 - wall clock; the examples of RFC 5545 begin here


def said(text, start=START):
    return to_vcal(from_ical(text, start.time()), start)


"""Rules both ways, and the dates they give: ours, dateutil's, and those of a small 1.0 expander."""

COUNT = 10_000


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


# An expander of 1.0's rules that shares no code with ours, straight from the grammar.


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


if __name__ == "__main__":
    print(sum(map(compare, range(COUNT))), "of", COUNT, "said in 1.0, dates equal to dateutil's")  # noqa: T201 - run by hand

import pytest
from calendarcases import read_all, read_one, written


def clocks(found):
    return [event.start.strftime("%Y%m%dT%H%M") for event, _losses in found]


ZONED = "DTSTART;TZID=America/New_York:19970902T090000"


def recurring(rule, start=ZONED):
    event, losses = read_one("SUMMARY:x", start, f"RRULE:{rule}")
    return event.rule, losses


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=DAILY;COUNT=0", "expected COUNT in 1..99999, found 0"),
        ("FREQ=OFTEN", "expected a recurrence rule, found 'FREQ=OFTEN'"),
        ("now and then", "expected a recurrence rule, found 'NOW AND THEN'"),
    ],
)
def test_damaged_rules(rule, why):
    assert recurring(rule) == ("", [f"line 6: RRULE left out: {why}"])


@pytest.mark.parametrize(
    "rule", ["d1 #5", "W2  FR 20251231T000000", "MP2 1+ 1- FR #0", "MD1 LD #0", "YM1 9"]
)
def test_rules_of_1_0_pass(rule):
    passed = {"YM1 9": "YM1 9 #2"}.get(rule, " ".join(rule.upper().split()))
    assert recurring(rule) == (passed, [])


def test_a_rule_that_cannot_be_said_becomes_single_events():
    lines = ("DTSTART:20240101T090000", "DTEND:20240101T100000", "AALARM:20240101T084500")
    found = read_all("SUMMARY:x", *lines, "RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3")
    assert clocks(found) == ["20240101T0900", "20240913T0900", "20241213T0900", "20250613T0900"]
    assert [event.end.isoformat()[5:] for event, _ in found[:2]] == [
        "01-01T10:00:00",
        "09-13T10:00:00",
    ]
    assert [event.alarm.hour for event, _ in found] == [8] * 4
    assert [losses for _event, losses in found] == [
        ["line 8: RRULE expanded: vCalendar 1.0 has no such rule; sent as 4 single events"],
        *([[]] * 3),
    ]


def test_expansion_is_capped_and_minds_exceptions():
    lines = ("DTSTART:20240102T090000", "RDATE:20240103T120000", "EXDATE:20240116T090000")
    found = read_all("SUMMARY:x", *lines, "RRULE:FREQ=DAILY;INTERVAL=2;BYDAY=TU", expand=4)
    assert clocks(found) == ["20240102T0900", "20240103T1200", "20240130T0900", "20240213T0900"]
    assert found[0][1] == [
        "line 8: RRULE cut: vCalendar 1.0 has no such rule; only the first 4 events are sent"
    ]


def test_other_dates_beside_a_rule():
    found = read_all("DTSTART:20240101", "RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:20240102,20240104")
    assert clocks(found) == ["20240101T0000", "20240102T0000", "20240104T0000"]
    assert [event.rule for event, _ in found] == ["W1 #3", "", ""]
    assert found[0][1] == [
        "line 6: RDATE expanded: phones repeat only by a rule; sent as 2 single events"
    ]


def test_a_rule_whose_only_date_is_excepted():
    lines = ("DTSTART:20240101T090000", "EXDATE:20240101T090000")
    ((event, losses),) = read_all(*lines, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    why = "vCalendar 1.0 has no such rule; only the first event is sent"
    assert losses == [f"line 6: RRULE cut: {why}"]
    assert event.start.year == 2024  # an event that never is: the start is all that is known


def test_until_follows_the_form_of_the_start():
    rule = "FREQ=DAILY;UNTIL=19971224T000000Z"
    assert recurring(rule, "DTSTART:19970902T090000Z")[0] == "D1 19971224T000000Z"
    assert recurring("FREQ=DAILY;UNTIL=19971224", "DTSTART:19970902")[0] == "D1 19971224T000000"


def in_paris(start, rule, *more):
    found = read_all(start, f"RRULE:{rule}", *more, tz="Europe/Paris")
    return [(*written(event), *losses) for event, losses in found]


def test_rules_in_another_zone():
    tokyo, utc = "DTSTART;TZID=Asia/Tokyo:20240108T013000", "DTSTART:20240108T233000Z"
    # Monday in Tokyo is Sunday here, Monday's evening in UTC is Tuesday.
    assert in_paris(
        tokyo, "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "EXDATE;TZID=Asia/Tokyo:20240115T013000"
    ) == [("DTSTART:20240107T173000", "RRULE:W1 SU #3", "EXDATE:20240114T173000")]
    why = "in Europe/Paris some dates are at another hour than the first"
    assert in_paris(utc, "FREQ=WEEKLY;BYDAY=MO") == [
        ("DTSTART:20240109T003000", "RRULE:W1 TU #0", f"line 5: RRULE rounded: {why}")
    ]
    assert in_paris("DTSTART;TZID=Europe/Berlin:20240108T100000", "FREQ=MONTHLY;BYDAY=2MO") == [
        ("DTSTART:20240108T100000", "RRULE:MP1 2+ MO #0")
    ]
    assert in_paris("DTSTART:20240108", "FREQ=DAILY;UNTIL=20240110") == [
        ("DTSTART:20240108T000000", "RRULE:D1 20240110T000000")
    ]
    # The first Monday in Tokyo is no first weekday here.
    assert [line for line, *_ in in_paris(tokyo, "FREQ=MONTHLY;BYDAY=2MO;COUNT=2")] == [
        "DTSTART:20240107T173000",
        "DTSTART:20240211T173000",
    ]


def test_until_follows_the_zone():
    assert in_paris("DTSTART:20240108T120000Z", "FREQ=DAILY;UNTIL=20240110T120000Z") == [
        ("DTSTART:20240108T130000", "RRULE:D1 20240110T130000")
    ]


PERIODS = "RDATE;VALUE=PERIOD:20240102T090000/20240102T120000,20240103T090000/PT15M"


def spans(found):
    return [(event.start.strftime("%dT%H%M"), event.end.strftime("%dT%H%M")) for event, _ in found]


def test_periods_have_their_own_ends():
    found = read_all("DTSTART:20240101T090000", "DTEND:20240101T100000", PERIODS)
    assert spans(found) == [("01T0900", "01T1000"), ("02T0900", "02T1200"), ("03T0900", "03T0915")]
    lines = ("DTSTART:20240101T090000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;BYDAY=SA,SU;COUNT=2")
    found = read_all(*lines, PERIODS)
    assert spans(found)[:3] == [
        *(("01T0900", "01T1000"), ("02T0900", "02T1200"), ("03T0900", "03T0915")),
    ]


@pytest.mark.parametrize(
    ("dates", "why"),
    [
        (
            "20240102T090000/20240102T080000",
            "replaced: the end of a period is before its start; sent as long as the first event",
        ),
        ("20240102", "guessed: a date without a time; sent at the time of the start"),
    ],
)
def test_single_dates_that_are_told(dates, why):
    found = read_all("DTSTART:20240101T090000", "DURATION:PT1H", f"RDATE:{dates}")
    assert spans(found)[1] == ("02T0900", "02T1000")
    assert found[0][1][0] == f"line 6: RDATE {why}"


def test_a_period_at_the_time_of_the_first_event():
    lines = ("DTSTART:20240101T090000", "DURATION:PT1H", "RDATE:20240101T090000/PT3H")
    _event, losses = read_one(*lines)
    why = "a period with another end than the first event, at the same time"
    assert losses == [f"line 6: RDATE left out: {why}"]


def test_a_period_that_a_rule_has_too_takes_its_place():
    lines = ("DTSTART:20240101T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3")
    found = read_all(*lines, "RDATE:20240102T090000/PT3H,20240103T090000")
    assert spans(found) == [("01T0900", "01T1000"), ("02T0900", "02T1200")]
    assert [moment.day for moment in found[0][0].except_for] == [2]


def test_exceptions_of_single_dates():
    lines = ("DTSTART:20240101T090000", "RDATE:20240102T090000,20240103T090000")
    found = read_all(*lines, "EXDATE:20240102T090000")
    assert clocks(found) == ["20240101T0900", "20240103T0900"]
    found = read_all(*lines, "EXDATE:20240101T090000")
    assert clocks(found) == ["20240102T0900", "20240103T0900"]
    why = "phones repeat only by a rule; sent as 2 single events"
    assert found[0][1] == [f"line 5: RDATE expanded: {why}"]
    found = read_all(*lines, "RRULE:FREQ=WEEKLY", "EXDATE:20240102T090000")
    assert clocks(found) == ["20240101T0900", "20240103T0900"]


def test_exceptions_that_are_of_no_event():
    why = "no event of the series is at 20240103T120000"
    _event, losses = read_one(
        "DTSTART:20240101T090000", "RRULE:FREQ=DAILY", "EXDATE:20240102T090000,20240103T120000"
    )
    assert losses == [f"line 6: EXDATE ignored: {why}"]
    _event, losses = read_one("DTSTART:20240101T090000", "EXDATE:20240102T090000")
    assert losses == ["line 5: EXDATE left out: there is no rule that has 1 date of it"]


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;UNTIL=20231231", "FREQ=HOURLY;UNTIL=20240101T080000", "D1 20231231T090000"]
)
def test_a_rule_that_ends_before_the_start(rule):
    ((event, losses),) = read_all("DTSTART:20240101T090000", f"RRULE:{rule}")
    assert event.rule == ""
    assert losses == ["line 5: RRULE left out: it ends before the start; sent as one event"]


@pytest.mark.parametrize(
    ("rule", "count", "action"),
    [
        ("FREQ=HOURLY;INTERVAL=4;COUNT=6", 6, "expanded"),
        ("FREQ=MINUTELY;INTERVAL=20;COUNT=10", 10, "expanded"),
        ("FREQ=SECONDLY;INTERVAL=3600;UNTIL=20240101T120000", 4, "expanded"),
        ("D2 0900 #2 M15 #3", 6, "expanded"),
        ("D2 0900 #9 M15 #3", 10, "cut"),
        ("FREQ=HOURLY", 10, "cut"),
        ("FREQ=HOURLY;COUNT=11", 10, "cut"),
    ],
)
def test_rules_within_the_day_become_single_events(rule, count, action):
    found = read_all("DTSTART:20240101T090000", f"RRULE:{rule}")
    assert len(found) == count
    assert found[0][1][-1].startswith(f"line 5: RRULE {action}: vCalendar 1.0 has no such rule")


def test_a_count_of_several_dates_a_week_is_a_date_in_the_form_of_the_start():
    rule = "RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=MO,WE,FR"
    for start, end in (
        ("DTSTART:20240101T090000", "20240110T090000"),
        ("DTSTART:20240101T090000Z", "20240110T090000Z"),
        ("DTSTART;TZID=Europe/Paris:20240101T090000", "20240110T090000"),
        ("DTSTART;VALUE=DATE:20240101", "20240110T000000"),
    ):
        event, losses = read_one(start, rule)
        assert (event.rule, losses) == (f"W1 MO WE FR {end}", [])
    event, _losses = read_one("DTSTART:20240101T090000Z", rule, tz="Europe/Paris")
    assert event.rule == "W1 MO WE FR 20240110T100000"


def test_doubts_about_a_rule_of_1_0_are_told():
    event, losses = read_one("DTSTART:20240102T090000", "RRULE:W1 TU TH #2", version="1.0")
    assert event.rule == "W1 TU TH 20240111T090000"
    assert losses == ["line 5: RRULE guessed: '#2' may count dates or weeks; read as weeks"]

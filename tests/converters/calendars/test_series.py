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

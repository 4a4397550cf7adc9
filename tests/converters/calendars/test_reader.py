import pytest
from calendarcases import read_one, written

from converters.calendars.reader import read
from converters.calendars.vcalendar import write

CHANGED = b"""BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:a
SUMMARY:Every day
DTSTART;TZID=Europe/Paris:20240520T090000
RRULE:FREQ=DAILY;COUNT=5
EXDATE;TZID=Europe/Paris:20240521T090000
END:VEVENT
BEGIN:VEVENT
UID:a
SUMMARY:Later
RECURRENCE-ID:20240522T070000Z
DTSTART;TZID=Europe/Paris:20240522T110000
END:VEVENT
BEGIN:VEVENT
UID:a
SUMMARY:Off
STATUS:CANCELLED
RECURRENCE-ID;VALUE=DATE:20240523
DTSTART;TZID=Europe/Paris:20240523T090000
END:VEVENT
BEGIN:VEVENT
UID:b
SUMMARY:Moved with all that follow
RECURRENCE-ID;RANGE=THISANDFUTURE:20240522T070000Z
DTSTART:20240522T110000Z
END:VEVENT
END:VCALENDAR
"""


def test_changed_events_of_a_series():
    found = list(read(CHANGED))
    series, later, following = found
    assert write(series[0]).count(b"EXDATE:20240521T090000;20240522T090000;20240523T090000") == 1
    assert (later[0].summary, later[0].rule, later[1]) == ("Later", "", ())
    why = "only this event is changed, the rest of the series is not"
    assert [str(loss) for loss in following[1]] == [f"line 26: RECURRENCE-ID cut: {why}"]


def test_without_a_zone_to_write_in_each_time_keeps_its_clock():
    assert written(read_one("DTSTART;TZID=Asia/Tokyo:20240520T090000")[0]) == [
        "DTSTART:20240520T090000"
    ]
    assert written(read_one("DTSTART:20240520T090000Z")[0]) == ["DTSTART:20240520T090000Z"]
    assert written(read_one("DTSTART:20240520T090000")[0]) == ["DTSTART:20240520T090000"]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("DTSTART;TZID=Asia/Tokyo:20240520T090000", "DTSTART:20240520T020000"),
        ("DTSTART;TZID=Tokyo Standard Time:20240520T090000", "DTSTART:20240520T020000"),
        (
            "DTSTART;TZID=/mozilla.org/20070129_1/Asia/Tokyo:20240520T090000",
            "DTSTART:20240520T020000",
        ),
        ("DTSTART:20240520T090000Z", "DTSTART:20240520T110000"),
        ("DTSTART:20240520T090000+0900", "DTSTART:20240520T020000"),
        ("DTSTART:20240520T090000", "DTSTART:20240520T090000"),
        ("DTSTART;VALUE=DATE:20240520", "DTSTART:20240520T000000"),
    ],
)
def test_everything_in_one_zone(start, expected):
    event, losses = read_one(start, tz="Europe/Paris")
    assert (written(event), losses) == ([expected], [])


# Clocks in Paris: forward on 31 March 2024, 02:00 to 03:00; back on 27 October, 03:00 to 02:00.


@pytest.mark.parametrize(
    ("source", "tz", "expected"),
    [
        ("20240331T013000", "Europe/Paris", "20240331T0130"),
        ("20240331T023000", "Europe/Paris", "20240331T0330"),  # in the gap: forward
        ("20240331T033000", "Europe/Paris", "20240331T0330"),
        ("20240331T023000", "Europe/London", "20240331T0230"),
        ("20241027T023000", "Europe/Paris", "20241027T0230"),  # in the fold: the first
        ("20241027T023000", "UTC", "20241027T0030"),
        ("20241027T030000", "UTC", "20241027T0200"),
    ],
)
def test_gap_and_fold(source, tz, expected):
    event, losses = read_one(f"DTSTART;TZID=Europe/Paris:{source}", tz=tz)
    assert (event.start.strftime("%Y%m%dT%H%M"), event.start.tzinfo, losses) == (expected, None, [])


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("20240330T220000", "PT6H", "20240331T050000"),  # hours pass
        ("20240330T220000", "P1D", "20240331T220000"),  # days go by the clock
        ("20240330T220000", "P1DT1H", "20240331T230000"),
        ("20241026T220000", "PT6H", "20241027T030000"),
    ],
)
def test_across_the_change(start, duration, end):
    event, _losses = read_one(f"DTSTART;TZID=Europe/Paris:{start}", f"DURATION:{duration}")
    assert written(event) == [f"DTSTART:{start}", f"DTEND:{end}"]


def test_an_alarm_across_the_change():
    alarm = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:-PT3H", "END:VALARM")
    event, _losses = read_one("DTSTART;TZID=Europe/Paris:20240331T040000", *alarm)
    assert written(event)[1] == "AALARM:20240331T000000"


def test_a_zone_without_data():
    lines = ("DTSTART;TZID=Nowhere/Land:20240520T130000", "RRULE:FREQ=DAILY;UNTIL=20240601T120000Z")
    event, losses = read_one(*lines)
    assert written(event)[1] == "RRULE:D1 20240601T120000"
    lost = "line 4: TZID left out: the zone 'Nowhere/Land' is unknown; the local time is kept"
    assert losses == [lost]
    event, losses = read_one(lines[0], tz="Europe/Paris")
    assert (written(event), losses) == (["DTSTART:20240520T130000"], [lost])
    assert read_one(lines[0])[1] == []  # nobody asked


DEFINED = (
    *("BEGIN:VTIMEZONE", "TZID:Ours", "BEGIN:STANDARD", "DTSTART:16010101T030000"),
    *("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
    *("END:STANDARD", "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100"),
    *(
        "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "END:DAYLIGHT",
        "END:VTIMEZONE",
    ),
)


def test_a_zone_that_only_the_calendar_defines():
    event, losses = read_one("DTSTART;TZID=Ours:20240520T130000", around=DEFINED, tz="UTC")
    assert (written(event), losses) == (["DTSTART:20240520T110000"], [])


def test_a_broken_definition_costs_nothing_that_is_not_asked():
    broken = ("BEGIN:VTIMEZONE", "TZID:Ours", "BEGIN:STANDARD", "DTSTART:soon", "END:VTIMEZONE")
    assert read_one("DTSTART;TZID=Ours:20240520T130000", around=broken)[1] == []


def test_the_zone_of_a_vcalendar_1_0():
    around = ("TZ:+01", "DAYLIGHT:TRUE;+02;20240331T010000Z;20241027T010000Z;;")
    for start, expected in (("20240120T130000", "12"), ("20240520T130000", "11")):
        event, _ = read_one(f"DTSTART:{start}", around=around, version="1.0", tz="UTC")
        assert event.start.strftime("%H") == expected
    event, _ = read_one(
        "DTSTART:20240120T130000", "AALARM:20240120T113000Z", around=around, version="1.0"
    )
    assert written(event) == ["DTSTART:20240120T130000", "AALARM:20240120T123000"]


@pytest.mark.parametrize(
    ("lines", "category"),
    [
        ("DTSTART:20240520T130000", "REMINDER"),
        ("DTSTART:20240520", "MISCELLANEOUS"),
        ("DTSTART:20240520\nLOCATION:x", "MEETING"),
        ("DTSTART:20240520\nATTENDEE:x", "MEETING"),
        ("DTSTART:20240520\nCATEGORIES:Work\nCATEGORIES:x,call,Meeting", "PHONE CALL"),
        ("DTSTART:20240520\nCATEGORIES:Anniversary", "SPECIAL OCCASION"),
    ],
)
def test_categories(lines, category):
    ((event, _losses),) = read(f"BEGIN:VEVENT\n{lines}\nEND:VEVENT\n".encode())
    assert event.category == category


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ("DTSTART:soon", "line 3: DTSTART: expected a date or time, found 'soon'"),
        ("DTSTART:PT1H", "line 3: DTSTART: expected a date or time, found 'PT1H'"),
        ("DTSTART:", "line 1: DTSTART: expected the start of an event, found none"),
    ],
)
def test_an_event_without_a_start(start, why):
    ((error, _losses),) = read(f"BEGIN:VEVENT\nSUMMARY:x\n{start}\nEND:VEVENT\n".encode())
    assert str(error) == why

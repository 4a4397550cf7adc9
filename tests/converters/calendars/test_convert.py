from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT
from vectorfiles import judged

from converters.calendars.convert import (
    CATEGORIES,
    CONVERTER,
    MOST_EXCEPTIONS,
    VIEWER,
    convert,
    read,
    sniff,
    view,
)
from converters.calendars.vcalendar import Event, write
from converters.errors import SourceError
from smsenc import (
    MessageClass,
    Payload,
    Port,
    SmsencError,
    encode_text,
    split,
)

SETTINGS = CONVERTER.settings({})
VECTORS = ROOT / "tests" / "vectors" / "calendar"
SAMPLES = [ROOT / "samples" / name for name in ("meeting.ics", "appointment.vcs")]


def cases(folder):
    return judged("calendar", folder, *CONVERTER.suffixes)


def said(item):
    """An item as the vectors write it."""
    if item.error:
        return {"error": str(item.error)}
    lines = item.payload.data.decode("ascii").removesuffix("\r\n").split("\r\n")
    return {"lines": lines, "losses": [str(loss) for loss in item.losses]}


@pytest.mark.parametrize(("path", "expected"), cases("valid"))
def test_valid(path, expected):
    assert [said(item) for item in convert(path.read_bytes(), SETTINGS)] == expected["items"]


@pytest.mark.parametrize(("path", "expected"), cases("invalid"))
def test_invalid(path, expected):
    with pytest.raises(SourceError) as caught:
        list(convert(path.read_bytes(), SETTINGS))
    assert str(caught.value) == expected["error"]


def read_one(*lines, around=(), **options):
    """The one event of a calendar with these lines, and its losses as texts."""
    ((event, losses),) = read_all(*lines, around=around, **options)
    return event, losses


def read_all(*lines, around=(), name="VEVENT", version="2.0", **options):
    head = ["BEGIN:VCALENDAR", f"VERSION:{version}", *around]
    source = "\n".join([*head, f"BEGIN:{name}", *lines, f"END:{name}", "END:VCALENDAR", ""])
    return [
        (event, [str(loss) for loss in losses])
        for event, losses in read(source.encode(), **options)
    ]


def clocks(found):
    return [event.start.strftime("%Y%m%dT%H%M") for event, _losses in found]


# Series.

ZONED = "DTSTART;TZID=America/New_York:19970902T090000"


def recurring(rule, start=ZONED):
    event, losses = read_one("SUMMARY:x", start, f"RRULE:{rule}")
    return event.rule, losses


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=DAILY;COUNT=0", "expected COUNT in 1..99999, found 0"),
        ("FREQ=SECONDLY", "phones repeat by the day at most, not SECONDLY"),
        ("now and then", "expected a recurrence rule, found 'NOW AND THEN'"),
    ],
)
def test_damaged_rules(rule, why):
    assert recurring(rule) == ("", [f"line 6: RRULE left out: {why}"])


@pytest.mark.parametrize(
    "rule", ["d1 #5", "W2  FR 20251231T000000", "MP2 1+ 1- FR #3", "MD1 LD #0", "YM1 6"]
)
def test_rules_of_1_0_pass(rule):
    passed = {"YM1 6": "YM1 6 #2"}.get(rule, " ".join(rule.upper().split()))
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
        ["line 8: RRULE expanded: vCalendar 1.0 cannot say it; sent as 4 single events"],
        *([[]] * 3),
    ]


def test_expansion_is_capped_and_minds_exceptions():
    lines = ("DTSTART:20240102T090000", "RDATE:20240103T120000", "EXDATE:20240116T090000")
    found = read_all("SUMMARY:x", *lines, "RRULE:FREQ=DAILY;INTERVAL=2;BYDAY=TU", expand=4)
    assert clocks(found) == ["20240102T0900", "20240103T1200", "20240130T0900", "20240213T0900"]
    assert found[0][1] == [
        "line 8: RRULE cut: vCalendar 1.0 cannot say it; 4 events of more are sent"
    ]


def test_other_dates_beside_a_rule():
    found = read_all("DTSTART:20240101", "RRULE:FREQ=WEEKLY;COUNT=3", "RDATE:20240102,20240104")
    assert clocks(found) == ["20240101T0000", "20240102T0000", "20240104T0000"]
    assert [event.rule for event, _ in found] == ["W1 #3", "", ""]
    assert found[0][1] == [
        "line 6: RDATE expanded: phones repeat by rule alone; sent as 2 single events"
    ]


def test_a_rule_whose_only_date_is_excepted():
    lines = ("DTSTART:20240101T090000", "EXDATE:20240101T090000")
    ((event, losses),) = read_all(*lines, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    why = "vCalendar 1.0 cannot say it; one event of more is sent"
    assert losses == [f"line 6: RRULE cut: {why}"]
    assert event.start.year == 2024  # an event that never is: the start is all that is known


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
    series, later, cancelled, following = found
    assert write(series[0]).count(b"EXDATE:20240521T090000;20240522T090000;20240523T090000") == 1
    assert (later[0].summary, later[0].rule, later[1]) == ("Later", "", ())
    assert (
        str(cancelled[0]) == "line 16: expected an event that takes place, found STATUS:CANCELLED"
    )
    why = "this one event is changed, the others of the series stay"
    assert [str(loss) for loss in following[1]] == [f"line 26: RECURRENCE-ID cut: {why}"]


def test_until_follows_the_form_of_the_start():
    rule = "FREQ=DAILY;UNTIL=19971224T000000Z"
    assert recurring(rule, "DTSTART:19970902T090000Z")[0] == "D1 19971224T000000Z"
    assert recurring("FREQ=DAILY;UNTIL=19971224", "DTSTART:19970902")[0] == "D1 19971224T000000"


# The law: what is written comes back.


def normal(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


TEXTS = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.text(st.sampled_from(list("aB;,\\:=\n éЖ😀")), max_size=90)
).map(normal)
MOMENTS = st.datetimes(timezones=st.just(UTC) | st.none()).map(lambda m: m.replace(microsecond=0))
OPTIONAL = st.none() | MOMENTS
RULES = st.sampled_from(["", "D1 #0", "W2 MO FR #9", "MP1 1+ MO #12", "YM1 6 7 #2"])
COMMON = {
    "location": TEXTS,
    "description": TEXTS,
    "end": OPTIONAL,
}
ALARMS = OPTIONAL.flatmap(
    lambda moment: st.fixed_dictionaries(
        {"alarm": st.just(moment), "loud": st.booleans() if moment else st.just(value=True)}
    )
)
EVENTS = st.fixed_dictionaries(
    COMMON
    | {
        "summary": TEXTS,
        "start": MOMENTS,
        "category": st.sampled_from(sorted(set(CATEGORIES.values()))),
    }
)
TODOS = st.fixed_dictionaries(
    COMMON
    | {
        "name": st.just("VTODO"),
        "summary": TEXTS.filter(bool),
        "start": OPTIONAL,
        "category": st.sampled_from(["", "REMINDER"]),
        "priority": st.none() | st.integers(1, 3),
        "done": st.booleans(),
    }
)


SERIES = st.fixed_dictionaries(
    {"rule": RULES, "except_for": st.lists(MOMENTS, max_size=3, unique=True).map(tuple)}
)


@st.composite
def events(draw):
    fields = draw(EVENTS | TODOS) | draw(ALARMS)
    if fields["start"] or fields["end"]:
        fields |= draw(SERIES)
    return Event(**fields | ({} if fields.get("rule") else {"except_for": ()}))


@given(events())
def test_what_is_written_comes_back(event):
    octets = write(event)
    assert octets.isascii()
    assert list(read(octets)) == [(event, ())]
    assert view(Payload.to_port(Port.VCALENDAR, octets)).lines


@given(events())
def test_what_is_written_back_as_a_file_comes_again(event):
    payload = Payload.to_port(Port.VCALENDAR, write(event))
    for writer in VIEWER.writers:
        assert list(read(writer.write(payload))) == [(event, ())], writer.suffix


def test_files_laid_end_to_end_are_one():
    items = list(convert(SAMPLES[0].read_bytes(), SETTINGS))
    for writer in VIEWER.writers:
        assert writer.joins
        both = b"".join(writer.write(item.payload) for item in items)
        assert [item.payload for item in convert(both, SETTINGS)] == [i.payload for i in items]


def test_icalendar_reads_what_is_written_back():
    icalendar = pytest.importorskip("icalendar")
    (item,) = list(convert(SAMPLES[0].read_bytes(), SETTINGS))[:1]
    (event,) = icalendar.Calendar.from_ical(VIEWER.writers[0].write(item.payload)).events
    assert (event.start, event.end) == (datetime(2024, 5, 20, 13), datetime(2024, 5, 20, 14))  # noqa: DTZ001 - floating
    assert event["LOCATION"] == "Café, Room 1"
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20240715T130000;BYDAY=MO"
    assert event.alarms.times[0].trigger == datetime(2024, 5, 20, 12, 45)  # noqa: DTZ001 - floating
    assert event.errors == []


# Zones and clocks.


def written(event):
    return [
        line
        for line in write(event).decode().split("\r\n")
        if line[:2] in ("DT", "AA", "RR", "EX", "DU")
    ]


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
    lost = "line 4: TZID left out: the zone 'Nowhere/Land' is not known; the wall clock is kept"
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


def in_paris(start, rule, *more):
    found = read_all(start, f"RRULE:{rule}", *more, tz="Europe/Paris")
    return [(*written(event), *losses) for event, losses in found]


def test_rules_in_another_zone():
    tokyo, utc = "DTSTART;TZID=Asia/Tokyo:20240108T013000", "DTSTART:20240108T233000Z"
    # Monday in Tokyo is Sunday here, Monday's evening in UTC is Tuesday.
    assert in_paris(
        tokyo, "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "EXDATE;TZID=Asia/Tokyo:20240115T013000"
    ) == [("DTSTART:20240107T173000", "RRULE:W1 SU #3", "EXDATE:20240114T173000")]
    why = "in Europe/Paris some of its dates are at another hour than the first"
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


# What a message holds.


def options(**given):
    return CONVERTER.settings({name.replace("_", "-"): text for name, text in given.items()})


LONG = (
    b"BEGIN:VEVENT\nSUMMARY:Board\nDTSTART:20240520T130000\nDTEND:20240520T140000\n"
    b"RRULE:FREQ=WEEKLY\nLOCATION:Room 1\nDESCRIPTION:" + b"word " * 100 + b"\nEND:VEVENT\n"
)


def test_a_long_text_is_cut():
    (item,) = convert(LONG, SETTINGS)
    assert len(split(item.payload, reference=1)) == 3
    assert [str(loss) for loss in item.losses] == [
        "line 7: DESCRIPTION cut: the message holds at most 384 octets"
    ]
    assert b"word word...\r\n" in item.payload.data


def test_one_part_holds_what_matters():
    (item,) = convert(LONG, options(max_parts="1"))
    assert len(split(item.payload, reference=1)) == 1
    assert item.payload.data.split(b"\r\n")[3:-3] == [
        b"SUMMARY:Board",
        b"DTSTART:20240520T130000",
        b"RRULE:W1 #0",
    ]
    assert [loss.what for loss in item.losses] == ["DTEND", "LOCATION", "CATEGORIES", "DESCRIPTION"]


def test_strict_rejects_instead():
    (item,) = convert(LONG, options(strict="yes"))
    assert str(item.error).startswith("line 7: DESCRIPTION: expected at most ")
    item = next(convert(SAMPLES[1].read_bytes(), options(strict="yes")))
    assert item.error is None


def test_exceptions_are_cut_from_the_end():
    dates = ",".join(f"202405{day:02}" for day in range(1, 29))
    source = f"BEGIN:VEVENT\nDTSTART:20240501\nRRULE:FREQ=DAILY\nEXDATE:{dates}\nEND:VEVENT\n"
    (item,) = convert(source.encode(), SETTINGS)
    (line,) = [line for line in item.payload.data.split(b"\r\n") if line.startswith(b"EXDATE")]
    assert line.startswith(b"EXDATE:20240501T000000;20240502T000000;")
    assert len(line.split(b";")) == 16
    assert str(item.losses[0]) == "line 4: EXDATE cut: the message holds at most 384 octets"


def test_charsets():
    source = "BEGIN:VEVENT\nDTSTART:20240520T130000\nSUMMARY:Über Łódź\nEND:VEVENT\n".encode()
    (item,) = convert(source, options(charset="ascii"))
    assert b"SUMMARY:Uber Lodz\r\n" in item.payload.data
    assert (
        str(item.losses[0]) == "line 3: SUMMARY replaced: US-ASCII does not hold all of 'Über Łódź'"
    )


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("tz", "Mars/Base", "tz: expected a time zone such as Europe/Paris, found 'Mars/Base'"),
        ("expand", "0", "expand: expected a number of events 1..100, found '0'"),
        ("charset", "x", "charset: expected utf-8 or latin-1 or ascii, found 'x'"),
    ],
)
def test_bad_options(name, text, why):
    with pytest.raises(SmsencError) as caught:
        CONVERTER.settings({name: text})
    assert str(caught.value) == why


LINES = st.builds(
    "{}{}:{}".format,
    st.sampled_from(["DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "AALARM"]),
    st.sampled_from(["", ";TZID=Europe/London", ";TZID=Europe", ";TZID=" + "a/" * 2000]),
    st.sampled_from(["20240520T130000", "00010101T000000Z", "99991231T235959Z", "00010101"])
    | st.sampled_from(
        [
            "99991231",
            "PT1H",
            "-P9999999D",
            "FREQ=DAILY;UNTIL=00010101T000000Z",
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
        ]
    )
    | st.text(max_size=20),
)


@given(st.lists(LINES, max_size=5) | st.text(max_size=100).map(lambda text: [text]))
def test_any_lines(lines):
    source = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n" + "\n".join(lines)
    for given_tz in ({}, {"tz": "America/New_York"}):
        try:
            for item in convert(source.encode(), CONVERTER.settings(given_tz)):
                assert item.payload or isinstance(item.error, SmsencError)
        except SourceError:
            pass  # a line that begins with a blank goes on with BEGIN:VEVENT


@given(st.binary(max_size=200))
def test_any_octets(octets):
    try:
        list(convert(octets, SETTINGS))
    except SmsencError:
        pass


# Details that the vectors do not show.


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
    ("priority", "expected"), [("1", 1), ("3", 1), ("4", 2), ("6", 2), ("7", 3), ("0", None)]
)
def test_priorities(priority, expected):
    source = f"BEGIN:VTODO\nSUMMARY:x\nPRIORITY:{priority}\nEND:VTODO\n"
    ((event, losses),) = read(source.encode())
    assert (event.priority, losses) == (expected, ())


def test_a_default_alarm_that_is_none_is_no_loss():
    source = (
        b"BEGIN:VEVENT\nDTSTART:20240520\nBEGIN:VALARM\nACTION:NONE\nTRIGGER:-PT1H\nEND:VALARM\n"
    )
    ((event, losses),) = read(source + b"END:VEVENT\n")
    assert (event.alarm, losses) == (None, ())


def test_one_alarm_of_two():
    source = b"BEGIN:VEVENT\nDTSTART:20240520\nAALARM:20240519T200000\nDALARM:20240519T210000\n"
    ((event, (loss,)),) = read(source + b"END:VEVENT\n")
    assert (event.alarm, event.loud) == (datetime(2024, 5, 19, 20), True)  # noqa: DTZ001 - floating
    assert str(loss) == "line 4: DALARM left out: phones keep one alarm"


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


def test_too_many_exceptions():
    dates = ",".join(["20240520"] * (MOST_EXCEPTIONS + 1))
    source = f"BEGIN:VEVENT\nDTSTART:20240520\nEXDATE:{dates}\nEND:VEVENT\n"
    ((_event, (loss,)),) = read(source.encode())
    assert str(loss) == "line 3: EXDATE cut: expected at most 100 of them, found more"


def test_a_card_is_no_calendar():
    (item,) = convert(b"BEGIN:VCARD\nEND:VCARD\n", SETTINGS)
    assert str(item.error) == "line 1: expected an event or a to-do, found VCARD"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_short_and_shown(path):
    source = path.read_bytes()
    assert sniff(source)
    for item in convert(source, SETTINGS):
        assert item.losses == ()
        assert item.payload.port == Port.VCALENDAR
        assert item.payload.message_class is MessageClass.ME
        assert len(split(item.payload, reference=1)) <= 3
        assert VIEWER.view(item.payload).lines


def test_view():
    items = list(convert(SAMPLES[0].read_bytes(), SETTINGS))
    shown = view(items[0].payload)
    assert shown.content == {
        "type": "event",
        "summary": "Weekly review",
        "category": "MEETING",
        "start": "2024-05-20T13:00:00",
        "end": "2024-05-20T14:00:00",
        "location": "Café, Room 1",
        "alarm": "2024-05-20T12:45:00",
        "rule": "W1 MO 20240715T130000",
    }
    assert shown.lines[-1] == "Repeats   W1 MO 20240715T130000"
    both = view(Payload.to_port(Port.VCALENDAR, b"".join(item.payload.data for item in items)))
    assert [event["summary"] for event in both.content["events"]] == [
        "Weekly review",
        "Summer break",
    ]


def test_view_of_a_to_do():
    (item,) = convert((VECTORS / "valid" / "todo.ics").read_bytes(), SETTINGS)
    assert view(item.payload).lines == (
        "Type      to-do",
        "Summary   Submit taxes",
        "Due       2024-01-31T17:00:00",
        "Alarm     2024-01-31T16:00:00",
        "Priority  3",
        "Done      yes",
    )


def test_view_of_a_calendar_sent_as_7_bit_text():
    # gammu 1.42 sends calendars so.
    event = "BEGIN:VEVENT\r\nDTSTART:20240520T130000Z\r\nEND:VEVENT\r\n"
    text = f"BEGIN:VCALENDAR\r\nVERSION:1.0\r\n{event}END:VCALENDAR\r\n"
    shown = view(encode_text(text))
    assert shown.content["start"] == "2024-05-20T13:00:00Z"


def test_gammu_reads_what_is_written():
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    items = list(convert(SAMPLES[0].read_bytes(), SETTINGS))
    found = gammu.DecodeVCS(items[0].payload.data.decode("ascii"))
    values = {entry["Type"]: entry["Value"] for entry in found["Entries"]}
    times = {name: values.pop(name).replace(tzinfo=None) for name in list(values) if "TIME" in name}
    assert found["Type"] == "MEETING"
    assert {name: moment.isoformat() for name, moment in times.items()} == {
        "START_DATETIME": "2024-05-20T13:00:00",
        "END_DATETIME": "2024-05-20T14:00:00",
        "TONE_ALARM_DATETIME": "2024-05-20T12:45:00",
    }
    assert values["TEXT"] == "Weekly review"
    assert values["LOCATION"] == "Café, Room 1"
    assert values["REPEAT_FREQUENCY"] == 1
    assert values["REPEAT_DAYOFWEEK"] == 1


@pytest.mark.parametrize(
    ("rule", "repeats"),
    [
        ("D2 #10", {"FREQUENCY": 2, "COUNT": 10}),
        ("W2 FR #0", {"FREQUENCY": 2, "DAYOFWEEK": 5, "COUNT": 0}),
        ("MP1 1+ MO #12", {"FREQUENCY": 1, "WEEKOFMONTH": 1, "DAYOFWEEK": 1, "COUNT": 12}),
        ("MP12 4+ TH #0", {"FREQUENCY": 12, "WEEKOFMONTH": 4, "DAYOFWEEK": 4, "COUNT": 0}),
        ("MD1 15 #0", {"FREQUENCY": 1, "DAY": 15, "COUNT": 0}),
        ("YM1 7 #0", {"FREQUENCY": 1, "MONTH": 7, "DAY": 20, "COUNT": 0}),
        ("YD1 100 #0", {"FREQUENCY": 1, "DAYOFYEAR": 100, "COUNT": 0}),
    ],
)
def test_gammu_reads_the_rules(rule, repeats):
    # It keeps one day of several, and stops reading at LD and at a second position.
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    start = datetime(2024, 5, 20, 13)  # noqa: DTZ001 - floating
    event = Event(summary="x", start=start, rule=rule, category="MEETING")
    entries = gammu.DecodeVCS(write(event).decode("ascii"))["Entries"]
    found = {entry["Type"]: entry["Value"] for entry in entries}
    assert {
        name.removeprefix("REPEAT_"): value for name, value in found.items() if "REPEAT_" in name
    } == repeats


@pytest.mark.parametrize("text", ["a,b", "a;b", "a\nb", "a\\b", "\\n\\,\\;", "é,;\\\n."])
@pytest.mark.parametrize("name", ["summary", "location"])
def test_gammu_reads_every_text(name, text):
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    start = datetime(2024, 5, 20, 13)  # noqa: DTZ001 - floating
    event = Event(start=start, category="MEETING", **{name: text})
    entries = gammu.DecodeVCS(write(event).decode("ascii"))["Entries"]
    found = {entry["Type"]: entry["Value"] for entry in entries}
    kept = found["TEXT" if name == "summary" else "LOCATION"]
    assert kept.replace("\r\n", "\n") == text

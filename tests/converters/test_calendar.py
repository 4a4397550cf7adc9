import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.calendar import (
    CATEGORIES,
    CONVERTER,
    MOST_EXCEPTIONS,
    VIEWER,
    Event,
    convert,
    read,
    sniff,
    view,
    write,
)
from smsenc import MessageClass, Payload, Port, SmsencError, SourceError, encode_text, split

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "calendar"
SAMPLES = [ROOT / "samples" / name for name in ("meeting.ics", "appointment.vcs")]


def cases(folder):
    found = sorted(p for p in (VECTORS / folder).iterdir() if p.suffix in CONVERTER.suffixes)
    assert found
    return [
        pytest.param(path, json.loads(path.with_suffix(".json").read_text()), id=path.stem)
        for path in found
    ]


def said(item):
    """An item as the vectors write it."""
    if item.error:
        return {"error": str(item.error)}
    lines = item.payload.data.decode("ascii").removesuffix("\r\n").split("\r\n")
    return {"lines": lines, "losses": [str(loss) for loss in item.losses]}


@pytest.mark.parametrize(("path", "expected"), cases("valid"))
def test_valid(path, expected):
    assert [said(item) for item in convert(path.read_bytes(), {})] == expected["items"]


@pytest.mark.parametrize(("path", "expected"), cases("invalid"))
def test_invalid(path, expected):
    with pytest.raises(SourceError) as caught:
        list(convert(path.read_bytes(), {}))
    assert str(caught.value) == expected["error"]


# Rules: the examples of RFC 5545, 3.8.5.3, from 2 September 1997, 9:00 in New York.


def recurring(rule, start="DTSTART;TZID=America/New_York:19970902T090000"):
    source = f"BEGIN:VEVENT\nSUMMARY:x\n{start}\nRRULE:{rule}\nEND:VEVENT\n"
    ((event, losses),) = read(source.encode())
    return event.rule, [str(loss) for loss in losses]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;COUNT=10", "D1 #10"),
        ("FREQ=DAILY;UNTIL=19971224T000000Z", "D1 19971223T190000"),
        ("FREQ=DAILY;INTERVAL=2", "D2 #0"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "W1 MO TU WE TH FR #0"),
        ("FREQ=WEEKLY;COUNT=10", "W1 #10"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "W2 #0"),
        ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "W1 TU TH #10"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "W2 TU TH #8"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "W2 TU SU #4"),
        ("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "MP1 1+ FR #10"),
        ("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "MP2 1+ SU 1- SU #10"),
        ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "MP1 2- MO #6"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", "MP1 1- MO #0"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "MD1 3- #0"),
        ("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "MD1 2 15 #10"),
        ("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "MD1 1 LD #10"),
        ("FREQ=MONTHLY", "MD1 2 #0"),
        ("FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "YM1 6 7 #10"),
        ("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "YD3 1 100 200 #10"),
        ("FREQ=YEARLY", "YM1 9 #0"),
        ("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2;UNTIL=19990902", "YM1 9 19990902T090000"),
    ],
)
def test_rules(rule, expected):
    assert recurring(rule) == (expected, [])


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=TU",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=1",
        "FREQ=HOURLY;INTERVAL=3",
        "RSCALE=HEBREW;FREQ=YEARLY",
        "FREQ=DAILY;INTERVAL=1000",
    ],
)
def test_rules_that_cannot_be_said(rule):
    why = "vCalendar 1.0 cannot say it; the first one is sent alone"
    assert recurring(rule) == ("", [f"line 4: RRULE left out: {why}"])


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=SOMETIMES", "expected a recurrence rule, found 'FREQ=SOMETIMES'"),
        ("FREQ=DAILY;COUNT=0", "expected numbers 1..99999 in the rule, found 0"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "expected numbers 1..31 in the rule, found 32"),
        ("FREQ=YEARLY;BYMONTH=13", "expected numbers 1..12 in the rule, found 13"),
        ("FREQ=YEARLY;BYYEARDAY=-1", "expected numbers 1..366 in the rule, found -1"),
        ("FREQ=DAILY;UNTIL=130000", "expected a date or time in UNTIL, found 13:00:00"),
        ("now and then", "expected a recurrence rule, found 'NOW AND THEN'"),
    ],
)
def test_damaged_rules(rule, why):
    assert recurring(rule) == ("", [f"line 4: RRULE left out: {why}"])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("d1 #5", "D1 #5"),
        ("W2  FR 20251231T000000", "W2 FR 20251231T000000"),
        ("MP2 1+ 1- FR #3", "MP2 1+ 1- FR #3"),
        ("MD1 LD #0", "MD1 LD #0"),
        ("YM1 6", "YM1 6 #2"),
    ],
)
def test_rules_of_1_0_pass(rule, expected):
    assert recurring(rule) == (expected, [])


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
RULES = st.sampled_from(["", "D1 #0", "W2 MO FR 20251231T000000", "MP1 1+ MO #12", "YM1 6 7 #2"])
COMMON = {
    "location": TEXTS,
    "description": TEXTS,
    "end": OPTIONAL,
    "rule": RULES,
    "except_for": st.lists(MOMENTS, max_size=3).map(tuple),
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


@given(EVENTS | TODOS, ALARMS)
def test_what_is_written_comes_back(fields, alarm):
    event = Event(**fields, **alarm)
    octets = write(event)
    assert octets.isascii()
    assert list(read(octets)) == [(event, ())]
    assert view(Payload.to_port(Port.VCALENDAR, octets)).lines


LINES = st.builds(
    "{}{}:{}".format,
    st.sampled_from(["DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "EXDATE", "AALARM"]),
    st.sampled_from(["", ";TZID=Europe/London", ";TZID=Europe", ";TZID=" + "a/" * 2000]),
    st.sampled_from(["20240520T130000", "00010101T000000Z", "99991231T235959Z", "00010101"])
    | st.sampled_from(["99991231", "PT1H", "-P9999999D", "FREQ=DAILY;UNTIL=00010101T000000Z", ";"])
    | st.text(max_size=20),
)


@given(st.lists(LINES, max_size=5) | st.text(max_size=100).map(lambda text: [text]))
def test_any_lines(lines):
    source = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n" + "\n".join(lines)
    for item in convert(source.encode(), {}):
        assert item.payload or isinstance(item.error, SmsencError)


@given(st.binary(max_size=200))
def test_any_octets(octets):
    try:
        list(convert(octets, {}))
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
    assert str(loss) == "DALARM left out: phones keep one alarm"


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
    assert str(loss) == "line 3: EXDATE left out: expected at most 100 exceptions, found more"


def test_a_card_is_no_calendar():
    (item,) = convert(b"BEGIN:VCARD\nEND:VCARD\n", {})
    assert str(item.error) == "line 1: expected an event or a to-do, found VCARD"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_short_and_shown(path):
    source = path.read_bytes()
    assert sniff(source)
    for item in convert(source, {}):
        assert item.losses == ()
        assert item.payload.port == Port.VCALENDAR
        assert item.payload.message_class is MessageClass.ME
        assert len(split(item.payload, reference=1)) <= 3
        assert VIEWER.view(item.payload).lines


def test_view():
    items = list(convert(SAMPLES[0].read_bytes(), {}))
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
    (item,) = convert((VECTORS / "valid" / "todo.ics").read_bytes(), {})
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
    items = list(convert(SAMPLES[0].read_bytes(), {}))
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

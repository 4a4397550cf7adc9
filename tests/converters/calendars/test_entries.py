import pytest
from calendarcases import read_all, read_one, written

from converters.calendars.convert import CONVERTER, convert
from converters.calendars.reader import read

START = "DTSTART:20260301T150000"


@pytest.mark.parametrize("status", ["TENTATIVE", "IN-PROCESS", "DECLINED", "SENT"])
def test_a_status_that_phones_do_not_know_is_told(status):
    _event, losses = read_one(START, f"STATUS:{status}")
    shown = status.replace("-", " ")
    assert losses == [f"line 5: STATUS left out: phones do not know {shown!r}"]


@pytest.mark.parametrize(
    ("around", "lines", "found"),
    [
        ((), ("STATUS:CANCELLED",), "STATUS:CANCELLED"),
        ((), ("STATUS:canceled",), "STATUS:CANCELLED"),
        (("METHOD:CANCEL",), (), "METHOD:CANCEL"),
    ],
)
def test_a_cancelled_event_is_sent_only_if_asked_for(around, lines, found):
    ((error, _losses),) = read_all(START, *lines, around=around)
    where = 3 + len(around)
    why = f"expected an event that takes place, found {found} (cancelled=yes sends it)"
    assert str(error) == f"line {where}: {why}"
    event, losses = read_one(START, *lines, around=around, cancelled=True)
    assert written(event) == [START]
    name = found.split(":")[0]
    assert losses[-1].endswith(f"{name} left out: the event is cancelled; sent as if it were not")


def test_the_option_for_cancelled_events():
    source = f"BEGIN:VEVENT\nSUMMARY:x\n{START}\nSTATUS:CANCELLED\nEND:VEVENT\n".encode()
    (item,) = convert(source, CONVERTER.settings({}))
    assert item.error
    (item,) = convert(source, CONVERTER.settings({"cancelled": "yes"}))
    assert item.payload


def test_an_answer_to_an_invitation_is_told():
    _event, losses = read_one(START, around=("METHOD:REPLY",))
    why = "the calendar is an answer to an invitation; sent as an appointment"
    assert losses == [f"METHOD:REPLY ignored: {why}"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("SUMMARY:", "the source has no text at all; phones show only the time"),
        (
            "SUMMARY:\nLOCATION:Room 1",
            "the source has none; phones show the rest only when the event is opened",
        ),
        (
            "SUMMARY: \nDESCRIPTION:Bring the plans",
            "the source has none; phones show the rest only when the event is opened",
        ),
    ],
)
def test_an_event_without_a_title_is_told(line, why):
    _event, losses = read_one(START, line)
    assert losses == [f"SUMMARY left out: {why}"]


SERIES = f"""BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:a
SUMMARY:Club
{START}
RRULE:FREQ=WEEKLY;COUNT=4
END:VEVENT
BEGIN:VEVENT
UID:a
SUMMARY:Club
RECURRENCE-ID%s:20260308T150000
STATUS:CANCELLED
DTSTART:20260308T150000
END:VEVENT
END:VCALENDAR
"""


def test_a_cancelled_event_of_a_series_is_only_an_exception():
    (item,) = convert((SERIES % "").encode(), CONVERTER.settings({}))
    assert b"\r\nRRULE:W1 #4\r\nEXDATE:20260308T150000\r\n" in item.payload.data
    assert item.losses == ()


def test_a_series_that_is_cancelled_from_a_date_on_ends_there():
    ((event, losses),) = read((SERIES % ";RANGE=THISANDFUTURE").encode())
    assert (event.rule, event.except_for, losses) == ("W1 20260308T145959", (), ())


NOBODY = "line 3: expected an event that takes place, found a series without any date left"


@pytest.mark.parametrize(
    "exceptions",
    [
        "RRULE:FREQ=WEEKLY;COUNT=2\nEXDATE:20260301T150000,20260308T150000",
        "RRULE:FREQ=DAILY;UNTIL=20260302T150000\nEXDATE;VALUE=DATE:20260301,20260302",
        "RRULE:FREQ=HOURLY;COUNT=2\nEXDATE:20260301T150000,20260301T160000",
    ],
)
def test_a_series_without_any_date_left_is_no_appointment(exceptions):
    ((error, _losses),) = read_all("DTSTART:20260301T150000", *exceptions.split("\n"))
    assert str(error) == NOBODY
    ((event, losses),) = read_all(
        "DTSTART:20260301T150000", *exceptions.split("\n"), "RDATE:20260320T150000"
    )
    assert event.start.day == 20
    assert [loss.partition("; ")[2] for loss in losses] == ["sent as one single event"]


def moved(*dates, status=""):
    one = "BEGIN:VEVENT\nUID:a\nSUMMARY:Own\nRECURRENCE-ID:{0}\nDTSTART:{0}\n{1}END:VEVENT\n"
    return "".join(one.format(date, status) for date in dates)


def test_a_series_whose_dates_are_all_cancelled_or_sent_apart():
    series = SERIES.partition("BEGIN:VEVENT\nUID:a\nSUMMARY:Club\nRECURRENCE-ID")[0]
    series = series.replace("COUNT=4", "COUNT=2")
    dates = ("20260301T150000", "20260308T150000")
    cancelled = moved(*dates, status="STATUS:CANCELLED\n")
    ((error, _losses),) = read(f"{series}{cancelled}END:VCALENDAR\n".encode())
    assert str(error) == NOBODY
    found = list(read(f"{series}{moved(*dates)}END:VCALENDAR\n".encode()))
    assert [(event.summary, losses) for event, losses in found] == [("Own", ()), ("Own", ())]


def test_a_cancelled_event_without_its_series_is_told():
    lines = ("UID:a", START, "RECURRENCE-ID:20260301T150000", "STATUS:CANCELLED")
    ((error, _losses),) = read_all(*lines)
    assert "found STATUS:CANCELLED" in str(error)


def test_only_the_newest_version_of_an_event_is_sent():
    one = "BEGIN:VEVENT\nUID:a\nSUMMARY:{}\nSEQUENCE:{}\nDTSTART:20260301\nEND:VEVENT\n"
    events = one.format("Old", 0) + one.format("New", 2) + one.format("Older", 1)
    source = f"BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n"
    ((event, (loss,)),) = read(source.encode())
    assert event.summary == "New"
    assert str(loss) == "line 12: SEQUENCE ignored: 2 earlier versions not sent"


def test_events_with_one_uid_are_all_sent():
    one = "BEGIN:VEVENT\nUID:a\nSUMMARY:x\nDTSTART:2026030{}\nEND:VEVENT\n"
    source = "BEGIN:VCALENDAR\n" + one.format(1) + one.format(2) + "END:VCALENDAR\n"
    assert len(list(read(source.encode()))) == 2


def test_an_alarm_without_end_takes_nothing_of_its_event():
    lines = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:-PT5M", START, "RRULE:FREQ=DAILY")
    event, losses = read_one("SUMMARY:x", *lines)
    assert written(event) == [START, "AALARM:20260301T145500", "RRULE:D1 #0"]
    assert losses == ["line 5: END:VALARM supplied: the VALARM ends without it"]


@pytest.mark.parametrize(
    ("alarm", "losses"),
    [
        ("20260301T144500", []),
        ("20260301T144500;;0;x", []),
        ("20260301T144500;PT5M;2", ["DALARM snooze left out: phones ring once, not PT5M 2 times"]),
        ("20260301T144500;PT5M;;", ["DALARM snooze left out: phones ring once, not PT5M"]),
        (
            "20260301T144500;;;Dentist!",
            ["DALARM 'Dentist!' left out: phones ring with their own tone and text"],
        ),
        (";PT5M;2;x", ["DALARM left out: expected the time of the alarm, found none"]),
        (";;;", []),
    ],
)
def test_what_phones_do_not_keep_of_an_alarm(alarm, losses):
    event, found = read_one(START, f"DALARM:{alarm}", version="1.0")
    assert bool(event.alarm) == alarm.startswith("2")
    assert found == [f"line 5: {loss}" for loss in losses]


def test_an_alarm_that_rings_again_with_a_text():
    lines = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "REPEAT:2", "DURATION:PT5M")
    _event, losses = read_one(START, *lines, "DESCRIPTION:Take the keys", "END:VALARM")
    assert losses == [
        "line 8: VALARM REPEAT left out: phones ring once, not '2' times more",
        "line 10: VALARM 'Take the keys' left out: phones ring with their own tone and text",
    ]
    _event, losses = read_one(START, *lines[:3], "DESCRIPTION:Reminder", "END:VALARM")
    assert losses == []


def test_a_yearly_event_from_a_year_that_stands_for_none():
    event, losses = read_one("DTSTART;VALUE=DATE:16040229", "RRULE:FREQ=YEARLY")
    assert written(event) == ["DTSTART:20040229T000000", "RRULE:YM1 2 #0"]
    assert losses == ["line 4: DTSTART replaced: the year 1604 stands for none; sent as 2004"]


@pytest.mark.parametrize(
    ("start", "expected", "why"),
    [
        ("DTSTART;VALUE=DATE:20260301T000000", "20260301T000000", None),
        (
            "DTSTART;VALUE=DATE:20260301T150000",
            "20260301T150000",
            "VALUE=DATE, but it has a time; read as a time",
        ),
        (
            "DTSTART;TZID=Europe/Paris:20260301T150000Z",
            "20260301T150000Z",
            "it has the zone 'Europe/Paris' and is marked as UTC; read as UTC",
        ),
        ("DTSTART;TZID=Etc/UTC:20260301T150000", "20260301T150000", None),
    ],
)
def test_a_start_that_contradicts_its_parameters(start, expected, why):
    event, losses = read_one(start)
    assert written(event) == [f"DTSTART:{expected}"]
    assert losses == ([f"line 4: DTSTART guessed: {why}"] if why else [])


@pytest.mark.parametrize(
    ("kind", "category"),
    [("ANNIVERSARY", "SPECIAL OCCASION"), ("APPOINTMENT", "MEETING"), ("event", "MISCELLANEOUS")],
)
def test_the_entry_types_of_symbian(kind, category):
    event, losses = read_one(START, f"X-EPOCAGENDAENTRYTYPE:{kind}", version="1.0")
    assert (event.category, losses) == (category, [])


def test_a_to_do_that_is_all_done():
    assert read_one("PERCENT-COMPLETE:100", name="VTODO")[0].done
    event, losses = read_one("PERCENT-COMPLETE:50", name="VTODO")
    assert not event.done
    assert losses == ["line 4: PERCENT-COMPLETE left out: phones keep only whether it is done"]


def test_properties_outside_of_an_event_are_told():
    event, losses = read_one(START, around=("SUMMARY:Lost",))
    assert event.summary == "x"
    assert losses == ["line 3: SUMMARY left out: it stands outside of an event"]

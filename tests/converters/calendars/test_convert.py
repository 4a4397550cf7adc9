import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT
from vectorfiles import judged

from converters.calendars.convert import CONVERTER, convert
from converters.calendars.viewer import VIEWER
from converters.errors import SourceError
from smsenc import MessageClass, Port, SmsencError, split

SETTINGS = CONVERTER.settings({})

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
    lines = f"DTSTART:20240501\nRRULE:FREQ=DAILY\nEXDATE:{dates}\nSUMMARY:x"
    source = f"BEGIN:VEVENT\n{lines}\nEND:VEVENT\n"
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
        (
            "tz",
            "Mars/Base",
            "tz: expected a time zone, Area/City such as Europe/Paris, found 'Mars/Base'",
        ),
        ("expand", "0", "expand: expected a number of events 1..100, found '0'"),
        ("charset", "x", "charset: expected utf-8, latin-1 or ascii, found 'x'"),
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


def test_a_card_is_no_calendar():
    (item,) = convert(b"BEGIN:VCARD\nEND:VCARD\n", SETTINGS)
    assert str(item.error) == "line 1: expected an event or a to-do, found VCARD"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_short_and_shown(path):
    source = path.read_bytes()
    assert CONVERTER.sniff(source)
    for item in convert(source, SETTINGS):
        assert item.losses == ()
        assert item.payload.port == Port.VCALENDAR
        assert item.payload.message_class is MessageClass.ME
        assert len(split(item.payload, reference=1)) <= 3
        assert VIEWER.view(item.payload).lines


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

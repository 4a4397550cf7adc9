from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.calendars import timezones
from converters.errors import SourceError
from converters.shared import contentlines

PARIS = b"""BEGIN:VTIMEZONE
TZID:Ours
BEGIN:STANDARD
DTSTART:16010101T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""


def defined(source):
    (component,) = contentlines.components(source)
    return timezones.defined(component)


def wall(text):
    return datetime.strptime(text, "%Y%m%dT%H%M")  # noqa: DTZ007 - wall clocks are the subject


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("europe/paris", "Europe/Paris"),
        ("/mozilla.org/20070129_1/Europe/Paris", "Europe/Paris"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires",) * 2,
        ("Europe_Paris", "Europe/Paris"),
        ("US-Eastern", "US/Eastern"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("UTC", "UTC"),
        ("Europe", "None"),
        ("../../etc/passwd", "None"),
        ("a/" * 5000, "None"),
        ("", "None"),
        ("\0", "None"),
    ],
)
def test_names(name, expected):
    assert expected.endswith(str(timezones.named(name)))


def test_every_windows_name_is_known():
    names = pytest.importorskip("icalendar.timezone.windows_to_olson").WINDOWS_TO_OLSON
    assert len(names) > 130
    assert all(timezones.named(name) for name in names)


def test_a_definition_is_the_zone_that_it_describes():
    ours, theirs = defined(PARIS), timezones.named("Europe/Paris")
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    for _ in range(1200):
        assert moment.astimezone(ours).replace(tzinfo=None) == moment.astimezone(theirs).replace(
            tzinfo=None
        )
        local = moment.replace(tzinfo=ours)
        assert local.utcoffset() == moment.replace(tzinfo=theirs).utcoffset()
        moment += timedelta(hours=37)


@pytest.mark.parametrize(
    "zone", [defined(PARIS), timezones.named("Europe/Paris")], ids=["own", "named"]
)
@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("20240331T0159", "20240331T0059"),
        ("20240331T0230", "20240331T0130"),  # in the gap: the old clock, so 03:30
        ("20240331T0300", "20240331T0100"),
        ("20241027T0159", "20241026T2359"),
        ("20241027T0230", "20241027T0030"),  # in the fold: the first
        ("20241027T0300", "20241027T0200"),
        ("20990701T1200", "20990701T1000"),
    ],
)
def test_gap_and_fold(zone, text, utc):
    assert timezones.between(wall(text), zone, UTC) == wall(utc)


def test_forms_of_definitions():
    once = PARIS.replace(b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\n", b"RDATE:20240331T020000\n")
    assert timezones.between(wall("20240701T1200"), defined(once), UTC) == wall("20240701T1000")
    ended = PARIS.replace(b"BYMONTH=3", b"BYMONTH=3;UNTIL=20100328T010000Z")
    assert timezones.between(wall("20100701T1200"), defined(ended), UTC) == wall("20100701T1000")
    assert timezones.between(wall("20110701T1200"), defined(ended), UTC) == wall("20110701T1100")


@pytest.mark.parametrize("broken", [b"TZOFFSETTO", b"TZOFFSETFROM", b"DTSTART"])
def test_broken_definitions(broken):
    assert defined(PARIS.replace(broken, b"X-NONE")) is None


@given(
    st.text("+-0123456789:TZ;,/", max_size=16),
    st.sampled_from(["DTSTART", "TZOFFSETTO", "RDATE", "RRULE"]),
)
def test_any_definition(text, name):
    lines = PARIS.replace(b"END:STANDARD", f"{name}:{text}\nEND:STANDARD".encode()).replace(
        f"{name}:16".encode(), b"X:"
    )
    zone = defined(lines)
    if zone:
        assert isinstance(zone, tzinfo)
        for moment in (datetime.min, wall("20240701T1200"), datetime.max):  # noqa: DTZ901 - wall clocks
            try:
                timezones.between(moment, zone, UTC)
                timezones.between(moment, UTC, zone)
            except SourceError as error:
                assert str(error) == "expected a time in the years 1 to 9999, found one outside"


def of_1_0(*texts):
    (component,) = contentlines.components(
        "\n".join(("BEGIN:VCALENDAR", *texts, "END:VCALENDAR")).encode()
    )
    return timezones.of_calendar(component.lines)


def test_tz_and_daylight_of_1_0():
    # The values of gammu's tests/vcal/p990.vcs.
    zone = of_1_0("TZ:+01", "DAYLIGHT:TRUE;+02;20060326T010000Z;20061029T010000Z;;")
    for text, utc in (("20060101T1200", 11), ("20060701T1200", 10), ("20061101T1200", 11)):
        assert timezones.between(wall(text), zone, UTC).hour == utc
    assert of_1_0("TZ:-03:30").utcoffset(wall("20060101T1200")) == -timedelta(hours=3, minutes=30)
    assert of_1_0("DAYLIGHT:FALSE") is None
    assert of_1_0("TZ:121g") is None
    assert of_1_0("TZ:+01", "DAYLIGHT:TRUE;x;;") is not None

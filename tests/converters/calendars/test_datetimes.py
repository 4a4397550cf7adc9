from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.calendars.datetimes import Time, parse_duration, parse_offset, parse_time
from converters.calendars.recurrence import stamp
from converters.errors import SourceError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20240520T130000", ("20240520T130000", "X", False)),
        ("20240520T1300", ("20240520T130000", "X", False)),
        ("2024-05-20T13:00:05", ("20240520T130005", "X", False)),
        (" 20240520t130000z ", ("20240520T130000", "UTC", False)),
        ("20240520T130060", ("20240520T130059", "X", False)),
        ("20240520T130000.250Z", ("20240520T130000", "UTC", False)),
        ("20240520T013000+0300", ("20240519T223000", "UTC", False)),
        ("20240520", ("20240520T000000", "", True)),
        ("2024-05-20", ("20240520T000000", "", True)),
        ("20240520Z", ("20240520T000000", "", True)),
    ],
)
def test_times(text, expected):
    time = parse_time(text, "X")
    assert (stamp(time.wall), time.zone, time.is_date) == expected


@pytest.mark.parametrize(
    "text",
    ["", "soon", "20240230", "20240520T2400", "00000101", "00010101T000000+0100", "²0240520"],
)
def test_no_times(text):
    with pytest.raises(SourceError) as caught:
        parse_time(text)
    assert str(caught.value) == f"expected a date or time, found {text!r}"


@pytest.mark.parametrize(
    ("text", "days", "minutes"),
    [
        ("PT15M", 0, 15),
        ("-PT15M", 0, -15),
        ("-P15M", 0, -15),
        ("PT-2H", 0, -120),
        ("P1W", 7, 0),
        ("PT1W", 7, 0),
        ("-P0DT0H15M0S", 0, -15),
        ("P15DT5H0M60S", 15, 301),
        ("+P1D", 1, 0),
    ],
)
def test_durations(text, days, minutes):
    found = parse_duration(text)
    assert (found.days, found.exact) == (days, timedelta(minutes=minutes))


@pytest.mark.parametrize("text", ["", "P", "PT", "15M", "P99999999999D", "P1Y", "PT1D2M3W"])
def test_no_durations(text):
    with pytest.raises(SourceError) as caught:
        parse_duration(text)
    assert str(caught.value) == f"expected a duration, found {text!r}"


@pytest.mark.parametrize(
    ("text", "minutes"), [("+0100", 60), ("-05", -300), ("+03:30", 210), ("0124", 84), ("+00", 0)]
)
def test_offsets(text, minutes):
    assert parse_offset(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "a1", "1.", "+2500", "+0160", "-02454554445"])
def test_no_offsets(text):
    with pytest.raises(SourceError) as caught:
        parse_offset(text)
    assert str(caught.value) == f"expected a difference to UTC, found {text!r}"


MOMENTS = st.datetimes().map(lambda moment: moment.replace(microsecond=0))


@given(MOMENTS)
def test_what_is_stamped_is_read(moment):
    assert parse_time(stamp(moment), "X") == Time(moment, "X")


@given(st.text(max_size=20) | st.text("0123456789TZ:+-PWDHMS", max_size=20))
def test_any_text(text):
    for parse in (parse_time, parse_duration, parse_offset):
        try:
            parse(text)
        except SourceError:
            pass

"""Absolute and relative times of SMPP 3.4, 7.1.1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.smpp import SmppError
from smsenc.smpp.times import absolute, due, read, relative


def zone(quarters):
    return timezone(timedelta(minutes=15 * quarters))


@pytest.mark.parametrize(
    ("duration", "written"),
    [
        (timedelta(minutes=5), "000000000500000R"),
        (timedelta(0), "000000000000000R"),
        (timedelta(milliseconds=1), "000000000001000R"),
        (timedelta(days=1), "000001000000000R"),
        (timedelta(days=31, hours=23, minutes=59, seconds=59), "000031235959000R"),
        (timedelta(days=32), "000102000000000R"),
        (timedelta(days=365), "010000000000000R"),
        (timedelta(days=364), "001204000000000R"),
        (timedelta(days=36499), "991204000000000R"),
    ],
)
def test_durations(duration, written):
    assert relative(duration) == written
    assert read(written) == timedelta(seconds=-(-duration // timedelta(seconds=1)))


def test_the_duration_of_the_specification():
    days = 2 * 365 + 6 * 30 + 10
    expected = timedelta(days=days, hours=23, minutes=34, seconds=29)
    assert read("020610233429000R") == expected


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (datetime(2026, 11, 28, 15, 30, 1, 250_000, UTC), "261128153001200+"),
        (datetime(2026, 11, 28, 15, 30, tzinfo=zone(4)), "261128153000004+"),
        (datetime(2026, 11, 28, 15, 30, tzinfo=zone(-20)), "261128153000020-"),
        (datetime(2026, 11, 28, 15, 30, tzinfo=zone(48)), "261128153000048+"),
        (datetime(2026, 11, 28, 15, 30, tzinfo=zone(52)), "261128023000000+"),
        (
            datetime(2026, 11, 28, 15, 30, tzinfo=timezone(timedelta(minutes=7))),
            "261128152300000+",
        ),
    ],
)
def test_instants(instant, written):
    assert absolute(instant) == written
    assert read(written) == instant.replace(microsecond=instant.microsecond // 100_000 * 100_000)


def test_no_time():
    assert read("") is None
    assert due("", datetime(2026, 11, 28, tzinfo=UTC)) is None


def test_when_it_is_due():
    now = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)
    assert due("000000000500000R", now) == now + timedelta(minutes=5)
    assert due("261128160000000+", now) == now + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (
            lambda: read("261128153000000"),
            "expected YYMMDDhhmmsstnn and one of + - R, found '261128153000000'",
        ),
        (
            lambda: read("261328153000000+"),
            "expected a day of the calendar and a time of day, found (26, 13, 28, 15, 30, 0)",
        ),
        (
            lambda: read("261128153000057+"),
            "expected at most 56 quarters of an hour, found 57",
        ),
        (
            lambda: relative(timedelta(seconds=-1)),
            "expected a time from now on, found -1 day, 23:59:59",
        ),
        (lambda: relative(timedelta(days=36500)), "expected less than 100 years, found 100"),
        (
            lambda: absolute(datetime(1999, 12, 31, tzinfo=UTC)),
            "expected a year 2000 to 2099, found 1999",
        ),
        (
            lambda: absolute(datetime(2026, 11, 28, tzinfo=UTC).replace(tzinfo=None)),
            "expected a time with its zone, found one without",
        ),
        (
            lambda: absolute(datetime(1, 1, 1, tzinfo=zone(50))),
            "expected a year 2000 to 2099, found 1",
        ),
        (
            lambda: absolute(datetime(2000, 1, 1, tzinfo=zone(50))),
            "expected a year 2000 to 2099, found 1999",
        ),
        (
            lambda: due("990000000000000R", datetime(9990, 1, 1, tzinfo=UTC)),
            "expected a time before the year 10000, found '990000000000000R'",
        ),
    ],
)
def test_times_that_cannot_be(call, error):
    with pytest.raises(SmppError) as found:
        call()
    assert str(found.value) == error


@given(st.timedeltas(timedelta(0), timedelta(days=36499)))
def test_durations_come_back_in_whole_seconds(duration):
    whole = timedelta(seconds=-(-duration // timedelta(seconds=1)))
    assert read(relative(duration)) == whole


@given(
    st.datetimes(
        datetime(2000, 1, 2, tzinfo=UTC).replace(tzinfo=None),
        datetime(2099, 12, 30, tzinfo=UTC).replace(tzinfo=None),
    ),
    st.integers(-14 * 60, 14 * 60),
)
def test_instants_come_back_in_tenths_of_a_second(local, east):
    local = local.replace(microsecond=local.microsecond // 100_000 * 100_000)
    instant = local.replace(tzinfo=timezone(timedelta(minutes=east)))
    assert read(absolute(instant)) == instant


@given(st.text(max_size=20) | st.text("0123456789R+-", min_size=16, max_size=16))
def test_any_text_is_a_time_or_an_error(text):
    try:
        read(text)
        due(text, datetime(2026, 11, 28, tzinfo=UTC))
    except SmppError:
        pass

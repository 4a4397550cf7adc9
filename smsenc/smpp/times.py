"""Times of SMPP: an instant, or how long from now (SMPP 3.4, 7.1.1)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from smsenc.smpp.errors import SmppError
from smsenc.smpp.status import Status

_QUARTER, _SECOND, _DAY = timedelta(minutes=15), timedelta(seconds=1), timedelta(days=1)
_CENTURY = 2000
#: Clause 7.1.1.1 has 48 quarters of an hour; zones go to 14 hours east of UTC.
_MOST_QUARTERS = 56
_FORM = re.compile("([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{3})([-+R])")
#: The specification does not say how long they are.
_DAYS_OF_YEAR, _DAYS_OF_MONTH = 365, 30
_MOST_DAYS = 31
_MOST_SHOWN = 40


def absolute(instant: datetime) -> str:
    """``YYMMDDhhmmsstnnp`` of an aware time, in its own zone (7.1.1.1).

    Tenths of a second are kept, smaller parts are cut off. A zone that is not quarters of an hour
    from UTC, or more than 12 hours, is written in UTC. Raises SmppError for years that are not 2000
    to 2099, and for a time without a zone.
    """
    offset = instant.utcoffset()
    if offset is None:
        raise _wrong("expected a time with its zone, found one without")
    _check_year(instant)
    if offset % _QUARTER or abs(offset) > 48 * _QUARTER:
        instant, offset = instant.astimezone(UTC), timedelta(0)
        _check_year(instant)
    tenths, quarters = instant.microsecond // 100_000, abs(offset) // _QUARTER
    return f"{instant:%y%m%d%H%M%S}{tenths}{quarters:02}{'-' if offset < timedelta(0) else '+'}"


def _check_year(instant: datetime) -> None:
    if instant.year // 100 != _CENTURY // 100:
        raise _wrong(f"expected a year {_CENTURY} to {_CENTURY + 99}, found {instant.year}")


def relative(duration: timedelta) -> str:
    """``YYMMDDhhmmss000R``: so long from when the message centre has the message (7.1.1.2).

    Parts of a second are rounded up. Up to 31 days are written as days; longer times as years of
    365 and months of 30 days, which a message centre may see differently. Raises SmppError for a
    negative time, and for 100 years or more.
    """
    seconds = -(-duration // _SECOND)
    if seconds < 0:
        raise _wrong(f"expected a time from now on, found {duration}")
    days, rest = divmod(seconds, _DAY // _SECOND)
    years = months = 0
    if days > _MOST_DAYS:
        years, days = divmod(days, _DAYS_OF_YEAR)
        months, days = divmod(days, _DAYS_OF_MONTH)
    if years > 99:
        raise _wrong(f"expected less than 100 years, found {years}")
    minutes, second = divmod(rest, 60)
    return f"{years:02}{months:02}{days:02}{minutes // 60:02}{minutes % 60:02}{second:02}000R"


def read(text: str) -> datetime | timedelta | None:
    """The meaning of a time: aware, a duration, or None for an empty text; raises SmppError.

    The two digits of the year are those of 2000 to 2099.
    """
    if not text:
        return None
    match = _FORM.fullmatch(text)
    if not match:
        raise _wrong(f"expected YYMMDDhhmmsstnn and one of + - R, found {text[:_MOST_SHOWN]!r}")
    *numbers, tail, kind = match.groups()
    values = tuple(map(int, numbers))
    return _duration(*values) if kind == "R" else _instant(values, tail, kind)


def _duration(*values: int) -> timedelta:
    years, months, days, hours, minutes, seconds = values
    days += years * _DAYS_OF_YEAR + months * _DAYS_OF_MONTH
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _instant(values: tuple[int, ...], tail: str, sign: str) -> datetime:
    year, month, day, hour, minute, second = values
    quarters = int(tail[1:])
    if quarters > _MOST_QUARTERS:
        raise _wrong(f"expected at most {_MOST_QUARTERS} quarters of an hour, found {quarters}")
    zone = timezone(quarters * _QUARTER * (-1 if sign == "-" else 1))
    tenths = int(tail[0]) * 100_000
    try:
        return datetime(_CENTURY + year, month, day, hour, minute, second, tenths, zone)
    except ValueError:
        what = f"expected a day of the calendar and a time of day, found {values}"
        raise _wrong(what) from None


def due(text: str, now: datetime) -> datetime | None:
    """When the time is, seen from ``now``; None for an empty text. Raises SmppError."""
    found = read(text)
    if not isinstance(found, timedelta):
        return found
    try:
        return now + found
    except OverflowError:
        raise _wrong(f"expected a time before the year 10000, found {text!r}") from None


def _wrong(what: str) -> SmppError:
    return SmppError(what, status=Status.ESME_RINVEXPIRY)

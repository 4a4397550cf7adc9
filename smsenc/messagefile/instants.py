"""Points in time as message files write them: UNIX seconds or ISO 8601 in UTC.

The calendar is computed here because this room knows no clock.
"""

from __future__ import annotations

import re

_DAY = 86_400
_UNIX = re.compile("[0-9]{1,10}")
_ISO = re.compile(
    "([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?"
    "(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))"
)
_FIRST_YEAR = 1970


def seconds(text: str) -> int:
    """UNIX seconds of ``text``: digits, or ``2026-12-01T09:00:00Z``, or with ``+01:00`` for Z.

    Raises ValueError; a time without a zone could be any of twenty-four.
    """
    if _UNIX.fullmatch(text):
        return int(text)
    match = _ISO.fullmatch(text)
    if not match:
        raise ValueError("expected UNIX seconds or YYYY-MM-DDTHH:MM:SS with Z or +HH:MM")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    if not (year >= _FIRST_YEAR and 1 <= month <= 12 and 1 <= day <= _days(year, month)):
        raise ValueError("expected a day of the calendar from 1970 on")
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("expected a time of day 00:00:00 to 23:59:59")
    found = (_day_number(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
    return found - _offset(*match.groups()[6:])


def written(instant: int) -> str:
    """UNIX seconds as ``YYYY-MM-DDTHH:MM:SSZ``: the inverse of ``seconds``."""
    days, rest = divmod(instant, _DAY)
    year = _FIRST_YEAR + days // 366  # not after the year that is looked for
    while _day_number(year + 1, 1, 1) <= days:
        year += 1
    month = next(m for m in range(12, 0, -1) if _day_number(year, m, 1) <= days)
    day = days - _day_number(year, month, 1) + 1
    return f"{year:04}-{month:02}-{day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> int:
    """Seconds east of UTC."""
    if not sign:
        return 0
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise ValueError("expected an offset of at most 23:59")
    east = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return east if sign == "+" else -east


_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days(year: int, month: int) -> int:
    return _MONTHS[month - 1] + (month == 2 and _is_leap(year))


def _day_number(year: int, month: int, day: int) -> int:
    """Days since 1 January 1970."""
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400 - 477  # 477 of them until 1969
    months = sum(_days(year, m) for m in range(1, month))
    return (year - _FIRST_YEAR) * 365 + leaps + months + day - 1

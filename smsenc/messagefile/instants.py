"""Points in time as message files write them: UNIX seconds, or ISO 8601 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH, _SECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1)
_UNIX = re.compile("[0-9]{1,10}")
# ``datetime.fromisoformat`` alone would also accept week dates, fractions of a second and other
# separators.
_ISO = re.compile(
    "([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
    "(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))"
)


def seconds(text: str) -> int:
    """UNIX seconds of ``text``: digits, or ``2026-12-01T09:00:00Z``, or with ``+01:00`` for Z.

    Raises ValueError. A zone is required: without it the time could be in any of them.
    """
    if _UNIX.fullmatch(text):
        return int(text)
    match = _ISO.fullmatch(text)
    if not match:
        raise ValueError("expected UNIX seconds or YYYY-MM-DDTHH:MM:SS with Z or +HH:MM")
    date, time, *offset = match.groups()
    try:
        midnight = datetime.fromisoformat(f"{date}T00:00:00+00:00")
    except ValueError:
        midnight = None
    if midnight is None or midnight < _EPOCH:
        raise ValueError("expected a day of the calendar from 1970 on")
    try:
        local = datetime.fromisoformat(f"{date}T{time}+00:00")
    except ValueError:
        local = None
    if local is None or time.startswith("24"):  # Python 3.14 takes 24:00 for the next midnight
        raise ValueError("expected a time of day 00:00:00 to 23:59:59")
    return (local - _EPOCH) // _SECOND - _east(*offset)


def _east(sign: str | None, hours: str | None, minutes: str | None) -> int:
    """Seconds east of UTC."""
    if sign is None or hours is None or minutes is None:
        return 0
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("expected an offset of at most 23:59")
    east = int(hours) * 3600 + int(minutes) * 60
    return east if sign == "+" else -east


def written(instant: int) -> str:
    """UNIX seconds as ``YYYY-MM-DDTHH:MM:SSZ``: the inverse of ``seconds``; raises ValueError."""
    try:
        return f"{_EPOCH + instant * _SECOND:%Y-%m-%dT%H:%M:%SZ}"
    except OverflowError:
        raise ValueError("expected a time before the year 10000") from None

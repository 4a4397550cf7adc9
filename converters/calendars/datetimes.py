"""Times and durations as calendars write them, with the names of their zones only.

Both versions write ISO 8601: iCalendar only the basic form (RFC 5545, 3.3.4 to 3.3.6), vCalendar
1.0 the extended form too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from converters.errors import SourceError
from converters.shared.words import quoted

OUTSIDE = "expected a time in the years 1 to 9999, found one outside"


@dataclass(frozen=True, slots=True)
class Time:
    """A wall clock (naive) and the name of its zone: "UTC", a TZID, or empty if it floats.

    The wall clock of a date is its midnight.
    """

    wall: datetime
    zone: str = ""
    is_date: bool = False

    def moved(self, by: timedelta) -> Time:
        """Later by the wall clock; raises SourceError outside of the years 1 to 9999."""
        try:
            return replace(self, wall=self.wall + by)
        except OverflowError:
            raise SourceError(OUTSIDE) from None


class Duration(NamedTuple):
    """Days, which follow the wall clock, and an exact time (RFC 5545, 3.3.6)."""

    days: int
    exact: timedelta


_TIME = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:Z\Z)?"
    r"(?:[T ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def parse_time(text: str, zone: str = "") -> Time:
    """Date or date-time; ``zone`` is its TZID, which a Z or an offset overrides."""
    match = _TIME.fullmatch(text.strip().upper())
    if not match:
        raise SourceError(f"expected a date or time, found {quoted(text)}")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        # No phone shows a leap second.
        wall = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - wall clock
        if match[7]:
            return _shifted(wall, match[7])
    except (ValueError, OverflowError):
        raise SourceError(f"expected a date or time, found {quoted(text)}") from None
    is_date = match[4] is None
    return Time(wall, "" if is_date else zone, is_date)


def _shifted(wall: datetime, mark: str) -> Time:
    if mark == "Z":
        return Time(wall, "UTC")
    aware = wall.replace(tzinfo=timezone(parse_offset(mark)))
    return Time(aware.astimezone(UTC).replace(tzinfo=None), "UTC")


_OFFSET = re.compile(r"([+-]?)([0-9]{2}):?([0-9]{2})?:?([0-9]{2})?")


def parse_offset(text: str) -> timedelta:
    """Difference to UTC: "+0100", "-05", "+03:30" (RFC 5545, 3.3.14; TZ of vCalendar 1.0)."""
    match = _OFFSET.fullmatch(text.strip())
    hours, minutes, seconds = (
        (int(part or 0) for part in match.group(2, 3, 4)) if match else (99, 0, 0)
    )
    if hours > 23 or minutes > 59 or not match:
        raise SourceError(f"expected a difference to UTC, found {quoted(text)}")
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -offset if match[1] == "-" else offset


# Accepts common errors: "-P15M" means minutes, "PT1W" a week, "PT-2H" is negative.
_DURATION = re.compile(
    r"([+-]?)PT?(?:([0-9]{1,5})W)?(?:([0-9]{1,7})D)?"
    r"(?:T?([+-]?)(?:([0-9]{1,7})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9})S)?)?"
)


def parse_duration(text: str) -> Duration:
    """Duration of RFC 5545, 3.3.6."""
    match = _DURATION.fullmatch(text.strip().upper())
    if not match or not any(match.group(2, 3, 5, 6, 7)):
        raise SourceError(f"expected a duration, found {quoted(text)}")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.group(2, 3, 5, 6, 7))
    sign = -1 if "-" in (match[1], match[4]) else 1
    exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return Duration(sign * (7 * weeks + days), sign * exact)

"""A rule of recurrence, whatever its grammar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

_T = TypeVar("_T")
#: Frequencies that repeat within the day, and their seconds.
WITHIN_DAY = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: Times of one day; a rule with more repeats by the hour.
MOST_TIMES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When an event repeats, counted from a start that is not part of the rule.

    ``weekdays`` are (position, weekday), with position 0 for every one and weekday 0 for Monday.
    ``times`` are empty if the event is at the time of its start. ``until`` is as in the source.

    Of vCalendar 1.0: ``intervals`` ends the rule after so many days or weeks, the last of them
    already on the weekday or at the time ``early``; ``own_times`` are times of single weekdays;
    each date of the rule begins the rule ``inner``. ``clock`` are the hours, minutes and seconds of
    a rule that repeats within the day; it has no ``times``.
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    week_start: int = 0
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    times: tuple[time, ...] = ()
    positions: tuple[int, ...] = ()
    clock: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]] = ((), (), ())
    intervals: int = 0
    early: int | time | None = None
    own_times: tuple[tuple[int, tuple[time, ...]], ...] = ()
    inner: Rule | None = None

    @property
    def parts(self) -> frozenset[str]:
        """Names of the parts that choose days."""
        return frozenset(name for name in _DAY_PARTS if getattr(self, name))


_DAY_PARTS = ("months", "weeks", "year_days", "month_days", "weekdays", "positions")


def at_positions(values: Sequence[_T], positions: Iterable[int]) -> list[_T]:
    """Values at positions that count from 1, or backwards from -1 (BYSETPOS)."""
    size = len(values)
    places = {at - 1 if at > 0 else size + at for at in positions if abs(at) <= size}
    return [values[place] for place in sorted(places)]


def stamp(moment: date | datetime) -> str:
    """YYYYMMDDTHHMMSS, with Z if it is aware (then it is UTC); a date gives its midnight."""
    text = f"{moment.year:04}{moment.month:02}{moment.day:02}"
    if not isinstance(moment, datetime):
        return f"{text}T000000"
    clock = f"T{moment.hour:02}{moment.minute:02}{moment.second:02}"
    return f"{text}{clock}{'Z' if moment.tzinfo else ''}"

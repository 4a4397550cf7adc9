"""When an event ends: DTEND, DUE or DURATION, if they can be true.

An end that cannot be is left out, and the event is sent without one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from converters.api import Action
from converters.calendars.datetimes import Duration, Time
from converters.calendars.draft import Clock, Entry

_DAY = timedelta(days=1)


def settle(entry: Entry, clock: Clock) -> None:
    """Put the end of an entry into ``end`` or ``due``, or nowhere if it is impossible."""
    if entry.end and entry.due:
        _keep_one(entry)
    name = "DTEND" if entry.end else "DUE" if entry.due else "DURATION"
    end = _end(entry, name, clock)
    why = _impossible(entry.start, end, clock) if entry.start and end else ""
    if why:
        entry.lose(name, Action.LEFT_OUT, why)
        end = None
    as_due = name == "DUE" or (name == "DURATION" and entry.name == "VTODO")
    entry.end, entry.due = (None, end) if as_due else (end, None)
    entry.duration = None


def _keep_one(entry: Entry) -> None:
    if entry.name == "VTODO":
        entry.lose("DTEND", Action.LEFT_OUT, "DUE says when it ends")
        entry.end = None
    else:
        entry.lose("DUE", Action.LEFT_OUT, "DTEND says when it ends")
        entry.due = None


def _end(entry: Entry, name: str, clock: Clock) -> Time | None:
    """The end that an entry gives, also by its length."""
    end, start, length = entry.end or entry.due, entry.start, entry.duration
    if start is None or length is None:
        return end
    if end is None:
        return _after(start, length, clock, entry)
    if _differs(start, end, length, clock):
        entry.lose("DURATION", Action.LEFT_OUT, f"{name} says when it ends")
    return end


def is_before(time: Time, other: Time, clock: Clock) -> bool:
    """Whether a time is before another as both are written."""
    first, second = clock.written(time), clock.written(other)
    if (first.tzinfo is None) != (second.tzinfo is None):
        return time.wall < other.wall
    return first < second


def length_after(start: Time, length: Duration) -> Duration:
    """A length in whole days for a start that is a date, if it has only such."""
    if start.is_date and length.exact and not length.exact % _DAY:
        return Duration(length.days + length.exact // _DAY, timedelta())
    return length


def _after(start: Time, length: Duration, clock: Clock, entry: Entry) -> Time | None:
    length = length_after(start, length)
    if length.days < 0 or length.exact < timedelta():
        entry.lose("DURATION", Action.LEFT_OUT, "it is negative; the end is after the start")
        return None
    return clock.shifted(start, length)


def _differs(start: Time, end: Time, length: Duration, clock: Clock) -> bool:
    other = clock.shifted(start, length_after(start, length))
    return replace(other, zone="") != replace(end, zone="")


def _impossible(start: Time, end: Time, clock: Clock) -> str:
    """Why this cannot be the end; empty if it can."""
    if start.is_date != end.is_date:
        return (
            "the start is a date and the end a time"
            if start.is_date
            else ("the start is a time and the end a date")
        )
    return "it is before the start" if is_before(end, start, clock) else ""

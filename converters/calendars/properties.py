"""What each property of an event or to-do says, and when its alarm rings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from converters.api import Action
from converters.calendars.datetimes import Duration, Time, parse_duration, parse_time
from converters.calendars.draft import Clock, Context, Entry
from converters.calendars.icalendar import SILENT
from converters.errors import SourceError
from converters.shared import contentlines
from converters.shared.contentlines import Component, Line, Value
from converters.shared.words import quoted

#: More than enough: 100 dates of EXDATE are already 1,600 octets.
MOST_EXCEPTIONS = 100
#: Properties of the exchange and not of the event: their loss is not reported.
_BOOKKEEPING = frozenset(
    {
        *("UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "DCREATED", "SEQUENCE", "TRANSP"),
        *("VERSION", "PRODID", "X-IRMC-LUID"),
    }
)
#: Why these are not carried; phones have no place for the others.
_WHY = {
    "EXRULE": "phones leave out single dates, not dates of a rule",
    "COMPLETED": "phones keep that it is done, but not when",
}
#: Values that mean the same as no property.
_DEFAULTS = frozenset(
    {
        *(("CLASS", "PUBLIC"), ("STATUS", "CONFIRMED"), ("STATUS", "TENTATIVE")),
        ("PRIORITY", "0"),
    }
)


def read_line(line: Line, component: Component, entry: Entry, context: Context) -> None:
    """Add what a line says to the entry; raises SourceError if that is lost."""
    if line.name in _BOOKKEEPING or not line.raw.strip():
        return
    if not line.name:
        raise SourceError("expected NAME:value")
    if (line.name, line.raw.strip().decode("latin-1").upper()) in _DEFAULTS:
        return
    if line.name not in PROPERTIES:
        raise SourceError(_WHY.get(line.name, "phones keep no such property"))
    value = contentlines.value(line, component.lines)
    if value.guess:
        entry.lose(line.name, Action.GUESSED, value.remark, line.number)
    known = PROPERTIES[line.name]
    found = known.read(_Source(line, value, entry, context))
    if not found:
        return
    kept = getattr(entry, known.field)
    if isinstance(kept, list) and isinstance(found, list):
        kept += found
    elif kept:
        raise SourceError("phones keep only the first")
    else:
        setattr(entry, known.field, found)
    entry.places.setdefault(line.name, line.number)


class _Source(NamedTuple):
    """A line with its value, the entry so far, and the calendar that contains it."""

    line: Line
    value: Value
    entry: Entry
    context: Context


# One function for each kind of property; its result is falsy if the property says nothing.


def _time(source: _Source) -> Time:
    return parse_time(source.value.text, source.line.param("TZID"))


def _duration(source: _Source) -> Duration:
    return parse_duration(source.value.text)


def _times(source: _Source) -> list[Time]:
    """EXDATE and RDATE: commas separate in iCalendar, semicolons in 1.0; the start of a period."""
    line, entry = source.line, source.entry
    texts = [text.partition("/")[0] for text in re.split("[,;]", source.value.text) if text.strip()]
    left = MOST_EXCEPTIONS - len(entry.dates if line.name == "RDATE" else entry.exceptions)
    if len(texts) > left:
        why = f"expected at most {MOST_EXCEPTIONS} of them, found more"
        entry.lose(line.name, Action.CUT, why, line.number)
    return [parse_time(text, line.param("TZID")) for text in texts[:left]]


def _recurrence_id(source: _Source) -> Time:
    """A changed event of a series: a separate event, and an exception in the series."""
    if source.line.param("RANGE"):
        why = "only this event is changed, the rest of the series is not"
        source.entry.lose("RECURRENCE-ID", Action.CUT, why, source.line.number)
    return _time(source)


def _alarm(source: _Source) -> Time | None:
    """AALARM and DALARM of 1.0: run time;snooze;repeat;content. Phones use the run time only."""
    run_time = source.value.fields[0]
    return parse_time(run_time) if run_time else None


def _rule(source: _Source) -> str:
    return source.value.text.upper()


def _text(source: _Source) -> str:
    return source.value.text


def _categories(source: _Source) -> list[str]:
    return [name.strip() for name in re.split("[,;]", source.value.text) if name.strip()]


def _priority(source: _Source) -> int | None:
    """1 high to 3 low, for to-dos; of iCalendar's 1..9 three each (RFC 5545, 3.8.1.9)."""
    text = source.value.text
    if source.entry.name != "VTODO":
        if text == "5":
            return None  # medium: the same as no priority
        raise SourceError("phones keep a priority of to-dos only")
    if not re.fullmatch("[1-9]", text):
        raise SourceError(f"expected a priority 1..9, found {quoted(text)}")
    number = int(text)
    return min(number, 3) if source.context.version == "1.0" else (number + 2) // 3


def _status(source: _Source) -> str:
    status = source.value.text.upper().replace("-", " ")
    if status not in ("COMPLETED", "NEEDS ACTION", "CANCELLED"):
        raise SourceError(f"phones do not know {quoted(status)}")
    return status


def _completed(source: _Source) -> None:
    source.entry.completed = True
    raise SourceError(_WHY["COMPLETED"])


class Property(NamedTuple):
    """How a property is read: the field of ``Entry`` that keeps it, and the function."""

    field: str
    read: Callable[[_Source], object]


PROPERTIES: Mapping[str, Property] = {
    "SUMMARY": Property("summary", _text),
    "DESCRIPTION": Property("description", _text),
    "LOCATION": Property("location", _text),
    "CATEGORIES": Property("categories", _categories),
    "DTSTART": Property("start", _time),
    "DTEND": Property("end", _time),
    "DUE": Property("due", _time),
    "DURATION": Property("duration", _duration),
    "RRULE": Property("rule", _rule),
    "RDATE": Property("dates", _times),
    "EXDATE": Property("exceptions", _times),
    "RECURRENCE-ID": Property("recurrence_id", _recurrence_id),
    "AALARM": Property("audible_alarm", _alarm),
    "DALARM": Property("display_alarm", _alarm),
    "PRIORITY": Property("priority", _priority),
    "STATUS": Property("status", _status),
    "COMPLETED": Property("completed", _completed),
}


# Alarms.


def read_alarm(alarm: Component, trigger: Line, entry: Entry, clock: Clock) -> None:
    """Add the time of a VALARM (RFC 5545, 3.6.6) to the entry; raises SourceError if it is lost."""
    action = alarm.first("ACTION")
    kind = action.raw.strip().upper() if action else b"AUDIO"
    if kind == b"NONE":
        return
    if alarm.name != "VALARM" or kind not in (b"AUDIO", b"DISPLAY"):
        raise SourceError("phones can only ring")
    silent = alarm.first(SILENT) is not None
    if entry.audible_alarm or (silent and entry.display_alarm):
        raise SourceError("phones keep only the first alarm")
    if silent:
        entry.display_alarm = _alarm_time(trigger, entry, clock)
    else:
        entry.audible_alarm = _alarm_time(trigger, entry, clock)
    entry.places.setdefault("DALARM" if silent else "AALARM", trigger.number)


def _alarm_time(trigger: Line, entry: Entry, clock: Clock) -> Time:
    text = contentlines.value(trigger).text
    if "P" not in text.upper():
        return parse_time(text, trigger.param("TZID"))
    by = parse_duration(text)
    from_end = trigger.param("RELATED").upper() == "END" or entry.start is None
    base = (clock.end(entry) or entry.start) if from_end else entry.start
    if base is None:
        raise SourceError("expected a start or an end to count from, found none")
    return clock.shifted(base, by)

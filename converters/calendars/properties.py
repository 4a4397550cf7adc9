"""What each property of an event or to-do says, and when its alarm rings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from datetime import time as clock_time
from functools import partial
from typing import NamedTuple

from converters.api import Action
from converters.calendars import timezones
from converters.calendars.datetimes import Duration, Time, parse_duration, parse_time
from converters.calendars.draft import Clock, Context, Entry, Single
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
        *(("CLASS", "PUBLIC"), ("STATUS", "CONFIRMED")),
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
    """A date or time; VALUE=DATE, and a zone beside a Z, are compared with what is there."""
    line, text = source.line, source.value.text
    zone = line.param("TZID")
    time = parse_time(text, zone)
    lose = partial(source.entry.lose, line.name, Action.GUESSED, line=line.number)
    if line.param("VALUE").upper() == "DATE" and not time.is_date:
        if time.wall.time() == _MIDNIGHT:
            return replace(time, zone="", is_date=True)
        lose(why="VALUE=DATE, but it has a time; read as a time")
    if zone and time.zone == "UTC" and timezones.named(zone) is not UTC:
        lose(why=f"it has the zone {quoted(zone)} and is marked as UTC; read as UTC")
    return time


_MIDNIGHT = clock_time()


def _duration(source: _Source) -> Duration:
    return parse_duration(source.value.text)


def _times(source: _Source) -> list[Time]:
    """EXDATE: commas separate in iCalendar, semicolons in 1.0."""
    zone = source.line.param("TZID")
    texts = _texts(source, len(source.entry.exceptions))
    return [parse_time(text.partition("/")[0], zone) for text in texts]


def _texts(source: _Source, there: int) -> list[str]:
    texts = [text for text in re.split("[,;]", source.value.text) if text.strip()]
    if len(texts) > MOST_EXCEPTIONS - there:
        why = f"expected at most {MOST_EXCEPTIONS} of them, found more"
        source.entry.lose(source.line.name, Action.CUT, why, source.line.number)
    return texts[: MOST_EXCEPTIONS - there]


def _dates(source: _Source) -> list[Single]:
    """RDATE: times, and periods with an end or a length of their own (RFC 5545, 3.3.9)."""
    zone = source.line.param("TZID")
    return [_single(text, zone) for text in _texts(source, len(source.entry.dates))]


def _single(text: str, zone: str) -> Single:
    start, slash, end = text.partition("/")
    if not slash:
        return Single(parse_time(start, zone))
    if "P" in end.upper():
        return Single(parse_time(start, zone), length=parse_duration(end))
    return Single(parse_time(start, zone), end=parse_time(end, zone))


def _recurrence_id(source: _Source) -> Time:
    """A changed event of a series: a separate event, and an exception in the series."""
    if source.line.param("RANGE"):
        why = "only this event is changed, the rest of the series is not"
        source.entry.lose("RECURRENCE-ID", Action.CUT, why, source.line.number)
    return _time(source)


def _alarm(source: _Source) -> Time | None:
    """AALARM and DALARM of 1.0: run time;snooze;repeat;content. Phones use the run time only."""
    fields = [*source.value.fields, "", "", ""]
    run_time, others = fields[0], fields[1:]
    if not run_time:
        if any(others):
            raise SourceError("expected the time of the alarm, found none")
        return None
    time = parse_time(run_time)
    snooze, repeat, content = others[:3]
    name, number = source.line.name, source.line.number
    if snooze or repeat.strip("01"):
        what = " ".join(filter(None, (snooze, f"{repeat} times" if repeat.strip("01") else "")))
        source.entry.lose(
            f"{name} snooze", Action.LEFT_OUT, f"phones ring once, not {what}", number
        )
    if content:
        source.entry.alarm_texts.append((name, content, number))
    return time


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
    status = {"CANCELED": "CANCELLED"}.get(status, status)
    if status not in ("COMPLETED", "NEEDS ACTION", "CANCELLED"):
        raise SourceError(f"phones do not know {quoted(status)}")
    return status


def _percent(source: _Source) -> bool:
    if source.value.text != "100":
        raise SourceError("phones keep only whether it is done")
    return True


#: What Symbian's calendar calls its entries, as categories.
_ENTRY_TYPES = {
    "APPOINTMENT": "MEETING",
    "ANNIVERSARY": "SPECIAL OCCASION",
    "EVENT": "MISCELLANEOUS",
    "REMINDER": "REMINDER",
}


def _entry_type(source: _Source) -> list[str]:
    kind = source.value.text.upper()
    if kind not in _ENTRY_TYPES:
        raise SourceError(_WHY.get(source.line.name, "phones keep no such property"))
    return [_ENTRY_TYPES[kind]]


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
    "RDATE": Property("dates", _dates),
    "EXDATE": Property("exceptions", _times),
    "RECURRENCE-ID": Property("recurrence_id", _recurrence_id),
    "X-RECURRENCE-ID": Property("recurrence_id", _recurrence_id),
    "AALARM": Property("audible_alarm", _alarm),
    "DALARM": Property("display_alarm", _alarm),
    "PRIORITY": Property("priority", _priority),
    "STATUS": Property("status", _status),
    "COMPLETED": Property("completed", _completed),
    "PERCENT-COMPLETE": Property("completed", _percent),
    "X-EPOCAGENDAENTRYTYPE": Property("categories", _entry_type),
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
    _report_details(alarm, entry)
    silent = alarm.first(SILENT) is not None
    if entry.audible_alarm or (silent and entry.display_alarm):
        raise SourceError("phones keep only the first alarm")
    if silent:
        entry.display_alarm = _alarm_time(trigger, entry, clock)
    else:
        entry.audible_alarm = _alarm_time(trigger, entry, clock)
    entry.places.setdefault("DALARM" if silent else "AALARM", trigger.number)


#: What programs write in every alarm, because a text is compulsory.
_EMPTY_TEXTS = frozenset(
    {
        *("", "ALARM", "REMINDER", "DESCRIPTION", "EVENT REMINDER", "DISPLAY", "ALERT"),
        *("THIS IS AN EVENT REMINDER", "DEFAULT MOZILLA DESCRIPTION", "DEFAULT DESCRIPTION"),
    }
)


def _report_details(alarm: Component, entry: Entry) -> None:
    """Report that a VALARM rings several times, or with a text of its own."""
    repeat, text = alarm.first("REPEAT"), alarm.first("DESCRIPTION")
    if repeat and repeat.raw.strip(b" 0"):
        times = quoted(repeat.raw.decode("latin-1").strip())
        why = f"phones ring once, not {times} times more"
        entry.lose("VALARM REPEAT", Action.LEFT_OUT, why, repeat.number)
    shown = contentlines.value(text).text if text else ""
    if text and shown.upper().strip(" .!") not in _EMPTY_TEXTS:
        entry.alarm_texts.append(("VALARM", shown, text.number))


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

"""iCalendar 2.0 and vCalendar 1.0 to events for phones: vCalendar 1.0 for port 23F5.

One VEVENT or VTODO is one message. Both versions are read by the same content lines; what differs
is in the values. Times: a time with a zone keeps its own wall clock and is written floating, a
time in UTC keeps its Z, an all-day event starts at T000000. Local time is never stamped as UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from converters import contentline
from converters.api import Converter, Item, Loss, Settings, View, Viewer
from converters.contentline import Component, Line, content_line, escape, shown
from smsenc import Payload, Port, SourceError

#: What phones know, Nokia's names; others in their place, by what the field's programs read.
CATEGORIES: Mapping[str, str] = {
    "MEETING": "MEETING",
    "APPOINTMENT": "MEETING",
    "PHONE CALL": "PHONE CALL",
    "CALL": "PHONE CALL",
    "SPECIAL OCCASION": "SPECIAL OCCASION",
    "ANNIVERSARY": "SPECIAL OCCASION",
    "BIRTHDAY": "SPECIAL OCCASION",
    "REMINDER": "REMINDER",
    "MISCELLANEOUS": "MISCELLANEOUS",
}
#: Already 1,600 octets of EXDATE.
MOST_EXCEPTIONS = 100
#: Of the exchange and not of the event: their loss is not reported.
BOOKKEEPING = frozenset(
    {
        *("UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "DCREATED", "SEQUENCE", "TRANSP"),
        *("VERSION", "PRODID", "X-IRMC-LUID"),
    }
)
#: Why these are not carried; for all others there is no room on phones.
_WHY = {
    "RECURRENCE-ID": "this is sent as an event of its own, the series stays as it was",
    "RDATE": "vCalendar 1.0 phones repeat by rule alone",
}
#: Values that say what is so anyhow.
DEFAULTS = frozenset(
    {
        *(("CLASS", "PUBLIC"), ("STATUS", "CONFIRMED"), ("STATUS", "TENTATIVE")),
        *(("PRIORITY", "0"), ("PRIORITY", "5")),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A VEVENT or VTODO as phones keep it. Times are naive (floating) or in UTC.

    ``end`` is DTEND, of a to-do DUE; ``rule`` is in the grammar of vCalendar 1.0; ``priority`` is
    1 (high) to 3, of to-dos; ``loud`` tells AALARM from DALARM.
    """

    name: str = "VEVENT"
    summary: str = ""
    start: datetime | None = None
    end: datetime | None = None
    location: str = ""
    description: str = ""
    category: str = ""
    alarm: datetime | None = None
    loud: bool = True
    rule: str = ""
    except_for: tuple[datetime, ...] = ()
    priority: int | None = None
    done: bool = False

    def __post_init__(self) -> None:
        if self.name == "VEVENT" and self.start is None:
            raise _no_start([])
        if not (self.summary or self.description or self.location or self.start or self.end):
            raise SourceError("expected a text or a time, found neither", name="SUMMARY")


Found = tuple[Event | SourceError, tuple[Loss, ...]]


# Components to events.


def read(octets: bytes) -> Iterator[Found]:
    """Each event and to-do of a source, or the error that rejects it, with its losses.

    Raises SourceError where there is none at all.
    """
    empty, component = True, None
    for component in contentline.components(octets):
        for entry in _entries(component):
            empty = False
            try:
                yield _event(entry, _version(component))
            except SourceError as error:
                yield error.at(line=entry.number), ()
    if component is None:
        raise contentline.not_found(octets, "a calendar")
    if empty:
        raise SourceError("expected an event or a to-do, found a calendar without")


def _entries(component: Component) -> Iterator[Component]:
    """Content of a calendar, or the component itself where the calendar around it is missing."""
    whole = component.name == "VCALENDAR" and not component.error
    inside = component.children if whole else [component]
    return (entry for entry in inside if entry.name != "VTIMEZONE")


def _version(calendar: Component) -> str:
    line = calendar.first("VERSION")
    return "1.0" if line and line.raw.strip() == b"1.0" else "2.0"


def _event(component: Component, version: str) -> Found:
    if component.error:
        raise component.error
    if component.name not in ("VEVENT", "VTODO"):
        raise SourceError(f"expected an event or a to-do, found {component.name}")
    losses: list[Loss] = []
    found: dict[str, Any] = {"BEGIN": component.name, "VERSION": version}
    for line in sorted(component.lines, key=_after_start):
        _guarded(line, partial(_take, line, found, losses), losses)
    if component.name == "VEVENT" and "DTSTART" not in found:
        raise _no_start(losses)
    for child in component.children:
        trigger = child.first("TRIGGER") or Line("", (), b"", child.number)
        line = replace(trigger, name=child.name)
        _guarded(line, partial(_take_alarm, child, line, found), losses)
    if not component.closed:
        why = f"the {component.name} ends without it"
        losses.append(Loss(what=f"END:{component.name}", action="supplied", why=why))
    if found.get("AALARM", found.get("DALARM")) != found.get("DALARM", found.get("AALARM")):
        losses.append(Loss(what="DALARM", action="left out", why="phones keep one alarm"))
    event = _assembled(found)
    return replace(event, category=_category(event, component, found, losses)), tuple(losses)


def _no_start(losses: list[Loss]) -> SourceError:
    """Error of an event that has no start, or none that could be read."""
    for loss in losses:
        if loss.what == "DTSTART":
            return SourceError(loss.why, line=loss.line, name="DTSTART")
    return SourceError("expected the start of an event, found none", name="DTSTART")


def _after_start(line: Line) -> int:
    """DTSTART first: the other times are written in its form, and rules follow from it."""
    return 0 if line.name == "DTSTART" else 1


def _guarded(line: Line, step: Callable[[], None], losses: list[Loss]) -> None:
    """Do a step; what it cannot read costs the property and is listed."""
    try:
        step()
    except SourceError as error:
        name = shown(line.name)[1:-1] or "unreadable line"
        losses.append(Loss(what=name, action="left out", why=error.message, line=line.number))


def _take(line: Line, found: dict[str, Any], losses: list[Loss]) -> None:
    """Add what a line says to ``found``, under its property's name."""
    if line.name in BOOKKEEPING or not line.raw.strip():
        return
    if not line.name:
        raise SourceError("expected NAME:value")
    if (line.name, line.raw.strip().decode("latin-1").upper()) in DEFAULTS:
        return
    if line.name not in _READERS:
        raise SourceError(_WHY.get(line.name, "phones keep no such property"))
    value = contentline.value(line)
    if value.guess:
        why = f"not in the charset it should be, read as {value.guess}"
        losses.append(Loss(what=line.name, action="guessed", why=why, line=line.number))
    said = _READERS[line.name](line, value, found)
    if not said:
        return
    if line.name in _MANY:
        found.setdefault(line.name, []).extend(said)
    elif line.name in found:
        raise SourceError("phones keep one of them, the first")
    else:
        found[line.name] = said
    zone = line.param("TZID")
    if zone and isinstance(said, datetime) and said.tzinfo is None:
        why = f"the zone {shown(zone)} is not known; the wall clock is kept"
        losses.append(Loss(what="TZID", action="left out", why=why, line=line.number))


def _assembled(found: Mapping[str, Any]) -> Event:
    start = found.get("DTSTART")
    return Event(
        name=found["BEGIN"],
        summary=found.get("SUMMARY", ""),
        start=_moment(start) if start else None,
        end=_end(found),
        location=found.get("LOCATION", ""),
        description=found.get("DESCRIPTION", ""),
        alarm=found.get("AALARM") or found.get("DALARM"),
        loud="AALARM" in found or "DALARM" not in found,
        rule=found.get("RRULE", ""),
        except_for=tuple(found.get("EXDATE", ())),
        priority=found.get("PRIORITY"),
        done=found.get("STATUS") == "COMPLETED",
    )


def _category(
    event: Event, component: Component, found: Mapping[str, Any], losses: list[Loss]
) -> str:
    """First category that phones know, else one that suits an event."""
    said: Sequence[str] = found.get("CATEGORIES", ())
    known = [CATEGORIES[name.upper()] for name in said if name.upper() in CATEGORIES]
    category = known[0] if known else _suited(event, component, found)
    others = [name for name in said if CATEGORIES.get(name.upper()) != category]
    if others:
        what = f"CATEGORIES {shown(', '.join(others))}"
        why = f"phones keep one of {', '.join(sorted(set(CATEGORIES.values())))}"
        action = "replaced" if category else "left out"
        line = component.first("CATEGORIES")
        losses.append(Loss(what=what, action=action, why=why, line=line.number if line else None))
    return category


def _suited(event: Event, component: Component, found: Mapping[str, Any]) -> str:
    if event.name == "VTODO":
        return ""
    if event.location or component.first("ATTENDEE"):
        return "MEETING"
    return "REMINDER" if isinstance(found["DTSTART"], datetime) else "MISCELLANEOUS"


# Times. In ``found``, DTSTART is as the source has it: a date, or a datetime that is naive, in
# UTC, or in a zone. Every other time is turned into the form in which DTSTART will be written.


def _library_time(text: str, zone: str) -> Any:
    """Date, datetime or timedelta by RFC 5545, 3.3.4 to 3.3.6; in an unknown zone naive."""
    import warnings  # noqa: PLC0415 - with icalendar: wanted only here

    from icalendar import vDDDTypes  # noqa: PLC0415 - heavy, wanted only here

    parse: Any = vDDDTypes.from_ical
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a guessed zone leaves the wall clock as it is
        try:
            return parse(text, zone if len(zone) <= _MOST_ZONE else "")
        except OSError:  # a TZID that is a folder of the zone files: "Europe"
            return parse(text)


#: Characters of a TZID. The library looks for a package at every slash, without a limit.
_MOST_ZONE = 100
_OUTSIDE = "expected a time in the years 1 to 9999, found one outside"


def _parsed(text: str, zone: str = "") -> Any:
    try:
        return _library_time(text.strip().upper(), zone)
    except (ValueError, OverflowError):
        raise SourceError(f"expected a date or time, found {shown(text)}") from None


def _zone(found: Mapping[str, Any]) -> Any:
    """Zone of the start; None where it floats, is a date, or names a zone nobody knows."""
    start = found.get("DTSTART")
    return start.tzinfo if isinstance(start, datetime) else None


def _time(line: Line, value: contentline.Value, _found: Mapping[str, Any]) -> date | datetime:
    time_said = _parsed(value.text, line.param("TZID"))
    if not isinstance(time_said, date):
        raise SourceError(f"expected a date or time, found {shown(value.text)}")
    return time_said


def _moment(said: date | datetime, zone: Any = None) -> datetime:
    """As it will be written: naive, or in UTC. A time with a zone is first brought to ``zone``."""
    if not isinstance(said, datetime):
        return datetime.combine(said, time())
    if said.tzinfo is None:
        return said
    if zone is not None:
        try:
            said = said.astimezone(zone)
        except OverflowError:
            raise SourceError(_OUTSIDE) from None
    utc = said.tzinfo is UTC or str(said.tzinfo) == "UTC"
    return said.replace(tzinfo=UTC if utc else None, fold=0)


def _end(found: Mapping[str, Any]) -> datetime | None:
    start, zone = found.get("DTSTART"), _zone(found)
    end = found.get("DTEND", found.get("DUE"))
    if end is None and start is not None and "DURATION" in found:
        end = _shifted(start, found["DURATION"])
    if end is None:
        return None
    exclusive = found["VERSION"] == "2.0" and found["BEGIN"] == "VEVENT"
    if exclusive and not isinstance(end, datetime) and not isinstance(start, datetime):
        return _last_minute(start, end)
    return _moment(end, zone)


def _last_minute(start: date | None, end: date) -> datetime | None:
    """End of an all-day event, which in iCalendar is exclusive (RFC 5545, 3.6.1).

    Of several days it is the last one's T235900; a single day is a day without an end.
    """
    last = _shifted(end, -timedelta(days=1))
    if start is None or last <= start:
        return None
    return datetime.combine(last, time(23, 59))


def _shifted(said: date | datetime, by: timedelta) -> date | datetime:
    """Sum of a time and a duration; of a date and hours, the midnight and hours."""
    if not isinstance(said, datetime) and by % timedelta(days=1):
        said = _moment(said)
    try:
        return said + by
    except OverflowError:
        raise SourceError(_OUTSIDE) from None


def _duration(_line: Line, value: contentline.Value, _found: Mapping[str, Any]) -> timedelta:
    said = _parsed(value.text)
    if not isinstance(said, timedelta):
        raise SourceError(f"expected a duration, found {shown(value.text)}")
    return said


def _times(line: Line, value: contentline.Value, found: Mapping[str, Any]) -> tuple[datetime, ...]:
    """EXDATE: separated by commas in iCalendar, by semicolons in vCalendar 1.0."""
    start, zone = found.get("DTSTART"), _zone(found)
    texts = [text for text in re.split("[,;]", value.text) if text]
    if len(found.get("EXDATE", ())) + len(texts) > MOST_EXCEPTIONS:
        raise SourceError(f"expected at most {MOST_EXCEPTIONS} exceptions, found more")
    said = [_parsed(text, line.param("TZID")) for text in texts]
    if not all(isinstance(one, date) for one in said):
        raise SourceError(f"expected dates or times, found {shown(value.text)}")
    clock = start.time() if isinstance(start, datetime) else time()
    return tuple(
        _moment(one, zone) if isinstance(one, datetime) else datetime.combine(one, clock)
        for one in said
    )


# Alarms.


def _alarm(_line: Line, value: contentline.Value, found: Mapping[str, Any]) -> datetime | None:
    """AALARM and DALARM of 1.0: run time;snooze;repeat;content. Phones heed the run time."""
    if not value.fields[0]:
        return None
    said = _parsed(value.fields[0])
    if not isinstance(said, date):
        raise SourceError(f"expected a date or time, found {shown(value.fields[0])}")
    return _moment(said, _zone(found))


def _take_alarm(alarm: Component, trigger: Line, found: dict[str, Any]) -> None:
    """Turn a VALARM (RFC 5545, 3.6.6) into the time at which the phone rings."""
    action = alarm.first("ACTION")
    kind = action.raw.strip().upper() if action else b"AUDIO"
    if kind == b"NONE":
        return
    if alarm.name != "VALARM" or kind not in (b"AUDIO", b"DISPLAY"):
        raise SourceError("phones only ring")
    if "AALARM" in found:
        raise SourceError("phones keep one alarm, the first")
    said = _parsed(contentline.value(trigger).text, trigger.param("TZID"))
    if isinstance(said, timedelta):
        found["AALARM"] = _relative(said, trigger, found)
    elif isinstance(said, date):
        found["AALARM"] = _moment(said, _zone(found))
    else:
        raise SourceError("expected a duration or a time")


def _relative(by: timedelta, trigger: Line, found: Mapping[str, Any]) -> datetime:
    from_end = trigger.param("RELATED").upper() == "END" or "DTSTART" not in found
    base = found.get("DTSTART")
    if from_end:
        base = found.get("DTEND", found.get("DUE", base))
        if base is not None and "DURATION" in found and "DTEND" not in found:
            base = _shifted(base, found["DURATION"])
    if base is None:
        raise SourceError("expected a start or an end to count from, found none")
    midnight = base if isinstance(base, datetime) else _moment(base)
    return _moment(_shifted(midnight, by), _zone(found))


# Rules: vCalendar 1.0 says "W2 MO FR #10" for "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=10".

_RULE_1 = re.compile(
    r"(?:D|W|MP|MD|YM|YD)[0-9]{1,3}(?: [0-9A-Z]{1,4}[+-]?(?= |$))*+"
    r"(?P<end>(?: #[0-9]{1,5})?(?: [0-9]{8}(?:T[0-9]{6}Z?)?)?)"
)
_INEXPRESSIBLE = "vCalendar 1.0 cannot say it; the first one is sent alone"


def _rule(_line: Line, value: contentline.Value, found: Mapping[str, Any]) -> str:
    text = value.text.upper()
    if "FREQ=" in text:
        return _from_recur(text, found)
    rule = " ".join(text.split())
    match = _RULE_1.fullmatch(rule)
    if not match:
        raise SourceError(f"expected a recurrence rule, found {shown(text)}")
    return rule if match["end"] else f"{rule} #2"  # what a rule without an end means


def _from_recur(text: str, found: Mapping[str, Any]) -> str:
    from icalendar import vRecur  # noqa: PLC0415 - heavy, wanted only here

    try:
        recur = dict(vRecur.from_ical(text))
    except (ValueError, OverflowError):
        raise SourceError(f"expected a recurrence rule, found {shown(text)}") from None
    if "DTSTART" not in found:
        raise SourceError("expected a start that the rule can begin at, found none")
    start = _moment(found["DTSTART"])
    frequency = str(recur.get("FREQ", [""])[0])
    parts = frozenset(recur).difference(("FREQ", "INTERVAL", "WKST", "COUNT", "UNTIL"))
    form = _FORMS.get((frequency, parts))
    interval = recur.get("INTERVAL", [1])[0]
    words = form(recur, start) if form else None
    if words is None or _minds_week_start(recur, interval) or not 1 <= interval <= 999:
        raise SourceError(_INEXPRESSIBLE)
    letters, *days = words
    return " ".join((f"{letters}{interval}", *days, *_rule_end(recur, start, _zone(found))))


def _minds_week_start(recur: Mapping[str, Any], interval: int) -> bool:
    """Whether a week that does not begin on Monday shifts an occurrence (RFC 5545, 3.3.10).

    Only where weeks are left out, and for one that begins on Sunday only beside other days.
    """
    days, begin = list(recur.get("BYDAY", ())), recur.get("WKST", ["MO"])[0]
    if interval == 1 or begin == "MO":
        return False
    return begin != "SU" or ("SU" in days and len(days) > 1)


def _rule_end(recur: Mapping[str, Any], start: datetime, zone: Any) -> Iterator[str]:
    """``#0`` is for ever; an end date is a whole date-time, in the form of the start."""
    if "COUNT" in recur:
        _check(recur["COUNT"], 1, 99_999)
        yield f"#{recur['COUNT'][0]}"
    elif "UNTIL" not in recur:
        yield "#0"
    for until in recur.get("UNTIL", ())[:1]:
        if isinstance(until, datetime):
            yield _stamp(_moment(until, zone))
        elif not isinstance(until, date):
            raise SourceError(f"expected a date or time in UNTIL, found {until}")
        else:
            yield _stamp(datetime.combine(until, start.time(), start.tzinfo))


def _check(numbers: Iterable[int], least: int, most: int) -> None:
    for number in numbers:
        if not least <= number <= most:
            raise SourceError(f"expected numbers {least}..{most} in the rule, found {number}")


Words = Sequence[str] | None


def _daily(_recur: Mapping[str, Any], _start: datetime) -> Words:
    return ("D",)


def _on_weekdays(recur: Mapping[str, Any], start: datetime) -> Words:
    """Every day that is one of some weekdays; only a rule without left out days is a weekly one."""
    return _weekly(recur, start) if recur.get("INTERVAL", [1]) == [1] else None


def _weekly(recur: Mapping[str, Any], _start: datetime) -> Words:
    days = [str(day) for day in recur.get("BYDAY", ())]
    return None if any(len(day) > 2 for day in days) else ("W", *days)


def _by_position(recur: Mapping[str, Any], _start: datetime) -> Words:
    """First Monday and last Friday: occurrences 1+ to 5+ and 1- to 5-, each before its days."""
    days = [(day.relative, day.weekday) for day in recur["BYDAY"]]
    if "BYSETPOS" in recur:
        if len(days) != 1 or days[0][0] is not None:
            return None
        days = [(position, days[0][1]) for position in recur["BYSETPOS"]]
    words = ["MP"]
    for position, weekday in days:
        if position is None or not 1 <= abs(position) <= 5:
            return None
        words += (f"{abs(position)}{'-' if position < 0 else '+'}", weekday)
    return words


def _by_day_of_month(recur: Mapping[str, Any], start: datetime) -> Words:
    days = recur.get("BYMONTHDAY", [start.day])
    _check(map(abs, days), 1, 31)
    return ("MD", *("LD" if day == -1 else f"{day}" if day > 0 else f"{-day}-" for day in days))


def _by_month(recur: Mapping[str, Any], start: datetime) -> Words:
    if recur.get("BYMONTHDAY", [start.day]) != [start.day]:
        return None
    months = [str(month) for month in recur.get("BYMONTH", [start.month])]
    if not all(month.isdecimal() for month in months):
        return None  # a leap month, "5L"
    _check(map(int, months), 1, 12)
    return ("YM", *months)


def _by_day_of_year(recur: Mapping[str, Any], _start: datetime) -> Words:
    _check(recur["BYYEARDAY"], 1, 366)
    return ("YD", *map(str, recur["BYYEARDAY"]))


#: (frequency, BY parts) to the letters and days of the rule; what is missing cannot be said.
_FORMS: Mapping[tuple[str, frozenset[str]], Callable[[Mapping[str, Any], datetime], Words]] = {
    ("DAILY", frozenset()): _daily,
    ("DAILY", frozenset({"BYDAY"})): _on_weekdays,
    ("WEEKLY", frozenset()): _weekly,
    ("WEEKLY", frozenset({"BYDAY"})): _weekly,
    ("MONTHLY", frozenset({"BYDAY"})): _by_position,
    ("MONTHLY", frozenset({"BYDAY", "BYSETPOS"})): _by_position,
    ("MONTHLY", frozenset()): _by_day_of_month,
    ("MONTHLY", frozenset({"BYMONTHDAY"})): _by_day_of_month,
    ("YEARLY", frozenset()): _by_month,
    ("YEARLY", frozenset({"BYMONTH"})): _by_month,
    ("YEARLY", frozenset({"BYMONTH", "BYMONTHDAY"})): _by_month,
    ("YEARLY", frozenset({"BYYEARDAY"})): _by_day_of_year,
}


# Other values.


def _text(_line: Line, value: contentline.Value, _found: Mapping[str, Any]) -> str:
    return value.text


def _categories(
    _line: Line, value: contentline.Value, _found: Mapping[str, Any]
) -> tuple[str, ...]:
    return tuple(name.strip() for name in re.split("[,;]", value.text) if name.strip())


def _priority(_line: Line, value: contentline.Value, found: Mapping[str, Any]) -> int:
    """1 high, 2, 3 low, of to-dos; iCalendar's 1..9 in threes (RFC 5545, 3.8.1.9)."""
    if found["BEGIN"] != "VTODO":
        raise SourceError("phones keep a priority of to-dos only")
    if not re.fullmatch("[1-9]", value.text):
        raise SourceError(f"expected a priority 1..9, found {shown(value.text)}")
    number = int(value.text)
    return min(number, 3) if found["VERSION"] == "1.0" else (number + 2) // 3


def _status(_line: Line, value: contentline.Value, _found: Mapping[str, Any]) -> str:
    status = value.text.upper().replace("-", " ")
    if status not in ("COMPLETED", "NEEDS ACTION"):
        raise SourceError(f"phones do not know {shown(status)}")
    return status


_MANY = ("CATEGORIES", "EXDATE")
_READERS: Mapping[str, Callable[[Line, contentline.Value, Mapping[str, Any]], Any]] = {
    "SUMMARY": _text,
    "DESCRIPTION": _text,
    "LOCATION": _text,
    "CATEGORIES": _categories,
    "DTSTART": _time,
    "DTEND": _time,
    "DUE": _time,
    "DURATION": _duration,
    "RRULE": _rule,
    "EXDATE": _times,
    "AALARM": _alarm,
    "DALARM": _alarm,
    "PRIORITY": _priority,
    "STATUS": _status,
}


# Writing.


def write(event: Event) -> bytes:
    """Octets of the event in a calendar of its own, vCalendar 1.0: the inverse of ``read``."""
    return b"".join(content_line(name, value) for name, value in _rows(event) if value)


def _rows(event: Event) -> Iterator[tuple[str, str]]:
    todo = event.name == "VTODO"
    yield "BEGIN", "VCALENDAR"
    yield "VERSION", "1.0"
    yield "BEGIN", event.name
    yield "CATEGORIES", event.category
    yield "SUMMARY", escape(event.summary)
    yield "DTSTART", _stamp(event.start)
    yield "DUE" if todo else "DTEND", _stamp(event.end)
    yield "LOCATION", escape(event.location)
    yield "DESCRIPTION", escape(event.description)
    yield "AALARM" if event.loud else "DALARM", _stamp(event.alarm)
    yield "RRULE", event.rule
    yield "EXDATE", ";".join(map(_stamp, event.except_for))
    yield "PRIORITY", str(event.priority or "")
    yield "STATUS", "COMPLETED" if event.done else ""
    yield "END", event.name
    yield "END", "VCALENDAR"


def _stamp(moment: datetime | None) -> str:
    """YYYYMMDDTHHMMSS, with Z where it is in UTC; empty for none."""
    if moment is None:
        return ""
    text = moment.replace(tzinfo=None).isoformat(timespec="seconds")
    return re.sub("[:-]", "", text) + ("Z" if moment.tzinfo else "")


def convert(octets: bytes, _settings: Settings) -> Iterator[Item]:
    """One item an event or to-do. Raises SourceError where there is none."""
    for found, losses in read(octets):
        if isinstance(found, SourceError):
            yield Item(kind="calendar", error=found, losses=losses)
        else:
            payload = Payload.to_port(Port.VCALENDAR, write(found))
            yield Item(kind="calendar", payload=payload, losses=losses)


def sniff(head: bytes) -> bool:
    """Whether a source begins with BEGIN:VCALENDAR, in any case and in UTF-16 too."""
    return contentline.begins(head, "VCALENDAR")


# Showing.


def view(payload: Payload) -> View:
    """Show what the phone will show; a single event's content stands alone, else under "events".

    Raises SourceError for an event that cannot be read.
    """
    events = []
    for found, _losses in read(contentline.received(payload)):
        if isinstance(found, SourceError):
            raise found
        events.append(found)
    contents = [_content(event) for event in events]
    lines = [line for content in contents for line in ("", *_lines(content))]
    return View(
        content=contents[0] if len(contents) == 1 else {"events": contents}, lines=tuple(lines[1:])
    )


def _content(event: Event) -> dict[str, Any]:
    said = {
        "type": "to-do" if event.name == "VTODO" else "event",
        "summary": event.summary,
        "category": event.category,
        "start": _shown_time(event.start),
        "due" if event.name == "VTODO" else "end": _shown_time(event.end),
        "location": event.location,
        "alarm": _shown_time(event.alarm),
        "rule": event.rule,
        "except": [_shown_time(moment) for moment in event.except_for],
        "priority": event.priority,
        "done": event.done,
        "description": event.description,
    }
    return {key: value for key, value in said.items() if value}


def _shown_time(moment: datetime | None) -> str:
    return moment.isoformat().replace("+00:00", "Z") if moment else ""


_LABELS = {"except": "Except for", "rule": "Repeats", "description": "Note"}


def _lines(content: Mapping[str, Any]) -> Iterator[str]:
    pairs = [(_LABELS.get(key, key.capitalize()), _plain(value)) for key, value in content.items()]
    width = max(len(label) for label, _text in pairs)
    for label, text in pairs:
        yield from f"{label:<{width}}  {text}".replace("\n", f"\n{'':<{width}}  ").split("\n")


def _plain(value: Any) -> str:
    values: Iterable[Any] = value if isinstance(value, list) else (value,)
    return ", ".join("yes" if one is True else str(one) for one in values)


CONVERTER = Converter(
    name="calendar",
    summary="iCalendar 2.0 and vCalendar 1.0 events and to-dos for phones",
    suffixes=(".ics", ".vcs", ".ical"),
    sniff=sniff,
    convert=convert,
)
VIEWER = Viewer(kind="calendar", port=Port.VCALENDAR, view=view)

"""iCalendar 2.0 and vCalendar 1.0 to events for phones: vCalendar 1.0 for port 23F5.

One VEVENT or VTODO is one message; what phones cannot repeat by a rule is sent as single events.
Both versions are read by the same content lines; what differs is in the values.

Times are written in one form, that of the start: a time with a zone keeps its own wall clock and
is written floating, a time in UTC keeps its Z, an all-day event starts at T000000. With the option
"tz" everything becomes local time of that zone. Local time is never stamped as UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from functools import cache, partial
from typing import Any

from converters.api import Action, Converter, Item, Loss, Option, Settings, View, Viewer, Writer
from converters.calendars import timezones
from converters.calendars.datetimes import Duration, Time, parse_duration, parse_time
from converters.calendars.draft import Around, Clock, Draft, Entry, zone_of
from converters.calendars.icalendar import SILENT, ics
from converters.calendars.series import Plan, plan_of
from converters.calendars.vcalendar import Event, fitted
from converters.errors import SourceError
from converters.shared import contentlines, fitting
from converters.shared.contentlines import Component, Line, shown
from smsenc import Payload, Port, SmsencError

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
#: Single events in place of a rule that phones cannot hold, unless told otherwise.
EXPANDED = 10
#: Of the exchange and not of the event: their loss is not reported.
BOOKKEEPING = frozenset(
    {
        *("UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "DCREATED", "SEQUENCE", "TRANSP"),
        *("VERSION", "PRODID", "X-IRMC-LUID"),
    }
)
#: Why these are not carried; for all others there is no room on phones.
_WHY = {
    "EXRULE": "phones leave out single dates, not those of a rule",
    "COMPLETED": "phones keep that it is done, not when it was",
}
#: Values that say what is so anyhow.
DEFAULTS = frozenset(
    {
        *(("CLASS", "PUBLIC"), ("STATUS", "CONFIRMED"), ("STATUS", "TENTATIVE")),
        ("PRIORITY", "0"),
    }
)

Found = tuple[Event | SourceError, tuple[Loss, ...]]


# Components to events.


def read(octets: bytes, *, tz: str = "", expand: int = EXPANDED) -> Iterator[Found]:
    """Each event and to-do of a source, or the error that rejects it, with its losses.

    Raises SourceError where there is none at all.
    """
    return ((found, losses) for found, losses, _places in _read(octets, tz, expand))


_Placed = tuple[Event | SourceError, tuple[Loss, ...], Mapping[str, int]]


def _read(octets: bytes, target: str, expand: int) -> Iterator[_Placed]:
    empty, component = True, None
    for component in contentlines.components(octets):
        around = _around(component, target)
        for part in _parts(component):
            empty = False
            try:
                yield from _events(part, around, expand)
            except SourceError as error:
                yield error.at(line=part.number), (), {}
    if component is None:
        raise contentlines.not_found(octets, "a calendar")
    if empty:
        raise SourceError("expected an event or a to-do, found a calendar without")


def _is_whole(component: Component) -> bool:
    return component.name == "VCALENDAR" and not component.error


def _parts(component: Component) -> Iterator[Component]:
    """Content of a calendar, or the component itself where the calendar around it is missing."""
    inside = component.children if _is_whole(component) else [component]
    return (part for part in inside if part.name != "VTIMEZONE")


def _around(calendar: Component, target: str) -> Around:
    line = calendar.first("VERSION")
    version = "1.0" if line and line.raw.strip() == b"1.0" else "2.0"
    inside = calendar.children if _is_whole(calendar) else []
    definitions: dict[str, Component] = {}
    for part in inside:
        if part.name == "VTIMEZONE" and (tzid := part.first("TZID")):
            definitions.setdefault(tzid.raw.decode("utf-8", "replace").strip(), part)
    return Around(
        version=version,
        target=target,
        floating=timezones.of_calendar(calendar.lines) if version == "1.0" else None,
        zone=cache(partial(_zone, definitions)),
        changed=_changed(inside),
    )


def _zone(definitions: Mapping[str, Component], name: str) -> tzinfo | None:
    """Zone by its name, else by its definition: programs know names better than they define."""
    found = timezones.named(name)
    if found is None and name in definitions:
        found = timezones.defined(definitions[name])
    return found


def _changed(parts: Iterable[Component]) -> Mapping[bytes, Sequence[Time]]:
    found: dict[bytes, list[Time]] = {}
    for part in parts:
        line, uid = part.first("RECURRENCE-ID"), part.first("UID")
        if line and uid:
            try:
                time = parse_time(contentlines.value(line).text, line.param("TZID"))
            except SourceError:
                continue  # reported where the property is read
            found.setdefault(uid.raw, []).append(time)
    return found


def _events(component: Component, around: Around, expand: int) -> Iterator[_Placed]:
    """The events of one component: itself, and those that no rule of a phone's can say."""
    entry = _entry(component, around)
    clock = Clock(around, zone_of(entry), {})
    draft = _draft(component, entry, clock)
    uid = component.first("UID")
    if uid and ("RRULE" in entry.said or "RDATE" in entry.said):
        entry.said.setdefault("EXDATE", []).extend(around.changed.get(uid.raw, ()))
    plan = plan_of(draft, entry, clock, expand)
    singles = [_built(draft, clock, start) for start in plan.singles]
    events = [_built(draft, clock, None, plan), *singles] if plan.with_first else singles
    _report_zones(component, clock, entry)
    for event in events:
        yield event, tuple(entry.losses), entry.places
        entry.losses[:] = [loss for loss in entry.losses if loss.what not in ("RRULE", "RDATE")]


def _entry(component: Component, around: Around) -> Entry:
    if component.error:
        raise component.error
    if component.name not in ("VEVENT", "VTODO"):
        raise SourceError(f"expected an event or a to-do, found {component.name}")
    entry = Entry(component.name)
    for line in component.lines:
        _guarded(line, partial(_take, line, component, entry, around), entry)
    if not component.closed:
        why = f"the {component.name} ends without it"
        entry.lose(f"END:{component.name}", Action.SUPPLIED, why)
    if entry.said.get("STATUS") == "CANCELLED":
        raise SourceError("expected an event that takes place, found STATUS:CANCELLED")
    if component.name == "VEVENT" and "DTSTART" not in entry.said:
        raise _no_start(entry)
    return entry


def _no_start(entry: Entry) -> SourceError:
    """Error of an event that has no start, or none that could be read."""
    for loss in entry.losses:
        if loss.what == "DTSTART":
            return SourceError(loss.why, line=loss.line, name="DTSTART")
    return SourceError("expected the start of an event, found none", name="DTSTART")


def _guarded(line: Line, step: Callable[[], None], entry: Entry) -> None:
    """Do a step; what it cannot read costs the property and is listed."""
    try:
        step()
    except SourceError as error:
        name = shown(line.name)[1:-1] or "unreadable line"
        entry.lose(name, Action.LEFT_OUT, error.message, line.number)


def _take(line: Line, component: Component, entry: Entry, around: Around) -> None:
    """Add what a line says to ``entry.said``, under its property's name."""
    if line.name in BOOKKEEPING or not line.raw.strip():
        return
    if not line.name:
        raise SourceError("expected NAME:value")
    if (line.name, line.raw.strip().decode("latin-1").upper()) in DEFAULTS:
        return
    if line.name not in _READERS:
        raise SourceError(_WHY.get(line.name, "phones keep no such property"))
    value = contentlines.value(line, component.lines)
    if value.guess:
        why = f"not in the charset it should be, read as {value.guess}"
        entry.lose(line.name, Action.GUESSED, why, line.number)
    said = _READERS[line.name](line, value, entry, around)
    if not said:
        return
    if line.name in _MANY:
        entry.said.setdefault(line.name, []).extend(said)
    elif line.name in entry.said:
        raise SourceError("phones keep one of them, the first")
    else:
        entry.said[line.name] = said
    entry.places.setdefault(line.name, line.number)


# An entry to a draft of its event.


#: Where the times of an event that is not built yet would stand.
_NO_TIME = datetime(1, 1, 1)  # noqa: DTZ001 - a wall clock


def _draft(component: Component, entry: Entry, clock: Clock) -> Draft:
    for child in component.children:
        trigger = child.first("TRIGGER") or Line("", (), b"", child.number)
        line = replace(trigger, name=child.name)
        _guarded(line, partial(_take_alarm, child, line, entry, clock), entry)
    said = entry.said
    loud, silent = said.get("AALARM"), said.get("DALARM")
    if loud and silent and loud != silent:
        entry.lose("DALARM", Action.LEFT_OUT, "phones keep one alarm")
    start = said.get("DTSTART")
    event = Event(
        name=entry.name,
        summary=said.get("SUMMARY", ""),
        start=_NO_TIME if start else None,
        end=_NO_TIME if _ends(said) else None,
        location=said.get("LOCATION", ""),
        description=said.get("DESCRIPTION", ""),
        loud=bool(loud) or not silent,
        priority=said.get("PRIORITY"),
        done=said.get("STATUS") == "COMPLETED" or "done" in said,
    )
    category = _category(event, component, entry)
    event = replace(event, category=category, summary=_with_number(event, category, component))
    end = _written_end(clock.end(said), start, clock, entry)
    return Draft(event=event, start=start, end=end, alarm=loud or silent)


def _ends(said: Mapping[str, Any]) -> bool:
    return any(name in said for name in ("DTEND", "DUE", "DURATION"))


def _built(draft: Draft, clock: Clock, start: Time | None, plan: Plan | None = None) -> Event:
    """The event as it stands, or with all its times moved as far as another start is."""
    moved = start.wall - draft.base.wall if start and draft.base else timedelta()

    def written(time: Time | None) -> datetime | None:
        return clock.written(time.moved(moved)) if time else None

    return replace(
        draft.event,
        start=written(draft.start),
        end=written(draft.end),
        alarm=written(draft.alarm),
        rule=plan.rule if plan else "",
        except_for=plan.except_for if plan else (),
    )


def _category(event: Event, component: Component, entry: Entry) -> str:
    """First category that phones know, else one that suits an event."""
    said: Sequence[str] = entry.said.get("CATEGORIES", ())
    known = [CATEGORIES[name.upper()] for name in said if name.upper() in CATEGORIES]
    category = known[0] if known else _suited(event, component, entry)
    others = [name for name in said if CATEGORIES.get(name.upper()) != category]
    if others:
        what = f"CATEGORIES {shown(', '.join(others))}"
        why = f"phones keep one of {', '.join(sorted(set(CATEGORIES.values())))}"
        action = Action.REPLACED if category else Action.LEFT_OUT
        entry.lose(what, action, why, entry.places["CATEGORIES"])
    return category


def _suited(event: Event, component: Component, entry: Entry) -> str:
    if event.name == "VTODO":
        return ""
    if event.location or component.first("ATTENDEE"):
        return "MEETING"
    return "MISCELLANEOUS" if entry.said["DTSTART"].is_date else "REMINDER"


_CALLED = re.compile(rb"\s*tel:([+0-9().-]{3,20})", re.IGNORECASE)


def _with_number(event: Event, category: str, component: Component) -> str:
    """Summary of a phone call with the number to call: phones show nothing else of it."""
    if category != "PHONE CALL":
        return event.summary
    found = [match[1] for line in component.lines if (match := _CALLED.match(line.raw))]
    number = re.sub("[^+0-9]", "", found[0].decode("ascii")) if found else ""
    if number in f"{event.summary} {event.description}":
        return event.summary
    return f"{event.summary} {number}".strip()


def _written_end(end: Time | None, start: Time | None, clock: Clock, entry: Entry) -> Time | None:
    """End as phones show it. Of an all-day event it is exclusive in iCalendar (RFC 5545, 3.6.1).

    Of several days it is the last one's T235900; a single day is a day without an end.
    """
    exclusive = clock.around.version == "2.0" and entry.name == "VEVENT"
    if not (exclusive and end and end.is_date and start and start.is_date):
        return end
    last = end.moved(-timedelta(days=1))
    return last.moved(timedelta(hours=23, minutes=59)) if last.wall > start.wall else None


def _report_zones(component: Component, clock: Clock, entry: Entry) -> None:
    for name in clock.unknown:
        line = next((line for line in component.lines if line.param("TZID") == name), None)
        why = f"the zone {shown(name)} is not known; the wall clock is kept"
        entry.lose("TZID", Action.LEFT_OUT, why, line.number if line else None)


# Alarms.


def _take_alarm(alarm: Component, trigger: Line, entry: Entry, clock: Clock) -> None:
    """Turn a VALARM (RFC 5545, 3.6.6) into the time at which the phone rings."""
    action = alarm.first("ACTION")
    kind = action.raw.strip().upper() if action else b"AUDIO"
    if kind == b"NONE":
        return
    if alarm.name != "VALARM" or kind not in (b"AUDIO", b"DISPLAY"):
        raise SourceError("phones only ring")
    name = "DALARM" if alarm.first(SILENT) else "AALARM"
    if "AALARM" in entry.said or name in entry.said:
        raise SourceError("phones keep one alarm, the first")
    text = contentlines.value(trigger).text
    if "P" in text.upper():
        entry.said[name] = _relative(parse_duration(text), trigger, entry, clock)
    else:
        entry.said[name] = parse_time(text, trigger.param("TZID"))
    entry.places.setdefault(name, trigger.number)


def _relative(by: Duration, trigger: Line, entry: Entry, clock: Clock) -> Time:
    start: Time | None = entry.said.get("DTSTART")
    from_end = trigger.param("RELATED").upper() == "END" or start is None
    base = (clock.end(entry.said) or start) if from_end else start
    if base is None:
        raise SourceError("expected a start or an end to count from, found none")
    return clock.shifted(base, by)


# Values. Each reader gets its line, the value, the entry so far and the calendar around it.

_Reader = Callable[[Line, contentlines.Value, Entry, Around], Any]


def _time(line: Line, value: contentlines.Value, _entry: Entry, _around: Around) -> Time:
    return parse_time(value.text, line.param("TZID"))


def _duration(_line: Line, value: contentlines.Value, _entry: Entry, _around: Around) -> Duration:
    return parse_duration(value.text)


def _times(line: Line, value: contentlines.Value, entry: Entry, _around: Around) -> list[Time]:
    """EXDATE and RDATE, by commas in iCalendar, by semicolons in 1.0; of periods the start."""
    texts = [text.partition("/")[0] for text in re.split("[,;]", value.text) if text.strip()]
    left = MOST_EXCEPTIONS - len(entry.said.get(line.name, ()))
    if len(texts) > left:
        why = f"expected at most {MOST_EXCEPTIONS} of them, found more"
        entry.lose(line.name, Action.CUT, why, line.number)
    return [parse_time(text, line.param("TZID")) for text in texts[:left]]


def _recurrence_id(line: Line, value: contentlines.Value, entry: Entry, _around: Around) -> Time:
    """One event of a series, changed: an event of its own, and an exception in the series."""
    if line.param("RANGE"):
        why = "this one event is changed, the others of the series stay"
        entry.lose("RECURRENCE-ID", Action.CUT, why, line.number)
    return parse_time(value.text, line.param("TZID"))


def _alarm(_line: Line, value: contentlines.Value, _entry: Entry, _around: Around) -> Time | None:
    """AALARM and DALARM of 1.0: run time;snooze;repeat;content. Phones heed the run time."""
    return parse_time(value.fields[0]) if value.fields[0] else None


def _rule_text(_line: Line, value: contentlines.Value, _entry: Entry, _around: Around) -> str:
    return value.text.upper()


def _text(_line: Line, value: contentlines.Value, _entry: Entry, _around: Around) -> str:
    return value.text


def _categories(
    _line: Line, value: contentlines.Value, _entry: Entry, _around: Around
) -> tuple[str, ...]:
    return tuple(name.strip() for name in re.split("[,;]", value.text) if name.strip())


def _priority(_line: Line, value: contentlines.Value, entry: Entry, around: Around) -> int | None:
    """1 high, 2, 3 low, of to-dos; iCalendar's 1..9 in threes (RFC 5545, 3.8.1.9)."""
    if entry.name != "VTODO":
        if value.text == "5":
            return None  # the middle: what is so anyhow
        raise SourceError("phones keep a priority of to-dos only")
    if not re.fullmatch("[1-9]", value.text):
        raise SourceError(f"expected a priority 1..9, found {shown(value.text)}")
    number = int(value.text)
    return min(number, 3) if around.version == "1.0" else (number + 2) // 3


def _status(_line: Line, value: contentlines.Value, _entry: Entry, _around: Around) -> str:
    status = value.text.upper().replace("-", " ")
    if status not in ("COMPLETED", "NEEDS ACTION", "CANCELLED"):
        raise SourceError(f"phones do not know {shown(status)}")
    return status


def _completed(_line: Line, _value: contentlines.Value, entry: Entry, _around: Around) -> None:
    entry.said["done"] = True
    raise SourceError(_WHY["COMPLETED"])


_MANY = ("CATEGORIES", "EXDATE", "RDATE")
_READERS: Mapping[str, _Reader] = {
    "SUMMARY": _text,
    "DESCRIPTION": _text,
    "LOCATION": _text,
    "CATEGORIES": _categories,
    "DTSTART": _time,
    "DTEND": _time,
    "DUE": _time,
    "DURATION": _duration,
    "RRULE": _rule_text,
    "RDATE": _times,
    "EXDATE": _times,
    "RECURRENCE-ID": _recurrence_id,
    "AALARM": _alarm,
    "DALARM": _alarm,
    "PRIORITY": _priority,
    "STATUS": _status,
    "COMPLETED": _completed,
}


# Sources to messages.


def convert(octets: bytes, settings: Settings) -> Iterator[Item]:
    """One item an event or to-do. Raises SourceError where there is none."""
    room = fitting.room(settings["max-parts"], port=Port.VCALENDAR)
    fit = partial(fitted, room=room, charset=settings["charset"], strict=settings["strict"])
    for found, losses, places in _read(octets, settings["tz"], settings["expand"]):
        if isinstance(found, SourceError):
            yield Item(kind="calendar", error=found, losses=losses)
            continue
        try:
            written, more = fit(found, places=places)
        except SmsencError as error:
            yield Item(kind="calendar", error=error, losses=losses)
        else:
            payload = Payload.to_port(Port.VCALENDAR, written)
            yield Item(kind="calendar", payload=payload, losses=losses + more)


def sniff(head: bytes) -> bool:
    """Whether a source begins with BEGIN:VCALENDAR, in any case and in UTF-16 too."""
    return contentlines.begins(head, "VCALENDAR")


# Showing.


def view(payload: Payload) -> View:
    """Show what the phone will show; a single event's content stands alone, else under "events".

    Raises SourceError for an event that cannot be read.
    """
    contents = [_content(event) for event in contentlines.accepted(read, payload)]
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


def _expansion(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_EXCEPTIONS):
        raise ValueError(f"expected a number of events 1..{MOST_EXCEPTIONS}")
    return int(text)


#: As typed, and as CHARSET names them.
CHARSETS = {"utf-8": "UTF-8", "latin-1": "ISO-8859-1", "ascii": "US-ASCII"}


def _charset(text: str) -> str:
    if text.lower() not in CHARSETS:
        raise ValueError(f"expected {' or '.join(CHARSETS)}")
    return CHARSETS[text.lower()]


OPTIONS = (
    *fitting.OPTIONS,
    Option("tz", "zone in whose local time everything is written", timezones.parse_zone, ""),
    Option("expand", "most single events in place of a rule", _expansion, EXPANDED),
    Option("charset", "utf-8, latin-1 or ascii: how letters are written", _charset, "UTF-8"),
)
CONVERTER = Converter(
    name="calendar",
    summary="iCalendar 2.0 and vCalendar 1.0 events and to-dos for phones",
    suffixes=(".ics", ".vcs", ".ical"),
    sniff=sniff,
    convert=convert,
    options=OPTIONS,
)
VIEWER = Viewer(
    kind="calendar",
    port=Port.VCALENDAR,
    view=view,
    writers=(
        Writer(
            ".ics",
            lambda payload: ics(contentlines.accepted(read, payload)),
            joins=True,
        ),
        Writer(".vcs", contentlines.received, joins=True),
    ),
)

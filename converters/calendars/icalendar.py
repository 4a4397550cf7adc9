"""Events to iCalendar 2.0 (RFC 5545) for other programs, written by icalendar."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from converters.calendars import recurrence
from converters.calendars.vcalendar import Event, write

if TYPE_CHECKING:
    import icalendar  # heavy: imported by the functions that need it

#: Distinguishes DALARM from AALARM: most programs ring for a VALARM that only displays.
SILENT = "X-SMSENC-SILENT"
#: A phone's 1..3 to the middle of each third of 1..9 (RFC 5545, 3.8.1.9).
_PRIORITIES = {1: 1, 2: 5, 3: 9}
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def ics(events: Iterable[Event]) -> bytes:
    """Octets of a file with these events, in UTF-8 with CR LF at line ends."""
    from icalendar import Calendar  # noqa: PLC0415 - heavy, needed only here

    tree = Calendar()
    tree.add("version", "2.0")
    tree.add("prodid", "-//smsenc//EN")
    for event in events:
        tree.add_component(_component(event))
    octets: bytes = tree.to_ical()  # has no type
    return octets


def _component(event: Event) -> icalendar.Component:
    from icalendar import Event as VEvent  # noqa: PLC0415 - heavy, needed only here
    from icalendar import Todo, vRecur  # noqa: PLC0415 - heavy, needed only here

    component = Todo() if event.name == "VTODO" else VEvent()
    for name, value in _properties(event):
        component.add(name, value)
    rule = _rule(event)
    if rule:
        component.add("RRULE", vRecur.from_ical(rule))
    for moment in event.except_for:
        component.add("EXDATE", moment)
    if event.priority:
        component.add("PRIORITY", _PRIORITIES[event.priority])
    if event.alarm:
        component.add_component(_alarm(event, event.alarm))
    return component


def _properties(event: Event) -> Iterator[tuple[str, object]]:
    from icalendar import vText  # noqa: PLC0415 - heavy, needed only here

    # Both are compulsory; made from the event, so that the same event gives the same octets.
    yield "UID", hashlib.sha256(write(event)).hexdigest()[:32]
    yield "DTSTAMP", (event.start or event.end or _NO_TIME).replace(tzinfo=UTC)
    texts = {
        "SUMMARY": event.summary,
        "LOCATION": event.location,
        "DESCRIPTION": event.description,
        "CATEGORIES": event.category,
        "STATUS": "COMPLETED" if event.done else "",
    }
    yield from ((name, vText(text)) for name, text in texts.items() if text)
    if event.start:
        yield "DTSTART", event.start
    if event.end:
        yield "DUE" if event.name == "VTODO" else "DTEND", event.end


def _rule(event: Event) -> str:
    start = event.start or event.end
    if not event.rule or not start:
        return ""
    base = start.replace(tzinfo=None)
    rule = recurrence.from_vcal(event.rule, base)
    return recurrence.to_ical(recurrence.only_one_end(rule, base))


def _alarm(event: Event, moment: datetime) -> icalendar.Alarm:
    """Alarm relative to the start, else to the end; absolute if only one of both is in UTC."""
    from icalendar import Alarm  # noqa: PLC0415 - heavy, needed only here

    base = event.start or event.end
    alarm = Alarm()
    alarm.add("ACTION", "AUDIO" if event.loud else "DISPLAY")
    if not event.loud:
        alarm.add(SILENT, "TRUE")
        alarm.add("DESCRIPTION", event.summary or "Alarm")
    if base is None or (base.tzinfo is None) != (moment.tzinfo is None):
        alarm.add("TRIGGER", moment, parameters={"VALUE": "DATE-TIME"})
        return alarm
    related = {} if event.start else {"RELATED": "END"}
    alarm.add("TRIGGER", moment - base, parameters=related)
    return alarm

"""Events to iCalendar 2.0 (RFC 5545) for programs, through icalendar's tree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from converters.calendars import recurrence
from converters.calendars.vcalendar import Event, write

#: Tells AALARM from DALARM: a VALARM with a display alone is loud to most programs.
SILENT = "X-SMSENC-SILENT"
#: 1..3 of phones in the middle of the thirds of 1..9 (RFC 5545, 3.8.1.9).
_PRIORITIES = {1: 1, 2: 5, 3: 9}
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def ics(events: Iterable[Event]) -> bytes:
    """Octets of a file with these events, in UTF-8, CR LF at the end of lines."""
    from icalendar import Calendar  # noqa: PLC0415 - heavy, wanted only here

    tree: Any = Calendar()
    tree.add("version", "2.0")
    tree.add("prodid", "-//smsenc//EN")
    for event in events:
        tree.add_component(_component(event))
    octets: bytes = tree.to_ical()
    return octets


def _component(event: Event) -> Any:
    from icalendar import Event as Entry  # noqa: PLC0415 - heavy, wanted only here
    from icalendar import Todo, vText  # noqa: PLC0415 - heavy, wanted only here

    entry: Any = Todo() if event.name == "VTODO" else Entry()
    # Both are compulsory; made from the event, so that the same event is the same octets.
    entry.add("UID", hashlib.sha256(write(event)).hexdigest()[:32])
    entry.add("DTSTAMP", (event.start or event.end or _NO_TIME).replace(tzinfo=UTC))
    for name, text in _texts(event):
        entry.add(name, vText(text))
    for name, moment in (("DTSTART", event.start), (_end_name(event), event.end)):
        if moment:
            entry.add(name, moment)
    if event.rule and (start := event.start or event.end):
        rule = recurrence.only_one_end(recurrence.from_vcal(event.rule), start.replace(tzinfo=None))
        entry.add("RRULE", _recur(recurrence.to_ical(rule)))
    for moment in event.except_for:
        entry.add("EXDATE", moment)
    if event.priority:
        entry.add("PRIORITY", _PRIORITIES[event.priority])
    if event.alarm:
        entry.add_component(_alarm(event, event.alarm))
    return entry


def _texts(event: Event) -> Iterable[tuple[str, str]]:
    said = {
        "SUMMARY": event.summary,
        "LOCATION": event.location,
        "DESCRIPTION": event.description,
        "CATEGORIES": event.category,
        "STATUS": "COMPLETED" if event.done else "",
    }
    return ((name, text) for name, text in said.items() if text)


def _end_name(event: Event) -> str:
    return "DUE" if event.name == "VTODO" else "DTEND"


def _recur(text: str) -> Any:
    from icalendar import vRecur  # noqa: PLC0415 - heavy, wanted only here

    return vRecur(vRecur.from_ical(text))


def _alarm(event: Event, moment: datetime) -> Any:
    """Alarm relative to the start, else to the end; one in another form is absolute."""
    from icalendar import Alarm  # noqa: PLC0415 - heavy, wanted only here

    base = event.start or event.end
    alarm: Any = Alarm()
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

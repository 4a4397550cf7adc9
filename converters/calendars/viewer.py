"""Events in payloads: what the phone shows, and the files they are saved to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from converters.api import View, Viewer, Writer
from converters.calendars.icalendar import ics
from converters.calendars.reader import read
from converters.calendars.vcalendar import Event
from converters.shared import contentlines
from converters.shared.views import view_of
from smsenc import Payload, Port


def view(payload: Payload) -> View:
    """Events as the phone shows them. The content is that of a single event, or under "events".

    Raises SourceError for an event that cannot be read.
    """
    contents = [_content(event) for event in contentlines.accepted(read, payload)]
    return view_of("events", contents, map(_labelled, contents))


def _content(event: Event) -> dict[str, object]:
    content = {
        "type": "to-do" if event.name == "VTODO" else "event",
        "summary": event.summary,
        "category": event.category,
        "start": _iso(event.start),
        "due" if event.name == "VTODO" else "end": _iso(event.end),
        "location": event.location,
        "alarm": _iso(event.alarm),
        "rule": event.rule,
        "except": list(map(_iso, event.except_for)),
        "priority": event.priority,
        "done": event.done,
        "description": event.description,
    }
    return {key: value for key, value in content.items() if value}


def _iso(moment: datetime | None) -> str:
    return moment.isoformat().replace("+00:00", "Z") if moment else ""


_LABELS = {"except": "Except for", "rule": "Repeats", "description": "Note"}


def _labelled(content: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in content.items():
        values = value if isinstance(value, list) else [value]
        text = ", ".join("yes" if one is True else str(one) for one in values)
        yield _LABELS.get(key, key.capitalize()), text


def write_ics(payload: Payload) -> bytes:
    """Events of a payload as iCalendar 2.0; raises SourceError if one cannot be read."""
    return ics(contentlines.accepted(read, payload))


VIEWER = Viewer(
    kind="calendar",
    port=Port.VCALENDAR,
    view=view,
    writers=(
        Writer(".ics", write_ics, joins=True),
        Writer(".vcs", contentlines.received, joins=True),
    ),
)

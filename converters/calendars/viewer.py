"""Events in payloads: what the phone shows, and the files they are saved to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from converters.api import View, Viewer, Writer
from converters.calendars.icalendar import ics
from converters.calendars.reader import read
from converters.calendars.vcalendar import Event
from converters.loading import later
from converters.shared import contentlines
from converters.shared.glass import TextScreen, screen_of
from converters.shared.views import view_of
from smsenc import Payload, Port


def view(payload: Payload) -> View:
    """Events as the phone shows them. The content is that of a single event, or under "events".

    Raises SourceError for an event that cannot be read.
    """
    return _view(list(contentlines.accepted(read, payload)))


def in_zone(payload: Payload, zone: str) -> View:
    """The same, with times in the local time of a zone if it is known whose time they are."""
    known = list(contentlines.accepted(read, payload))
    local = list(contentlines.accepted(partial(read, tz=zone), payload))
    return _view(local, zone if local != known else "")


def _view(events: Sequence[Event], zone: str = "") -> View:
    contents = [_content(event) for event in events]
    pairs = (
        (*_labelled(content), ("Zone", zone or _zone(event)))
        for content, event in zip(contents, events, strict=True)
    )
    return view_of("events", contents, pairs)


def _zone(event: Event) -> str:
    """In which zone the times of an event are; empty without a time."""
    time = event.start or event.end
    if time is None:
        return ""
    return "UTC" if time.tzinfo else "none: the local time of the phone"


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


def screen(payload: Payload) -> TextScreen:
    """Events as the phone shows calendar notes that arrive: what, when, where."""
    events = list(contentlines.accepted(read, payload))
    title = "To-do" if all(event.name == "VTODO" for event in events) else "Calendar"
    return TextScreen("\n\n".join(map(_note, events)), title=title, key="Save")


def _note(event: Event) -> str:
    lines = (
        event.summary,
        _when("", event.start),
        _when("Due: " if event.name == "VTODO" else "to ", event.end, event.start),
        event.location,
        _when("Alarm: ", event.alarm, event.start),
        event.rule and f"Repeats: {event.rule}",
        event.description,
    )
    return "\n".join(filter(None, lines))


def _when(label: str, moment: datetime | None, near: datetime | None = None) -> str:
    """A date and time; the time alone if the date is that of ``near``."""
    if moment is None:
        return ""
    day = "" if near and near.date() == moment.date() else f"{moment:%d.%m.%Y} "
    return f"{label}{day}{moment:%H:%M}{' UTC' if moment.tzinfo else ''}"


def write_ics(payload: Payload) -> bytes:
    """Events of a payload as iCalendar 2.0; raises SourceError if one cannot be read."""
    return ics(contentlines.accepted(read, payload))


VIEWER = Viewer(
    kind="calendar",
    port=Port.VCALENDAR,
    view=view,
    in_zone=in_zone,
    writers=(
        Writer(".ics", write_ics, joins=True),
        Writer(".vcs", contentlines.received, joins=True),
    ),
    previews=(screen_of(screen),),
    explain=partial(later("converters.shared.contentlines.explaining:lines"), "vCalendar 1.0"),
)

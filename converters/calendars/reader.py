"""iCalendar 2.0 and vCalendar 1.0 to events as phones keep them.

The same content lines serve both versions; the values differ. Each VEVENT or VTODO is one event;
a rule that phones cannot repeat becomes single events.

All times are written in the form of the start: a time with a zone keeps its wall clock and is
written floating, a time in UTC keeps its Z, an all-day event starts at T000000. With a target zone
everything becomes local time of that zone. Local time is never marked as UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from converters.api import Action, Loss
from converters.calendars.context import context_of, is_calendar
from converters.calendars.datetimes import Time
from converters.calendars.draft import Clock, Context, Draft, Entry, Single
from converters.calendars.entries import entry_of, settle
from converters.calendars.series import Plan, plan_of
from converters.calendars.vcalendar import Event
from converters.calendars.versions import events_of
from converters.errors import SourceError
from converters.shared import contentlines
from converters.shared.contentlines import Component
from converters.shared.words import quoted

#: Categories that phones know, by Nokia's names, and what other programs call them.
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
#: Most single events in place of a rule that phones cannot hold, by default.
EXPANDED = 10


class Placed(NamedTuple):
    """An event, and the lines of its properties in the source."""

    event: Event
    places: Mapping[str, int]


Losses = tuple[Loss, ...]


def read(
    octets: bytes, *, tz: str = "", expand: int = EXPANDED, cancelled: bool = False
) -> Iterator[tuple[Event | SourceError, Losses]]:
    """Each event and to-do of a source, or the error that rejects it, with its losses.

    An event that is cancelled is rejected, unless ``cancelled`` asks for it. Raises SourceError if
    there is none at all.
    """
    for found, losses in read_places(octets, tz, expand, cancelled=cancelled):
        yield found if isinstance(found, SourceError) else found.event, losses


def read_places(
    octets: bytes, target: str, expand: int, *, cancelled: bool = False
) -> Iterator[tuple[Placed | SourceError, Losses]]:
    """As ``read``, with the lines of the properties."""
    empty, component = True, None
    for component in contentlines.components(octets):
        context = context_of(component, target, cancelled=cancelled)
        for part in _parts(component):
            empty = False
            try:
                yield from _events(part, context, expand)
            except SourceError as error:
                yield error.at(line=part.number), ()
    if component is None:
        raise contentlines.not_found(octets, "a calendar")
    if empty:
        raise SourceError("expected an event or a to-do, found a calendar with neither")


def _parts(calendar: Component) -> Iterator[Component]:
    """The components to convert: those of a calendar, or one that is in no calendar.

    A cancelled event of a series is no event: it is an exception of the series. Nor is an earlier
    version of an event.
    """
    inside = is_calendar(calendar)
    parts = calendar.children if inside else [calendar]
    parts = [part for part in parts if part.name != "VTIMEZONE"]
    losses = [*calendar.losses, *_lines_of_no_event(calendar)] if inside else []
    for part in events_of(parts):
        part.losses = [*losses, *part.losses]
        losses = []
        yield part


def _lines_of_no_event(calendar: Component) -> Iterator[Loss]:
    """Properties of an event that stand in the calendar itself, because a BEGIN is missing."""
    for line in calendar.lines:
        if line.name in ("DTSTART", "SUMMARY"):
            why = "it stands outside of an event"
            yield Loss(what=line.name, action=Action.LEFT_OUT, why=why, line=line.number)


# A component to its events.


def _events(component: Component, context: Context, expand: int) -> Iterator[tuple[Placed, Losses]]:
    """The events of one component: itself, and those that a phone's rule cannot express."""
    entry = entry_of(component, context)
    clock = Clock(context, entry.zone)
    draft = _draft(component, entry, clock)
    plan = plan_of(draft, entry, clock, expand)
    singles = [_built(draft, clock, single) for single in plan.singles]
    events = [_built(draft, clock, None, plan), *singles] if plan.with_first else singles
    if not events:
        _check_sent_apart(component, context)
    _report_zones(component, clock, entry)
    losses = tuple(entry.losses)
    for event in events:
        yield Placed(event, entry.places), losses
        losses = tuple(loss for loss in losses if loss.what not in ("RRULE", "RDATE", "EXDATE"))


def _check_sent_apart(component: Component, context: Context) -> None:
    """A series without any date is no event, unless all its dates are sent separately."""
    uid = component.first("UID")
    if not uid or uid.raw not in context.apart:
        raise SourceError(
            "expected an event that takes place, found a series without any date left"
        )


#: Takes the place of the times of an event that is not built yet.
_NO_TIME = datetime(1, 1, 1)  # noqa: DTZ001 - a wall clock


def _draft(component: Component, entry: Entry, clock: Clock) -> Draft:
    alarm = settle(component, entry, clock)
    event = Event(
        name=entry.name,
        summary=entry.summary,
        start=_NO_TIME if entry.start else None,
        end=_NO_TIME if entry.end or entry.due else None,
        location=entry.location,
        description=entry.description,
        loud=bool(entry.audible_alarm) or not alarm,
        priority=entry.priority,
        done=entry.status == "COMPLETED" or entry.completed,
    )
    category = _category(event, component, entry)
    event = replace(event, category=category, summary=_with_number(event, category, component))
    end = _shown_end(clock.end(entry), clock.context.version, entry)
    return Draft(event=event, start=entry.start, end=end, alarm=alarm)


def _built(draft: Draft, clock: Clock, single: Single | None, plan: Plan | None = None) -> Event:
    """The event at its own time, or with all its times moved to a single date of the series."""
    moved = single.start.wall - draft.base.wall if single and draft.base else timedelta()

    def written(time: Time | None) -> datetime | None:
        return clock.written(time.moved(moved)) if time else None

    own = single.end if single else None
    return replace(
        draft.event,
        start=written(draft.start),
        end=clock.written(own) if own else written(draft.end),
        alarm=written(draft.alarm),
        rule=plan.rule if plan else "",
        except_for=plan.except_for if plan else (),
    )


def _category(event: Event, component: Component, entry: Entry) -> str:
    """First category that phones know, else one that suits the event."""
    names = entry.categories
    known = [CATEGORIES[name.upper()] for name in names if name.upper() in CATEGORIES]
    category = known[0] if known else _suitable_category(event, component, entry)
    others = [name for name in names if CATEGORIES.get(name.upper()) != category]
    if others:
        what = f"CATEGORIES {quoted(', '.join(others))}"
        why = f"phones keep one of {', '.join(sorted(set(CATEGORIES.values())))}"
        action = Action.REPLACED if category else Action.LEFT_OUT
        entry.lose(what, action, why, entry.places.get("CATEGORIES"))
    return category


def _suitable_category(event: Event, component: Component, entry: Entry) -> str:
    if event.name == "VTODO":
        return ""
    if event.location or component.first("ATTENDEE"):
        return "MEETING"
    return "MISCELLANEOUS" if entry.start and entry.start.is_date else "REMINDER"


_TEL_URI = re.compile(rb"\s*tel:([+0-9().-]{3,20})", re.IGNORECASE)


def _with_number(event: Event, category: str, component: Component) -> str:
    """Summary, for a phone call with the number to call: phones show nothing else of it."""
    if category != "PHONE CALL":
        return event.summary
    found = [match[1] for line in component.lines if (match := _TEL_URI.match(line.raw))]
    number = re.sub("[^+0-9]", "", found[0].decode("ascii")) if found else ""
    if number in f"{event.summary} {event.description}":
        return event.summary
    return f"{event.summary} {number}".strip()


def _shown_end(end: Time | None, version: str, entry: Entry) -> Time | None:
    """End as phones show it. iCalendar gives the day after an all-day event (RFC 5545, 3.6.1).

    An event of several days gets T235900 of its last day; a single day gets no end.
    """
    exclusive = version == "2.0" and entry.name == "VEVENT"
    start = entry.start
    if not (exclusive and end and end.is_date and start and start.is_date):
        return end
    last = end.moved(-timedelta(days=1))
    return last.moved(timedelta(hours=23, minutes=59)) if last.wall > start.wall else None


def _report_zones(component: Component, clock: Clock, entry: Entry) -> None:
    for name in clock.unknown:
        line = next((line for line in component.lines if line.param("TZID") == name), None)
        why = f"the zone {quoted(name)} is unknown; the local time is kept"
        entry.lose("TZID", Action.LEFT_OUT, why, line.number if line else None)

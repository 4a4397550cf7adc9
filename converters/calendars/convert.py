"""Sources of iCalendar 2.0 and vCalendar 1.0 to messages: one event each, for port 23F5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from converters.api import Action, Converter, Item, Loss, Option
from converters.calendars import timezones
from converters.calendars.properties import MOST_EXCEPTIONS
from converters.calendars.reader import EXPANDED, Placed, read_places
from converters.calendars.sniffing import sniff
from converters.calendars.vcalendar import fitted
from converters.shared import contentlines, fitting
from converters.shared.contentlines.payloads import Written
from converters.shared.parsers import CHARSETS, choice, flag, whole_number
from smsenc import Port


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSettings:
    """The options of the converter; ``charset`` is its name in CHARSET, ``tz`` may be empty."""

    max_parts: int
    strict: bool
    tz: str
    expand: int
    charset: str
    cancelled: bool


OPTIONS = (
    *fitting.OPTIONS,
    Option("tz", "zone in whose local time everything is written", timezones.parse_zone, ""),
    Option(
        "expand",
        "maximum number of events that a recurrence rule is expanded into",
        whole_number(1, MOST_EXCEPTIONS, "a number of events"),
        EXPANDED,
    ),
    Option(
        "charset", "utf-8, latin-1 or ascii: how letters are written", choice(CHARSETS), "UTF-8"
    ),
    Option("cancelled", "yes: send events that are cancelled too", flag, default=False),
)


def convert(octets: bytes, settings: CalendarSettings) -> Iterator[Item]:
    """One item for each event or to-do. Raises SourceError if there is none."""
    room = fitting.room(settings.max_parts, port=Port.VCALENDAR)

    def write(found: Placed) -> Written:
        written, losses = fitted(
            found.event,
            room,
            charset=settings.charset,
            strict=settings.strict,
            places=found.places,
        )
        return written, (*_in_utc(found), *losses)

    found = read_places(octets, settings.tz, settings.expand, cancelled=settings.cancelled)
    return contentlines.packed("calendar", Port.VCALENDAR, found, write)


def _in_utc(found: Placed) -> Iterator[Loss]:
    """That the times stay in UTC, which happens only if no zone was given to write them in."""
    event = found.event
    what = "DTSTART" if event.start else "DUE"
    time = event.start or event.end
    if time and time.tzinfo:
        why = "phones may show UTC as local time; set --tz"
        yield Loss(what=what, action=Action.GUESSED, why=why, line=found.places.get(what))


CONVERTER = Converter(
    name="calendar",
    summary="iCalendar 2.0 and vCalendar 1.0 events and to-dos for phones",
    suffixes=(".ics", ".vcs", ".ical"),
    sniff=sniff,
    convert=convert,
    options=OPTIONS,
    settings_class=CalendarSettings,
)

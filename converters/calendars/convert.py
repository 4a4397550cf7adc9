"""Sources of iCalendar 2.0 and vCalendar 1.0 to messages: one event each, for port 23F5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from converters.api import Converter, Item, Option
from converters.calendars import timezones
from converters.calendars.properties import MOST_EXCEPTIONS
from converters.calendars.reader import EXPANDED, read_places
from converters.calendars.vcalendar import fitted
from converters.errors import SourceError
from converters.shared import contentlines, fitting
from converters.shared.parsers import CHARSETS, choice, whole_number
from smsenc import Port


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSettings:
    """The options of the converter; ``charset`` is its name in CHARSET, ``tz`` may be empty."""

    max_parts: int
    strict: bool
    tz: str
    expand: int
    charset: str


OPTIONS = (
    *fitting.OPTIONS,
    Option("tz", "zone in whose local time everything is written", timezones.parse_zone, ""),
    Option(
        "expand",
        "most single events in place of a rule",
        whole_number(1, MOST_EXCEPTIONS, "a number of events"),
        EXPANDED,
    ),
    Option(
        "charset", "utf-8, latin-1 or ascii: how letters are written", choice(CHARSETS), "UTF-8"
    ),
)


def convert(octets: bytes, settings: CalendarSettings) -> Iterator[Item]:
    """One item for each event or to-do. Raises SourceError if there is none."""
    room = fitting.room(settings.max_parts, port=Port.VCALENDAR)
    write = partial(fitted, room=room, charset=settings.charset, strict=settings.strict)
    for found in read_places(octets, settings.tz, settings.expand):
        event, losses, places = found
        if isinstance(event, SourceError):
            yield Item(kind="calendar", error=event, losses=losses)
        else:
            write_one = partial(write, event, places=places)
            yield contentlines.packed("calendar", Port.VCALENDAR, losses, write_one)


def sniff(head: bytes) -> bool:
    """Whether a source begins with BEGIN:VCALENDAR, in any case and in UTF-16 too."""
    return contentlines.begins(head, "VCALENDAR")


CONVERTER = Converter(
    name="calendar",
    summary="iCalendar 2.0 and vCalendar 1.0 events and to-dos for phones",
    suffixes=(".ics", ".vcs", ".ical"),
    sniff=sniff,
    convert=convert,
    options=OPTIONS,
    settings_class=CalendarSettings,
)

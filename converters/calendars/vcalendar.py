"""What a phone keeps of an event or a to-do, and its octets: vCalendar 1.0 (versit, 1996)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from converters.api import Loss
from converters.calendars.recurrence import stamp
from converters.errors import SourceError
from converters.shared import fitting
from converters.shared.contentlines import Row, content_line, escape
from converters.shared.contentlines.payloads import Written
from converters.shared.fitting import Field
from converters.shared.transliterate import Transliteration


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A VEVENT or VTODO as phones keep it. Times are naive (floating) or in UTC.

    ``end`` is DTEND, in a to-do DUE; ``rule`` is in the grammar of vCalendar 1.0; ``priority`` is
    1 (high) to 3, in to-dos; ``loud`` distinguishes AALARM from DALARM.
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
            raise SourceError("expected the start of an event, found none", name="DTSTART")
        if not (self.summary or self.description or self.location or self.start or self.end):
            raise SourceError("expected a text or a time, found neither", name="SUMMARY")


#: A beginning of these is useful.
_CUTTABLE = frozenset({"SUMMARY", "LOCATION", "DESCRIPTION"})


def _rows(event: Event) -> list[Row]:
    """What the event says, in written order. Rank 0 is compulsory: its time.

    Short properties that change the meaning of others rank before the long texts.
    """
    end = "DUE" if event.name == "VTODO" else "DTEND"
    alarm = "AALARM" if event.loud else "DALARM"
    rows = [
        Row("CATEGORIES", event.category, 8),
        Row("SUMMARY", escape(event.summary), 2),
        Row("DTSTART", _stamps(event.start), 0),
        Row(end, _stamps(event.end), 4 if event.start else 0),
        Row("LOCATION", escape(event.location), 6),
        Row("DESCRIPTION", escape(event.description), 9),
        Row(alarm, _stamps(event.alarm), 5),
        Row("RRULE", event.rule, 1),
        Row("EXDATE", _stamps(*event.except_for), 3),
        Row("PRIORITY", str(event.priority or ""), 7),
        Row("STATUS", "COMPLETED" if event.done else "", 7),
    ]
    return [row for row in rows if row.text]


def _stamps(*moments: datetime | None) -> str:
    return ";".join(stamp(moment) for moment in moments if moment)


def _frame(event: Event) -> tuple[bytes, bytes]:
    name = event.name.encode()
    begin = b"BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:%b\r\n" % name
    return begin, b"END:%b\r\nEND:VCALENDAR\r\n" % name


def write(event: Event, charset: str = "UTF-8") -> bytes:
    """Octets of the event in a calendar of its own, however many there are."""
    begin, end = _frame(event)
    return b"".join((begin, *[row.line(charset) for row in _rows(event)], end))


def fitted(
    event: Event, room: int, *, charset: str, strict: bool, places: Mapping[str, int]
) -> Written:
    """Octets of the event in at most ``room``, and what is lost; fields go in by their rank.

    ``places`` are the lines of its properties in the source. Raises GuardError if the start does
    not fit, and with ``strict`` if anything does not.
    """
    event, losses = _in_charset(event, charset, places)
    complete = write(event, charset)
    if len(complete) <= room:
        return complete, losses
    begin, end = _frame(event)
    fields = [_field(row, charset, places) for row in _rows(event)]
    lines, more = fitting.fit(fields, room, len(begin) + len(end), strict=strict)
    return b"".join((begin, lines, end)), losses + more


def _field(row: Row, charset: str, places: Mapping[str, int]) -> Field:
    octets = row.line(charset)
    return Field(row.name, octets, row.rank, _shortening(row, charset), places.get(row.name))


def _shortening(row: Row, charset: str) -> Callable[[int], bytes | None] | None:
    if row.name == "EXDATE":
        return partial(_first_dates, row.text)
    return partial(row.beginning, charset) if row.name in _CUTTABLE else None


def _first_dates(text: str, most: int) -> bytes | None:
    room = max(most - len(content_line("EXDATE", "")), 0)
    end = len(text) if len(text) <= room else text.rfind(";", 0, room + 1)
    return content_line("EXDATE", text[:end]) if end > 0 else None


def _in_charset(
    event: Event, charset: str, places: Mapping[str, int]
) -> tuple[Event, tuple[Loss, ...]]:
    """The event in letters that the charset holds, before anything is escaped."""
    if charset == "UTF-8":
        return event, ()
    letters = Transliteration(charset, places)
    written = replace(
        event,
        summary=letters.text("SUMMARY", event.summary),
        location=letters.text("LOCATION", event.location),
        description=letters.text("DESCRIPTION", event.description),
    )
    return written, tuple(letters.losses)

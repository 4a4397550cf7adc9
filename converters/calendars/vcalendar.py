"""What a phone keeps of an event or a to-do, and its octets: vCalendar 1.0 (versit, 1996)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from converters.api import Action, Loss
from converters.calendars.recurrence import stamp
from converters.errors import SourceError
from converters.shared import fitting
from converters.shared.contentlines import content_line, escape, shown, unescape
from converters.shared.fitting import Field
from converters.shared.transliterate import transliterated


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
            raise SourceError("expected the start of an event, found none", name="DTSTART")
        if not (self.summary or self.description or self.location or self.start or self.end):
            raise SourceError("expected a text or a time, found neither", name="SUMMARY")


#: A property as it is written: name, value with its escapes, rank of importance.
_Row = tuple[str, str, int]
_TEXTS = ("summary", "location", "description")
#: A beginning of these is of use.
_CUTTABLE = frozenset(name.upper() for name in _TEXTS)


def _rows(event: Event) -> Iterator[_Row]:  # noqa: C901 - a table whose rows may be missing
    """What the event says, in written order. Rank 0 is compulsory: when it is.

    What is short and changes the rest goes in before the long texts.
    """
    todo = event.name == "VTODO"
    if event.category:
        yield "CATEGORIES", event.category, 8
    if event.summary:
        yield "SUMMARY", escape(event.summary), 2
    if event.start:
        yield "DTSTART", stamp(event.start), 0
    if event.end:
        yield "DUE" if todo else "DTEND", stamp(event.end), 4 if event.start else 0
    if event.location:
        yield "LOCATION", escape(event.location), 6
    if event.description:
        yield "DESCRIPTION", escape(event.description), 9
    if event.alarm:
        yield "AALARM" if event.loud else "DALARM", stamp(event.alarm), 5
    if event.rule:
        yield "RRULE", event.rule, 1
    if event.except_for:
        yield "EXDATE", ";".join(map(stamp, event.except_for)), 3
    if event.priority:
        yield "PRIORITY", str(event.priority), 7
    if event.done:
        yield "STATUS", "COMPLETED", 7


def _frame(event: Event) -> tuple[bytes, bytes]:
    name = event.name.encode()
    begin = b"BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:%b\r\n" % name
    return begin, b"END:%b\r\nEND:VCALENDAR\r\n" % name


def write(event: Event, charset: str = "UTF-8") -> bytes:
    """Octets of the event in a calendar of its own, however many those are."""
    begin, end = _frame(event)
    lines = [content_line(name, text, (), charset) for name, text, _rank in _rows(event)]
    return b"".join((begin, *lines, end))


def fitted(
    event: Event, room: int, *, charset: str, strict: bool, places: Mapping[str, int]
) -> tuple[bytes, tuple[Loss, ...]]:
    """Octets of the event in at most ``room``, and what that costs; fields go in by their rank.

    ``places`` are the lines of the source in which the properties stand. Raises GuardError where
    not even the start fits, and with ``strict`` where anything does not.
    """
    event, losses = _in_charset(event, charset, places)
    whole = write(event, charset)
    if len(whole) <= room:
        return whole, losses
    begin, end = _frame(event)
    fields = [_field(row, charset, places) for row in _rows(event)]
    lines, more = fitting.fit(fields, room, len(begin) + len(end), strict=strict)
    return b"".join((begin, lines, end)), losses + more


def _field(row: _Row, charset: str, places: Mapping[str, int]) -> Field:
    name, text, rank = row
    shorter = partial(_beginning, name, text, charset) if name in _CUTTABLE else None
    if name == "EXDATE":
        shorter = partial(_first_dates, text)
    octets = content_line(name, text, (), charset)
    return Field(name, octets, rank, shorter, places.get(name))


def _beginning(name: str, text: str, charset: str, most: int) -> bytes | None:
    def line(beginning: str) -> bytes:
        return content_line(name, escape(beginning), (), charset)

    return fitting.shortened(unescape(text), line, most)


def _first_dates(text: str, most: int) -> bytes | None:
    dates = text.split(";")
    while dates and len(line := content_line("EXDATE", ";".join(dates))) > most:
        dates.pop()
    return line if dates else None


def _in_charset(
    event: Event, charset: str, places: Mapping[str, int]
) -> tuple[Event, tuple[Loss, ...]]:
    """The event in letters that the charset holds, before anything is escaped."""
    if charset == "UTF-8":
        return event, ()
    losses, changed = [], {}
    for name in _TEXTS:
        text: str = getattr(event, name)
        changed[name] = transliterated(text, charset)
        if changed[name] != text:
            why = f"{charset} does not hold all of {shown(text)}"
            what, line = name.upper(), places.get(name.upper())
            losses.append(Loss(what=what, action=Action.REPLACED, why=why, line=line))
    return replace(event, **changed), tuple(losses)  # type: ignore[arg-type]

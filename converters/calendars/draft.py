"""An event of a source, between its lines and its message: what it says, and in which zone.

Nothing here knows how a property is spelt, or how it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from converters.api import Action, Loss
from converters.calendars import timezones
from converters.calendars.datetimes import Duration, Time
from converters.calendars.vcalendar import Event


class Context(NamedTuple):
    """What an entry needs of the calendar that contains it.

    ``floating`` is the zone of times that name none (TZ of 1.0); ``zone`` finds the others,
    including those that the calendar defines; ``changed`` are, by UID, the times of single events
    of a series that are changed elsewhere, ``stopped`` those from which on the series is cancelled,
    ``apart`` the series of which some events are sent separately;
    ``target`` is the zone to write in, or empty; ``method`` is that of an invitation (RFC 5546),
    and ``cancelled`` asks for events that do not take place.
    """

    version: str
    method: str
    cancelled: bool
    target: str
    floating: tzinfo | None
    zone: Callable[[str], tzinfo | None]
    changed: Mapping[bytes, Sequence[Time]]
    stopped: Mapping[bytes, Time]
    apart: frozenset[bytes]


class Single(NamedTuple):
    """A single date of a series; ``end`` or ``length`` is that of a period of RDATE."""

    start: Time
    end: Time | None = None
    length: Duration | None = None


@dataclass(slots=True)
class Entry:
    """What the lines of a VEVENT or VTODO have said so far; empty fields were not mentioned.

    ``dates`` and ``exceptions`` are RDATE and EXDATE; ``places`` are the lines of its properties;
    ``stops`` is when a series is cancelled that has no end in its rule; ``alarm_texts`` are what
    alarms show or play, with the names and lines of their properties.
    """

    name: str
    summary: str = ""
    description: str = ""
    location: str = ""
    categories: list[str] = field(default_factory=list)
    start: Time | None = None
    end: Time | None = None
    due: Time | None = None
    duration: Duration | None = None
    rule: str = ""
    dates: list[Single] = field(default_factory=list)
    exceptions: list[Time] = field(default_factory=list)
    recurrence_id: Time | None = None
    stops: Time | None = None
    audible_alarm: Time | None = None
    display_alarm: Time | None = None
    alarm_texts: list[tuple[str, str, int]] = field(default_factory=list)
    priority: int | None = None
    status: str = ""
    completed: bool = False
    places: dict[str, int] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)

    def lose(self, what: str, action: Action, why: str, line: int | None = None) -> None:
        """List a loss, by default at the line of property ``what``."""
        line = self.places.get(what) if line is None else line
        self.losses.append(Loss(what=what, action=action, why=why, line=line))

    @property
    def zone(self) -> str:
        """Zone whose form all times are written in: that of the start, else of the end."""
        time = self.start or self.end or self.due
        return time.zone if time else ""


class Draft(NamedTuple):
    """An event whose times are still in their own zones; ``event`` has everything else."""

    event: Event
    start: Time | None
    end: Time | None
    alarm: Time | None

    @property
    def base(self) -> Time | None:
        """Where a rule begins to count."""
        return self.start or self.end


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of one entry are written: in the zone of its start, or in the target zone.

    ``unknown`` collects the names of zones that were needed and are not known.
    """

    context: Context
    form: str
    unknown: dict[str, None] = field(default_factory=dict)

    def written(self, time: Time) -> datetime:
        """As the phone gets it: naive, or in UTC."""
        return self._in(time, self.context.target, self.form)

    def local(self, time: Time) -> datetime:
        """Wall clock in the zone of the start, which its rules follow."""
        return self._in(time, "", self.form).replace(tzinfo=None)

    def _in(self, time: Time, target: str, form: str) -> datetime:
        goal = target or form
        if time.is_date or (time.zone == goal and not target):
            return _stamped(time.wall, utc=goal == "UTC" and not time.is_date)
        here = self._zone(time.zone)
        there = self._zone(goal) if here else None
        if here is None or there is None:
            return _stamped(time.wall, utc=time.zone == "UTC")
        wall = timezones.between(time.wall, here, there)
        return _stamped(wall, utc=goal == "UTC" and not target)

    def _zone(self, name: str) -> tzinfo | None:
        if not name:
            return self.context.floating
        found = self.context.zone(name)
        if found is None:
            self.unknown[name] = None
        return found

    def shifted(self, time: Time, by: Duration) -> Time:
        """A time plus a duration: days by the wall clock, hours exactly (RFC 5545, 3.3.6)."""
        time = time.moved(timedelta(days=by.days))
        if not by.exact:
            return time
        zone = self._zone(time.zone) if time.zone else None
        if zone is None or zone is UTC:
            return replace(time.moved(by.exact), is_date=False)
        utc = Time(timezones.between(time.wall, zone, UTC)).moved(by.exact)
        return replace(time, wall=timezones.between(utc.wall, UTC, zone), is_date=False)

    def end(self, entry: Entry) -> Time | None:
        """DTEND or DUE, or the start and DURATION."""
        end = entry.end or entry.due
        if end is None and entry.start and entry.duration:
            end = self.shifted(entry.start, entry.duration)
        return end


def _stamped(wall: datetime, *, utc: bool) -> datetime:
    return wall.replace(tzinfo=UTC) if utc else wall

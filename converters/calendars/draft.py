"""An event of a source, between its lines and its message: what it says, and in which clock.

Nothing here knows how a property is spelt, or how it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from converters.api import Action, Loss
from converters.calendars import timezones
from converters.calendars.datetimes import Duration, Time
from converters.calendars.vcalendar import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What an entry needs of the calendar around it.

    ``floating`` is the zone of times that name none (TZ of 1.0); ``zone`` finds the others, also
    those that the calendar defines; ``changed`` are the times of which single events of a series,
    by its UID, are changed elsewhere; ``target`` is the zone in which to write, if any.
    """

    version: str
    target: str
    floating: tzinfo | None
    zone: Callable[[str], tzinfo | None]
    changed: Mapping[bytes, Sequence[Time]]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a component says, property by property, before it is known how to write it.

    ``places`` are the lines of its properties.
    """

    name: str
    said: dict[str, Any] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)

    def lose(self, what: str, action: Action, why: str, line: int | None = None) -> None:
        """List a loss; of a property at its own line."""
        line = self.places.get(what) if line is None else line
        self.losses.append(Loss(what=what, action=action, why=why, line=line))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event whose times are still in their own zones; ``event`` holds all the rest."""

    event: Event
    start: Time | None
    end: Time | None
    alarm: Time | None

    @property
    def base(self) -> Time | None:
        """Where a rule begins to count."""
        return self.start or self.end


def zone_of(entry: Entry) -> str:
    """Zone in whose form the times are written: the start's, or that of what stands for it."""
    said = entry.said
    time: Time | None = said.get("DTSTART") or said.get("DTEND") or said.get("DUE")
    return time.zone if time else ""


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of one entry are written: in the zone of its start, or in the target zone.

    ``unknown`` collects the names of zones that would have been needed.
    """

    around: Around
    form: str
    unknown: dict[str, None]

    def written(self, time: Time) -> datetime:
        """As the phone gets it: naive, or in UTC."""
        return self._in(time, self.around.target, self.form)

    def local(self, time: Time) -> datetime:
        """Wall clock in the start's zone, which its rules follow."""
        return self._in(time, "", self.form).replace(tzinfo=None)

    def _in(self, time: Time, target: str, form: str) -> datetime:
        goal = target or form
        if time.is_date or (time.zone == goal and not target):
            return stamped(time.wall, utc=goal == "UTC" and not time.is_date)
        here = self._zone(time.zone)
        there = self._zone(goal) if here else None
        if here is None or there is None:
            return stamped(time.wall, utc=time.zone == "UTC")
        wall = timezones.between(time.wall, here, there)
        return stamped(wall, utc=goal == "UTC" and not target)

    def _zone(self, name: str) -> tzinfo | None:
        if not name:
            return self.around.floating
        found = self.around.zone(name)
        if found is None:
            self.unknown[name] = None
        return found

    def shifted(self, time: Time, by: Duration) -> Time:
        """A time and a duration: days by the wall clock, hours as they pass (RFC 5545, 3.3.6)."""
        time = time.moved(timedelta(days=by.days))
        if not by.exact:
            return time
        zone = self._zone(time.zone) if time.zone else None
        if zone is None or zone is UTC:
            return replace(time.moved(by.exact), is_date=False)
        utc = Time(timezones.between(time.wall, zone, UTC)).moved(by.exact)
        return replace(time, wall=timezones.between(utc.wall, UTC, zone), is_date=False)

    def end(self, said: Mapping[str, Any]) -> Time | None:
        """DTEND or DUE, or the start and DURATION."""
        start: Time | None = said.get("DTSTART")
        end: Time | None = said.get("DTEND", said.get("DUE"))
        if end is None and start is not None and "DURATION" in said:
            end = self.shifted(start, said["DURATION"])
        return end


def stamped(wall: datetime, *, utc: bool) -> datetime:
    """A wall clock with the mark of UTC, or without."""
    return wall.replace(tzinfo=UTC) if utc else wall

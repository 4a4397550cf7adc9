"""What a calendar says about all its events: its version and zones, and changed single events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import cache, partial
from typing import NamedTuple

from converters.calendars import timezones
from converters.calendars.datetimes import Time, parse_time
from converters.calendars.draft import Context
from converters.errors import SourceError
from converters.shared import contentlines
from converters.shared.contentlines import Component


def is_calendar(component: Component) -> bool:
    """Whether it is a calendar that can be read."""
    return component.name == "VCALENDAR" and not component.error


def context_of(calendar: Component, target: str, *, cancelled: bool) -> Context:
    """The context of the events of a calendar, or of one that is in no calendar."""
    line, method = calendar.first("VERSION"), calendar.first("METHOD")
    version = "1.0" if line and line.raw.strip() == b"1.0" else "2.0"
    inside = calendar.children if is_calendar(calendar) else []
    definitions: dict[str, Component] = {}
    for part in inside:
        if part.name == "VTIMEZONE" and (tzid := part.first("TZID")):
            definitions.setdefault(tzid.raw.decode("utf-8", "replace").strip(), part)
    changed, stopped = _changed(inside)
    return Context(
        version=version,
        method=method.raw.decode("latin-1").strip().upper() if method else "",
        cancelled=cancelled,
        target=target,
        floating=timezones.of_calendar(calendar.lines) if version == "1.0" else None,
        zone=cache(partial(_zone, definitions)),
        changed=changed,
        stopped=stopped,
    )


def _zone(definitions: Mapping[str, Component], name: str) -> tzinfo | None:
    """Zone by its name, else by its definition: programs write names more reliably."""
    found = timezones.named(name)
    if found is None and name in definitions:
        found = timezones.defined(definitions[name])
    return found


class _Changed(NamedTuple):
    """A single event of a series that a part changes or cancels."""

    uid: bytes
    time: Time
    cancelled: bool
    and_following: bool


def _changed(
    parts: Iterable[Component],
) -> tuple[Mapping[bytes, Sequence[Time]], Mapping[bytes, Time]]:
    """By UID: the times of single events that are changed, and from which on all are cancelled."""
    found: dict[bytes, list[Time]] = {}
    stopped: dict[bytes, Time] = {}
    for one in _changes(parts):
        if one.cancelled and one.and_following:
            stopped.setdefault(one.uid, one.time)
        else:
            found.setdefault(one.uid, []).append(one.time)
    return found, stopped


def _changes(parts: Iterable[Component]) -> Iterator[_Changed]:
    for part in parts:
        line, uid = part.first("RECURRENCE-ID"), part.first("UID")
        if line and uid:
            try:
                time = parse_time(contentlines.value(line).text, line.param("TZID"))
            except SourceError:
                continue  # reported when the property is read
            following = line.param("RANGE").upper() == "THISANDFUTURE"
            yield _Changed(uid.raw, time, is_cancelled(part), following)


def is_cancelled(part: Component) -> bool:
    """Whether a component says that it does not take place."""
    status = part.first("STATUS")
    return status is not None and status.raw.strip().upper() in (b"CANCELLED", b"CANCELED")


def only_exceptions(parts: Sequence[Component]) -> frozenset[int]:
    """The lines of components that only cancel an event of a series of the same calendar."""
    series = {
        uid.raw
        for part in parts
        if not part.first("RECURRENCE-ID") and (uid := part.first("UID"))
        if part.first("RRULE") or part.first("RDATE")
    }
    return frozenset(
        part.number
        for part in parts
        if is_cancelled(part) and part.first("RECURRENCE-ID")
        if (uid := part.first("UID")) and uid.raw in series
    )

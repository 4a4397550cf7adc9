"""What a calendar says about all its events: its version, zones and method."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from functools import cache, partial

from converters.calendars import timezones, versions
from converters.calendars.draft import Context
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
    changed, stopped = versions.changed(inside)
    return Context(
        version=version,
        method=method.raw.decode("latin-1").strip().upper() if method else "",
        cancelled=cancelled,
        target=target,
        floating=timezones.of_calendar(calendar.lines) if version == "1.0" else None,
        zone=cache(partial(_zone, definitions)),
        changed=changed,
        stopped=stopped,
        apart=versions.with_events_apart(inside),
    )


def _zone(definitions: Mapping[str, Component], name: str) -> tzinfo | None:
    """Zone by its name, else by its definition: programs write names more reliably."""
    found = timezones.named(name)
    if found is None and name in definitions:
        found = timezones.defined(definitions[name])
    return found

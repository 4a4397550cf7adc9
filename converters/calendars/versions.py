"""Which components of a calendar are events, and which change or cancel an event of a series."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from converters.api import Action
from converters.calendars.datetimes import Time, parse_time
from converters.errors import SourceError
from converters.shared import contentlines
from converters.shared.contentlines import Component, Line
from converters.shared.words import counted


def changed(
    parts: Iterable[Component],
) -> tuple[Mapping[bytes, Sequence[Time]], Mapping[bytes, Time]]:
    """By UID: the times of single events that are changed, and from which on all are cancelled."""
    found: dict[bytes, list[Time]] = {}
    stopped: dict[bytes, Time] = {}
    for part in parts:
        line, uid = _recurrence_id(part), part.first("UID")
        if not line or not uid:
            continue
        try:
            time = parse_time(contentlines.value(line).text, line.param("TZID"))
        except SourceError:
            continue  # reported when the property is read
        if _is_cancelled(part) and line.param("RANGE").upper() == "THISANDFUTURE":
            stopped.setdefault(uid.raw, time)
        else:
            found.setdefault(uid.raw, []).append(time)
    return found, stopped


def with_events_apart(parts: Iterable[Component]) -> frozenset[bytes]:
    """The UIDs of series that have events of their own, which are not cancelled."""
    found = (p.first("UID") for p in parts if _recurrence_id(p) and not _is_cancelled(p))
    return frozenset(uid.raw for uid in found if uid)


def _recurrence_id(part: Component) -> Line | None:
    """Which event of a series it is; Symbian's programs write X-RECURRENCE-ID in 1.0."""
    return part.first("RECURRENCE-ID") or part.first("X-RECURRENCE-ID")


def _is_cancelled(part: Component) -> bool:
    status = part.first("STATUS")
    return status is not None and status.raw.strip().upper() in (b"CANCELLED", b"CANCELED")


class _Version(NamedTuple):
    """A component with a UID: one version of an event, or of an event of a series."""

    part: Component
    uid: bytes
    moment: bytes
    sequence: int

    @property
    def event(self) -> tuple[bytes, bytes]:
        return self.uid, self.moment


def _version(part: Component) -> _Version | None:
    uid, line, number = part.first("UID"), _recurrence_id(part), part.first("SEQUENCE")
    if uid is None:
        return None
    known = number and re.fullmatch(rb"\s*[0-9]{1,9}\s*", number.raw)
    sequence = int(number.raw) if number and known else 0  # RFC 5545, 3.8.7.4
    return _Version(part, uid.raw, line.raw.strip() if line else b"", sequence)


def events_of(parts: Sequence[Component]) -> Iterator[Component]:
    """The components without those that only cancel an event of a series, and earlier versions."""
    versions = [_version(part) for part in parts]
    known = [one for one in versions if one]
    series = {one.uid for one in known if not one.moment and _repeats(one.part)}
    newest = _newest(known)
    older = Counter(one.event for one in known if one.sequence < newest[one.event])
    for part, version in zip(parts, versions, strict=True):
        if version is None:
            yield part
        elif not _is_left_to_another(version, series, newest):
            _report_older(part, older[version.event])
            yield part


def _newest(versions: Iterable[_Version]) -> Mapping[tuple[bytes, bytes], int]:
    found: dict[tuple[bytes, bytes], int] = {}
    for one in versions:
        found[one.event] = max(found.get(one.event, 0), one.sequence)
    return found


def _repeats(part: Component) -> bool:
    return bool(part.first("RRULE") or part.first("RDATE"))


def _is_left_to_another(
    version: _Version, series: set[bytes], newest: Mapping[tuple[bytes, bytes], int]
) -> bool:
    cancels = version.moment and version.uid in series and _is_cancelled(version.part)
    return bool(cancels) or version.sequence < newest[version.event]


def _report_older(part: Component, count: int) -> None:
    line = part.first("SEQUENCE")
    if count and line:
        why = f"{counted(count, 'earlier version')} not sent"
        part.lose("SEQUENCE", Action.IGNORED, why, line.number)

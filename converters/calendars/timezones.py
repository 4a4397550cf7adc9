"""Time zones: by the names that calendars use, by VTIMEZONE, by TZ and DAYLIGHT of 1.0.

The data is from the tzdata package and never from the system, so that the same source gives the
same octets on every machine. A time that is skipped when clocks go forward is read with the offset
before the change (02:30 is then 03:30); a time that happens twice is the first of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from io import BytesIO
from itertools import islice
from typing import NamedTuple

from converters.calendars import recurrence
from converters.calendars.datetimes import OUTSIDE, Time, parse_offset, parse_time
from converters.errors import SourceError
from converters.shared.contentlines import Component, Line

#: Far enough from the year 1 that any offset can be subtracted.
_FIRST = datetime(1, 1, 3)  # noqa: DTZ001 - wall clock
#: Changes in the definition of a zone, and changes by one rule in the years that are looked at.
MOST_CHANGES = 1000


@lru_cache(maxsize=512)
def named(name: str) -> tzinfo | None:
    """Zone of a TZID; None for an unknown name.

    Also known: "/mozilla.org/20070129_1/Europe/Berlin", "Europe_Berlin", "US-Eastern", and the
    names of Windows ("W. Europe Standard Time") as Unicode CLDR maps them.
    """
    if name.upper() in ("UTC", "Z"):
        return UTC
    keys = _keys()
    known = (key for spelt in _spellings(name.strip()) if (key := keys.get(spelt.lower())))
    key = next(known, None)
    return _loaded(key) if key else None


def _spellings(name: str) -> Iterator[str]:
    yield name
    parts = name.split("/", 8)
    yield from ("/".join(parts[first:]) for first in range(1, len(parts)))
    yield name.replace("_", "/", 1)
    yield name.replace("-", "/", 1)
    from icalendar.timezone.windows_to_olson import (  # noqa: PLC0415 - heavy, if all else failed
        WINDOWS_TO_OLSON,
    )

    yield WINDOWS_TO_OLSON.get(name, "")


@lru_cache(maxsize=1)
def _keys() -> Mapping[str, str]:
    return {name.lower(): name for name in _data("zones").decode("ascii").split()}


def _loaded(key: str) -> tzinfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - needed only with zones

    return ZoneInfo.from_file(BytesIO(_data(f"zoneinfo/{key}")), key)


def _data(name: str) -> bytes:
    """A file of tzdata."""
    from pkgutil import get_data  # noqa: PLC0415 - needed only with zones

    data = get_data("tzdata", name)
    if data is None:
        raise SourceError("expected the files of the package tzdata, found none")
    return data


def parse_zone(text: str) -> str:
    """Name of a known zone; raises ValueError for any other."""
    if named(text) is None:
        raise ValueError("expected a time zone, Area/City such as Europe/Paris")
    return text


def between(wall: datetime, here: tzinfo, there: tzinfo) -> datetime:
    """The same instant on the wall clock of another zone; naive in, naive out.

    Raises SourceError outside of the years 1 to 9999.
    """
    try:
        moment = wall.replace(tzinfo=here).astimezone(UTC)
        return moment.astimezone(there).replace(tzinfo=None, fold=0)
    except (OverflowError, ValueError):
        raise SourceError(OUTSIDE) from None


# Zones that a calendar itself defines.


class Change(NamedTuple):
    """The offset to UTC changes from ``before`` to ``after``; ``onset`` is by the old clock."""

    onset: datetime
    before: timedelta
    after: timedelta


class Observance(NamedTuple):
    """STANDARD or DAYLIGHT of a VTIMEZONE: one change, those of a rule, and those of RDATE."""

    change: Change
    rule: recurrence.Rule | None
    others: tuple[datetime, ...] = ()

    def changes(self, year: int) -> Iterator[Change]:
        """Every change that affects that year, and perhaps others."""
        yield self.change
        yield from (self.change._replace(onset=onset) for onset in self.others)
        if self.rule:
            start = _near(self.change.onset, self.rule, year - 1)
            for onset in islice(recurrence.occurrences(self.rule, start), MOST_CHANGES):
                if onset.year > year + 1:
                    return
                yield self.change._replace(onset=onset)


def _near(start: datetime, rule: recurrence.Rule, year: int) -> datetime:
    """A start of the rule in that year or in its last one: Outlook's rules begin in 1601."""
    if rule.until:
        year = min(year, rule.until.year - 1)
    endless = rule.frequency == "YEARLY" and rule.interval == 1 and not rule.count
    if not endless or year <= start.year:
        return start
    return start.replace(year=year, day=min(start.day, 28))


class Defined(tzinfo):
    """A zone made of changes; only the years around a given time are expanded."""

    def __init__(self, observances: Sequence[Observance]) -> None:
        self._observances = observances
        self._years: dict[int, list[Change]] = {}

    def _changes(self, year: int) -> list[Change]:
        if year not in self._years:
            changes = (change for o in self._observances for change in o.changes(year))
            self._years[year] = sorted(changes, key=lambda change: change.onset - change.before)
        return self._years[year]

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """Offset to UTC; of skipped and repeated times the one before the change (PEP 495)."""
        if moment is None:
            return timedelta()
        changes, wall = self._changes(moment.year), moment.replace(tzinfo=None)
        offset = changes[0].before
        for change in changes:
            skipped = max(change.after - change.before, timedelta())
            if change.onset + skipped <= wall:
                offset = change.after
        return offset

    def dst(self, _moment: datetime | None) -> timedelta | None:
        """Unknown and never used; the base class requires it."""
        return None

    def tzname(self, _moment: datetime | None) -> str | None:
        """Unknown and never used; the base class requires it."""
        return None

    def fromutc(self, moment: datetime) -> datetime:
        """Wall clock of a time in UTC."""
        changes, utc = self._changes(moment.year), moment.replace(tzinfo=None)
        offset = changes[0].before
        for change in changes:
            if change.onset - change.before <= utc:
                offset = change.after
        return moment + offset


def defined(timezone: Component) -> tzinfo | None:
    """Zone of a VTIMEZONE (RFC 5545, 3.6.5); None if nothing of it can be read."""
    observances = []
    for child in timezone.children[:MOST_CHANGES]:
        with suppress(SourceError, OverflowError):
            observances.append(_observance(child))
    return Defined(observances) if observances else None


def _observance(component: Component) -> Observance:
    onset = max(parse_time(_said(component, "DTSTART")).wall, _FIRST)
    before = parse_offset(_said(component, "TZOFFSETFROM"))
    after = parse_offset(_said(component, "TZOFFSETTO"))
    text = _said(component, "RRULE")
    rule = recurrence.from_ical(text.upper(), onset.time()) if text else None
    if rule and rule.frequency in recurrence.WITHIN_DAY:
        raise SourceError("expected a change of clocks by days")
    if rule and isinstance(rule.until, datetime) and rule.until.tzinfo:
        rule = replace(rule, until=rule.until.replace(tzinfo=None) + before)
    others = tuple(_onsets(line for line in component.lines if line.name == "RDATE"))
    return Observance(Change(onset, before, after), rule, others)


def _said(component: Component, name: str) -> str:
    line = component.first(name)
    return line.raw.decode("latin-1").strip() if line else ""


def _onsets(lines: Iterable[Line]) -> Iterator[datetime]:
    texts = (text for line in lines for text in line.raw.decode("latin-1").split(","))
    for text in islice(texts, MOST_CHANGES):
        yield max(parse_time(text.partition("/")[0]).wall, _FIRST)


def of_calendar(lines: Sequence[Line]) -> tzinfo | None:
    """Zone of a vCalendar 1.0: TZ, and DAYLIGHT for its summers; None without TZ.

    ``DAYLIGHT:TRUE;+02;20060326T010000Z;20061029T010000Z;NAME;NAME`` gives the offset to UTC
    in summer, its start and its end, one line for each year.
    """
    texts: dict[str, list[str]] = {"TZ": [], "DAYLIGHT": []}
    for line in lines:
        if line.name in texts:
            texts[line.name].append(line.raw.decode("latin-1"))
    with suppress(SourceError):
        standard = parse_offset(texts["TZ"][0]) if texts["TZ"] else None
        if standard is not None:
            fixed = Observance(Change(_FIRST, standard, standard), None)
            return Defined([fixed, *_summers(texts["DAYLIGHT"][:MOST_CHANGES], standard)])
    return None


def _summers(texts: Iterable[str], standard: timedelta) -> Iterator[Observance]:
    for text in texts:
        flag, *rest = text.split(";")
        with suppress(SourceError, IndexError, OverflowError):
            if flag.strip().upper() == "TRUE":
                summer = parse_offset(rest[0])
                begin, end = parse_time(rest[1]), parse_time(rest[2])
                yield Observance(Change(_by_clock(begin, standard), standard, summer), None)
                yield Observance(Change(_by_clock(end, summer), summer, standard), None)


def _by_clock(time: Time, offset: timedelta) -> datetime:
    return max(time.wall, _FIRST) + (offset if time.zone == "UTC" else timedelta())

"""A series of events as phones can hold it: one rule with exceptions, or single events.

A rule is read and expanded by the wall clock of its start's zone; in a target zone it must give
the same days there, or it is expanded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from converters.api import Action
from converters.calendars import recurrence
from converters.calendars.datetimes import Time
from converters.calendars.draft import Clock, Draft, Entry
from converters.calendars.recurrence import Rule
from converters.errors import SourceError

#: Dates on which a rule is tried in another zone.
_SAMPLE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a series is sent: by a rule with exceptions, and as single events.

    Where ``with_first`` is not set, the event as it stands is not among them.
    """

    rule: str = ""
    except_for: tuple[datetime, ...] = ()
    singles: Sequence[Time] = ()
    with_first: bool = True


def plan_of(draft: Draft, entry: Entry, clock: Clock, expand: int) -> Plan:
    """How the series is sent, with at most ``expand`` single events; losses go to ``entry``."""
    base = draft.base
    rule = _rule(entry, base, clock) if "RRULE" in entry.said else None
    if base is None:
        return Plan()
    others = [replace(base, wall=wall) for wall in _others(entry, base, clock)]
    if rule is None and not others:
        return Plan()
    dropped = _exceptions(entry, base)
    words = _words(rule, base, clock, entry) if rule else ""
    if words is None and rule is not None:
        return _expanded(rule, base, (dropped, others), clock, entry, expand)
    singles = others[:expand]
    if others:
        whole = len(others) <= expand
        _report_singles(entry, "RDATE", "phones repeat by rule alone", len(singles), whole=whole)
    written = tuple(dict.fromkeys(map(clock.written, dropped))) if rule else ()
    if clock.around.target and words:
        written = _at_clock(written, clock.written(base))
    return Plan(rule=words or "", except_for=written, singles=singles)


def _rule(entry: Entry, base: Time | None, clock: Clock) -> Rule | None:
    """The rule, with one end, by the wall clock of the start's zone; None where it is no rule."""
    text = entry.said["RRULE"]
    try:
        if base is None:
            raise SourceError("expected a start that the rule can begin at, found none")
        if "FREQ=" in text:
            rule = recurrence.from_ical(text, base.wall.time())
        else:
            rule = recurrence.from_vcal(text)
        until = clock.local(_until(rule, base)) if rule.until else None
        return recurrence.only_one_end(replace(rule, until=until), base.wall)
    except SourceError as error:
        entry.lose("RRULE", Action.LEFT_OUT, error.message)
        return None


def _until(rule: Rule, base: Time) -> Time:
    """End of a rule; a date is the whole day of it, so the start's clock on that day."""
    until = rule.until
    if isinstance(until, datetime):
        return Time(until.replace(tzinfo=None), "UTC" if until.tzinfo else base.zone)
    assert until is not None  # noqa: S101 - told to mypy: the caller has looked
    return replace(base, wall=datetime.combine(until, base.wall.time()))


def _others(entry: Entry, base: Time, clock: Clock) -> list[datetime]:
    """RDATE by the wall clock of the start's zone; its dates at the start's hour."""
    times: Sequence[Time] = entry.said.get("RDATE", ())
    walls = {_wall(time, base, clock) for time in times}
    return sorted(walls - {base.wall})


def _wall(time: Time, base: Time, clock: Clock) -> datetime:
    return _on_day(time, base).wall if time.is_date else clock.local(time)


def _on_day(time: Time, base: Time) -> Time:
    return replace(base, wall=datetime.combine(time.wall.date(), base.wall.time()))


def _exceptions(entry: Entry, base: Time) -> Sequence[Time]:
    """EXDATE, and what is sent as an event of its own; a date is the one of that day."""
    times: Sequence[Time] = entry.said.get("EXDATE", ())
    return [_on_day(time, base) if time.is_date and not base.is_date else time for time in times]


def _at_clock(moments: Iterable[datetime], start: datetime) -> tuple[datetime, ...]:
    """Exceptions of a series in another zone: on their days, at the clock of the series."""
    return tuple(datetime.combine(moment.date(), start.time()) for moment in moments)


def _words(rule: Rule, base: Time, clock: Clock, entry: Entry) -> str | None:
    """The rule in 1.0's grammar; None where it has no words for it."""
    target = clock.around.target
    until = None
    if rule.until:
        until = clock.written(replace(base, wall=_midnight_or(rule.until), is_date=False))
    start = clock.written(base)
    if target and _is_elsewhere(base, clock):
        turned = _turned(rule, (start.date() - base.wall.date()).days)
        if rule.times or not _agrees(rule, base, replace(turned, until=until), start, clock, entry):
            return None
        rule = turned
    return recurrence.to_vcal(replace(rule, until=until), start.replace(tzinfo=None))


def _midnight_or(until: Any) -> datetime:
    return until if isinstance(until, datetime) else datetime(until.year, until.month, until.day)  # noqa: DTZ001 - a wall clock


def _is_elsewhere(base: Time, clock: Clock) -> bool:
    here = clock.around.zone(base.zone) if base.zone else clock.around.floating
    return not base.is_date and here not in (None, clock.around.zone(clock.around.target))


def _turned(rule: Rule, days: int) -> Rule:
    """The rule where it falls on the day before or after: its weekdays turn along."""
    weekdays = tuple((position, (weekday + days) % 7) for position, weekday in rule.weekdays)
    return replace(rule, weekdays=weekdays)


def _agrees(  # noqa: PLR0913, PLR0917 - a rule here, a rule there, and what lies between
    rule: Rule, base: Time, turned: Rule, start: datetime, clock: Clock, entry: Entry
) -> bool:
    """Whether a rule gives the same days in the target zone; another hour on some is listed."""
    here = islice(recurrence.occurrences(rule, base.wall), _SAMPLE)
    expected = [clock.written(replace(base, wall=wall)) for wall in here]
    found = list(islice(recurrence.occurrences(turned, start), _SAMPLE))
    if [moment.date() for moment in expected] != [moment.date() for moment in found]:
        return False
    if expected != found:
        why = f"in {clock.around.target} some of its dates are at another hour than the first"
        entry.lose("RRULE", Action.ROUNDED, why)
    return True


def _expanded(  # noqa: PLR0913, PLR0917 - a rule, what it lacks, and what there is to report to
    rule: Rule,
    base: Time,
    but: tuple[Sequence[Time], Sequence[Time]],
    clock: Clock,
    entry: Entry,
    expand: int,
) -> Plan:
    """Single events in place of a rule: the start, the rule's dates, and others, but exceptions."""
    dropped = {_wall(time, base, clock) for time in but[0]}
    added = {time.wall for time in but[1]} | {base.wall}
    most = expand + 1 + len(dropped)
    dates = list(islice(recurrence.occurrences(rule, base.wall), most))
    walls = sorted({*dates, *added} - dropped)
    whole = len(walls) <= expand and _is_whole(rule, base.wall, len(dates))
    sent = min(len(walls), expand) or 1
    _report_singles(entry, "RRULE", "vCalendar 1.0 cannot say it", sent, whole=whole)
    return Plan(singles=[replace(base, wall=wall) for wall in walls[:expand]], with_first=not walls)


def _is_whole(rule: Rule, start: datetime, found: int) -> bool:
    """Whether these are all the dates of a rule, and not those within the bounds."""
    if rule.count:
        return found == rule.count
    return rule.until is not None and (rule.until - start).days < recurrence.MOST_DAYS


def _report_singles(entry: Entry, what: str, why: str, sent: int, *, whole: bool) -> None:
    if whole:
        events = "one single event" if sent == 1 else f"{sent} single events"
        entry.lose(what, Action.EXPANDED, f"{why}; sent as {events}")
    else:
        events = "one event of more is" if sent == 1 else f"{sent} events of more are"
        entry.lose(what, Action.CUT, f"{why}; {events} sent")

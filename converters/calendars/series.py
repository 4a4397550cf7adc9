"""A series of events as phones can hold it: one rule with exceptions, or single events.

A rule is read and expanded by the wall clock of its start's zone. If a target zone is given, the
rule must give the same days there, or it is expanded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice

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

    Without ``with_first`` the event itself is not sent, only the single events.
    """

    rule: str = ""
    except_for: tuple[datetime, ...] = ()
    singles: Sequence[Time] = ()
    with_first: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """A series as its source has it: the dates of a rule from ``base`` on, and single ones.

    ``others`` (RDATE) are by the wall clock of the start's zone, ``exceptions`` (EXDATE) are not
    yet. Losses go to ``entry``.
    """

    rule: Rule
    base: Time
    others: Sequence[Time]
    exceptions: Sequence[Time]
    clock: Clock
    entry: Entry


def plan_of(draft: Draft, entry: Entry, clock: Clock, expand: int) -> Plan:
    """How the series is sent, with at most ``expand`` single events; losses go to ``entry``."""
    base = draft.base
    rule = _rule(entry, base, clock) if entry.rule else None
    if base is None:
        return Plan()
    others = [replace(base, wall=wall) for wall in _others(entry, base, clock)]
    if rule is None:
        return _with_singles(Plan(), others, entry, expand)
    series = _Series(
        rule=rule,
        base=base,
        others=others,
        exceptions=_exceptions(entry, base),
        clock=clock,
        entry=entry,
    )
    words = _words(series)
    if words is None:
        return _expanded(series, expand)
    plan = _with_singles(Plan(rule=words), others, entry, expand)
    return replace(plan, except_for=_written_exceptions(series))


# What the source says.


def _rule(entry: Entry, base: Time | None, clock: Clock) -> Rule | None:
    """The rule with one end, by the wall clock of the start's zone; None if it cannot be read."""
    text = entry.rule
    try:
        if base is None:
            raise SourceError("expected a start for the rule, found none")
        if "FREQ=" in text:
            rule = recurrence.from_ical(text, base.wall.time())
        else:
            rule = recurrence.from_vcal(text)
        until = clock.local(_end(rule.until, base)) if rule.until else None
        return recurrence.only_one_end(replace(rule, until=until), base.wall)
    except SourceError as error:
        entry.lose("RRULE", Action.LEFT_OUT, error.message)
        return None


def _end(until: date, base: Time) -> Time:
    """End of a rule; a date includes its day, so it becomes the start's time on that day."""
    if isinstance(until, datetime):
        return Time(until.replace(tzinfo=None), "UTC" if until.tzinfo else base.zone)
    return replace(base, wall=datetime.combine(until, base.wall.time()))


def _others(entry: Entry, base: Time, clock: Clock) -> list[datetime]:
    """RDATE by the wall clock of the start's zone; a date gets the time of the start."""
    walls = {_wall(time, base, clock) for time in entry.dates}
    return sorted(walls - {base.wall})


def _wall(time: Time, base: Time, clock: Clock) -> datetime:
    return _on_day(time, base).wall if time.is_date else clock.local(time)


def _on_day(time: Time, base: Time) -> Time:
    return replace(base, wall=datetime.combine(time.wall.date(), base.wall.time()))


def _exceptions(entry: Entry, base: Time) -> Sequence[Time]:
    """EXDATE, and the events that are sent separately; a date means the event of that day."""
    return [
        _on_day(time, base) if time.is_date and not base.is_date else time
        for time in entry.exceptions
    ]


# As a rule of vCalendar 1.0.


def _words(series: _Series) -> str | None:
    """The rule in 1.0's grammar; None if 1.0 cannot express it."""
    rule, base, clock = series.rule, series.base, series.clock
    until = None
    if rule.until:
        until = clock.written(replace(base, wall=_midnight_or(rule.until), is_date=False))
    start = clock.written(base)
    if clock.context.target and _is_elsewhere(base, clock):
        turned = _turned(rule, (start.date() - base.wall.date()).days)
        if rule.times or not _agrees(series, replace(turned, until=until), start):
            return None
        rule = turned
    return recurrence.to_vcal(replace(rule, until=until), start.replace(tzinfo=None))


def _midnight_or(until: date) -> datetime:
    return until if isinstance(until, datetime) else datetime(until.year, until.month, until.day)  # noqa: DTZ001 - a wall clock


def _is_elsewhere(base: Time, clock: Clock) -> bool:
    here = clock.context.zone(base.zone) if base.zone else clock.context.floating
    return not base.is_date and here not in (None, clock.context.zone(clock.context.target))


def _turned(rule: Rule, days: int) -> Rule:
    """The rule if its dates are on the day before or after: with its weekdays moved."""
    weekdays = tuple((position, (weekday + days) % 7) for position, weekday in rule.weekdays)
    return replace(rule, weekdays=weekdays)


def _agrees(series: _Series, turned: Rule, start: datetime) -> bool:
    """Whether the rule gives the same days in the target zone; another hour is listed."""
    base, clock = series.base, series.clock
    here = islice(recurrence.occurrences(series.rule, base.wall), _SAMPLE)
    expected = [clock.written(replace(base, wall=wall)) for wall in here]
    found = list(islice(recurrence.occurrences(turned, start), _SAMPLE))
    if [moment.date() for moment in expected] != [moment.date() for moment in found]:
        return False
    if expected != found:
        why = f"in {clock.context.target} some dates are at another hour than the first"
        series.entry.lose("RRULE", Action.ROUNDED, why)
    return True


def _written_exceptions(series: _Series) -> tuple[datetime, ...]:
    """Exceptions as the phone gets them; in a target zone at the time of the series there."""
    written = dict.fromkeys(map(series.clock.written, series.exceptions))
    if not series.clock.context.target:
        return tuple(written)
    start = series.clock.written(series.base)
    return tuple(datetime.combine(moment.date(), start.time()) for moment in written)


# As single events.


def _with_singles(plan: Plan, others: Sequence[Time], entry: Entry, expand: int) -> Plan:
    """A plan that also has the dates of RDATE, as single events."""
    if not others:
        return plan
    singles, complete = others[:expand], len(others) <= expand
    why = "phones repeat only by a rule"
    _report_singles(entry, "RDATE", why, len(singles), complete=complete)
    return replace(plan, singles=singles)


def _expanded(series: _Series, expand: int) -> Plan:
    """Single events in place of a rule: the start, its dates and the others, without exceptions."""
    rule, base = series.rule, series.base
    dropped = {_wall(time, base, series.clock) for time in series.exceptions}
    most = expand + 1 + len(dropped)
    dates = list(islice(recurrence.occurrences(rule, base.wall), most))
    walls = sorted({*dates, base.wall, *(time.wall for time in series.others)} - dropped)
    complete = len(walls) <= expand and _is_complete(rule, base.wall, len(dates))
    sent = min(len(walls), expand) or 1
    _report_singles(
        series.entry, "RRULE", "vCalendar 1.0 has no such rule", sent, complete=complete
    )
    return Plan(singles=[replace(base, wall=wall) for wall in walls[:expand]], with_first=not walls)


def _is_complete(rule: Rule, start: datetime, found: int) -> bool:
    """Whether these are all dates of a rule, and not only those within the limits."""
    if rule.count:
        return found == rule.count
    until = rule.until
    return until is not None and (_midnight_or(until) - start).days < recurrence.MOST_DAYS


def _report_singles(entry: Entry, what: str, why: str, sent: int, *, complete: bool) -> None:
    if complete:
        events = "one single event" if sent == 1 else f"{sent} single events"
        entry.lose(what, Action.EXPANDED, f"{why}; sent as {events}")
    else:
        events = "event is" if sent == 1 else f"{sent} events are"
        entry.lose(what, Action.CUT, f"{why}; only the first {events} sent")

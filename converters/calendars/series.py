"""A series of events as phones can hold it: one rule with exceptions, or single events.

A rule is read and expanded by the wall clock of its start's zone. If a target zone is given, the
rule must give the same days there, or it is expanded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from typing import NamedTuple

from converters.api import Action
from converters.calendars import recurrence
from converters.calendars.datetimes import Time
from converters.calendars.draft import Clock, Draft, Entry, Single
from converters.calendars.recurrence import Rule
from converters.errors import SourceError
from converters.shared.words import counted

#: Dates on which a rule is tried in another zone.
_SAMPLE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a series is sent: by a rule with exceptions, and as single events.

    Without ``with_first`` the event itself is not sent, only the single events.
    """

    rule: str = ""
    except_for: tuple[datetime, ...] = ()
    singles: Sequence[Single] = ()
    with_first: bool = True


class _Series(NamedTuple):
    """A series as its source has it: the dates of a rule from ``base`` on, and single ones.

    ``others`` (RDATE) are by the wall clock of the start's zone, ``exceptions`` (EXDATE) are not
    yet. Losses go to ``entry``.
    """

    rule: Rule
    base: Time
    others: Sequence[Single]
    exceptions: Sequence[Time]
    clock: Clock
    entry: Entry

    @property
    def dropped(self) -> set[datetime]:
        """The exceptions by the wall clock of the start's zone."""
        return {_wall(time, self.base, self.clock) for time in self.exceptions}


def plan_of(draft: Draft, entry: Entry, clock: Clock, expand: int) -> Plan:
    """How the series is sent, with at most ``expand`` single events; losses go to ``entry``."""
    base = draft.base
    rule = _rule(entry, base, clock) if entry.rule else None
    if base is None:
        return Plan()
    exceptions = _exceptions(entry, base)
    dropped = {_wall(time, base, clock) for time in exceptions}
    others = [one for one in _others(draft, base, entry, clock) if one.start.wall not in dropped]
    if rule is None:
        first = base.wall not in dropped or not others
        used = {time.start.wall for time in entry.dates} | (set() if first else {base.wall})
        _report_idle(entry, dropped - used)
        return _with_singles(Plan(with_first=first), others, entry, expand)
    others, doubled = _beside(rule, base, others)
    series = _Series(
        rule=rule,
        base=base,
        others=others,
        exceptions=[*exceptions, *doubled],
        clock=clock,
        entry=entry,
    )
    _report_unmatched(series)
    if _is_empty(series):
        return _with_singles(Plan(with_first=False), others, entry, expand)
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
        rule = _read_rule(text, base, entry)
        until = clock.local(_end(rule.until, base)) if rule.until else None
        if entry.stops:
            stop = _wall(entry.stops, base, clock) - timedelta(seconds=1)
            until = min(until, stop) if until else stop
        if until and until < base.wall:
            raise SourceError("it ends before the start; sent as one event")
        return recurrence.only_one_end(replace(rule, until=until), base.wall)
    except SourceError as error:
        entry.lose("RRULE", Action.LEFT_OUT, error.message)
        return None


def _read_rule(text: str, base: Time, entry: Entry) -> Rule:
    if "FREQ=" in text:
        return recurrence.from_ical(text, base.wall.time())
    rule = recurrence.from_vcal(text, base.wall)
    for doubt in recurrence.doubts(text, rule, base.wall):
        entry.lose("RRULE", Action.GUESSED, doubt)
    return rule


def _end(until: date, base: Time) -> Time:
    """End of a rule; a date includes its day, so it becomes the start's time on that day."""
    if isinstance(until, datetime):
        return Time(until.replace(tzinfo=None), "UTC" if until.tzinfo else base.zone)
    return replace(base, wall=datetime.combine(until, base.wall.time()))


def _others(draft: Draft, base: Time, entry: Entry, clock: Clock) -> list[Single]:
    """RDATE by the wall clock of the start's zone; a date gets the time of the start."""
    found: dict[datetime, Single] = {}
    for one in entry.dates:
        start = replace(base, wall=_wall(one.start, base, clock))
        if one.start.is_date and not base.is_date:
            why = "a date without a time; sent at the time of the start"
            entry.lose("RDATE", Action.GUESSED, why)
        end = _end_of(one, start, entry, clock)
        if start.wall == base.wall:
            _report_other_end(draft, end, entry, clock)
        elif start.wall not in found or end:
            found[start.wall] = Single(start, end)
    return [found[wall] for wall in sorted(found)]


def _end_of(one: Single, start: Time, entry: Entry, clock: Clock) -> Time | None:
    """The end of a period of RDATE, if it can be one."""
    end = one.end
    if one.length:
        end = clock.shifted(start, one.length)
    elif end:
        end = replace(start, wall=clock.local(end), is_date=False)
    if end and end.wall < start.wall:
        why = "the end of a period is before its start; sent as long as the first event"
        entry.lose("RDATE", Action.REPLACED, why)
        return None
    return end


def _report_other_end(draft: Draft, end: Time | None, entry: Entry, clock: Clock) -> None:
    if end and (draft.end is None or clock.local(draft.end) != end.wall):
        why = "a period with another end than the first event, at the same time"
        entry.lose("RDATE", Action.LEFT_OUT, why)


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


def _report_idle(entry: Entry, idle: set[datetime]) -> None:
    if idle:
        why = f"there is no rule that has {counted(len(idle), 'date')} of it"
        entry.lose("EXDATE", Action.LEFT_OUT, why)


def _beside(rule: Rule, base: Time, others: Sequence[Single]) -> tuple[list[Single], list[Time]]:
    """The single dates that the rule does not have, or has with another end; and the latter."""
    if not others:
        return [], []
    last = others[-1].start.wall
    dates = set(takewhile(lambda wall: wall <= last, recurrence.occurrences(rule, base.wall)))
    kept = [one for one in others if one.end or one.start.wall not in dates]
    return kept, [one.start for one in kept if one.start.wall in dates]


def _report_unmatched(series: _Series) -> None:
    """Report exceptions that are of no event of the series: an event may take place in spite."""
    dropped = series.dropped - {series.base.wall}
    dropped -= {one.start.wall for one in series.entry.dates}
    if not dropped:
        return
    last, found = max(dropped), None
    for found in recurrence.occurrences(series.rule, series.base.wall):
        dropped.discard(found)
        if found >= last or not dropped:
            break
    dropped = {wall for wall in dropped if series.rule.until or (found and wall <= found)}
    if dropped:
        first = recurrence.stamp(min(dropped))
        what = first if len(dropped) == 1 else f"{first} and {len(dropped) - 1} more"
        series.entry.lose("EXDATE", Action.IGNORED, f"no event of the series is at {what}")


def _is_empty(series: _Series) -> bool:
    """Whether every date of a rule is an exception."""
    dropped, start = series.dropped, series.base.wall
    if start not in dropped:
        return False
    dates = set(islice(recurrence.occurrences(series.rule, start), len(dropped) + 1))
    return bool(dates) and dates <= dropped


# As a rule of vCalendar 1.0.


def _words(series: _Series) -> str | None:
    """The rule in 1.0's grammar; None if 1.0 cannot express it."""
    base, clock = series.base, series.clock
    rule, until = series.rule, None
    if rule.count and not recurrence.is_regular(rule, base.wall):
        dated = recurrence.dated(rule, base.wall)
        if dated is None:
            return None
        rule = dated
    if rule.until:
        until = clock.written(replace(base, wall=_midnight_or(rule.until), is_date=False))
    start = clock.written(base)
    if clock.context.target and _is_elsewhere(base, clock):
        turned = _turned(rule, (start.date() - base.wall.date()).days)
        if rule.times or rule.inner or not _agrees(series, replace(turned, until=until), start):
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


def _with_singles(plan: Plan, others: Sequence[Single], entry: Entry, expand: int) -> Plan:
    """A plan that also has the dates of RDATE, as single events."""
    if not others:
        return plan
    singles, complete = others[:expand], len(others) <= expand
    why = "phones repeat only by a rule"
    _report_singles(entry, "RDATE", why, len(singles), complete=complete)
    return replace(plan, singles=singles)


def _expanded(series: _Series, expand: int) -> Plan:
    """Single events in place of a rule: the start, its dates and the others, without exceptions."""
    rule, base, dropped = series.rule, series.base, series.dropped
    others = {one.start.wall: one for one in series.others}
    dropped -= {wall for wall, one in others.items() if one.end}
    most = expand + 1 + len(dropped)
    dates = list(islice(recurrence.occurrences(rule, base.wall), most))
    walls = sorted({*dates, base.wall, *others} - dropped)
    complete = len(walls) <= expand and _is_complete(rule, base.wall, len(dates))
    sent = min(len(walls), expand) or 1
    _report_singles(
        series.entry, "RRULE", "vCalendar 1.0 has no such rule", sent, complete=complete
    )
    singles = [others.get(wall) or Single(replace(base, wall=wall)) for wall in walls[:expand]]
    return Plan(singles=singles, with_first=not walls)


def _is_complete(rule: Rule, start: datetime, found: int) -> bool:
    """Whether these are all dates of a rule, and not only those within the limits."""
    if rule.inner:
        return True  # fewer than were asked for
    if rule.count:
        return found == rule.count
    if rule.until is None:
        return False
    span, seconds = _midnight_or(rule.until) - start, recurrence.WITHIN_DAY.get(rule.frequency)
    if seconds:
        return span.total_seconds() < seconds * rule.interval * recurrence.MOST_STEPS
    return span.days < recurrence.MOST_DAYS


def _report_singles(entry: Entry, what: str, why: str, sent: int, *, complete: bool) -> None:
    if complete:
        events = "one single event" if sent == 1 else f"{sent} single events"
        entry.lose(what, Action.EXPANDED, f"{why}; sent as {events}")
    else:
        events = "event is" if sent == 1 else f"{sent} events are"
        entry.lose(what, Action.CUT, f"{why}; only the first {events} sent")

"""A rule to RRULE of vCalendar 1.0; the grammar stands in ``vcalendar1``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from converters.calendars.recurrence.expansion import dated, is_regular, only_one_end
from converters.calendars.recurrence.rule import WEEKDAYS, Rule, stamp

#: Letters, the factor of the interval, and the parts; None if 1.0 cannot express the rule.
Words = tuple[str, int, Sequence[str]] | None


def to_vcal(rule: Rule, start: datetime) -> str | None:
    """The rule with the same dates from ``start`` in 1.0; None if 1.0 cannot express it."""
    ended = None if rule.inner or rule.own_times else _with_clear_end(rule, start)
    return _said(ended, start) if ended else None


def _said(rule: Rule, start: datetime) -> str | None:
    form = _FORMS.get((rule.frequency, rule.parts))
    words = form(rule, start) if form else None
    if words is None or _needs_week_start(rule, start):
        return None
    letters, factor, parts = words
    times = [f"{clock:%H%M}" for clock in rule.times]
    if rule.interval * factor > 999 or (
        times and (letters != "D" or any(clock.second for clock in rule.times))
    ):
        return None
    return " ".join((f"{letters}{rule.interval * factor}", *parts, *times, *_end(rule)))


def _with_clear_end(rule: Rule, start: datetime) -> Rule | None:
    """The rule with a count only if there is one date in each interval; None beyond the limits."""
    rule = only_one_end(rule, start)
    return rule if not rule.count or is_regular(rule, start) else dated(rule, start)


def _end(rule: Rule) -> Iterator[str]:
    """``#0`` means forever; an end date is a complete date-time."""
    if rule.count or not rule.until:
        yield f"#{rule.count or 0}"
    if rule.until:
        yield stamp(rule.until)


def _needs_week_start(rule: Rule, start: datetime) -> bool:
    """Whether a week that does not begin on Monday moves an occurrence (RFC 5545, 3.3.10).

    That needs an interval of several weeks, and a weekday that changes its week beside one that
    does not.
    """
    if rule.frequency != "WEEKLY" or rule.interval == 1:
        return False
    weekdays = {start.weekday(), *(weekday for _, weekday in rule.weekdays)}
    return len({weekday < rule.week_start for weekday in weekdays}) > 1


def _daily(_rule: Rule, _start: datetime) -> Words:
    return "D", 1, ()


def _on_weekdays(rule: Rule, _start: datetime) -> Words:
    """Daily on some weekdays: weekly, unless the interval skips days."""
    return _weekly(rule, _start) if rule.interval == 1 else None


def _weekly(rule: Rule, _start: datetime) -> Words:
    return "W", 1, [WEEKDAYS[weekday] for _, weekday in dict.fromkeys(rule.weekdays)]


def _by_position(rule: Rule, _start: datetime) -> Words:
    """Weekdays after their positions; weekdays with the same positions share them."""
    positions: dict[int, tuple[int, ...]] = {}
    for position, weekday in _positioned(rule):
        more = (position,) if position else (1, 2, 3, 4, 5)
        positions[weekday] = tuple(dict.fromkeys((*positions.get(weekday, ()), *more)))
    if not all(1 <= abs(position) <= 5 for some in positions.values() for position in some):
        return None
    words: list[str] = []
    last: tuple[int, ...] = ()
    for weekday, some in positions.items():
        signs = [f"{abs(position)}{'-' if position < 0 else '+'}" for position in some]
        words += (*(signs if some != last else ()), WEEKDAYS[weekday])
        last = some
    return "MP", 1, words


def _positioned(rule: Rule) -> Sequence[tuple[int, int]]:
    """BYSETPOS as positions of the weekday, if there is only one; else an impossible position."""
    if not rule.positions:
        return rule.weekdays
    if len(rule.weekdays) != 1 or rule.weekdays[0][0]:
        return [(99, 0)]
    return [(position, rule.weekdays[0][1]) for position in rule.positions]


def _by_day_of_month(rule: Rule, start: datetime) -> Words:
    days = dict.fromkeys(rule.month_days or (start.day,))
    return "MD", 1, ["LD" if day == -1 else f"{day}" if day > 0 else f"{-day}-" for day in days]


def _in_own_month(form: Callable[[Rule, datetime], Words]) -> Callable[[Rule, datetime], Words]:
    """Yearly in only the start's month: every twelve months."""

    def yearly(rule: Rule, start: datetime) -> Words:
        words = form(rule, start) if rule.months == (start.month,) else None
        return words and (words[0], 12, words[2])

    return yearly


def _by_month(rule: Rule, start: datetime) -> Words:
    if rule.month_days not in ((), (start.day,)):
        return _in_own_month(_by_day_of_month)(rule, start)
    return "YM", 1, [str(month) for month in rule.months or (start.month,)]


def _each_month(rule: Rule, start: datetime) -> Words:
    return _by_month(rule, start) if rule.interval == 1 else None


def _each_day_of_month(rule: Rule, start: datetime) -> Words:
    return _by_day_of_month(rule, start) if rule.interval == 1 else None


def _by_day_of_year(rule: Rule, _start: datetime) -> Words:
    return ("YD", 1, [str(day) for day in rule.year_days]) if min(rule.year_days) > 0 else None


#: (frequency, parts) to the words of the rule; the other combinations cannot be expressed.
_FORMS: Mapping[tuple[str, frozenset[str]], Callable[[Rule, datetime], Words]] = {
    ("DAILY", frozenset()): _daily,
    ("DAILY", frozenset({"weekdays"})): _on_weekdays,
    ("WEEKLY", frozenset()): _weekly,
    ("WEEKLY", frozenset({"weekdays"})): _weekly,
    ("MONTHLY", frozenset({"weekdays"})): _by_position,
    ("MONTHLY", frozenset({"weekdays", "positions"})): _by_position,
    ("MONTHLY", frozenset()): _by_day_of_month,
    ("MONTHLY", frozenset({"month_days"})): _by_day_of_month,
    ("MONTHLY", frozenset({"months"})): _each_month,
    ("YEARLY", frozenset()): _by_month,
    ("YEARLY", frozenset({"months"})): _by_month,
    ("YEARLY", frozenset({"months", "month_days"})): _by_month,
    ("YEARLY", frozenset({"months", "weekdays"})): _in_own_month(_by_position),
    ("YEARLY", frozenset({"months", "weekdays", "positions"})): _in_own_month(_by_position),
    ("YEARLY", frozenset({"month_days"})): _each_day_of_month,
    ("YEARLY", frozenset({"year_days"})): _by_day_of_year,
}

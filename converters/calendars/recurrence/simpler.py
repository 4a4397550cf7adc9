"""Rules with the same dates in fewer or plainer parts, which vCalendar 1.0 can express.

Programs have several ways to say "the last day of the month": BYMONTHDAY=-1, all seven weekdays
with BYSETPOS=-1 (Outlook), BYMONTHDAY=28,29,30,31 with BYSETPOS=-1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from converters.calendars.recurrence.rule import Rule

_EVERY_DAY = frozenset((0, weekday) for weekday in range(7))
_ENDS = ((1,), (-1,))
#: Days of which the last one that a month has is its last day.
_LAST_DAYS = frozenset(range(28, 32))


def simplified(rule: Rule) -> Rule:
    """The same rule in plainer parts, if there are any."""
    if len(rule.times) > 1 or any(rule.clock):
        return rule
    form = _FORMS.get(rule.frequency)
    return form(rule) if form else rule


def _daily(rule: Rule) -> Rule:
    if frozenset(rule.weekdays) == _EVERY_DAY:
        rule = replace(rule, weekdays=())
    if rule.interval == 1 and rule.parts == {"month_days"}:
        return replace(rule, frequency="MONTHLY")
    return rule


def _weekly(rule: Rule) -> Rule:
    if rule.interval == 1 and not rule.positions and frozenset(rule.weekdays) == _EVERY_DAY:
        return _daily(replace(rule, frequency="DAILY"))
    if len(rule.weekdays) <= 1 and rule.positions in _ENDS:
        return replace(rule, positions=())  # the first of one
    return rule


def _monthly(rule: Rule) -> Rule:
    if rule.frequency == "MONTHLY" and rule.interval == 1 and len(rule.months) == 1:
        rule = replace(rule, frequency="YEARLY")
    if rule.month_days and frozenset(rule.weekdays) == _EVERY_DAY:
        rule = replace(rule, weekdays=())
    if not rule.positions:
        return rule
    if rule.parts - {"months"} == {"weekdays", "positions"}:
        if frozenset(rule.weekdays) == _EVERY_DAY and max(map(abs, rule.positions)) <= 31:
            return replace(rule, weekdays=(), positions=(), month_days=rule.positions)
    elif rule.parts - {"months"} == {"month_days", "positions"} and rule.positions in _ENDS:
        return _one_day(rule)
    return rule


def _one_day(rule: Rule) -> Rule:
    """The first or last of some days of a month, if it is the same day in all months."""
    days = frozenset(rule.month_days)
    if len(days) == 1:
        return replace(rule, positions=())
    if rule.positions == (-1,) and days >= _LAST_DAYS and min(days) > 0:
        return replace(rule, positions=(), month_days=(-1,))
    if rule.positions == (-1,) and days == {28, 29} and rule.months == (2,):
        return replace(rule, positions=(), month_days=(-1,))
    if rule.positions == (1,) and 1 in days:
        return replace(rule, positions=(), month_days=(1,))
    return rule


def _yearly(rule: Rule) -> Rule:
    if rule.parts == {"year_days"} and rule.year_days == (-1,):
        return replace(rule, year_days=(), months=(12,), month_days=(31,))
    if len(rule.months) == 1:
        return _monthly(rule)
    every = rule.parts - {"months"} == {"weekdays", "positions"} and (
        frozenset(rule.weekdays) == _EVERY_DAY
    )
    if every and rule.positions in _ENDS:
        months = rule.months or (1, 12)
        month = months[0] if rule.positions == (1,) else months[-1]
        return replace(rule, weekdays=(), positions=(), months=(month,), month_days=rule.positions)
    return rule


_FORMS: Mapping[str, Callable[[Rule], Rule]] = {
    "DAILY": _daily,
    "WEEKLY": _weekly,
    "MONTHLY": _monthly,
    "YEARLY": _yearly,
}

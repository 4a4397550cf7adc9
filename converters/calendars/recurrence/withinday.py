"""The dates of a rule that repeats within the day: HOURLY, MINUTELY and SECONDLY."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import product

from converters.calendars.recurrence.rule import WITHIN_DAY, Rule, at_positions

#: Hours, minutes or seconds that an expansion looks at.
MOST_STEPS = 20_000
_DAY = 86_400


def moments(
    rule: Rule, start: datetime, holds: Callable[[date], bool], most_days: int
) -> Iterator[datetime]:
    """The times of each hour, minute or second at which the rule holds.

    ``holds`` says whether it holds on a day. Ends after ``most_days`` or ``MOST_STEPS``.
    """
    step = WITHIN_DAY[rule.frequency] * rule.interval
    first = start.hour * 3600 + start.minute * 60 + start.second
    left = MOST_STEPS
    for number in range(most_days):
        try:
            day = start.date() + timedelta(days=number)
        except OverflowError:
            return
        if not holds(day):
            continue
        begin = first + -(-(number * _DAY - first) // step) * step if number else first
        for second in range(begin - number * _DAY, _DAY, step):
            left -= 1
            if left < 0:
                return
            yield from _in_period(rule, day, second)


def _in_period(rule: Rule, day: date, second: int) -> list[datetime]:
    """The times of one hour, minute or second that begins at or around a second of the day."""
    own = (second // 3600, second // 60 % 60, second % 60)
    fixed = ("HOURLY", "MINUTELY", "SECONDLY").index(rule.frequency) + 1
    choices: list[tuple[int, ...]] = []
    for place, (mine, chosen) in enumerate(zip(own, rule.clock, strict=True)):
        if place < fixed and chosen and mine not in chosen:
            return []
        choices.append(chosen if chosen and place >= fixed else (mine,))
    clocks = product(*choices)
    found = [datetime.combine(day, time(hour, minute, sec)) for hour, minute, sec in clocks]
    return at_positions(found, rule.positions) if rule.positions else found

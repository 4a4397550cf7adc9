"""RRULE of vCalendar 1.0 (versit, 1996) to a rule, and a rule to RRULE.

::

    rule  = letters interval *(" " part) [" #" count] [" " end]
    D     = every so many days                   part = HHMM
    W     = weeks                                part = MO ... SU
    MP    = months, by position                  part = 1*(n "+" / n "-") 1*weekday
    MD    = months, by day                       part = n / n "-" / "LD"
    YM    = years, by month, on the start's day  part = 1 ... 12
    YD    = years, by day                        part = 1 ... 366
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from converters.calendars.datetimes import parse_time
from converters.calendars.recurrence.rule import MOST_TIMES, WEEKDAYS, Rule, stamp
from converters.errors import SourceError
from converters.shared.words import quoted

# vCalendar 1.0 to a rule.

_END = re.compile(r"#(?P<count>[0-9]{1,5})|(?P<until>[0-9]{8}(?:T[0-9]{6}Z?)?)")
#: M and Y alone are what a Nokia 9110 writes for MD and YM.
_HEAD = re.compile(r"(D|W|MP|MD?|YM|YD|Y)([1-9][0-9]{0,2})")


def from_vcal(text: str) -> Rule:
    """Rule in the grammar of vCalendar 1.0. A rule without an end happens twice.

    Raises SourceError.
    """
    head, *words = text.upper().split() or [""]
    match = _HEAD.fullmatch(head)
    count, until = _ends(words)
    if not match or len(words) > 2 * MOST_TIMES:
        raise _no_rule(text)
    try:
        rule = _READERS[match[1]](words)
        last = _end_date(until) if until else None
    except (ValueError, SourceError):
        raise _no_rule(text) from None
    times = int(count) if count else 0 if last else 2
    return replace(rule, interval=int(match[2]), count=times or None, until=last)


def _ends(words: list[str]) -> tuple[str, str]:
    """Count and end date, removed from the end of ``words``; empty if missing."""
    count = until = ""
    while words and (end := _END.fullmatch(words[-1])):
        words.pop()
        count, until = end["count"] or count, end["until"] or until
    return count, until


def _no_rule(text: str) -> SourceError:
    return SourceError(f"expected a recurrence rule, found {quoted(text)}")


def _end_date(text: str) -> date:
    end = parse_time(text)
    if end.is_date:
        return end.wall.date()
    return end.wall.replace(tzinfo=UTC if end.zone else None)


def _by_times(words: Sequence[str]) -> Rule:
    # Not strptime("%H%M"): it takes "600" and "6" too.
    times = {time(int(word[:2]), int(word[2:])) for word in words if re.fullmatch("[0-9]{4}", word)}
    if len(times) != len(words):
        raise ValueError(words)
    return Rule(frequency="DAILY", times=tuple(sorted(times)))


def _by_weekdays(words: Sequence[str]) -> Rule:
    return Rule(frequency="WEEKLY", weekdays=tuple((0, WEEKDAYS.index(word)) for word in words))


def _by_positions(words: Sequence[str]) -> Rule:
    """Positions and their weekdays: "1+ 1- FR", "4+ MO TU WE", "1+ MO 2+ TU"."""
    days: list[tuple[int, int]] = []
    positions: list[int] = []
    last = ""
    for word in words:
        if word in WEEKDAYS:
            days += ((position, WEEKDAYS.index(word)) for position in positions)
        else:
            positions = [*(positions if last not in WEEKDAYS else ()), _position(word)]
        last = word
    if not days or last not in WEEKDAYS:
        raise ValueError(words)
    return Rule(frequency="MONTHLY", weekdays=tuple(days))


def _position(word: str) -> int:
    if not re.fullmatch("[1-5][+-]", word):
        raise ValueError(word)
    return int(word[1] + word[0])


def _by_month_days(words: Sequence[str]) -> Rule:
    return Rule(frequency="MONTHLY", month_days=tuple(map(_month_day, words)))


def _month_day(word: str) -> int:
    if word == "LD":
        return -1
    return _within(word.rstrip("+-"), 31) * (-1 if word[-1] == "-" else 1)


def _by_months(words: Sequence[str]) -> Rule:
    return Rule(frequency="YEARLY", months=tuple(_within(word, 12) for word in words))


def _by_year_days(words: Sequence[str]) -> Rule:
    if not words:
        raise ValueError(words)
    return Rule(frequency="YEARLY", year_days=tuple(_within(word, 366) for word in words))


def _within(word: str, most: int) -> int:
    if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= most:
        raise ValueError(word)
    return int(word)


_READERS: Mapping[str, Callable[[Sequence[str]], Rule]] = {
    "D": _by_times,
    "W": _by_weekdays,
    "MP": _by_positions,
    "MD": _by_month_days,
    "M": _by_month_days,
    "YM": _by_months,
    "Y": _by_months,
    "YD": _by_year_days,
}


# A rule to vCalendar 1.0.

#: Letters, the factor of the interval, and the parts; None if 1.0 cannot express the rule.
Words = tuple[str, int, Sequence[str]] | None


def to_vcal(rule: Rule, start: datetime) -> str | None:
    """The rule with the same dates from ``start`` in 1.0; None if 1.0 cannot express it."""
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

"""RRULE of vCalendar 1.0 (versit, 1996) to a rule.

::

    rules = rule *(" " rule)                     each date of a rule begins the next one
    rule  = letters interval *(" " part) [" #" count] [" " end]
    M     = minutes
    D     = every so many days                   part = HHMM
    W     = weeks                                part = MO ... SU *(" " HHMM)
    MP    = months, by position                  part = 1*(n "+" / n "-") 1*weekday
    MD    = months, by day                       part = n / n "-" / "LD"
    YM    = years, by month, on the start's day  part = 1 ... 12
    YD    = years, by day                        part = 1 ... 366

A ``$`` after a day or a time ends the last week or day there. The standard's own examples count
weeks for "W1 TU TH #5" and dates for "MD1 2 15 #10"; phones and programs differ. A count is
therefore written only where both are the same, and else as the date of the last event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from converters.calendars.datetimes import parse_time
from converters.calendars.recurrence.rule import MOST_TIMES, WEEKDAYS, Rule
from converters.errors import SourceError
from converters.shared.words import quoted

_END = re.compile(r"#(?P<count>[0-9]{1,5})|(?P<until>[0-9]{8}(?:T[0-9]{6}Z?)?)")
#: Y alone is what old phones write for YM.
_HEAD = re.compile(r"(M|D|W|MP|MD|YM|YD|Y)([1-9][0-9]{0,2})")
#: A rule of minutes lasts no longer: "M1 19991231T000000" is a month of some phones.
_MOST_MINUTES_DAYS = timedelta(days=1)
#: Rules inside each other; the standard's examples have two.
MOST_RULES = 3


def from_vcal(text: str, start: datetime | None = None) -> Rule:
    """Rule in the grammar of vCalendar 1.0. A rule without an end happens twice.

    ``start`` is needed for "MP1", which gets its position from there. Raises SourceError.
    """
    parts = _parts(text)
    if not 1 <= len(parts) <= MOST_RULES or any(len(words) > 2 * MOST_TIMES for words in parts):
        raise _no_rule(text)
    try:
        *outer, rule = [_rule(words, start) for words in parts]
    except (ValueError, SourceError):
        raise _no_rule(text) from None
    for one in reversed(outer):
        rule = replace(one, inner=rule)
    if rule.frequency == "MINUTELY" and start and _lasts(rule, start):
        raise SourceError(f"expected a rule of days, found M{rule.interval}, which is minutes")
    return rule


def _parts(text: str) -> list[list[str]]:
    """The words of each rule; none if the text does not begin with one."""
    parts: list[list[str]] = []
    for word in text.upper().split():
        if _HEAD.fullmatch(word):
            parts.append([word])
        elif not parts:
            return []
        else:
            parts[-1].append(word)
    return parts


def _lasts(rule: Rule, start: datetime) -> bool:
    """Whether a rule has no end, or one on a later day."""
    until = rule.until
    if until is None:
        return not rule.count
    end = until if isinstance(until, datetime) else datetime.combine(until, time.max)
    return end.replace(tzinfo=None) > start + _MOST_MINUTES_DAYS


def _rule(words: list[str], start: datetime | None) -> Rule:
    """One rule of its words; raises ValueError or SourceError."""
    head, *words = words
    letters, interval = head.rstrip("0123456789"), int(head.lstrip("DMPWY"))
    count, until = _ends(words)
    early = [word for word in words if word.endswith("$")]
    words = [word.removesuffix("$") for word in words]
    if letters == "MP" and not words and start:
        words = _position_of(start).split()
    last = _end_date(until) if until else None
    rule = replace(_READERS[letters](words), interval=interval, until=last)
    times = int(count) if count else 0 if last else 2
    return _counted(rule, times, early, several=len(words) > 1)


def _counted(rule: Rule, times: int, early: Sequence[str], *, several: bool) -> Rule:
    """The rule with its count: of days or weeks if they may have several dates, else of dates."""
    if rule.frequency in ("DAILY", "WEEKLY") and times and (several or early):
        return replace(rule, intervals=times, early=_early(rule.frequency, early))
    if early:
        raise ValueError(early)
    return replace(rule, count=times or None)


def _early(frequency: str, marked: Sequence[str]) -> int | time | None:
    """Where the last week or day ends early."""
    if not marked:
        return None
    (word,) = marked  # more than one is a ValueError
    return _clock(word[:-1]) if frequency == "DAILY" else WEEKDAYS.index(word[:-1])


def _position_of(start: datetime) -> str:
    """The start's weekday by its position in the month: "2+ WE", the fifth as the last."""
    position = (start.day + 6) // 7
    sign = "+" if position < 5 else "-"
    return f"{position if position < 5 else 1}{sign} {WEEKDAYS[start.weekday()]}"


def doubts(text: str, rule: Rule, start: datetime) -> Iterator[str]:
    """What in a rule of 1.0 is not said, or has more than one meaning."""
    words = text.upper().split()
    if rule.intervals:
        unit = "days" if rule.frequency == "DAILY" else "weeks"
        yield f"'#{rule.intervals}' may count dates or {unit}; read as {unit}"
    elif rule.count and _several(rule):
        yield f"'#{rule.count}' may count dates or intervals; read as dates"
    yield from _defaults(words, rule, start)


def _defaults(words: Sequence[str], rule: Rule, start: datetime) -> Iterator[str]:
    """What comes from the start because the rule does not name it."""
    if rule.frequency == "MINUTELY":
        yield f"{words[0]} is minutes; some phones write it for months"
    if len(words) > 1 and not _END.fullmatch(words[1]):
        return
    if words[0].startswith("MP"):
        yield f"{words[0]} names no day; read as '{_position_of(start)}', the day of the start"
    if words[0].startswith("YD") and start.timetuple().tm_yday > _LEAP_DAY:
        yield f"{words[0]} names no day; read as the date of the start"


#: From the next day on, days of the year are other dates in leap years.
_LEAP_DAY = 59


def _several(rule: Rule) -> bool:
    parts = (rule.months, rule.month_days, rule.weekdays, rule.year_days)
    return any(len(values) > 1 for values in parts)


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


def _clock(word: str) -> time:
    # Not strptime("%H%M"): it takes "600" and "6" too.
    if not re.fullmatch("[0-9]{4}", word):
        raise ValueError(word)
    return time(int(word[:2]), int(word[2:]))


def _by_minutes(words: Sequence[str]) -> Rule:
    if words:
        raise ValueError(words)
    return Rule(frequency="MINUTELY")


def _by_times(words: Sequence[str]) -> Rule:
    return Rule(frequency="DAILY", times=tuple(sorted(set(map(_clock, words)))))


def _by_weekdays(words: Sequence[str]) -> Rule:
    """Weekdays, each perhaps with times of its own: "MO WE", "TU 1200 TH 1130"."""
    times: dict[int, list[time]] = {}
    for word in words:
        if word in WEEKDAYS:
            times.setdefault(WEEKDAYS.index(word), [])
        elif not times:
            raise ValueError(words)
        else:
            times[list(times)[-1]].append(_clock(word))
    own = tuple((day, tuple(sorted(set(some)))) for day, some in times.items() if some)
    return Rule(frequency="WEEKLY", weekdays=tuple((0, day) for day in times), own_times=own)


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
    return Rule(frequency="YEARLY", year_days=tuple(_within(word, 366) for word in words))


def _within(word: str, most: int) -> int:
    if not word.isascii() or not word.isdigit() or not 1 <= int(word) <= most:
        raise ValueError(word)
    return int(word)


_READERS: Mapping[str, Callable[[Sequence[str]], Rule]] = {
    "M": _by_minutes,
    "D": _by_times,
    "W": _by_weekdays,
    "MP": _by_positions,
    "MD": _by_month_days,
    "YM": _by_months,
    "Y": _by_months,
    "YD": _by_year_days,
}

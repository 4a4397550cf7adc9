"""Rules of recurrence: "W2 MO FR #10" of vCalendar 1.0, "FREQ=WEEKLY;…" of iCalendar (RFC 5545).

Both are read into one ``Rule``, and a rule is written in either grammar::

    rule  = letters interval *(" " part) [" #" count] [" " end]      ; vCalendar 1.0, versit 1996
    D     = every so many days                   part = HHMM
    W     = weeks                                part = MO ... SU
    MP    = months, by position                  part = 1*(n "+" / n "-") 1*weekday
    MD    = months, by day                       part = n / n "-" / "LD"
    YM    = years, by month, on the start's day  part = 1 ... 12
    YD    = years, by day                        part = 1 ... 366

Times are wall clock: naive in, naive out. No expansion can run away: it looks at ``MOST_DAYS``
days at most, and no further than ``MOST_YEARS`` years from the start.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from typing import Any, TypeVar

from converters.calendars.datetimes import parse_time
from converters.errors import SourceError
from converters.shared.contentlines import shown

_T = TypeVar("_T")

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_DAYS = 5_000
MOST_YEARS = 60
#: Times of one day; more is a rule by the hour.
MOST_TIMES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When something happens again, counted from a start that the rule itself does not know.

    ``weekdays`` are (position, weekday) with position 0 for every one and weekday 0 for Monday;
    ``times`` are empty where the start's clock holds; ``until`` is as the source has it.
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    week_start: int = 0
    months: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    times: tuple[time, ...] = ()
    positions: tuple[int, ...] = ()

    @property
    def parts(self) -> frozenset[str]:
        """Names of the parts, times aside, that choose days."""
        return frozenset(name for name in _CHOOSING if getattr(self, name))


_CHOOSING = ("months", "weeks", "year_days", "month_days", "weekdays", "positions")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


# iCalendar to a rule.

#: Part of RFC 5545, 3.3.10, to its field and the numbers it takes; with True negative ones too.
_NUMBERS: Mapping[str, tuple[str, int, int, bool]] = {
    "INTERVAL": ("interval", 1, 999_999, False),
    "COUNT": ("count", 1, 99_999, False),
    "BYMONTH": ("months", 1, 12, False),
    "BYWEEKNO": ("weeks", 1, 53, True),
    "BYYEARDAY": ("year_days", 1, 366, True),
    "BYMONTHDAY": ("month_days", 1, 31, True),
    "BYSETPOS": ("positions", 1, 366, True),
    "BYHOUR": ("hours", 0, 23, False),
    "BYMINUTE": ("minutes", 0, 59, False),
    "BYSECOND": ("seconds", 0, 59, False),
}
_POSITIONED = re.compile(r"([+-]?[0-9]{0,2})(MO|TU|WE|TH|FR|SA|SU)")


def from_ical(text: str, clock: time) -> Rule:
    """Rule of a RECUR value; ``clock`` is the start's, of which the rule's times may lack parts.

    Raises SourceError for what is no rule, and for one that repeats within the day.
    """
    found = dict(_library_parts(text))
    frequency = str(found.pop("FREQ", ("",))[0])
    if frequency in ("SECONDLY", "MINUTELY", "HOURLY"):
        raise SourceError(f"phones repeat by the day at most, not {frequency}")
    if frequency not in _FREQUENCIES:
        raise SourceError(f"expected one of {', '.join(_FREQUENCIES)}, found {shown(frequency)}")
    if found.pop("RSCALE", ("GREGORIAN",))[0] != "GREGORIAN" or found.pop("SKIP", "O")[0][0] != "O":
        raise SourceError("expected the Gregorian calendar, found another")
    values: dict[str, Any] = {"frequency": frequency, "until": found.pop("UNTIL", (None,))[0]}
    values["week_start"] = _weekday(str(found.pop("WKST", ("MO",))[0]))[1]
    values["weekdays"] = tuple(_weekday(str(day)) for day in found.pop("BYDAY", ()))
    for name, numbers in found.items():
        values |= _numbers(name, numbers)
    chosen = tuple(values.pop(name, None) for name in ("hours", "minutes", "seconds"))
    return _checked(Rule(times=_times(chosen, clock), **values), clock)


@lru_cache(maxsize=1024)
def _library_parts(text: str) -> Mapping[str, Sequence[Any]]:
    from icalendar import vRecur  # noqa: PLC0415 - heavy, wanted only here

    try:
        return dict(vRecur.from_ical(text))
    except (ValueError, OverflowError):
        raise SourceError(f"expected a recurrence rule, found {shown(text)}") from None


def _weekday(text: str) -> tuple[int, int]:
    match = _POSITIONED.fullmatch(text.upper())
    if not match or match[1] in ("+", "-", "0", "00"):
        raise SourceError(f"expected weekdays in the rule, found {shown(text)}")
    return int(match[1] or 0), WEEKDAYS.index(match[2])


def _numbers(name: str, found: Sequence[Any]) -> dict[str, Any]:
    if name not in _NUMBERS:
        raise SourceError(f"expected parts of a rule, found {shown(name)}")
    field, least, most, signed = _NUMBERS[name]
    for number in found:
        # A leap month, "5L", is an int to the library.
        plain = str(number).lstrip("+-" if signed else "")
        if not plain.isdecimal() or not least <= int(plain) <= most:
            raise SourceError(f"expected {name} in {least}..{most}, found {number}")
    if field in ("interval", "count"):
        return {field: int(found[0])}
    return {field: tuple(sorted(set(map(int, found))))}


def _times(chosen: Sequence[tuple[int, ...] | None], clock: time) -> tuple[time, ...]:
    if chosen == (None, None, None):
        return ()
    own = (clock.hour, clock.minute, clock.second)
    choices = [part or (mine,) for part, mine in zip(chosen, own, strict=True)]
    times = tuple(time(hour, minute, second) for hour, minute, second in product(*choices))
    if len(times) > MOST_TIMES:
        raise SourceError(f"expected at most {MOST_TIMES} times a day, found {len(times)}")
    return () if times == (clock,) else times


def _checked(rule: Rule, clock: time) -> Rule:
    until = rule.until
    if until is not None and not isinstance(until, date):
        raise SourceError(f"expected a date or time in UNTIL, found {until}")
    if rule.frequency in ("DAILY", "WEEKLY") and any(position for position, _ in rule.weekdays):
        raise SourceError(f"expected weekdays without a position, found {rule.frequency}")
    if rule.frequency == "DAILY" and rule.positions:
        chosen = _placed(rule.times or (clock,), rule.positions)
        if not chosen:
            raise SourceError("expected a rule that holds at some time, found one that never does")
        return replace(rule, times=() if chosen == [clock] else tuple(chosen), positions=())
    return rule


# vCalendar 1.0 to a rule.

_END = re.compile(r"#(?P<count>[0-9]{1,5})|(?P<until>[0-9]{8}(?:T[0-9]{6}Z?)?)")
#: M and Y alone are what a Nokia 9110 writes for MD and YM.
_HEAD = re.compile(r"(D|W|MP|MD?|YM|YD|Y)([1-9][0-9]{0,2})")


def from_vcal(text: str) -> Rule:
    """Rule in the grammar of vCalendar 1.0. One that says no end happens twice.

    Raises SourceError.
    """
    head, *words = text.upper().split() or [""]
    match = _HEAD.fullmatch(head)
    count, until = None, None
    while words and (end := _END.fullmatch(words[-1])):
        words.pop()
        count, until = end["count"] or count, end["until"] or until
    if not match or len(words) > 2 * MOST_TIMES:
        raise _no_rule(text)
    try:
        rule = _READERS[match[1]](words)
        last = _end_date(until) if until else None
    except (KeyError, ValueError, SourceError):
        raise _no_rule(text) from None
    times = 2 if count is None and last is None else int(count or 0) or None
    return replace(rule, interval=int(match[2]), count=times, until=last)


def _no_rule(text: str) -> SourceError:
    return SourceError(f"expected a recurrence rule, found {shown(text)}")


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
    """Occurrences, and the weekdays they are of: "1+ 1- FR", "4+ MO TU WE", "1+ MO 2+ TU"."""
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

#: Letters, the factor that the interval takes, and the parts; None where 1.0 has no words.
Words = tuple[str, int, Sequence[str]] | None


def to_vcal(rule: Rule, start: datetime) -> str | None:
    """The rule in 1.0's grammar, giving the same dates from ``start``; None where it cannot."""
    form = _FORMS.get((rule.frequency, rule.parts))
    words = form(rule, start) if form else None
    if words is None or _minds_week_start(rule, start):
        return None
    letters, factor, parts = words
    times = [f"{clock:%H%M}" for clock in rule.times]
    if rule.interval * factor > 999 or (
        times and (letters != "D" or any(clock.second for clock in rule.times))
    ):
        return None
    return " ".join((f"{letters}{rule.interval * factor}", *parts, *times, *_end(rule)))


def _end(rule: Rule) -> Iterator[str]:
    """``#0`` is for ever; an end date is a whole date-time."""
    if rule.count or not rule.until:
        yield f"#{rule.count or 0}"
    if rule.until:
        yield stamp(rule.until)


def stamp(moment: date | datetime) -> str:
    """YYYYMMDDTHHMMSS, with Z where it is aware (then it is UTC); of a date its midnight."""
    text = f"{moment.year:04}{moment.month:02}{moment.day:02}"
    if not isinstance(moment, datetime):
        return f"{text}T000000"
    clock = f"T{moment.hour:02}{moment.minute:02}{moment.second:02}"
    return f"{text}{clock}{'Z' if moment.tzinfo else ''}"


def _minds_week_start(rule: Rule, start: datetime) -> bool:
    """Whether a week that does not begin on Monday shifts an occurrence (RFC 5545, 3.3.10).

    Only where weeks are left out, and only when a day that changes its week stands beside one
    that does not.
    """
    if rule.frequency != "WEEKLY" or rule.interval == 1:
        return False
    weekdays = {start.weekday(), *(weekday for _, weekday in rule.weekdays)}
    return len({weekday < rule.week_start for weekday in weekdays}) > 1


def _daily(_rule: Rule, _start: datetime) -> Words:
    return "D", 1, ()


def _on_weekdays(rule: Rule, _start: datetime) -> Words:
    """Every day that is one of some weekdays: weekly, unless days are left out."""
    return _weekly(rule, _start) if rule.interval == 1 else None


def _weekly(rule: Rule, _start: datetime) -> Words:
    return "W", 1, [WEEKDAYS[weekday] for _, weekday in dict.fromkeys(rule.weekdays)]


def _by_position(rule: Rule, _start: datetime) -> Words:
    """Weekdays with their occurrences in front; those that share them stand together."""
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
    """BYSETPOS moved to its weekday where that is the only one; else out of reach."""
    if not rule.positions:
        return rule.weekdays
    if len(rule.weekdays) != 1 or rule.weekdays[0][0]:
        return [(99, 0)]
    return [(position, rule.weekdays[0][1]) for position in rule.positions]


def _by_day_of_month(rule: Rule, start: datetime) -> Words:
    days = dict.fromkeys(rule.month_days or (start.day,))
    return "MD", 1, ["LD" if day == -1 else f"{day}" if day > 0 else f"{-day}-" for day in days]


def _in_own_month(form: Callable[[Rule, datetime], Words]) -> Callable[[Rule, datetime], Words]:
    """Yearly in the start's month alone: every twelve months."""

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


#: (frequency, parts) to the words of the rule; what is missing cannot be said.
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


# A rule to iCalendar.


def to_ical(rule: Rule) -> str:
    """The rule as a RECUR value (RFC 5545, 3.3.10): COUNT where it has both ends."""
    hours, minutes, positions = _clocks(rule.times)
    parts = {
        "FREQ": rule.frequency,
        "INTERVAL": rule.interval if rule.interval > 1 else "",
        "COUNT": rule.count or "",
        "UNTIL": stamp(rule.until) if rule.until and not rule.count else "",
        "WKST": WEEKDAYS[rule.week_start] if rule.week_start else "",
        "BYMONTH": _listed(rule.months),
        "BYWEEKNO": _listed(rule.weeks),
        "BYYEARDAY": _listed(rule.year_days),
        "BYMONTHDAY": _listed(rule.month_days),
        "BYDAY": _listed(f"{place or ''}{WEEKDAYS[weekday]}" for place, weekday in rule.weekdays),
        "BYHOUR": _listed(hours),
        "BYMINUTE": _listed(minutes),
        "BYSETPOS": _listed(rule.positions or positions),
    }
    return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def _listed(values: Iterable[object]) -> str:
    return ",".join(map(str, values))


def _clocks(times: Sequence[time]) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Hours, minutes, and the positions that pick the times among all that those make."""
    hours = sorted({clock.hour for clock in times})
    minutes = sorted({clock.minute for clock in times})
    every = [time(hour, minute) for hour in hours for minute in minutes]
    picked = [number for number, clock in enumerate(every, start=1) if clock in times]
    return hours, minutes, () if len(picked) == len(every) else picked


# A rule to its dates.


def occurrences(rule: Rule, start: datetime) -> Iterator[datetime]:
    """Times from ``start`` on at which the rule holds, naive as ``start`` is.

    What the rule leaves open comes from the start (RFC 5545, 3.3.10). Ends at the rule's end or
    at the bounds, whichever is first.
    """
    rule = _completed(rule, start)
    last = _last(rule, start)
    count = 0
    for days in _periods(rule, start):
        chosen = [day for day in days if _holds(rule, day)]
        moments = [datetime.combine(day, clock) for day in chosen for clock in rule.times]
        for moment in _placed(moments, rule.positions) if rule.positions else moments:
            if moment < start:
                continue
            if moment > last or count == rule.count:
                return
            count += 1
            yield moment


def _completed(rule: Rule, start: datetime) -> Rule:
    times = rule.times or (start.time(),)
    by_day = rule.parts - {"months", "positions"}
    if by_day == {"weeks"} or (rule.frequency == "WEEKLY" and not by_day):
        return replace(rule, weekdays=((0, start.weekday()),), times=times)
    if by_day or rule.frequency == "DAILY":
        return replace(rule, times=times)
    own = (start.month,) if rule.frequency == "YEARLY" else ()
    return replace(rule, months=rule.months or own, month_days=(start.day,), times=times)


def _last(rule: Rule, start: datetime) -> datetime:
    horizon = datetime(min(start.year + MOST_YEARS, 9999), 12, 31, 23, 59, 59)  # noqa: DTZ001 - wall clock
    if rule.until is None:
        return horizon
    until = rule.until
    if not isinstance(until, datetime):
        until = datetime.combine(until, time.max)
    return min(horizon, until.replace(tzinfo=None))


def _periods(rule: Rule, start: datetime) -> Iterator[Sequence[date]]:
    """Days of each day, week, month or year in which the rule may hold, ``MOST_DAYS`` in all."""
    left = MOST_DAYS
    for ordinals in _SPANS[rule.frequency](rule, start.date()):
        left -= len(ordinals)
        if left < 0:
            return
        yield [date.fromordinal(ordinal) for ordinal in ordinals]


_LAST_DAY = date.max.toordinal()
_Ordinals = Sequence[int]


def _days(rule: Rule, start: date) -> Iterator[_Ordinals]:
    for day in range(start.toordinal(), _LAST_DAY, rule.interval):
        yield (day,)


def _weeks(rule: Rule, start: date) -> Iterator[_Ordinals]:
    first = max(start.toordinal() - (start.weekday() - rule.week_start) % 7, 1)
    for day in range(first, _LAST_DAY - 6, 7 * rule.interval):
        yield range(day, day + 7)


def _months(rule: Rule, start: date) -> Iterator[_Ordinals]:
    for number in range(start.year * 12 + start.month - 1, 9999 * 12, rule.interval):
        yield _month(number // 12, number % 12 + 1)


def _years(rule: Rule, start: date) -> Iterator[_Ordinals]:
    months = rule.months or range(1, 13)
    for year in range(start.year, 9999, rule.interval):
        yield [day for month in months for day in _month(year, month)]


def _month(year: int, month: int) -> range:
    first = date(year, month, 1).toordinal()
    return range(first, first + monthrange(year, month)[1])


_SPANS: Mapping[str, Callable[[Rule, date], Iterator[_Ordinals]]] = {
    "DAILY": _days,
    "WEEKLY": _weeks,
    "MONTHLY": _months,
    "YEARLY": _years,
}


def _holds(rule: Rule, day: date) -> bool:
    return (
        (not rule.months or day.month in rule.months)
        and (not rule.month_days or _in_month(rule, day))
        and (not rule.weekdays or _on_weekday(rule, day))
        and (not rule.year_days or _in_year(rule, day))
        and (not rule.weeks or _in_week(rule, day))
    )


def _in_month(rule: Rule, day: date) -> bool:
    if day.day in rule.month_days:
        return True
    if min(rule.month_days) > 0:
        return False
    return day.day - monthrange(day.year, day.month)[1] - 1 in rule.month_days


def _in_year(rule: Rule, day: date) -> bool:
    number, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
    return number in rule.year_days or number - length - 1 in rule.year_days


def _on_weekday(rule: Rule, day: date) -> bool:
    """Whether it is one of the weekdays; positions count in the month, or in the whole year."""
    weekday = day.weekday()
    if (0, weekday) in rule.weekdays:
        return True
    if all(weekday != other for _, other in rule.weekdays):
        return False
    if rule.frequency == "MONTHLY" or rule.months:
        number, length = day.day, monthrange(day.year, day.month)[1]
    else:
        number, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
    from_start, from_end = (number + 6) // 7, -((length - number) // 7) - 1
    return (from_start, weekday) in rule.weekdays or (from_end, weekday) in rule.weekdays


def _in_week(rule: Rule, day: date) -> bool:
    """Week 1 is the first with four days in the year (RFC 5545, 3.3.10, BYWEEKNO)."""
    in_week = (day.weekday() - rule.week_start) % 7
    try:
        fourth = day + timedelta(days=3 - in_week)
    except OverflowError:
        return False
    number = (fourth.timetuple().tm_yday + 6) // 7
    length = 366 if isleap(fourth.year) else 365
    weeks = number + (length - fourth.timetuple().tm_yday) // 7
    return number in rule.weeks or number - weeks - 1 in rule.weeks


def _placed(values: Sequence[_T], positions: Iterable[int]) -> list[_T]:
    """Values at positions that count from 1, or from -1 backwards (BYSETPOS)."""
    size = len(values)
    places = {at - 1 if at > 0 else size + at for at in positions if abs(at) <= size}
    return [values[place] for place in sorted(places)]


def only_one_end(rule: Rule, start: datetime) -> Rule:
    """The same rule with one end: of a count and a date the earlier one counts."""
    if rule.count is None or rule.until is None:
        return rule
    by_date = sum(1 for _ in occurrences(rule, start))
    return replace(rule, until=None) if by_date == rule.count else replace(rule, count=None)

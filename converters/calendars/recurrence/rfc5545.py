"""RRULE of iCalendar (RFC 5545, 3.3.10) to a rule, and a rule to RRULE."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from converters.calendars.recurrence.rule import (
    MOST_TIMES,
    WEEKDAYS,
    WITHIN_DAY,
    Rule,
    at_positions,
    stamp,
)
from converters.calendars.recurrence.simpler import simplified
from converters.errors import SourceError
from converters.shared.words import quoted

_FREQUENCIES = (*WITHIN_DAY, "DAILY", "WEEKLY", "MONTHLY", "YEARLY")


class _Numbers(NamedTuple):
    """The numbers that a part of a rule may have; ``signed``: negative ones too."""

    least: int
    most: int
    signed: bool = False


_NUMBERS: Mapping[str, _Numbers] = {
    "INTERVAL": _Numbers(1, 999_999),
    "COUNT": _Numbers(1, 99_999),
    "BYMONTH": _Numbers(1, 12),
    "BYWEEKNO": _Numbers(1, 53, signed=True),
    "BYYEARDAY": _Numbers(1, 366, signed=True),
    "BYMONTHDAY": _Numbers(1, 31, signed=True),
    "BYSETPOS": _Numbers(1, 366, signed=True),
    "BYHOUR": _Numbers(0, 23),
    "BYMINUTE": _Numbers(0, 59),
    "BYSECOND": _Numbers(0, 59),
}
_POSITIONED = re.compile(r"([+-]?[0-9]{0,2})(MO|TU|WE|TH|FR|SA|SU)")


def from_ical(text: str, clock: time) -> Rule:
    """Rule of a RECUR value; ``clock`` is the start's time, for parts that the rule lacks.

    Raises SourceError for a text that is not a rule.
    """
    parts = dict(_plain_parts(text) or _library_parts(text))
    frequency = _frequency(parts)
    until = _until(parts.pop("UNTIL", (None,))[0])
    week_start = _weekday(str(parts.pop("WKST", ("MO",))[0]))[1]
    weekdays = tuple(dict.fromkeys(_weekday(str(day)) for day in parts.pop("BYDAY", ())))
    numbers = {name: _checked_numbers(name, found) for name, found in parts.items()}
    rule = Rule(
        frequency=frequency,
        interval=_one(numbers.get("INTERVAL")) or 1,
        count=_one(numbers.get("COUNT")),
        until=until,
        week_start=week_start,
        months=_unique(numbers, "BYMONTH"),
        weeks=_unique(numbers, "BYWEEKNO"),
        year_days=_unique(numbers, "BYYEARDAY"),
        month_days=_unique(numbers, "BYMONTHDAY"),
        weekdays=weekdays,
        times=_times(numbers, clock) if frequency not in WITHIN_DAY else (),
        clock=_clock(numbers) if frequency in WITHIN_DAY else ((), (), ()),
        positions=_unique(numbers, "BYSETPOS"),
    )
    return simplified(_checked(rule, clock))


#: Values that can be read in one way alone. icalendar, which reads the others, takes longer to load
#: than a whole event takes otherwise.
_PLAIN_NUMBER = r"-?[1-9][0-9]{0,4}"
_PLAIN = re.compile(
    r"(?:FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)|WKST=(?:MO|TU|WE|TH|FR|SA|SU)"
    r"|UNTIL=[0-9]{8}(?:T[0-9]{6}Z?)?"
    r"|(?:INTERVAL|COUNT)=[1-9][0-9]{0,4}"
    r"|BYMONTH=[1-9][0-9]?(?:,[1-9][0-9]?){0,40}"
    rf"|BY(?:WEEKNO|YEARDAY|MONTHDAY|SETPOS)={_PLAIN_NUMBER}(?:,{_PLAIN_NUMBER}){{0,40}}"
    r"|BYDAY=(?:-?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:-?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)){0,20})"
)


def _plain_parts(text: str) -> Mapping[str, Sequence[object]] | None:
    """The parts of a rule that is written in the plainest way; None for any other."""
    parts: dict[str, Sequence[object]] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name in parts or not _PLAIN.fullmatch(part):
            return None
        parts[name] = value.split(",")
    if "UNTIL" in parts:
        try:
            parts["UNTIL"] = (_plain_time(str(parts["UNTIL"][0])),)
        except ValueError:  # no such day
            return None
    return parts


def _plain_time(text: str) -> date:
    if "T" not in text:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    day, clock = _plain_time(text[:8]), time(int(text[9:11]), int(text[11:13]), int(text[13:15]))
    return datetime.combine(day, clock, UTC if text.endswith("Z") else None)


@lru_cache(maxsize=1024)
def _library_parts(text: str) -> Mapping[str, Sequence[object]]:
    from icalendar import vRecur  # noqa: PLC0415 - heavy, needed only here

    try:
        return dict(vRecur.from_ical(text))
    except (ValueError, OverflowError):
        raise SourceError(f"expected a recurrence rule, found {quoted(text)}") from None


def _frequency(parts: dict[str, Sequence[object]]) -> str:
    frequency = str(parts.pop("FREQ", ("",))[0])
    if frequency not in _FREQUENCIES:
        raise SourceError(f"expected one of {', '.join(_FREQUENCIES)}, found {quoted(frequency)}")
    calendar, skip = parts.pop("RSCALE", ("GREGORIAN",)), parts.pop("SKIP", ("OMIT",))
    if calendar[0] != "GREGORIAN" or skip[0] != "OMIT":
        raise SourceError("expected the Gregorian calendar, found another")
    return frequency


def _until(found: object) -> date | None:
    if found is not None and not isinstance(found, date):
        raise SourceError(f"expected a date or time in UNTIL, found {found}")
    return found


def _weekday(text: str) -> tuple[int, int]:
    match = _POSITIONED.fullmatch(text.upper())
    if not match or match[1] in ("+", "-", "0", "00"):
        raise SourceError(f"expected weekdays in the rule, found {quoted(text)}")
    return int(match[1] or 0), WEEKDAYS.index(match[2])


def _checked_numbers(name: str, found: Sequence[object]) -> list[int]:
    if name not in _NUMBERS:
        raise SourceError(f"expected parts of a rule, found {quoted(name)}")
    least, most, signed = _NUMBERS[name]
    texts = list(map(str, found))  # the library takes a leap month, "5L", for an int
    for text in texts:
        plain = text.lstrip("+-" if signed else "")
        if not plain.isdecimal() or not least <= int(plain) <= most:
            raise SourceError(f"expected {name} in {least}..{most}, found {text}")
    return list(map(int, texts))


def _one(numbers: Sequence[int] | None) -> int | None:
    return numbers[0] if numbers else None


def _unique(numbers: Mapping[str, Sequence[int]], name: str) -> tuple[int, ...]:
    return tuple(sorted(set(numbers.get(name, ()))))


def _clock(
    numbers: Mapping[str, Sequence[int]],
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    hours, minutes, seconds = (
        _unique(numbers, name) for name in ("BYHOUR", "BYMINUTE", "BYSECOND")
    )
    return hours, minutes, seconds


def _times(numbers: Mapping[str, Sequence[int]], clock: time) -> tuple[time, ...]:
    chosen = [_unique(numbers, name) for name in ("BYHOUR", "BYMINUTE", "BYSECOND")]
    if not any(chosen):
        return ()
    own = (clock.hour, clock.minute, clock.second)
    choices = [part or (mine,) for part, mine in zip(chosen, own, strict=True)]
    times = tuple(time(hour, minute, second) for hour, minute, second in product(*choices))
    if len(times) > MOST_TIMES:
        raise SourceError(f"expected at most {MOST_TIMES} times a day, found {len(times)}")
    return () if times == (clock,) else times


def _checked(rule: Rule, clock: time) -> Rule:
    if rule.frequency not in ("MONTHLY", "YEARLY") and any(
        position for position, _ in rule.weekdays
    ):
        raise SourceError(f"expected weekdays without a position, found {rule.frequency}")
    if rule.frequency == "DAILY" and rule.positions:
        chosen = at_positions(rule.times or (clock,), rule.positions)
        if not chosen:
            raise SourceError("expected a rule with dates, found one without")
        return replace(rule, times=() if chosen == [clock] else tuple(chosen), positions=())
    return rule


def to_ical(rule: Rule) -> str:
    """The rule as a RECUR value: with COUNT if it has both ends."""
    hours, minutes, positions = _hours_and_minutes(rule.times)
    if rule.frequency in WITHIN_DAY:
        hours, minutes = rule.clock[:2]
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
        "BYSECOND": _listed(rule.clock[2]),
        "BYSETPOS": _listed(rule.positions or positions),
    }
    return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def _listed(values: Iterable[object]) -> str:
    return ",".join(map(str, values))


def _hours_and_minutes(
    times: Sequence[time],
) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Hours, minutes, and the positions of ``times`` among all combinations of both."""
    hours = sorted({clock.hour for clock in times})
    minutes = sorted({clock.minute for clock in times})
    every = [time(hour, minute) for hour in hours for minute in minutes]
    picked = [number for number, clock in enumerate(every, start=1) if clock in times]
    return hours, minutes, () if len(picked) == len(every) else picked

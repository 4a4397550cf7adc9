"""Rules of recurrence: "W2 MO FR #10" of vCalendar 1.0, "FREQ=WEEKLY;…" of iCalendar (RFC 5545).

Both are read into one ``Rule``; a rule is written in either grammar and expanded to its dates.
Times are wall clock: naive in, naive out.
"""

from converters.calendars.recurrence.expansion import (
    MOST_DAYS,
    dated,
    ended,
    is_regular,
    occurrences,
    only_one_end,
)
from converters.calendars.recurrence.rfc5545 import from_ical, to_ical
from converters.calendars.recurrence.rule import WEEKDAYS, WITHIN_DAY, Rule, stamp
from converters.calendars.recurrence.vcalendar1 import doubts, from_vcal
from converters.calendars.recurrence.vcalendar1_writer import to_vcal
from converters.calendars.recurrence.withinday import MOST_STEPS

__all__ = [
    "MOST_DAYS",
    "MOST_STEPS",
    "WEEKDAYS",
    "WITHIN_DAY",
    "Rule",
    "dated",
    "doubts",
    "ended",
    "from_ical",
    "from_vcal",
    "is_regular",
    "occurrences",
    "only_one_end",
    "stamp",
    "to_ical",
    "to_vcal",
]

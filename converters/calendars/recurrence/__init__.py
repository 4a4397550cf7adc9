"""Rules of recurrence: "W2 MO FR #10" of vCalendar 1.0, "FREQ=WEEKLY;…" of iCalendar (RFC 5545).

Both are read into one ``Rule``; a rule is written in either grammar and expanded to its dates.
Times are wall clock: naive in, naive out.
"""

from converters.calendars.recurrence.expansion import MOST_DAYS, occurrences, only_one_end
from converters.calendars.recurrence.rfc5545 import from_ical, to_ical
from converters.calendars.recurrence.rule import WEEKDAYS, Rule, stamp
from converters.calendars.recurrence.vcalendar1 import from_vcal, to_vcal

__all__ = [
    "MOST_DAYS",
    "WEEKDAYS",
    "Rule",
    "from_ical",
    "from_vcal",
    "occurrences",
    "only_one_end",
    "stamp",
    "to_ical",
    "to_vcal",
]

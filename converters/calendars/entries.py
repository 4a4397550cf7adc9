"""A component of a calendar to an entry: what its lines say, and whether it is an appointment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from converters.api import Action
from converters.calendars import ends
from converters.calendars.datetimes import Time
from converters.calendars.draft import Clock, Context, Entry
from converters.calendars.properties import MOST_EXCEPTIONS, read_alarm, read_line
from converters.errors import SourceError
from converters.shared.contentlines import Component, Line
from converters.shared.words import quoted

#: Methods of an invitation that send no appointment (RFC 5546), and what they are.
_ANSWERS = {
    "REPLY": "an answer to an invitation",
    "COUNTER": "a proposal for another time",
    "DECLINECOUNTER": "a refusal of another time",
    "REFRESH": "a question for an invitation",
}


def entry_of(component: Component, context: Context) -> Entry:
    """What the lines of an event or to-do say; raises SourceError if it is none, or no good."""
    if component.error:
        raise component.error
    if component.name not in ("VEVENT", "VTODO"):
        raise SourceError(f"expected an event or a to-do, found {component.name}")
    entry = Entry(component.name, losses=component.losses)
    _take_from_alarms(component, entry)
    for line in component.lines:
        guarded(line, partial(read_line, line, component, entry, context), entry)
    if not component.closed:
        why = f"the {component.name} ends without it"
        entry.lose(f"END:{component.name}", Action.SUPPLIED, why)
    if component.name == "VEVENT" and not entry.start:
        raise _no_start(entry)
    _check_takes_place(entry, context)
    _report_untitled(entry)
    _add_changed(component, context, entry)
    return entry


def guarded(line: Line, step: Callable[[], None], entry: Entry) -> None:
    """Do a step; if it raises SourceError, the property is lost."""
    try:
        step()
    except SourceError as error:
        entry.lose(line.label, Action.LEFT_OUT, error.message, line.number)


#: Properties that no alarm has.
_OF_NO_ALARM = frozenset(
    {
        *("DTSTART", "DTEND", "DUE", "RRULE", "RDATE", "EXDATE", "LOCATION", "CATEGORIES"),
        *("STATUS", "PRIORITY", "COMPLETED", "RECURRENCE-ID", "CLASS", "URL", "ORGANIZER"),
    }
)


def _take_from_alarms(component: Component, entry: Entry) -> None:
    """Give an event its lines back that an alarm without END has taken."""
    for child in component.children:
        if child.closed:
            continue
        taken = [line for line in child.lines if line.name in _OF_NO_ALARM]
        component.lines += taken
        why = f"the {child.name} ends without it"
        entry.lose(f"END:{child.name}", Action.SUPPLIED, why, child.number)


def _no_start(entry: Entry) -> SourceError:
    """Error of an event without a start, or with one that cannot be read."""
    for loss in entry.losses:
        if loss.what == "DTSTART" and loss.action is Action.LEFT_OUT:
            return SourceError(loss.why, line=loss.line, name="DTSTART")
    return SourceError("expected the start of an event, found none", name="DTSTART")


def _check_takes_place(entry: Entry, context: Context) -> None:
    found = "STATUS:CANCELLED" if entry.status == "CANCELLED" else ""
    if context.method == "CANCEL":
        found = "METHOD:CANCEL"
    if found and not context.cancelled:
        raise SourceError(
            f"expected an event that takes place, found {found} (cancelled=yes sends it)"
        )
    if found:
        name = found.partition(":")[0]
        entry.lose(name, Action.LEFT_OUT, "the event is cancelled; sent as if it were not")
    if context.method in _ANSWERS:
        why = f"the calendar is {_ANSWERS[context.method]}; sent as an appointment"
        entry.lose(f"METHOD:{context.method}", Action.IGNORED, why)


def _report_untitled(entry: Entry) -> None:
    if entry.summary:
        return
    if entry.description or entry.location:
        why = "the source has none; phones show the rest only when the event is opened"
    else:
        why = "the source has no text at all; phones show only the time"
    entry.lose("SUMMARY", Action.LEFT_OUT, why)


def _add_changed(component: Component, context: Context, entry: Entry) -> None:
    """The events of a series that are sent separately are exceptions of its rule, as EXDATE is."""
    uid = component.first("UID")
    if not uid or not (entry.rule or entry.dates):
        return
    changed = context.changed.get(uid.raw, ())
    if len(changed) > MOST_EXCEPTIONS:
        why = f"expected at most {MOST_EXCEPTIONS} changed events of a series, found more"
        entry.lose("EXDATE", Action.CUT, why)
    entry.exceptions = [*entry.exceptions, *changed[:MOST_EXCEPTIONS]]
    entry.stops = context.stopped.get(uid.raw)


def settle(component: Component, entry: Entry, clock: Clock) -> Time | None:
    """Settle the end of an entry, and give the time of its alarm."""
    _replace_no_year(entry)
    ends.settle(entry, clock)
    alarm = _alarm(component, entry, clock)
    for name, text, number in entry.alarm_texts:
        if text not in entry.summary:
            why = "phones ring with their own tone and text"
            entry.lose(f"{name} {quoted(text)}", Action.LEFT_OUT, why, number)
    return alarm


def _alarm(component: Component, entry: Entry, clock: Clock) -> Time | None:
    for child in component.children:
        trigger = child.first("TRIGGER") or Line("", (), b"", child.number)
        line = replace(trigger, name=child.name)
        guarded(line, partial(read_alarm, child, line, entry, clock), entry)
    audible, display = entry.audible_alarm, entry.display_alarm
    if audible and display and audible != display:
        entry.lose("DALARM", Action.LEFT_OUT, "phones keep one alarm")
    return audible or display


#: The year of birthdays that are known without one, and a later leap year.
_NO_YEAR, _SHOWN_YEAR = 1604, 2004


def _replace_no_year(entry: Entry) -> None:
    """A yearly event from 1604 on, which stands for no year, begins in a year that phones know."""
    yearly = "YEARLY" in entry.rule or entry.rule.startswith("Y")
    if not entry.start or entry.start.wall.year != _NO_YEAR or not yearly:
        return
    entry.lose("DTSTART", Action.REPLACED, f"the year 1604 stands for none; sent as {_SHOWN_YEAR}")
    for name in ("start", "end", "due"):
        time: Time | None = getattr(entry, name)
        if time and time.wall.year in (_NO_YEAR, _NO_YEAR + 1):
            later = time.wall.replace(year=time.wall.year + _SHOWN_YEAR - _NO_YEAR)
            setattr(entry, name, replace(time, wall=later))

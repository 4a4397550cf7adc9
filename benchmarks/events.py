"""Events, bytes to parts, beside icalendar's reading alone, in one process.

Run with the project's Python: ``.venv/bin/python benchmarks/events.py [EVENTS ROUNDS]`` (5,000 and
5). Each round runs all of them one after the other; the best of the rounds counts. The budget for
ours is 1.4 times ``icalendar.Calendar.from_ical`` on the same octets. ``memory`` as argument
measures peaks instead: a process for 1,000 events and one for ten times as many.
"""

import random
import resource
import subprocess
import sys
import time

import icalendar
from figures import Figure, alternating, emit, of_package

from converters.calendars.convert import CONVERTER
from converters.shared import contentlines
from smsenc import split

BUDGET = 1.4
WORDS = ("Review", "Zoë", "budget", "Müller", "kickoff", "dentist", "café", "Wohnung", "plans")
ZONES = ("Europe/Paris", "America/New_York", "W. Europe Standard Time")
RULES = (
    "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10",
    "FREQ=YEARLY",
    "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261231T000000Z",
)


def event(dice, number):
    """An event as calendars export it: ten to twenty lines, some folded."""
    day, hour = dice.randrange(1, 29), dice.randrange(8, 18)
    start = f";TZID={dice.choice(ZONES)}:202405{day:02}T{hour:02}3000"
    text = " ".join(dice.choices(WORDS, k=20))
    lines = [
        *("BEGIN:VEVENT", f"UID:{number}@example.com", "DTSTAMP:20240501T120000Z", "SEQUENCE:0"),
        f"DTSTART{start}",
        dice.choice(("DURATION:PT1H30M", f"DTEND{start[:-6]}5900")),
        f"SUMMARY:{' '.join(dice.choices(WORDS, k=3))}",
        *("STATUS:CONFIRMED", "TRANSP:OPAQUE", "CLASS:PUBLIC"),
    ]
    others = [
        (f"LOCATION:Room {number % 90}\\, second floor",),
        (f"DESCRIPTION:{text[:60]}", f" {text[60:]}"),
        ("CATEGORIES:MEETING",),
        (f"RRULE:{dice.choice(RULES)}",),
        ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:Soon", "END:VALARM"),
    ]
    lines += [line for some in others if dice.random() < 0.6 for line in some]
    return "\r\n".join((*lines, "END:VEVENT", ""))


def events(count):
    dice = random.Random(1)
    inside = "".join(event(dice, number) for number in range(count))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n".encode()


def ours(octets, **options):
    settings = CONVERTER.settings(options)
    items = CONVERTER.convert(octets, settings)
    return sum(1 for item in items if split(item.payload, reference=1))


def ours_in_one_zone(octets):
    return ours(octets, tz="Europe/London")


def lines_alone(octets):
    return sum(line == b"END:VEVENT" for _number, line in contentlines.logical_lines(octets))


def by_icalendar(octets):
    return len(icalendar.Calendar.from_ical(octets).events)


RUNS = {
    "icalendar from_ical": by_icalendar,
    "ours, to parts": ours,
    "ours, in one zone": ours_in_one_zone,
    "lines alone": lines_alone,
}


def seconds(run, octets):
    start = time.perf_counter()
    count = run(octets)
    return time.perf_counter() - start, count


def compare(count, rounds):
    octets = events(count)
    best = dict.fromkeys(RUNS, float("inf"))
    for _round in range(rounds):
        for name, run in RUNS.items():
            took, found = seconds(run, octets)
            if found < count:
                raise SystemExit(f"{name}: {found} of {count}")
            best[name] = min(best[name], took)
    base = best["icalendar from_ical"]
    print(f"{count} events, {len(octets)} octets, best of {rounds}")
    for name, took in best.items():
        print(f"{name:20} {took:7.3f} s {count / took:8.0f} events/s {took / base:5.2f}x")
    ratio = best["ours, to parts"] / base
    print(f"{'budget':20} {BUDGET:32.2f}x {'PASS' if ratio <= BUDGET else 'over'}")


def figures(count, rounds):
    octets = events(count)
    names = ("icalendar from_ical", "ours, to parts")
    runs = {name: (lambda name=name: RUNS[name](octets)) for name in names}
    theirs, mine = (count / of for of in alternating(runs, rounds).values())
    peer = f"reading by {of_package('icalendar')}"
    what = f"{count:,} events to parts"
    yield Figure(what, "events/s", mine, peer, theirs, BUDGET, times=True, rate=True)


def peaks():
    for count in (1_000, 10_000):
        command = [sys.executable, __file__, "peak", str(count)]
        subprocess.run(command, check=True)


def peak(count):
    ours(events(count))
    print(f"{count:8} events {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB")


def main(arguments):
    if arguments[:1] == ["--json"]:
        quick = "--quick" in arguments
        emit(list(figures(500 if quick else 5000, 2 if quick else 5)))
    elif arguments[:1] == ["memory"]:
        peaks()
    elif arguments[:1] == ["peak"]:
        peak(int(arguments[1]))
    else:
        compare(*map(int, arguments or ("5000", "5")))


main(sys.argv[1:])

"""Calendars of a few lines, and generated events."""

from datetime import UTC

from hypothesis import strategies as st
from textcases import TEXTS

from converters.calendars.reader import CATEGORIES, read
from converters.calendars.vcalendar import Event, write


def read_one(*lines, around=(), **options):
    """The one event of a calendar with these lines, and its losses as texts."""
    ((event, losses),) = read_all(*lines, around=around, **options)
    return event, losses


def read_all(*lines, around=(), name="VEVENT", version="2.0", **options):
    if not any(line.startswith("SUMMARY") for line in lines):
        lines = (*lines, "SUMMARY:x")  # an event without a text is told
    head = ["BEGIN:VCALENDAR", f"VERSION:{version}", *around]
    source = "\n".join([*head, f"BEGIN:{name}", *lines, f"END:{name}", "END:VCALENDAR", ""])
    return [
        (event, [str(loss) for loss in losses])
        for event, losses in read(source.encode(), **options)
    ]


MOMENTS = st.datetimes(timezones=st.just(UTC) | st.none()).map(lambda m: m.replace(microsecond=0))

OPTIONAL = st.none() | MOMENTS

RULES = st.sampled_from(["", "D1 #0", "W2 MO FR #0", "MD1 1 15 #0", "YM1 6 7 #0"])

COMMON = {
    "location": TEXTS,
    "description": TEXTS,
    "end": OPTIONAL,
}

ALARMS = OPTIONAL.flatmap(
    lambda moment: st.fixed_dictionaries(
        {"alarm": st.just(moment), "loud": st.booleans() if moment else st.just(value=True)}
    )
)

EVENTS = st.fixed_dictionaries(
    COMMON
    | {
        "summary": TEXTS,
        "start": MOMENTS,
        "category": st.sampled_from(sorted(set(CATEGORIES.values()))),
    }
)

TODOS = st.fixed_dictionaries(
    COMMON
    | {
        "name": st.just("VTODO"),
        "summary": TEXTS.filter(bool),
        "start": OPTIONAL,
        "category": st.sampled_from(["", "REMINDER"]),
        "priority": st.none() | st.integers(1, 3),
        "done": st.booleans(),
    }
)

SERIES = st.fixed_dictionaries(
    {"rule": RULES, "except_for": st.lists(MOMENTS, max_size=3, unique=True).map(tuple)}
)


@st.composite
def events(draw):
    fields = draw(EVENTS | TODOS) | draw(ALARMS)
    if fields["start"] or fields["end"]:
        fields |= draw(SERIES)
    start, end = fields["start"], fields["end"]
    if start and end and end.replace(tzinfo=None) < start.replace(tzinfo=None):
        fields["end"] = start  # an end before the start is left out
    return Event(**fields | ({} if fields.get("rule") else {"except_for": ()}))


def untitled(event):
    """The losses of an event without a summary, as texts."""
    if event.summary:
        return []
    why = "the source has none; phones show the rest only when the event is opened"
    if not (event.description or event.location):
        why = "the source has no text at all; phones show only the time"
    return [f"SUMMARY left out: {why}"]


def written(event):
    return [
        line
        for line in write(event).decode().split("\r\n")
        if line[:2] in ("DT", "AA", "RR", "EX", "DU")
    ]

import pytest
from calendarcases import read_one, written

BEFORE = "it is before the start"


@pytest.mark.parametrize(
    ("start", "end", "name", "why"),
    [
        ("DTSTART:20260301T150000", "DTEND:20260301T140000", "DTEND", BEFORE),
        ("DTSTART;VALUE=DATE:20260303", "DTEND;VALUE=DATE:20260301", "DTEND", BEFORE),
        (
            "DTSTART;TZID=Europe/Paris:20260301T150000",
            "DTEND;TZID=Asia/Tokyo:20260301T160000",
            "DTEND",
            BEFORE,
        ),
        ("DTSTART:20260301T150000Z", "DTEND:20260301T150000+0200", "DTEND", BEFORE),
        (
            "DTSTART:20260301T150000",
            "DURATION:-PT1H",
            "DURATION",
            "it is negative; the end is after the start",
        ),
        (
            "DTSTART:20260301T150000",
            "DURATION:-P1D",
            "DURATION",
            "it is negative; the end is after the start",
        ),
        (
            "DTSTART;VALUE=DATE:20260301",
            "DTEND:20260301T150000",
            "DTEND",
            "the start is a date and the end a time",
        ),
        (
            "DTSTART:20260301T150000",
            "DTEND;VALUE=DATE:20260302",
            "DTEND",
            "the start is a time and the end a date",
        ),
        (
            "DTSTART;VALUE=DATE:20260301",
            "DURATION:PT90M",
            "DURATION",
            "the start is a date and the end a time",
        ),
    ],
)
def test_an_impossible_end_is_left_out(start, end, name, why):
    event, losses = read_one(start, end)
    assert event.end is None
    assert losses == [f"line 5: {name} left out: {why}"]


@pytest.mark.parametrize(
    ("lines", "end", "losses"),
    [
        (("DTSTART:20260301T150000", "DTEND:20260301T150000"), "DTEND:20260301T150000", []),
        (("DTSTART:20260301T150000", "DURATION:PT0S"), "DTEND:20260301T150000", []),
        (("DTSTART;VALUE=DATE:20260301", "DURATION:PT48H"), "DTEND:20260302T235900", []),
        (
            ("DTSTART:20260301T150000", "DTEND:20260301T160000", "DURATION:PT2H"),
            "DTEND:20260301T160000",
            ["line 6: DURATION left out: DTEND says when it ends"],
        ),
        (
            ("DTSTART:20260301T150000", "DTEND:20260301T160000", "DURATION:PT1H"),
            "DTEND:20260301T160000",
            [],
        ),
    ],
)
def test_ends_that_can_be(lines, end, losses):
    event, found = read_one(*lines)
    assert (written(event)[-1], found) == (end, losses)


def test_a_to_do_that_is_due_before_it_starts():
    event, losses = read_one("DTSTART:20260301T150000", "DUE:20260228T150000", name="VTODO")
    assert (event.start.day, event.end) == (1, None)
    assert losses == [f"line 5: DUE left out: {BEFORE}"]
    event, losses = read_one("DUE:20260301T150000", "DTEND:20260228T150000", name="VTODO")
    assert event.end.day == 1
    assert losses == ["line 5: DTEND left out: DUE says when it ends"]


def test_an_alarm_from_an_impossible_end_rings_at_the_start():
    alarm = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER;RELATED=END:PT0S", "END:VALARM")
    event, _losses = read_one("DTSTART:20260301T150000", "DTEND:20260301T140000", *alarm)
    assert event.alarm == event.start

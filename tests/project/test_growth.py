"""Time grows in proportion to what is read: four times the lines, about four times the time.

One kind of large input for each reader, which once took time by its square or would if it did.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from converters import pipeline
from smsenc.messagefile import lint, logs

#: Quadratic growth is 16.
MOST_GROWTH = 9
#: Less says nothing about growth: quadratic growth takes far longer at the sizes below.
QUICK = 0.25  # seconds
TIMES = 10

LOGIN = b"api_id:1\nuser:u\npassword:p\n"
TO = b"to:447700900123\n"
STAMP = b"2026-11-28 10:00:00\t"


def card(lines: str) -> str:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\n{lines}END:VCARD\r\n"


def event(lines: str = "", uid: object = 1) -> str:
    start = f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20260101T100000Z\r\nSUMMARY:x\r\n"
    return f"{start}{lines}END:VEVENT\r\n"


def calendar(*parts: str) -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(parts)}END:VCALENDAR\r\n".encode()


def moved(count: int) -> str:
    """Events of a series that take place at another time."""
    days = ((1 + n // 24 % 12, 1 + n // 288 % 28, n % 24) for n in range(count))
    return "".join(
        event(f"RECURRENCE-ID:2026{month:02}{day:02}T{hour:02}0000Z\r\n")
        for month, day, hour in days
    )


def zone(name: object) -> str:
    offsets = "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\n"
    standard = f"BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n{offsets}END:STANDARD\r\n"
    return f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\n{standard}END:VTIMEZONE\r\n"


def converted(name: str) -> Callable[[bytes], object]:
    return lambda octets: [item.error for item in pipeline.items(name, octets)]


SERIES = "RRULE:FREQ=DAILY\r\n"
CASES: dict[str, tuple[Callable[[int], bytes], Callable[[bytes], object], int]] = {
    # Cards.
    "cards": (lambda n: card("TEL:+447700900123\r\n").encode() * n, converted("a.vcf"), 500),
    "properties": (lambda n: card("X-A:b\r\n" * n).encode(), converted("a.vcf"), 5_000),
    "numbers": (lambda n: card("TEL:+447700900123\r\n" * n).encode(), converted("a.vcf"), 5_000),
    "folds": (lambda n: card("NOTE:a\r\n" + " aaaa\r\n" * n).encode(), converted("a.vcf"), 10_000),
    "fields": (lambda n: card("ORG:" + "a;" * n + "\r\n").encode(), converted("a.vcf"), 20_000),
    "open cards": (lambda n: b"BEGIN:VCARD\r\n" * n, converted("a.vcf"), 1_000),
    # Events.
    "events": (lambda n: calendar(*(event(uid=i) for i in range(n))), converted("a.ics"), 500),
    "moved events": (
        lambda n: calendar(event(SERIES), moved(n)),
        converted("a.ics"),
        500,
    ),
    "series with one name": (
        lambda n: calendar(event(SERIES) * n, moved(n)),
        converted("a.ics"),
        100,
    ),
    "alarms": (
        lambda n: calendar(event("BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n" * n)),
        converted("a.ics"),
        2_000,
    ),
    "zones": (lambda n: calendar(*map(zone, range(n)), event()), converted("a.ics"), 1_000),
    "exceptions": (
        lambda n: calendar(event(SERIES + "EXDATE:20260102T100000Z\r\n" * n)),
        converted("a.ics"),
        5_000,
    ),
    # Tunes.
    "tunes": (lambda n: b"a:d=4,o=5,b=100:c,d,e\n" * n, converted("a.rtttl"), 500),
    "settings": (lambda n: b"N:" + b"a" * n + b"==:c,d,e\n", converted("a.rtttl"), 10_000),
    "tunes with settings": (
        lambda n: (b"N:" + b"a" * 2_000 + b"==:c\n") * n,
        converted("a.rtttl"),
        50,
    ),
    "notes": (lambda n: b"N:d=4:" + b"o=5,c," * n, converted("a.rtttl"), 1_000),
    "iMelody notes": (
        lambda n: b"BEGIN:IMELODY\r\nMELODY:" + b"c3V+" * n + b"\r\nEND:IMELODY\r\n",
        converted("a.imy"),
        1_000,
    ),
    # Texts.
    "text": (lambda n: "e\u0301\U0001f468\u200d".encode() * n, converted("a.txt"), 5_000),
    "old text": (lambda n: b"\xe9\x81" * n, converted("a.txt"), 20_000),
    # Message files.
    "checked text": (lambda n: LOGIN + TO + b"text:abc\n" * n, lint.lint, 2_000),
    "checked line": (lambda n: LOGIN + TO + b"text:" + b"\x0c" * n, lint.lint, 20_000),
    "checked recipients": (lambda n: LOGIN + b"text:a\n" + TO * n, lint.lint, 2_000),
    "repaired recipients": (
        lambda n: LOGIN + b"text:a\n" + b"to:+447700900123\n" * n,
        lint.fixed,
        2_000,
    ),
    # Logs.
    "answers": (
        lambda n: (STAMP + b"a.txt\tID: " + b"0a" * 16 + b"\n") * n,
        logs.read_answers,
        2_000,
    ),
    "refusal": (lambda n: b"ERR: 001, a" + b" " * n, logs.read_answers, 50_000),
    "refusals in a line": (lambda n: b"ERR: 001, a   To:x " * n, logs.read_answers, 5_000),
    "reply": (
        lambda n: STAMP + b"447700900123\t1\tHi\n" + b"more\n" * n,
        logs.read_replies,
        10_000,
    ),
}


def seconds(read: Callable[[bytes], object], octets: bytes) -> float:
    begun = time.process_time()
    read(octets)
    return time.process_time() - begun


def is_in_proportion(read: Callable[[bytes], object], octets: bytes, four_times: bytes) -> bool:
    """Whether the longer input is ever read in time; a machine may be late for a moment."""
    short = min(seconds(read, octets) for _ in range(3))
    most = max(QUICK, MOST_GROWTH * short)
    return any(seconds(read, four_times) < most for _ in range(TIMES))


@pytest.mark.parametrize("case", CASES)
def test_time_grows_with_the_size(case: str) -> None:
    make, read, size = CASES[case]
    read(make(min(size, 50)))  # tables are made when first needed
    assert is_in_proportion(read, make(size), make(4 * size))


def test_time_that_grows_by_the_cube_is_seen() -> None:
    def read(octets: bytes) -> int:
        return sum(range(len(octets) ** 3))

    size = 10
    while seconds(read, bytes(size)) < QUICK / 30:
        size += 10
    assert not is_in_proportion(read, bytes(size), bytes(4 * size))

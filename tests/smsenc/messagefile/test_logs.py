"""Logs of the folder: answers, final states, replies."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smsenc.messagefile.logs import (
    LONGEST_LINE,
    LONGEST_REPLY,
    Answer,
    Lines,
    Reply,
    Stray,
    complete,
    read_answers,
    read_replies,
    replies,
)

ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("line", "answer", "state"),
    [
        (f"ID: {ID}", Answer(line=1, id=ID), "accepted"),
        (f"ID: {ID} To: 447700900123", Answer(line=1, id=ID, to="447700900123"), "accepted"),
        (f"id:{ID.upper()} to:+447700900123", Answer(line=1, id=ID, to="447700900123"), "accepted"),
        (
            "ERR: 114, Cannot route message To: 447700900123",
            Answer(line=1, error=114, text="Cannot route message", to="447700900123"),
            "refused",
        ),
        ("ERR: 301, No Credit Left", Answer(line=1, error=301, text="No Credit Left"), "refused"),
        ("ERR: 001", Answer(line=1, error=1), "refused"),
        (
            f"2026-11-22 09:30:00\t000001-a.txt\tID: {ID} To: 447700900123 status: 004 charge: 1.5",
            Answer(
                line=1,
                id=ID,
                to="447700900123",
                status=4,
                charge=Decimal("1.5"),
                time="2026-11-22 09:30:00",
                file="000001-a.txt",
            ),
            "delivered",
        ),
        (
            f"apiMsgId: {ID} cliMsgId: row17 status: 009",
            Answer(line=1, id=ID, status=9, client_id="row17"),
            "failed",
        ),
        (f"ID: {ID} status: 002", Answer(line=1, id=ID, status=2), "accepted"),
    ],
)
def test_answers(line: str, answer: Answer, state: str) -> None:
    (found,) = read_answers(line.encode())
    assert found == answer
    assert isinstance(found, Answer)
    assert found.state == state


def test_what_numbers_mean() -> None:
    rows = read_answers(f"ERR: 105, no\nERR: 999, Odd\nID: {ID} status: 010\nID: {ID}".encode())
    assert [row.meaning for row in rows if isinstance(row, Answer)] == [
        "invalid destination address",
        "Odd",
        "expired",
        "",
    ]


def test_other_lines_are_kept_as_they_are() -> None:
    assert read_answers(b"\r\nwelcome\r\nID: short\r\n") == (
        Stray(2, "welcome"),
        Stray(3, "ID: short"),
    )


def test_a_line_that_is_still_written_is_left() -> None:
    octets = f"ID: {ID}\nERR: 11".encode()
    assert len(read_answers(octets, whole=False)) == 1
    assert complete(octets) == octets.index(b"\n") + 1
    assert complete(b"ERR: 11") == 0


def test_replies() -> None:
    octets = (
        b"lost\n2007-05-01 10:11:12 447700900123\t4477009\tThanks\tyou\nall\n"
        b"2007-05-01 10:12:00\t447700900124\t4477009\tstop \n"
    )
    lost, thanks, stop = read_replies(octets)
    assert lost == Stray(1, "lost")
    assert thanks == Reply(
        time="2007-05-01 10:11:12", handset="447700900123", to="4477009", text="Thanks\tyou\nall"
    )
    assert isinstance(stop, Reply)
    assert isinstance(thanks, Reply)
    assert (thanks.opt_out, stop.opt_out) == (False, True)


def test_characters() -> None:
    texts = [b"2007-05-01 10:11:12 447700900123\t44\t" + t for t in (b"caf\xe9", "café €".encode())]
    rows = read_replies(b"\n".join(texts))
    assert [row.text for row in rows] == ["café", "café €"]


@example(b"\x1c")
@given(st.binary() | st.text(alphabet="ID:ERTo, 0123456789abcdef\t\n-").map(str.encode))
def test_any_octets_are_read(octets: bytes) -> None:
    filled = [line for line in octets.replace(b"\r", b"\n").split(b"\n") if line.strip()]
    assert len(read_answers(octets)) == len(filled)
    assert len(read_replies(octets)) <= len(filled)


octets_of_a_log = st.lists(
    st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"b" * LONGEST_LINE, b"c" * 1000])
).map(b"".join)


@given(octets=octets_of_a_log, sizes=st.lists(st.integers(1, 9000)), whole=st.booleans())
def test_a_log_in_chunks_has_the_lines_of_the_whole(
    *, octets: bytes, sizes: list[int], whole: bool
) -> None:
    in_one, in_chunks = Lines(), Lines()
    expected = in_one.feed(octets)
    found, rest = [], octets
    for size in [*sizes, len(octets)]:
        chunk, rest = rest[:size], rest[size:]
        found += in_chunks.feed(chunk)
    if whole:
        expected, found = expected + in_one.end(), found + in_chunks.end()
    assert found == expected
    for name in ("position", "line", "tail", "skipped"):
        assert getattr(in_chunks, name) == getattr(in_one, name)


def test_reading_goes_on_where_it_stopped() -> None:
    octets = b"one\ntwo\r\nthree"
    first = Lines()
    assert first.feed(octets) == [(1, "one"), (2, "two")]
    assert (first.position, first.tail) == (9, b"one\ntwo\r\n")
    later = Lines(first.position, first.line, first.tail)
    assert later.feed(octets[first.position :] + b"\n") == [(3, "three")]
    assert (later.position, later.tail) == (len(octets) + 1, octets + b"\n")


def test_long_lines_are_skipped_and_counted() -> None:
    lines = Lines()
    octets = b"x" * LONGEST_LINE + b"\n" + b"y" * (LONGEST_LINE + 1) + b"\nend\n"
    assert [number for number, _ in lines.feed(octets)] == [1, 3]
    assert (lines.skipped, lines.line, lines.position) == (1, 3, len(octets))


def test_a_line_without_an_end_needs_no_memory() -> None:
    lines = Lines()
    for _ in range(64):
        assert lines.feed(b"x" * (1 << 20)) == []
    assert (lines.position, len(lines._rest)) == (0, LONGEST_LINE)
    assert lines.feed(b"\nERR: 001\n") == [(2, "ERR: 001")]
    assert (lines.position, lines.skipped) == ((64 << 20) + 10, 1)


def test_a_reply_goes_on_in_the_next_lines() -> None:
    (first,) = read_replies(b"2007-05-01 10:11:12 447700900123\t44\tone\n")
    assert isinstance(first, Reply)
    two, three = replies([(2, "two"), (3, "2007-05-01 10:11:12 1\t44\tthree")], first)
    assert isinstance(two, Reply)
    assert isinstance(three, Reply)
    assert (two.text, two.line, three.text, three.line) == ("one\ntwo", 1, "three", 3)


def test_the_text_of_a_reply_has_an_end() -> None:
    lines = [b"2007-05-01 10:11:12 447700900123\t44\tone", *[b"x" * 999] * 50]
    rows = read_replies(b"\n".join(lines))
    (reply,) = [row for row in rows if isinstance(row, Reply)]
    assert len(reply.text) <= LONGEST_REPLY
    assert len(rows) - 1 + reply.text.count("\n") == 50  # each line is in it or a stray


@pytest.mark.parametrize(
    ("line", "error", "text"),
    [
        ("ERR: 114, Cannot route To: 447700900123", 114, "Cannot route"),
        ("ERR: 001,   To: 447700900123", 1, ""),
        ("ERR: 001   ", 1, ""),
        ("err:001,To be or not", 1, "To be or not"),
        ("ERR: 001 without a comma", None, ""),
        ("ERR: 0011", None, ""),
    ],
)
def test_refusals(line: str, error: int | None, text: str) -> None:
    (row,) = read_answers(line.encode())
    if error is None:
        assert isinstance(row, Stray)
    else:
        assert isinstance(row, Answer)
        assert (row.error, row.text) == (error, text)


@pytest.mark.parametrize(
    "stamp", ["2026-11-22T09:30:00Z", "2026-11-22 09:30:00.5+01:00", "2026-11-22 09:30:00-0800"]
)
def test_times_with_a_zone(stamp: str) -> None:
    (row,) = read_answers(f"{stamp}\t000001-a.txt\tID: {ID}".encode())
    assert isinstance(row, Answer)
    assert (row.time, row.file) == (stamp, "000001-a.txt")


WORST = [
    "ERR: 001, a" + " " * 100,
    "ERR:" + " " * 100,
    "ID:" + " " * 100,
    "To:" + " " * 100,
    "charge: " + "1" * 100,
    "2026-01-01 00:00:00\t" + "a" * 100,
    "\t" * 100,
    " To:" * 25,
    "ERR: 001" * 12,
    "ID: " + "a" * 31,
]


@pytest.mark.parametrize("line", WORST)
def test_a_line_takes_linear_time(line: str) -> None:
    head, unit = line[:-100], line[-100:]

    def seconds(times: int) -> float:
        text = head + unit * times
        octets = b"\n".join([text[:LONGEST_LINE].encode()] * 20)
        start = time.process_time()
        read_answers(octets)
        read_replies(octets)
        return time.process_time() - start

    assert min(seconds(80) for _ in range(3)) < 8 * min(seconds(20) for _ in range(3)) + 0.05


def test_two_megabytes_without_times_are_read_at_once() -> None:
    start = time.process_time()
    rows = read_replies(b"2007-05-01 10:11:12 447700900123\t44\tone\n" + b"more\n" * 400_000)
    assert len(rows) > 390_000
    assert time.process_time() - start < 5

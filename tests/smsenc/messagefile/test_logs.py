"""Logs of the folder: answers, final states, replies."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.messagefile.logs import Answer, Reply, Stray, complete, read_answers, read_replies

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


@given(st.binary() | st.text(alphabet="ID:ERTo, 0123456789abcdef\t\n-").map(str.encode))
def test_any_octets_are_read(octets: bytes) -> None:
    filled = [line for line in octets.replace(b"\r", b"\n").split(b"\n") if line.strip()]
    assert len(read_answers(octets)) == len(filled)
    assert len(read_replies(octets)) <= len(filled)


@pytest.mark.parametrize(
    ("said", "text", "to"),
    [
        ("ERR: 114, Cannot route message To: 447700900123", "Cannot route message", "447700900123"),
        ("ERR: 114,\tCannot  route   \t to: +447700900123 x", "Cannot  route", "447700900123"),
        ("ERR: 114, a To: 1 To: 2", "a", "1"),
        ("ERR: 114 To: 1", "", "1"),
        ("ERR: 114,   ", "", None),
        ("ERR: 114", "", None),
    ],
)
def test_the_text_of_a_refusal_ends_before_its_recipient(said, text, to):
    (found,) = read_answers(said.encode())
    assert (found.error, found.text, found.to) == (114, text, to)


def test_a_refusal_is_followed_by_a_comma_a_recipient_or_nothing():
    assert isinstance(read_answers(b"ERR: 114 Cannot route")[0], Stray)
    assert isinstance(read_answers(b"ERR: 1145, a")[0], Stray)

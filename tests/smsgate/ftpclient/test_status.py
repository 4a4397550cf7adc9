"""Answers joined to what was sent."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsenc.messagefile.logs import Answer, read_answers
from smsgate.ftpclient.status import Heard, MessageState, MessageStatus, SentFile
from smsgate.ftpclient.status import join as join_file

A, B, C = (letter * 32 for letter in "abc")
ONE, TWO = "447700900001", "447700900002"


def answers(*lines: str) -> list[Answer]:
    return [row for row in read_answers("\n".join(lines).encode()) if isinstance(row, Answer)]


def heard(rows: Sequence[Answer], source: str = "own", step: int = 0) -> list[Heard]:
    return [Heard(answer=row, source=source, step=step) for row in rows]


def join(
    sent: Mapping[str, Sequence[str]],
    logs: Mapping[str, Sequence[Answer]],
    history: Sequence[Answer] = (),
) -> Iterator[MessageStatus]:
    """The status of several files, of which those that are not in ``sent`` were not sent."""
    for name in dict.fromkeys((*sent, *logs)):
        own = logs.get(name, ())
        ids = {row.id for row in (*own, *history) if row.file == name or row in own} - {None}
        about = [row for row in history if row.file == name or (not row.file and row.id in ids)]
        recipients = tuple(sent[name]) if name in sent else None
        file = SentFile(name=name, recipients=recipients, sent=name in sent)
        yield from join_file(file, heard(own) + heard(about, "history"))[0]


def test_one_recipient_needs_no_name() -> None:
    (row,) = join({"1.txt": [ONE]}, {"1.txt": answers(f"ID: {A}")})
    assert row == MessageStatus(file="1.txt", to=ONE, state=MessageState.ACCEPTED, id=A, row=1)


def test_many_recipients_by_name() -> None:
    log = answers(f"ERR: 105, Invalid To: {TWO}", f"ID: {A} To: {ONE}")
    one, two = join({"1.txt": [ONE, TWO]}, {"1.txt": log})
    assert (one.state, one.id) == ("accepted", A)
    assert (two.state, two.error, two.meaning) == ("refused", 105, "invalid destination address")


def test_nameless_answers_count_in_order_only_when_all_are_there() -> None:
    log = answers(f"ID: {A}", f"ID: {B}")
    assert [r.id for r in join({"1.txt": [ONE, TWO]}, {"1.txt": log})] == [A, B]
    fewer = list(join({"1.txt": [ONE, TWO]}, {"1.txt": log[:1]}))
    assert [(r.state, r.meaning) for r in fewer] == [("unknown", "no answer")] * 2


def test_final_states_come_by_file_or_by_id() -> None:
    history = answers(
        f"2026-01-01 10:00:00\t1.txt\tID: {A} status: 002",
        f"2026-01-01 10:05:00\t1.txt\tID: {A} status: 004 charge: 1",
        f"ID: {B} status: 010",
    )
    sent = {"1.txt": [ONE], "2.txt": [TWO], "3.txt": [TWO]}
    one, two, three = join(sent, {"2.txt": answers(f"ID: {B}")}, history)
    assert (one.state, one.status, one.time) == ("delivered", 4, "2026-01-01 10:05:00")
    assert (two.state, two.meaning) == ("failed", "expired")
    assert three.state == "unknown"


def test_answers_about_other_messages_are_marked() -> None:
    rows = list(
        join(
            {"1.txt": [ONE]}, {"1.txt": answers(f"ID: {A} To: {TWO}"), "9.txt": answers(f"ID: {C}")}
        )
    )
    assert [(r.file, r.to, r.state) for r in rows] == [
        ("1.txt", ONE, "unknown"),
        ("1.txt", TWO, "not ours"),
        ("9.txt", None, "not ours"),
    ]


lines = st.sampled_from(
    [f"ID: {A}", f"ID: {B} To: {ONE}", f"ERR: 114, x To: {TWO}", "ERR: 301", f"ID: {C} status: 004"]
)


@given(st.lists(st.lists(st.sampled_from([ONE, TWO]), unique=True)), st.lists(st.lists(lines)))
def test_every_message_has_one_status(recipients: list[list[str]], logs: list[list[str]]) -> None:
    sent = {f"{n}.txt": numbers for n, numbers in enumerate(recipients)}
    heard = {f"{n}.txt": answers(*rows) for n, rows in enumerate(logs)}
    rows = [row for row in join(sent, heard) if row.state != "not ours"]
    assert [(row.file, row.to) for row in rows] == [
        (f, to) for f, tos in sent.items() for to in tos
    ]


NOON = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()
FILE = SentFile(name="1.txt", recipients=(ONE,), uploaded=NOON, step=7)


def states(file: SentFile, *rows: Heard) -> tuple[list[str], int]:
    found, ignored = join_file(file, rows)
    return [row.state.value for row in found], ignored


def in_history(stamp: str, text: str, step: int = 9) -> Heard:
    return heard(answers(f"{stamp}\t1.txt\t{text}"), "history", step)[0]


@pytest.mark.parametrize(
    ("stamp", "older"),
    [
        ("2026-11-27 23:59:59", True),
        ("2026-11-28 00:00:01", False),  # in the west it is 12 hours earlier
        ("2026-11-28 11:00:00", False),
        ("2026-11-28T10:59:59Z", True),  # with a zone, clocks may differ by an hour
        ("2026-11-28T11:00:01Z", False),
        ("2026-11-28 16:29:59+05:30", True),
        ("2026-99-99 99:99:99", False),  # no time at all
    ],
)
def test_an_answer_older_than_the_upload_is_ignored(stamp: str, older: bool) -> None:  # noqa: FBT001 - a case
    assert states(FILE, in_history(stamp, f"ID: {A} status: 004")) == (
        (["unknown"], 1) if older else (["delivered"], 0)
    )


def test_an_answer_that_was_read_before_the_upload_is_ignored() -> None:
    assert states(FILE, *heard(answers(f"ID: {A}"), step=6)) == (["unknown"], 1)
    assert states(FILE, *heard(answers(f"ID: {A}"), step=7)) == (["accepted"], 0)


def test_answers_before_an_older_one_are_older_and_so_are_those_with_its_id() -> None:
    own = heard(answers(f"ID: {B}", f"ID: {A}", f"ID: {C}"), step=9)
    history = in_history("2026-11-26 12:00:00", f"ID: {A}")
    later = in_history("2026-11-28 13:00:00", f"ID: {A} status: 004")
    found, ignored = join_file(FILE, [*own, history, later])
    assert [(row.id, row.state.value) for row in found] == [(C, "accepted")]
    assert ignored == 4  # B was accepted before A
    stamped = heard(answers("ERR: 114, x", f"2026-11-26 12:00:00\t1.txt\tID: {A}", f"ID: {B}"))
    found, ignored = join_file(replace(FILE, step=0), stamped)
    assert ([row.id for row in found], ignored) == ([B], 2)


def test_a_late_state_of_an_older_message_makes_no_other_older() -> None:
    rows = [
        in_history("2026-11-26 12:00:00", f"ID: {A}"),
        in_history("2026-11-28 13:00:00", f"ID: {B}"),
        in_history("2026-11-28 13:00:01", f"ID: {A} status: 004"),
    ]
    assert states(FILE, *rows) == (["accepted"], 2)


def test_without_a_time_of_upload_no_answer_is_too_old() -> None:
    file = SentFile(name="1.txt", recipients=(ONE,))
    assert states(file, in_history("1999-01-01 00:00:00", f"ID: {A}")) == (["accepted"], 0)


def test_rows_of_the_same_recipient_have_their_answers_in_order() -> None:
    file = SentFile(name="1.txt", recipients=(ONE, TWO, ONE), table_rows=(12, 40, 77))
    own = heard(answers(f"ID: {A} To: {ONE}", f"ERR: 114, x To: {TWO}", f"ID: {B} To: {ONE}"))
    history = heard(
        answers(
            f"2026-11-28 13:00:00\t1.txt\tID: {B} To: {ONE} status: 004",
            f"2026-11-28 13:00:00\t1.txt\tERR: 114, x To: {TWO}",
            f"2026-11-28 13:00:01\t1.txt\tID: {A} To: {ONE} status: 010",
        ),
        "history",
    )
    found, _ = join_file(file, own + history)
    assert [(row.row, row.table_row, row.id, row.state.value) for row in found] == [
        (1, 12, A, "failed"),
        (2, 40, None, "refused"),
        (3, 77, B, "delivered"),
    ]


def test_a_row_without_an_answer_yet_is_unknown() -> None:
    file = SentFile(name="1.txt", recipients=(ONE, ONE))
    assert states(file, *heard(answers(f"ID: {A} To: {ONE}"))) == (["accepted", "unknown"], 0)


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["ERR: 114, x", "ERR: 105, x", "ID"]))
)
def test_refusals_and_ids_keep_their_rows(order: tuple[str, ...]) -> None:
    lines = [f"ID: {A} To: {ONE}" if line == "ID" else f"{line} To: {ONE}" for line in order]
    file = SentFile(name="1.txt", recipients=(ONE, ONE, ONE))
    # The history of a log that was rotated begins later.
    found, _ = join_file(file, heard(answers(*lines)) + heard(answers(*lines[1:]), "history"))
    assert [row.id or row.error for row in found] == [
        row.id or row.error for row in answers(*lines)
    ]


def test_a_file_sent_twice_has_its_last_answers() -> None:
    lines = [f"ID: {letter * 32} To: {ONE}" for letter in "abcd"]
    found, _ = join_file(SentFile(name="1.txt", recipients=(ONE, ONE)), heard(answers(*lines)))
    assert [row.id for row in found] == [C, "d" * 32]


def test_a_file_that_is_gone_is_listed_by_its_name() -> None:
    gone = SentFile(name="1.txt", recipients=None)
    (row,) = join_file(gone, [])[0]
    assert (row.to, row.state, row.meaning) == (
        None,
        "unknown",
        "no answer; the file is not in the outbox, or damaged",
    )
    found, _ = join_file(gone, heard(answers(f"ID: {A} To: {TWO}", "ERR: 301, No credit")))
    assert [(row.to, row.state.value) for row in found] == [(TWO, "accepted"), (None, "refused")]


def test_a_file_that_was_never_sent_has_answers_that_are_not_ours() -> None:
    file = SentFile(name="1.txt", recipients=(ONE,), sent=False)
    assert states(file) == ([], 0)
    assert states(file, *heard(answers(f"ID: {A}"))) == (["not ours"], 0)


def test_one_line_with_a_wrong_time_takes_back_no_answer_that_was_shown() -> None:
    file = SentFile(name="1.txt", recipients=(ONE,), uploaded=NOON, step=3)
    first, wrong = answers(
        f"2026-11-28 12:00:05\t1.txt\tID: {A} To: {ONE}",
        f"2026-11-27 22:00:00\t1.txt\tERR: 105, x To: {ONE}",
    )
    shown, later = (
        Heard(answer=row, source="history", step=3, look=look)
        for look, row in enumerate((first, wrong), 1)
    )
    (found,), ignored = join_file(file, [shown, later])
    assert (found.state, ignored) == (MessageState.ACCEPTED, 1)
    (found,), ignored = join_file(file, [replace(shown, look=2), later])  # read at the same time
    assert (found.state, ignored) == (MessageState.UNKNOWN, 2)


def test_an_older_line_with_its_id_takes_back_no_answer_that_was_shown() -> None:
    file = SentFile(name="1.txt", recipients=(ONE,), uploaded=NOON, step=3)
    (own,) = answers(f"ID: {A} To: {ONE}")
    (state,) = answers(f"2026-11-27 22:00:00\t1.txt\tID: {A} status: 004 To: {ONE}")
    shown = Heard(answer=own, source="own", step=3, look=1)
    later = Heard(answer=state, source="history", step=3, look=2)
    (found,), ignored = join_file(file, [shown, later])
    assert (found.state, found.id, ignored) == (MessageState.ACCEPTED, A, 1)
    (found,), ignored = join_file(file, [replace(shown, look=2), later])
    assert (found.state, ignored) == (MessageState.UNKNOWN, 2)

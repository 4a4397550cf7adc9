"""Answers joined to what was sent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smsenc.messagefile.logs import Answer, read_answers
from smsgate.ftpclient.status import MessageState, MessageStatus, join

A, B, C = (letter * 32 for letter in "abc")
ONE, TWO = "447700900001", "447700900002"


def answers(*lines: str) -> list[Answer]:
    return [row for row in read_answers("\n".join(lines).encode()) if isinstance(row, Answer)]


def test_one_recipient_needs_no_name() -> None:
    (row,) = join({"1.txt": [ONE]}, {"1.txt": answers(f"ID: {A}")})
    assert row == MessageStatus(file="1.txt", to=ONE, state=MessageState.ACCEPTED, id=A)


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

"""What is kept of logs in the journal."""

from __future__ import annotations

import pytest

from smsenc.messagefile.logs import Lines, Stray, read_answers
from smsgate.ftpclient import logrecords
from smsgate.ftpclient.logrecords import Batch, LogRecords, Place

HISTORY = "history.log"
IDS = [f"{n:032x}" for n in range(20)]


@pytest.fixture
def records():
    with LogRecords(None, "host:21/in") as found:
        yield found


def rows(text):
    return list(read_answers(text.encode()))


def finals(*numbers):
    return Batch(finals=rows("".join(f"ID: {IDS[n]} status: 004\n" for n in numbers)))


def accepted(number, file="1.txt"):
    return Batch(answers=rows(f"2026-11-28 10:00:00\t{file}\tID: {IDS[number]}\n"))


def record(records, log, batch, octets=b"x\n"):
    place = records.place(log)
    lines = Lines(place.position, place.line)
    lines.feed(octets)
    return records.record(place, lines, batch)


def states(records, file="1.txt"):
    return [row.answer.state for row in records.heard(file, HISTORY)]


@pytest.mark.parametrize("first", ["final", "accepted"])
def test_a_final_state_finds_its_file_in_any_order(records, first):
    steps = [(HISTORY, finals(1)), ("1.txt.log", accepted(1))]
    for log, batch in steps if first == "final" else reversed(steps):
        record(records, log, batch)
    assert states(records) == ["accepted", "delivered"]
    record(records, HISTORY, finals(2, 1))  # in line 2
    assert states(records) == ["accepted", "delivered", "delivered"]


def test_of_many_states_without_a_file_the_last_wait(records, monkeypatch):
    monkeypatch.setattr(logrecords, "MOST_WAITING", 3)
    for n in range(6):
        record(records, HISTORY, finals(n))
    for n in range(6):
        record(records, f"{n}.txt.log", accepted(n, f"{n}.txt"))
    assert [len(states(records, f"{n}.txt")) for n in range(6)] == [1, 1, 1, 2, 2, 2]


def test_logs_of_another_folder_are_other_logs(records):
    record(records, "1.txt.log", accepted(1))
    records._target = "host:21/out"
    assert records.place("1.txt.log") == Place("1.txt.log")
    assert states(records) == []


def test_what_another_run_has_read_is_not_recorded_again(records):
    place, lines = records.place(HISTORY), Lines()
    lines.feed(b"x\n")
    assert records.record(place, lines, accepted(1))
    assert records.record(place, lines, accepted(2)) is None
    assert len(states(records)) == 1


def test_a_log_that_was_replaced_is_a_new_source(records):
    place = record(records, HISTORY, accepted(1), b"one\n")
    assert place.follows(b"one\n")
    assert not place.follows(b"two\n")
    again = place.restarted()
    assert (again.generation, again.position) == (1, 0)
    lines = Lines()
    lines.feed(b"two\n")
    assert records.record(again, lines, accepted(1))
    assert [row.source for row in records.heard("1.txt", HISTORY)] == [(HISTORY, 0), (HISTORY, 1)]


def test_strays_are_counted_and_the_first_kept(records):
    batch = Batch()
    for n in range(100):
        batch.add_stray(Stray(n, "what?"))
    record(records, HISTORY, batch)
    record(records, HISTORY, batch)
    (place,) = records.troubled()
    assert place.strays == 200
    assert [stray.line for stray in records.strays(HISTORY)] == list(range(20))


def test_steps_of_an_upload(records):
    records.base.execute("CREATE TABLE upload_step (time, name, state, reason)")
    record(records, "1.txt.log", accepted(1))
    records.base.execute("INSERT INTO upload_step VALUES (0, '1.txt', 'renaming', '')")
    record(records, HISTORY, finals(1))
    assert [row.step for row in records.heard("1.txt", HISTORY)] == [0, 1]

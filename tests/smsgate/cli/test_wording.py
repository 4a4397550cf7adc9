"""Lines for people that fit a terminal."""

import pytest

from converters.api import Action, Loss
from converters.pipeline import Outcome
from smsgate.cli import loglines, wording
from smsgate.ftpclient.status import MessageState, MessageStatus
from smsgate.ftpclient.upload import Result
from smsgate.outbox.files import State, Transfer


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("000001-people.hb5gba62.txt", "000001-people             "),
        ("000001-a-long-name-of-a-table.hb5gba62.txt", "000001-a-long-name-of-a-t…"),
        ("000001-a-long-name-of-a-table.hb5gba62.p1-2.txt", "000001-a-long-na… part 1/2"),
        ("000001-ann.hb5gba62.p2-2.txt", "000001-ann part 2/2       "),
        ("000001-note.txt", "000001-note.txt           "),
    ],
)
def test_the_states_of_long_names_stand_in_their_column(name, shown):
    row = MessageStatus(file=name, to="447700900123", state=MessageState.ACCEPTED, table_row=1234)
    line = loglines.standing_line(row)
    assert line.startswith(f"{shown}  447700900123    accepted")
    assert len(line) <= wording.WIDTH
    assert loglines.standing_record(row)["file"] == name


def test_files_like_those_of_another_run_have_their_marks():
    name = "000001-a-long-name-of-a-table.hb5gba62.p1-2.txt"
    assert loglines.short_name(name, marked=True) == "000001-….hb5gba62 part 1/2"


@pytest.mark.parametrize("status", [2, 3, 4, 5, 7, 9, 10])
def test_the_usual_states_fit_a_terminal(status):
    row = MessageStatus(
        file="000001-a-long-name-of-a-table.hb5gba62.p1-2.txt",
        to="447700900123",
        state=MessageState.DELIVERED,
        status=status,
    )
    assert len(loglines.standing_line(row)) <= wording.WIDTH


def test_a_long_kind_and_a_long_loss_fit_in_the_columns():
    long = Loss(what="edges", action=Action.CUT, why="word " * 20)
    one = Outcome(source="a", item=1, kind="operator-logo", parts=1, octets=140)
    two = Outcome(source="b", item=2, kind="picture-message", parts=3, octets=296, losses=(long,))
    (first,), (second, *losses) = (
        list(wording.outcome_lines(outcome, ("x.txt",))) for outcome in (one, two)
    )
    assert first.index("octets") == second.index("octets")
    assert len(losses) == 2
    assert max(map(len, losses)) <= 80


def test_an_upload_says_what_to_do_about_files_that_are_not_done():
    files = tuple(
        Transfer(f"00000{n}-a.txt", state) for n, state in enumerate((State.SENT, State.UNKNOWN), 1)
    )
    assert next(wording.transfer_lines(files)) == "000001-a.txt: sent, not yet renamed"
    result = Result(
        files=files,
        sent=0,
        changed=frozenset(),
        again=frozenset(),
        misnamed=(),
        missing=0,
        warnings=(),
        stopped=None,
    )
    assert "1 unknown: run smsenc log, which reads the answers, then this command again" in list(
        wording.upload_lines(result, "h:21/")
    )

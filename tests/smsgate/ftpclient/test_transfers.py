"""The states of an upload's files in the journal."""

import sqlite3
from contextlib import ExitStack, closing

import pytest
from outboxes import journal_of, records_of

from converters.errors import GuardError
from smsgate.errors import OutboxError
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox import journal
from smsgate.outbox.files import State, Transfer

NAMES = ["000001-a.txt", "000002-b.txt"]
TARGET = "host:21/in"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "outbox"


def opened(path, target=TARGET, **more):
    clock = iter(range(1000)).__next__
    with ExitStack() as stack:
        transfers = stack.enter_context(Transfers(records_of(path), target, clock, **more))
        transfers.plan(dict.fromkeys(NAMES, ""))
        stack.pop_all()
    return transfers


def test_states_are_kept(path):
    told = []
    with opened(path, progress=told.append) as first:
        assert list(first.rows) == NAMES
        row = Transfer(NAMES[0], State.SENDING, 5, "digest", 3)
        first.write([row])
        first.set(NAMES[:1], State.UNKNOWN, "lost", durable=True)
    assert told == [
        *map(Transfer, NAMES),
        row,
        Transfer(NAMES[0], State.UNKNOWN, 5, "digest", 3, "lost"),
    ]
    with opened(path) as second:
        assert second.rows == {NAMES[0]: told[-1], NAMES[1]: Transfer(NAMES[1])}


def test_each_step_has_its_time(path):
    with opened(path) as transfers:
        transfers.set(NAMES, State.SENT)
    with closing(sqlite3.connect(journal_of(path))) as base:
        rows = base.execute("SELECT time, name, state FROM upload_step").fetchall()
    assert rows == [
        (time, name, state) for time, state in ((0, "planned"), (1, "sent")) for name in NAMES
    ]


def test_temporary_names_belong_to_the_journal_and_the_attempt(tmp_path):
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        first, others = one.temporary(NAMES[0]), [two.temporary(NAMES[0])]
        one.write([Transfer(NAMES[0], attempt=1)])
        others.append(one.temporary(NAMES[0]))
    assert first.startswith(f".{NAMES[0]}.")
    assert first.endswith("-0.tmp")
    assert first not in others


@pytest.mark.parametrize("state", State)
def test_another_server_is_refused_if_it_may_have_seen_a_file(path, state):
    with opened(path) as transfers:
        transfers.set(NAMES[:1], state)
    if state in (State.RENAMING, State.DONE, State.UNKNOWN):
        with pytest.raises(GuardError) as caught:
            opened(path, "other:21/")
        assert str(caught.value) == (
            f"{journal_of(path)}: files were sent to {TARGET}, so none can be sent to other:21/"
        )
    else:
        with opened(path, "other:21/") as transfers:
            assert {row.state for row in transfers.rows.values()} == {State.PLANNED}


def test_all_rows_are_written_or_none(path):
    with opened(path) as transfers:
        wrong = Transfer(NAMES[1], State.SENT, reason=object())
        with pytest.raises(OutboxError, match="cannot write the journal: "):
            transfers.write([Transfer(NAMES[0], State.SENT), wrong])
        assert transfers.rows[NAMES[0]].state is State.PLANNED
    with opened(path) as transfers:
        assert transfers.rows[NAMES[0]].state is State.PLANNED


def test_an_unknown_state_is_an_error(path):
    opened(path).close()
    with closing(journal.connect(journal_of(path))) as base:
        base.execute("UPDATE file SET state = 'flying'")
    with pytest.raises(OutboxError, match="'flying' is not a valid State"):
        opened(path)

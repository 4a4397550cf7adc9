"""The states of an upload's files in the journal."""

import re
import sqlite3
from contextlib import ExitStack, closing

import pytest
from outboxes import journal_of, records_of

from converters.errors import GuardError
from smsgate.errors import OutboxError
from smsgate.ftpclient.temporary import Temporary
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
        with pytest.raises(OutboxError, match="binding parameter"):
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


# Temporary names -------------------------------------------------------------------------------

A = NAMES[0]


def begin(transfers, attempt=0, **more):
    transfers.write([Transfer(A, State.SENDING, 5, "digest", attempt)], **more)
    return transfers.temporary(A)


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        (Temporary.HIDDEN, r"\.000001-a\.txt\.[0-9a-f]{8}-0\.tmp"),
        (Temporary.SUFFIX, r"000001-a\.txt\.[0-9a-f]{8}-0\.part"),
        (Temporary.NONE, r"000001-a\.txt"),
    ],
)
def test_forms(path, kind, pattern):
    with opened(path, kind=kind) as transfers:
        name = begin(transfers)
        assert re.fullmatch(pattern, name)
    with opened(path) as transfers:  # a file that was begun keeps its name
        assert transfers.temporary(A) == name
        assert transfers.kind_of(A) is kind
        assert transfers.kind is Temporary.HIDDEN


def test_a_suffix_is_remembered(path):
    with opened(path) as transfers:
        assert transfers.warnings == ()
        transfers.use_suffix()
        warnings = transfers.warnings
    with opened(path) as transfers:
        assert transfers.kind is Temporary.SUFFIX
        assert transfers.warnings == warnings
        assert begin(transfers).endswith(".part")
    with opened(path, kind=Temporary.NONE) as transfers:
        assert transfers.kind is Temporary.NONE
    with opened(path, "another:21/") as transfers:
        assert transfers.kind is Temporary.HIDDEN


def test_names_that_were_left_are_deleted_once(path):
    with opened(path) as transfers:
        first = begin(transfers)
        second = begin(transfers, 1)
        begin(transfers, 2, kind=Temporary.SUFFIX)
    with opened(path) as transfers:
        assert transfers.has_leftovers
        assert transfers.take_leftovers() == [first, second]
        assert transfers.take_leftovers() == []
        transfers.forget_leftovers([first])
    with opened(path) as transfers:
        assert transfers.take_leftovers() == [second]


def test_a_final_name_is_never_a_leftover(path):
    with opened(path, kind=Temporary.NONE) as transfers:
        begin(transfers)
        begin(transfers, 1)
        assert not transfers.has_leftovers


@pytest.mark.parametrize("kind", ["'new'", "NULL", "x'00'", "7"])
def test_a_form_that_is_unknown_is_an_error_of_the_journal(path, kind):
    with opened(path, kind=Temporary.SUFFIX) as transfers:
        begin(transfers)
    with closing(sqlite3.connect(journal_of(path))) as base, base:
        base.execute("DROP TABLE upload_temporary")
        base.execute("CREATE TABLE upload_temporary (file, kind)")
        base.execute(f"INSERT INTO upload_temporary VALUES ('a', {kind})")  # noqa: S608 - ours
    with pytest.raises(OutboxError, match="cannot write the journal"):
        opened(path)

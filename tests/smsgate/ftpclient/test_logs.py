"""The logs of the gateway's folder, fetched and matched."""

from contextlib import closing

import pytest
from ftpservers import fill_outbox, message

from smsenc.messagefile.logs import Answer
from smsgate.errors import OutboxError
from smsgate.ftpclient.logs import LogReader, recipients, statuses
from smsgate.ftpclient.status import MessageState
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox import journal
from smsgate.outbox.files import State

A, B = ("a" * 32, "b" * 32)
FILE = "000001-note.txt"


class Folder:
    """A session with a server, as far as the reader needs one."""

    def __init__(self, **files):
        self.files = {name.replace("_", "."): octets for name, octets in files.items()}
        self.retrieved = []

    def names(self):
        return tuple(self.files)

    def size(self, name):
        return len(self.files[name])

    def retrieve(self, name, start):
        self.retrieved.append((name, start))
        return self.files[name][start:]


def test_only_the_logs_of_files_that_were_sent_are_fetched():
    folder = Folder()
    folder.files = {f"{FILE}.log": f"ID: {A}\n".encode(), "000009-x.txt.log": b"", FILE: b"text"}
    logs = LogReader(frozenset([FILE])).fetch(folder)
    assert folder.retrieved == [(f"{FILE}.log", 0)]
    assert logs.answers == {FILE: (Answer(line=1, id=A),)}
    assert (logs.history, logs.replies, logs.strays) == ((), (), ())


def test_later_calls_fetch_what_was_added():
    folder, reader = Folder(history_log=f"ID: {A} status: 004\n".encode()), LogReader(frozenset())
    assert len(reader.fetch(folder).history) == 1
    assert len(reader.fetch(folder).history) == 1
    folder.files["history.log"] += f"ID: {B} status: 004\n".encode()
    assert [row.id for row in reader.fetch(folder).history] == [A, B]
    assert folder.retrieved == [("history.log", 0), ("history.log", len(f"ID: {A} status: 004\n"))]
    folder.files["history.log"] = f"ID: {B}\n".encode()  # a new log
    assert [row.id for row in reader.fetch(folder).history] == [B]


def test_lines_that_cannot_be_read_are_kept():
    folder = Folder(history_log=b"hello\n", mo_log=b"2026-11-22 10:05:00 1\t2\ttext\n")
    folder.files[f"{FILE}.log"] = b"what?\n"
    logs = LogReader(frozenset([FILE])).fetch(folder)
    assert [(name, row.text) for name, row in logs.strays] == [
        (f"{FILE}.log", "what?"),
        ("history.log", "hello"),
    ]
    assert [row.text for row in logs.replies] == ["text"]


def test_the_history_of_other_senders_is_left_out():
    history = f"2026-01-01 10:00:00\tother.txt\tID: {B} status: 004\nID: {A} status: 004\n"
    folder = Folder(history_log=history.encode())
    folder.files[f"{FILE}.log"] = f"ID: {A}\n".encode()
    (row,) = statuses({FILE: ("1",)}, LogReader(frozenset([FILE])).fetch(folder))
    assert (row.file, row.state) == (FILE, MessageState.DELIVERED)


@pytest.fixture
def outbox(tmp_path):
    fill_outbox(tmp_path / "outbox", 3)
    (tmp_path / "outbox/000003-note.txt").write_bytes(message(3) + b"to:447700900124\n")
    return tmp_path / "outbox"


def test_without_a_journal_every_file_counts_as_sent(outbox):
    one, several = ("447700900123",), ("447700900123", "447700900124")
    everything = {FILE: one, "000002-note.txt": one, "000003-note.txt": several}
    assert recipients(outbox) == everything
    journal.connect(journal.path_of(outbox)).close()  # of a campaign, without an upload
    assert recipients(outbox) == everything


def test_files_that_the_gateway_may_have_seen_count_as_sent(outbox):
    with Transfers(journal.path_of(outbox), "host:21/", iter(range(100)).__next__) as transfers:
        transfers.plan(path.name for path in outbox.iterdir())
        transfers.set([FILE], State.DONE)
        transfers.set(["000003-note.txt"], State.SENT)
    assert list(recipients(outbox)) == [FILE]


def test_a_file_that_is_no_message_is_named(outbox):
    (outbox / FILE).write_bytes(b"text")
    with pytest.raises(Exception, match=f"^{FILE}:") as caught:
        recipients(outbox)
    assert type(caught.value).__name__ == "MessageFileError"


def test_a_damaged_journal(outbox):
    journal.path_of(outbox).write_bytes(b"no database" * 100)
    with pytest.raises(OutboxError, match="cannot open the journal"):
        recipients(outbox)
    journal.path_of(outbox).unlink()
    with closing(journal.connect(journal.path_of(outbox))) as base:
        base.execute("CREATE TABLE upload_file (name TEXT, state TEXT)")
    assert recipients(outbox) == {}

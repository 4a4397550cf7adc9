"""The files of an outbox that a gateway may have seen."""

from __future__ import annotations

import struct
import zipfile
from contextlib import closing

import pytest
from ftpservers import fill_outbox, message

from smsenc import SmsencError
from smsgate.errors import OutboxError
from smsgate.ftpclient import sentfiles
from smsgate.ftpclient.logrecords import LogRecords
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox import home
from smsgate.outbox.files import State

ONE, TWO, THREE = (f"{n:06}-note.txt" for n in (1, 2, 3))
NUMBER, OTHER = "447700900123", "447700900124"


@pytest.fixture
def outbox(tmp_path):
    fill_outbox(tmp_path / "outbox", 3)
    (tmp_path / "outbox" / THREE).write_bytes(message(3) + f"to:{OTHER}\n".encode())
    return tmp_path / "outbox"


def listed(outbox):
    found = sentfiles.records_of(outbox)
    with (
        LogRecords(found, "host:21/") as records,
        sentfiles.opened(outbox, found, records) as files,
    ):
        return {file.name: file for file in files}, files.faults


def recipients(outbox):
    return {name: file.recipients for name, file in listed(outbox)[0].items() if file.sent}


def transfer(outbox, *steps):
    """An upload in the journal whose clock counts its steps."""
    clock = iter(range(100)).__next__
    with home.held(outbox) as found, Transfers(found, "host:21/", clock) as transfers:
        transfers.plan({path.name: "" for path in outbox.glob("*.txt")})
        for name, state in steps:
            transfers.set([name], state)


def test_without_a_journal_every_file_counts_as_sent(outbox):
    everything = {ONE: (NUMBER,), TWO: (NUMBER,), THREE: (NUMBER, OTHER)}
    assert recipients(outbox) == everything
    with zipfile.ZipFile(outbox.with_name("o.zip"), "w") as archive:
        for path in outbox.iterdir():
            archive.write(path, path.name)
    assert recipients(outbox.with_name("o.zip")) == everything
    assert sorted(path.name for path in outbox.parent.iterdir()) == ["o.zip", "outbox"]


def test_files_that_the_gateway_may_have_seen_count_as_sent(outbox):
    transfer(outbox, (ONE, State.RENAMING), (ONE, State.DONE), (THREE, State.SENT))
    files, _ = listed(outbox)
    assert [(name, file.sent) for name, file in files.items()] == [
        (ONE, True),
        (TWO, False),
        (THREE, False),
    ]
    assert files[ONE].recipients == (NUMBER,)
    assert (files[TWO].recipients, files[TWO].uploaded) == (None, None)


def test_the_upload_is_the_first_renaming_of_the_last_sending(outbox):
    steps = [State.SENDING, State.RENAMING, State.UNKNOWN, State.RENAMING, State.DONE]
    transfer(outbox, *((ONE, state) for state in steps))
    first = listed(outbox)[0][ONE]
    assert first.uploaded == 2  # 0 is the plan, 1 the sending
    transfer(outbox, *((ONE, state) for state in (State.PLANNED, *steps)))
    again = listed(outbox)[0][ONE]
    assert again.step > first.step


def test_a_journal_that_is_older_than_the_outbox(outbox):
    transfer(outbox, (TWO, State.DONE))
    with home.held(outbox) as found:
        found.announced().add([ONE])
    files, _ = listed(outbox)
    assert files[ONE].sent
    assert (files[ONE].uploaded, files[ONE].recipients) == (None, (NUMBER,))


def test_rows_of_the_table(outbox):
    transfer(outbox, (THREE, State.DONE))
    base = home.connect(home.find(outbox))
    with closing(base):
        base.execute("CREATE TABLE campaign_rows (name TEXT PRIMARY KEY, rows BLOB)")
        base.execute("INSERT INTO campaign_rows VALUES (?, ?)", (THREE, struct.pack("<2I", 7, 9)))
        assert listed(outbox)[0][THREE].table_rows == (7, 9)
        base.execute("UPDATE campaign_rows SET rows = x'01'")
    with pytest.raises(OutboxError, match="the journal is damaged"):
        listed(outbox)


def test_files_that_cannot_be_read_are_named_and_the_others_go_on(outbox):
    (outbox / ONE).write_bytes(b"text")
    (outbox / TWO).unlink()
    (outbox / TWO).symlink_to(outbox / THREE)
    files, faults = listed(outbox)
    assert [file.recipients for file in files.values()] == [None, None, (NUMBER, OTHER)]
    assert [fault.partition(":")[0] for fault in faults] == [ONE, TWO]


def test_files_that_are_gone_come_last(outbox):
    transfer(outbox, (ONE, State.DONE), (THREE, State.DONE))
    (outbox / ONE).unlink()
    files, _ = listed(outbox)
    assert [name for name, file in files.items() if file.sent] == [THREE, ONE]
    assert files[ONE].recipients is None


def test_a_damaged_journal(outbox):
    transfer(outbox, (ONE, State.DONE))
    path = home.find(outbox).journal
    with closing(home.connect(home.find(outbox))) as base:
        base.execute("UPDATE file SET state = 'lost'")
    with pytest.raises(OutboxError, match="the journal is damaged"):
        listed(outbox)
    path.write_bytes(b"no database" * 100)
    with pytest.raises(SmsencError, match="journal"):
        listed(outbox)


def test_nothing_that_was_sent(outbox, tmp_path):
    transfer(outbox)
    with pytest.raises(SmsencError, match="that were sent: smsenc upload sends them"):
        listed(outbox)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SmsencError, match=r"^no message files in"):
        listed(tmp_path / "empty")


def test_files_of_two_runs_that_differ_in_their_marks_alone_are_alike(tmp_path):
    names = ("000001-note.aaaaaaaa.txt", "000001-note.bbbbbbbb.txt", "000002-note.bbbbbbbb.txt")
    (tmp_path / "outbox").mkdir()
    for name in names:
        (tmp_path / "outbox" / name).write_bytes(message(1))
    with (
        LogRecords(None, "host:21/") as records,
        sentfiles.opened(tmp_path / "outbox", None, records) as files,
    ):
        assert files.alike() == {*names[:2]}

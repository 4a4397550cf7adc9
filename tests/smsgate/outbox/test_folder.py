import os
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from hashlib import sha256

import pytest
from outboxes import journal_of, message_files

from converters.errors import GuardError
from smsenc.messagefile.names import parse
from smsgate.errors import OutboxError
from smsgate.outbox import files, journal
from smsgate.outbox.folder import Outbox, Volumes
from smsgate.outbox.runs import RunIdentity, RunKind

FILES = (("000001-a.p1-2.txt", b"one"), ("000001-a.p2-2.txt", b"two"))


IDENTITY = RunIdentity(kind=RunKind.CONVERT, key="key", label="today")


@contextmanager
def begun(folder, **settings):
    with Outbox(folder, **settings) as outbox:
        outbox.begin(IDENTITY)
        yield outbox


def rows(folder):
    with closing(journal.connect(journal_of(folder))) as base:
        return list(files.rows(base))


def test_files_are_complete_and_nothing_else_is_there(tmp_path):
    box = tmp_path / "out" / "box"
    with begun(box) as outbox:
        outbox.write([FILES])
    found = {path.name: path.read_bytes() for path in message_files(box)}
    assert found == dict(FILES)
    assert [(row.name, row.state, row.run, row.digest) for row in rows(box)] == [
        (name, "planned", IDENTITY.mark, sha256(octets).hexdigest()) for name, octets in FILES
    ]


def test_secret_files_are_for_their_owner_alone(tmp_path):
    with begun(tmp_path, secret=True) as outbox:
        outbox.write([FILES])
    assert {path.stat().st_mode & 0o777 for path in message_files(tmp_path)} == {0o600}


def test_a_second_run_adds_to_the_folder(tmp_path):
    with begun(tmp_path) as outbox:
        outbox.write([FILES])
    with begun(tmp_path) as outbox:
        outbox.write([[("000001-a.p1-2.txt", b"new")]])
        assert outbox.others() == 1
    assert (tmp_path / "000001-a.p1-2.txt").read_bytes() == b"new"
    assert [row.digest for row in rows(tmp_path)] == [
        sha256(octets).hexdigest() for octets in (b"new", b"two")
    ]


def test_a_file_that_was_sent_is_not_written_again(tmp_path):
    with begun(tmp_path) as outbox:
        outbox.write([FILES])
    with closing(journal.connect(journal_of(tmp_path))) as base:
        base.execute("UPDATE file SET state = 'done'")
        base.execute("DELETE FROM file WHERE name = ?", (FILES[0][0],))
    (tmp_path / FILES[1][0]).unlink()
    with begun(tmp_path) as outbox:
        outbox.write([[(name, b"with another log-in") for name, _ in FILES]])
        assert outbox.sent == 1
    assert [path.name for path in message_files(tmp_path)] == [FILES[0][0]]
    assert [row.state for row in rows(tmp_path)] == ["planned", "done"]


def test_a_folder_in_which_nothing_was_written_is_not_left(tmp_path):
    with begun(tmp_path / "box"):
        assert (tmp_path / "box").is_dir()
    assert not (tmp_path / "box").exists()
    (tmp_path / "box").mkdir()
    with begun(tmp_path / "box"):
        pass
    assert (tmp_path / "box").exists()


def test_records_stay_with_files_that_were_written_when_an_interrupt_came(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "record", interrupt)
    with pytest.raises(KeyboardInterrupt), begun(tmp_path / "box") as outbox:
        outbox.write([FILES])
    assert [path.name for path in message_files(tmp_path / "box")] == [name for name, _ in FILES]
    assert journal_of(tmp_path / "box").exists()


def test_a_second_run_on_the_folder_is_refused(tmp_path):
    with Outbox(tmp_path), pytest.raises(GuardError) as caught, Outbox(tmp_path):
        pass
    assert str(caught.value) == f"{tmp_path}: another run is using this outbox, or a copy of it"
    with Outbox(tmp_path):
        pass


def test_the_parts_of_a_message_come_together_or_not_at_all(tmp_path):
    with begun(tmp_path) as outbox, pytest.raises(OutboxError):
        outbox.write([[FILES[0], ("none/000001-a.p2-2.txt", b"two")]])
    assert message_files(tmp_path) == []
    assert rows(tmp_path) == []


def test_a_rename_that_fails_takes_the_others_back(tmp_path):
    (tmp_path / FILES[1][0]).mkdir()
    with begun(tmp_path) as outbox, pytest.raises(OutboxError):
        outbox.write([FILES])
    assert [path.name for path in message_files(tmp_path)] == [FILES[1][0]]


def test_an_outbox_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutboxError) as caught, Outbox(tmp_path / "file" / "box"):
        pass
    assert str(caught.value) == (f"cannot write to {tmp_path / 'file' / 'box'}: not a directory")


WRITER = """
import sys
from pathlib import Path
from smsenc.messagefile.names import parse
from smsgate.outbox.folder import Outbox
from smsgate.outbox.runs import RunIdentity, RunKind
with Outbox(Path(sys.argv[1])) as outbox:
    outbox.begin(RunIdentity(kind=RunKind.CONVERT, key="key", label="today"))
    print("ready", flush=True)
    for n in range(1, 100000):
        outbox.write([[(f"{n:06}-a.p{p}-3.txt", b"x" * 5000) for p in (1, 2, 3)]])
"""


@pytest.mark.parametrize("delay", [0.0, 0.011, 0.052])
def test_a_killed_run_leaves_no_half_file(tmp_path, delay):
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
    names = os.listdir(tmp_path)
    assert all((tmp_path / n).stat().st_size == 5000 for n in names if parse(n))
    with Outbox(tmp_path):
        assert all(parse(path.name) for path in message_files(tmp_path))


def test_staged_files_are_published_together(tmp_path):
    volumes = Volumes(tmp_path / "box", secret=True)
    with volumes.opened():
        for number in (1, 2):
            volumes.stage(f"000/{number:06}-a.txt", (b"one", b"two"))
        volumes.stage("001/000003-a.txt", (b"three",))
        assert not [path for path in tmp_path.rglob("*") if parse(path.name)]
        volumes.publish()
        volumes.stage("001/000004-a.txt", (b"never published",))
    found = {str(path.relative_to(tmp_path / "box")) for path in tmp_path.rglob("*.txt")}
    assert found == {"000/000001-a.txt", "000/000002-a.txt", "001/000003-a.txt"}
    assert (tmp_path / "box/000/000001-a.txt").read_bytes() == b"onetwo"
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_sweep_removes_what_a_killed_run_left(tmp_path):
    volume = tmp_path / "000"
    volume.mkdir()
    kept = ["000001-a.txt", ".000002-a.txt.12345.tmp", "000006-sent.txt", "notes.txt"]
    left = ["000003-a.txt", ".000004-a.txt.0123abcd.tmp", ".000005-a.txt.tmp"]
    for name in kept + left:
        (volume / name).touch()
    volumes = Volumes(tmp_path)
    with volumes.opened():
        volumes.sweep(lambda name: name.number < 3, {"000006-sent.txt"})
    assert sorted(os.listdir(volume)) == sorted(kept)

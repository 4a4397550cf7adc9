import os
import signal
import subprocess
import sys
import time

import pytest

from converters.errors import GuardError
from smsenc.messagefile.names import parse
from smsgate.errors import OutboxError
from smsgate.outbox.folder import Outbox, Volumes

FILES = (("000001-a.p1-2.txt", b"one"), ("000001-a.p2-2.txt", b"two"))


def test_files_are_complete_and_nothing_else_is_there(tmp_path):
    with Outbox(tmp_path / "out" / "box") as outbox:
        paths = outbox.write(FILES)
    assert [path.read_bytes() for path in paths] == [b"one", b"two"]
    assert sorted(os.listdir(tmp_path / "out" / "box")) == [name for name, _ in FILES]


def test_secret_files_are_for_their_owner_alone(tmp_path):
    with Outbox(tmp_path, secret=True) as outbox:
        paths = outbox.write(FILES)
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}


def test_a_used_outbox_is_refused_unless_forced(tmp_path):
    with Outbox(tmp_path) as outbox:
        outbox.write(FILES)
    with pytest.raises(GuardError) as caught, Outbox(tmp_path):
        pass
    assert str(caught.value) == (
        f"{tmp_path}: already has 2 message files: use --force to overwrite, or another --out"
    )
    with Outbox(tmp_path, force=True) as outbox:
        outbox.write([("000001-a.p1-2.txt", b"new")])
        assert outbox.others() == 1
    assert (tmp_path / "000001-a.p1-2.txt").read_bytes() == b"new"


def test_a_second_run_on_the_folder_is_refused(tmp_path):
    with Outbox(tmp_path), pytest.raises(GuardError) as caught, Outbox(tmp_path):
        pass
    assert str(caught.value) == f"{tmp_path}: another run is writing to this folder"
    with Outbox(tmp_path):
        pass


def test_the_parts_of_a_message_come_together_or_not_at_all(tmp_path):
    with Outbox(tmp_path) as outbox, pytest.raises(OutboxError):
        outbox.write([FILES[0], ("none/000001-a.p2-2.txt", b"two")])
    assert os.listdir(tmp_path) == []


def test_a_rename_that_fails_takes_the_others_back(tmp_path):
    (tmp_path / FILES[1][0]).mkdir()
    with Outbox(tmp_path, force=True) as outbox, pytest.raises(OutboxError):
        outbox.write(FILES)
    assert os.listdir(tmp_path) == [FILES[1][0]]


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
with Outbox(Path(sys.argv[1])) as outbox:
    print("ready", flush=True)
    for n in range(1, 100000):
        outbox.write([(f"{n:06}-a.p{p}-3.txt", b"x" * 5000) for p in (1, 2, 3)])
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
    with Outbox(tmp_path, force=True):
        assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


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
    kept = ["000001-a.txt", ".000002-a.txt.12345.tmp", "notes.txt"]
    left = ["000003-a.txt", ".000004-a.txt.0123abcd.tmp", ".000005-a.txt.tmp"]
    for name in kept + left:
        (volume / name).touch()
    volumes = Volumes(tmp_path)
    with volumes.opened():
        volumes.sweep(lambda number: number < 3)
    assert sorted(os.listdir(volume)) == sorted(kept)

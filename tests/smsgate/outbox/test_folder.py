import os
import signal
import subprocess
import sys
import time

import pytest

from converters.errors import GuardError
from smsenc.messagefile.names import parse
from smsgate.errors import OutboxError
from smsgate.outbox.folder import Outbox, write_file

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
        f"{tmp_path}: expected no message files, found 2 (--force writes over them)"
    )
    with Outbox(tmp_path, force=True) as outbox:
        outbox.write([("000001-a.p1-2.txt", b"new")])
        assert outbox.strangers() == 1
    assert (tmp_path / "000001-a.p1-2.txt").read_bytes() == b"new"


def test_two_runs_at_once_are_told_apart(tmp_path):
    with Outbox(tmp_path), pytest.raises(GuardError) as caught, Outbox(tmp_path):
        pass
    assert str(caught.value).endswith(
        "expected a folder of our own, found another run writing to it"
    )
    with Outbox(tmp_path):
        pass


def test_the_parts_of_a_message_come_together_or_not_at_all(tmp_path):
    with Outbox(tmp_path) as outbox:
        (tmp_path / ".000001-a.p2-2.txt.tmp").mkdir()  # the second part cannot be written
        with pytest.raises(OutboxError):
            outbox.write(FILES)
        (tmp_path / ".000001-a.p2-2.txt.tmp").rmdir()
    assert not [name for name in os.listdir(tmp_path) if parse(name)]


def test_a_rename_that_fails_takes_the_others_back(tmp_path):
    (tmp_path / FILES[1][0]).mkdir()
    with Outbox(tmp_path, force=True) as outbox, pytest.raises(OutboxError):
        outbox.write(FILES)
    assert os.listdir(tmp_path) == [FILES[1][0]]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutboxError) as caught, Outbox(tmp_path / "file" / "box"):
        pass
    assert str(caught.value) == (
        f"expected to write to {tmp_path / 'file' / 'box'}, found: not a directory"
    )


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


def test_a_link_stays_one_and_its_file_is_written(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to("kept/file")
    write_file(tmp_path / "link", b"one")
    write_file(tmp_path / "link", b"two", force=True)
    assert (tmp_path / "link").is_symlink()
    assert [path.read_bytes() for path in (tmp_path / "kept").iterdir()] == [b"two"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_no_place_for_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutboxError) as caught:
        write_file(pipe, b"one", force=True)
    assert str(caught.value) == f"expected to write to a file, found a device or pipe: {pipe}"
    assert pipe.is_fifo()

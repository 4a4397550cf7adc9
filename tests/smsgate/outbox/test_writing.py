"""Files are complete under their names, or not there at all."""

import errno
import os

import pytest

from converters.errors import GuardError
from smsgate.errors import OutboxError
from smsgate.outbox import writing
from smsgate.outbox.writing import Staging, write_file, write_pieces


def full_disk(_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_is_written_once(tmp_path):
    write_file(tmp_path / "a", b"one")
    with pytest.raises(GuardError) as caught:
        write_file(tmp_path / "a", b"two")
    assert (
        str(caught.value)
        == f"{tmp_path / 'a'}: the file already exists: use --force to overwrite it"
    )
    write_file(tmp_path / "a", b"two", force=True)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"two"]


@pytest.mark.parametrize(("mode", "found"), [(None, 0o640), (0o604, 0o604)])
def test_the_mode_follows_the_umask_unless_given(tmp_path, mode, found):
    before = os.umask(0o027)
    try:
        write_pieces(tmp_path / "a", (b"one", b"two"), mode=mode)
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == found
    assert (tmp_path / "a").read_bytes() == b"onetwo"


def test_a_link_stays_one_and_its_file_is_written(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to("kept/file")
    write_file(tmp_path / "link", b"one")
    write_file(tmp_path / "link", b"two", force=True)
    assert (tmp_path / "link").is_symlink()
    assert [path.read_bytes() for path in (tmp_path / "kept").iterdir()] == [b"two"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OutboxError) as caught:
        write_file(pipe, b"one", force=True)
    assert str(caught.value) == f"cannot write to {pipe}: it is a device or pipe"
    assert pipe.is_fifo()


def test_a_folder_is_not_replaced(tmp_path):
    with pytest.raises(OutboxError) as caught:
        write_file(tmp_path, b"one", force=True)
    assert str(caught.value) == f"cannot write to {tmp_path}: is a directory"


def test_a_full_disk_leaves_the_earlier_file(tmp_path, monkeypatch):
    write_file(tmp_path / "a", b"one")
    monkeypatch.setattr(writing, "flush", full_disk)
    with pytest.raises(OutboxError) as caught:
        write_file(tmp_path / "a", b"two", force=True)
    assert str(caught.value) == f"cannot write to {tmp_path / 'a'}: no space left on device"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"one"]


def test_a_failing_block_leaves_nothing(tmp_path):
    def pieces():
        yield b"half"
        raise KeyError

    with pytest.raises(KeyError):
        write_pieces(tmp_path / "a", pieces())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "a.txt", "x" * 255, ".hidden"])
def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path, name):
    staging = Staging()
    staging.create(tmp_path / name).close()  # and killed
    (left,) = os.listdir(tmp_path)
    assert left.startswith(".")
    assert left.endswith(".tmp")
    (tmp_path / ".other.0123abcd.tmp").touch()
    write_file(tmp_path / name, b"one")
    assert sorted(os.listdir(tmp_path)) == sorted([".other.0123abcd.tmp", name])


def test_temporary_names_cannot_be_foreseen(tmp_path):
    stagings = [Staging(), Staging()]
    for staging in stagings:
        staging.add(tmp_path / "a", (b"one",))
    assert len(os.listdir(tmp_path)) == 2


def test_all_files_are_published_or_none(tmp_path):
    (tmp_path / "b").mkdir()  # no file can be renamed to this
    with Staging() as staging:
        for name in "abc":
            staging.add(tmp_path / name, (b"one",))
        with pytest.raises(IsADirectoryError):
            staging.publish()
    assert os.listdir(tmp_path) == ["b"]


@pytest.mark.parametrize("count", [1, 40])
def test_files_and_folders_are_flushed(tmp_path, monkeypatch, count):
    flushed = []
    monkeypatch.setattr(writing, "flush", flushed.append)
    with Staging() as staging:
        for n in range(count):
            staging.add(tmp_path / f"{n:02}", (b"one",))
        staging.publish()
    files, folders = flushed
    assert [os.path.basename(path)[:4] for path in files] == [f".{n:02}." for n in range(count)]
    assert folders == [str(tmp_path)]


@pytest.mark.parametrize("count", [1, 40])
def test_flush_takes_files_and_folders(tmp_path, count):
    for n in range(count):
        (tmp_path / f"{n}").touch()
    writing.flush([str(tmp_path), *map(str, tmp_path.iterdir())])
    with pytest.raises(FileNotFoundError):
        writing.flush([str(tmp_path / "none")])

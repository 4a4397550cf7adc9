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


def test_a_link_that_lies_in_wait_is_not_followed(tmp_path, monkeypatch):
    (tmp_path / "victim").write_bytes(b"kept")
    monkeypatch.setattr(writing.os, "urandom", lambda _: bytes.fromhex("01234567"))
    for name in (".a.tmp", ".a.01234567.tmp"):
        (tmp_path / name).symlink_to("victim")
    write_file(tmp_path / "a", b"one")
    assert sorted(os.listdir(tmp_path)) == ["a", "victim"]
    (tmp_path / ".b.01234567.tmp").symlink_to("victim")
    with pytest.raises(FileExistsError), Staging() as staging:
        staging.add(tmp_path / "b", (b"one",))
    assert (tmp_path / "victim").read_bytes() == b"kept"
    assert (tmp_path / ".b.01234567.tmp").is_symlink()  # not ours


def test_a_link_in_a_folder_of_ours_is_replaced(tmp_path):
    (tmp_path / "victim").write_bytes(b"kept")
    (tmp_path / "a").symlink_to("victim")
    with Staging() as staging:
        staging.add(tmp_path / "a", (b"one",))
        staging.publish()
    assert (tmp_path / "victim").read_bytes() == b"kept"
    assert not (tmp_path / "a").is_symlink()


@pytest.mark.parametrize("names", ["a", "ab"])
def test_links_in_a_circle_and_to_devices_are_refused(tmp_path, names):
    for one, other in zip(names, names[1:] + names[0], strict=True):
        (tmp_path / one).symlink_to(other)
    with pytest.raises(OutboxError, match="its links lead in a circle"):
        write_file(tmp_path / "a", b"one", force=True)
    (tmp_path / "null").symlink_to("/dev/null")
    with pytest.raises(OutboxError, match="it is a device or pipe"):
        write_file(tmp_path / "null", b"one", force=True)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_a_secret_file_is_private_from_its_first_octet(tmp_path, umask):
    seen = []

    def pieces():
        for _ in range(2):
            seen.extend(path.stat().st_mode & 0o777 for path in tmp_path.iterdir())
            yield b"password:s3cret"

    before = os.umask(umask)
    try:
        with Staging(0o600) as staging:
            staging.add(tmp_path / "a", pieces())
            staging.publish()
        write_pieces(tmp_path / "b", pieces(), mode=0o600)
    finally:
        os.umask(before)
    assert set(seen) == {0o600}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def links(monkeypatch):
    """Links are possible."""


def no_links(monkeypatch):
    def refused(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)


@pytest.mark.parametrize("system", [links, no_links])
@pytest.mark.parametrize("failing", ["b", "c"])
def test_what_was_there_before_is_there_again(tmp_path, monkeypatch, system, failing):
    system(monkeypatch)
    for name in "ac":
        (tmp_path / name).write_bytes(b"earlier")
        (tmp_path / name).chmod(0o640)
    really = os.replace

    def fails(source, target):
        if os.path.basename(target) == failing and source.endswith(".tmp"):
            monkeypatch.setattr(os, "replace", really)
            raise OSError(errno.EIO, "Input/output error")
        really(source, target)

    monkeypatch.setattr(os, "replace", fails)
    with Staging() as staging:
        for name in "abc":
            staging.add(tmp_path / name, (b"new",))
        with pytest.raises(OSError, match="Input/output error"):
            staging.publish()
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == dict.fromkeys(
        "ac", b"earlier"
    )
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o640}


def test_a_complete_set_takes_the_place_of_another(tmp_path):
    for content in (b"earlier", b"new"):
        with Staging() as staging:
            for name in "abc":
                staging.add(tmp_path / name, (content,))
            staging.publish()
        assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == dict.fromkeys(
            "abc", content
        )


@pytest.mark.parametrize("name", ["x" * 255, "\u4e2d" * 85, "\U0001f600" * 63, "\udcff" * 255])
def test_a_name_of_255_octets_is_written(tmp_path, name):
    write_file(tmp_path / name, b"one")
    assert os.listdir(tmp_path) == [name]

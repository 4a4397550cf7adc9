"""Text is appended to plain files only, at a known size, and wholly or not at all."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from smsgate.gateway.logs import folders


@pytest.fixture
def path(tmp_path):
    return tmp_path / "note.txt.log"


def test_a_file_is_made_and_grows(path):
    assert folders.append(path, b"one\n", 0) == 4
    assert folders.append(path, b"two\n", 4) == 8
    assert path.read_bytes() == b"one\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) & 0o137 == 0


def test_what_was_not_committed_goes(path):
    path.write_bytes(b"one\ntwo\nthr")
    assert folders.append(path, b"two\n", 4) == 8
    assert path.read_bytes() == b"one\ntwo\n"
    folders.truncate(path, 4)
    assert path.read_bytes() == b"one\n"


def test_a_file_that_is_shorter_gets_no_hole(path):
    path.write_bytes(b"one\n")
    assert folders.append(path, b"two\n", 100) == 8
    assert path.read_bytes() == b"one\ntwo\n"


def test_links_and_odd_files_are_refused(path, tmp_path):
    target = tmp_path / "target"
    target.write_text("secret")
    for make in (
        lambda: path.symlink_to(target),
        lambda: os.link(target, path),
        lambda: os.mkfifo(path),
    ):
        make()
        with pytest.raises(OSError, match=r"Too many levels|not a plain file"):
            folders.append(path, b"x", 0)
        path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        folders.append(path, b"x", 0)
    assert target.read_text() == "secret"


def test_another_file_in_its_place_is_refused(path):
    path.write_text("one\n")
    place = folders.place_of(path.stat())
    assert folders.append(path, b"two\n", *place) == 8
    with pytest.raises(OSError, match="another file") as caught:
        folders.append(path, b"three\n", place.size, place.inode + 1)
    assert caught.value.errno == errno.ESTALE
    assert path.read_text() == "one\ntwo\n"


def test_a_full_disk_leaves_the_file_as_it_was(path, monkeypatch):
    path.write_text("one\n")
    write = os.write

    def full(descriptor, octets):
        if len(octets) < 100:
            raise OSError(errno.ENOSPC, "no space left on device")
        return write(descriptor, octets[:50])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="no space"):
        folders.append(path, b"x" * 120, 4)
    monkeypatch.undo()
    assert path.read_text() == "one\n"

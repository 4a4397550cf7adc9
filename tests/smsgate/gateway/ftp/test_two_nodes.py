"""An account's folder on storage that two nodes serve: nobody gets half of another's upload."""

from __future__ import annotations

import os

import pytest

from smsgate.gateway.ftp.folders import Folder, RefusedError
from smsgate.gateway.ftp.protocols import FtpAccount
from smsgate.gateway.settings import FtpSettings


@pytest.fixture
def nodes(tmp_path):
    account = FtpAccount("1", tmp_path / "accounts" / "1", tmp_path / "incoming" / "1")
    return Folder(account, FtpSettings()), Folder(account, FtpSettings())


def content(folder):
    with folder.read("a.txt") as file:
        return file.read()


@pytest.mark.parametrize("begin", [Folder.store, lambda folder, name: folder.resume(name, None)])
def test_a_file_that_another_node_is_storing_is_refused(nodes, begin):
    a, b = nodes
    upload = a.store("a.txt")
    upload.write(b"of a")
    with pytest.raises(RefusedError, match="is storing this file"):
        begin(b, "a.txt")
    upload.close()
    a.finish(upload)
    assert content(b) == b"of a"


def test_a_cut_upload_is_continued_on_another_node(nodes):
    a, b = nodes
    cut = a.store("a.txt")
    cut.write(b"first ")
    cut.close()
    cut.release()
    rest = b.resume("a.txt", 6)
    rest.write(b"and last")
    rest.close()
    b.finish(rest)
    assert content(a) == b"first and last"


def test_nobody_begins_it_anew_between_its_end_and_its_move(nodes):
    a, b = nodes
    first = a.store("a.txt")
    first.write(b"whole")
    first.close()
    with pytest.raises(RefusedError, match="is storing this file"):
        b.store("a.txt")
    a.finish(first)
    second = b.store("a.txt")
    second.write(b"second")
    second.close()
    b.finish(second)
    assert content(a) == b"second"


def test_a_finished_file_leaves_no_descriptor(nodes):
    a, _ = nodes
    before = len(os.listdir("/proc/self/fd"))
    for name in ("a.txt", "b.txt"):
        upload = a.store(name)
        upload.close()
        a.finish(upload)
    stalled = a.store("c.txt")
    stalled.abandon()
    assert len(os.listdir("/proc/self/fd")) == before

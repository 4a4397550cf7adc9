"""Which files of an outbox are sent, and in which order."""

from __future__ import annotations

import os
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import GuardError
from smsgate.errors import OutboxError
from smsgate.outbox import contents

NAMES = [
    "000/000001-card.p1-12.txt",
    "000/000001-card.p2-12.txt",
    "000/000001-card.p10-12.txt",
    "000002-note.txt",
    "001/1000000-note.txt",
]
OTHERS = [
    "note.txt",
    ".000003-note.txt.tmp",
    "000004-note.pdu",
    "a/000005-note.txt",
    "000006-Note.txt",
    "000007-note.txt.log",
]


def names_of(outbox):
    with contents.opened(outbox) as files:
        return [(file.name, file.read()) for file in files]


def folder_of(path, names):
    for name in random.Random(1).sample(names, len(names)):
        (path / name).parent.mkdir(exist_ok=True, parents=True)
        (path / name).write_bytes(name.encode())
    return path


def zip_of(path, names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in random.Random(1).sample(names, len(names)):
            archive.writestr(name, name.encode())
    return path


@pytest.mark.parametrize("make", [folder_of, zip_of])
def test_message_files_in_the_order_of_sending(tmp_path, make):
    found = names_of(make(tmp_path / "outbox", NAMES + OTHERS))
    assert found == [(name.rpartition("/")[2], name.encode()) for name in NAMES]


def test_the_parts_of_a_message_come_together(tmp_path):
    with contents.opened(folder_of(tmp_path / "outbox", NAMES)) as files:
        assert [len(parts) for parts in contents.messages(files)] == [3, 1, 1]


@pytest.mark.parametrize("make", [folder_of, zip_of])
def test_one_name_in_two_folders(tmp_path, make):
    outbox = make(tmp_path / "outbox", ["000/000001-a.txt", "001/000001-a.txt"])
    with pytest.raises(GuardError, match="two folders of the outbox have a file of this name"):
        names_of(outbox)


def test_no_outbox(tmp_path):
    with pytest.raises(OutboxError, match="none: no such folder or archive"):
        names_of(tmp_path / "none")


@pytest.mark.parametrize("octets", [b"", b"PK\x05\x06", b"text:Hello"])
def test_another_file(tmp_path, octets):
    (tmp_path / "outbox.zip").write_bytes(octets)
    with pytest.raises(OutboxError, match="expected a folder or a zip archive"):
        names_of(tmp_path / "outbox.zip")


@given(at=st.integers(0, 400), octet=st.integers(0, 255))
def test_a_damaged_archive(tmp_path_factory, at, octet):
    path = zip_of(tmp_path_factory.mktemp("zip") / "outbox.zip", NAMES[:2])
    octets = bytearray(path.read_bytes())
    octets[at % len(octets)] = octet
    path.write_bytes(octets)
    try:
        names_of(path)
    except (OutboxError, GuardError):
        pass


def test_a_pipe_in_an_outbox_is_not_waited_for(tmp_path):
    (tmp_path / "outbox").mkdir()
    os.mkfifo(tmp_path / "outbox/000001-a.txt")
    with pytest.raises(OutboxError) as caught:
        names_of(tmp_path / "outbox")
    assert str(caught.value) == "000001-a.txt: is a named pipe (- reads standard input)"


@pytest.mark.parametrize("make", [folder_of, zip_of])
def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch, make):
    monkeypatch.setattr(contents, "_MOST_OCTETS", 10)
    with pytest.raises(OutboxError) as caught:
        names_of(make(tmp_path / "outbox", NAMES[3:4]))
    assert str(caught.value) == "000002-note.txt: expected at most 10 octets, found more"

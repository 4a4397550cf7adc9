"""What of an outbox is sent, in which order; the log-in lines; the pace."""

from __future__ import annotations

import random
import zipfile

import pytest
from ftpservers import message
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import GuardError
from smsenc import MessageFileError
from smsenc.messagefile import PLACEHOLDER, Credentials, Message, dumps, loads
from smsgate.errors import OutboxError
from smsgate.ftpclient.rate import Pace
from smsgate.outbox import contents
from smsgate.outbox.fill import put_in

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


def test_the_parts_of_a_message_stand_together(tmp_path):
    with contents.opened(folder_of(tmp_path / "outbox", NAMES)) as files:
        assert [len(parts) for parts in contents.messages(files)] == [3, 1, 1]


@pytest.mark.parametrize("make", [folder_of, zip_of])
def test_one_name_in_two_folders(tmp_path, make):
    outbox = make(tmp_path / "outbox", ["000/000001-a.txt", "001/000001-a.txt"])
    with pytest.raises(GuardError, match="expected each name once, found it in two folders"):
        names_of(outbox)


def test_no_outbox(tmp_path):
    with pytest.raises(OutboxError, match="expected an outbox, found: no such file"):
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


# The log-in lines --------------------------------------------------------------------------------

REAL = Credentials(api_id="77", user="ülf", password=r"p\1:x")


def test_placeholders_are_filled_and_nothing_else_changes():
    file = dumps(Message(to=("447700900123",), text="user:xxxxx\nxxxxx"))
    filled = put_in(file, REAL)
    assert filled == file.replace(
        b"api_id:xxxxx\nuser:xxxxx\npassword:xxxxx\n",
        "api_id:77\nuser:ülf\npassword:p\\1:x\n".encode("latin-1"),
    )
    assert loads(filled).credentials == REAL


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_as_others_write_it(end):
    file = end.join((b"API-ID: xxxxx", b"user:me", b"Password:\txxxxx ", b"text:a", b"to:1", b""))
    filled = end.join((b"API-ID:77", b"user:me", b"Password:p\\1:x", b"text:a", b"to:1", b""))
    assert put_in(file, REAL) == filled


def test_a_file_that_is_ready_stays_as_it_is():
    assert put_in(message(1), REAL) == message(1)
    assert put_in(message(1), PLACEHOLDER) == message(1)


def test_placeholders_without_credentials_are_refused():
    with pytest.raises(MessageFileError, match="found placeholders and no credentials"):
        put_in(dumps(Message(to=("447700900123",), text="a")), PLACEHOLDER)


def test_a_password_adds_no_line():
    wrong = Credentials(api_id="1", user="u", password="secret\nto:447700900999")
    with pytest.raises(MessageFileError) as caught:
        put_in(dumps(Message(to=("447700900123",), text="a")), wrong)
    assert str(caught.value) == (
        "password: expected no control character, found one (gateway error 001)"
    )


# The pace ----------------------------------------------------------------------------------------


@given(chunks=st.lists(st.integers(1, 100_000), min_size=1, max_size=30))
def test_octets_go_at_the_rate(chunks):
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds

    pace = Pace(1000, lambda: now[0], sleep)
    for octets in chunks:
        pace(octets)
    assert now[0] == pytest.approx(sum(chunks[:-1]) / 1000)

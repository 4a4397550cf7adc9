"""Received messages as a user names them."""

import zipfile
from pathlib import Path

import pytest

from converters.errors import SourceError
from smsgate.outbox import archives
from smsgate.runs.received import files


def test_message_files_of_a_folder_in_order(tmp_path):
    wanted = ["000001-a.json", "000001-a.txt", "b.pdu", "c.sms", "note.txt"]
    for name in (*wanted, ".000002-a.txt", "000003-a.log", "picture.png", "other.json"):
        (tmp_path / name).write_text(name)
    (tmp_path / "folder.txt").mkdir()
    assert list(files([str(tmp_path)])) == [
        (str(tmp_path / name), name.encode()) for name in wanted
    ]


@pytest.mark.parametrize("name", ["0500033302:00", "050003330201:C8329BFD06", "00FF"])
def test_hex_is_its_own_text(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    ((found, octets),) = files([name])
    if isinstance(octets, SourceError):
        assert ":" not in name  # without a header it is the name of a file
    else:
        assert (found, octets) == (name, name.encode())
    (tmp_path / name).write_bytes(b"a file of this name comes first")
    assert list(files([name])) == [(name, b"a file of this name comes first")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("none.txt", "no such file"),
        ("xx:yy", "expected a file, or UDH:DATA[:DCS[:UDL]] in hex, found neither"),
    ],
)
def test_an_error_stops_no_other(tmp_path, name, text):
    path = tmp_path / "a.txt"
    path.write_bytes(b"text")
    (_, error), good = files([name, str(path)])
    assert str(error) == text
    assert good == (str(path), b"text")


PDU = "0001000C91447700091032000005E8329BFD06"


@pytest.mark.parametrize(
    "typed",
    [
        PDU,
        PDU.lower(),
        PDU * 12,
        f"0x{PDU}",
        f"{PDU}1",
        bytes.fromhex(PDU).hex(" "),
        f"{PDU}\n{PDU}",
        f"+CMGL: 1,1,,18\r\n{PDU}\r\n\r\nOK\r\n",
        f"AT+CMGS=18\n> {PDU}\x1a\n",
    ],
)
def test_a_pdu_and_what_a_modem_answered_are_their_own_text(tmp_path, monkeypatch, typed):
    monkeypatch.chdir(tmp_path)
    assert list(files([typed])) == [(typed, typed.encode())]


def test_a_pdu_that_was_typed_with_spaces_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    octets = bytes.fromhex(PDU).hex(" ").split()
    assert list(files(octets)) == [(" ".join(octets), " ".join(octets).encode())]
    (tmp_path / octets[3]).write_bytes(b"a file")
    assert (octets[3], b"a file") in files(octets)


@pytest.mark.parametrize("name", ["12", "cafe", "00FF", "000001"])
def test_a_few_digits_are_the_name_of_a_file(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    ((_, error),) = files([name])
    assert str(error) == "no such file"


@pytest.mark.parametrize("name", ["zz", "note", "OK", "+CMGF"])
def test_a_word_is_neither_hex_nor_a_file(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    ((_, error),) = files([name])
    assert str(error) == "neither hex nor a file"
    (tmp_path / name).write_bytes(b"a file")
    assert list(files([name])) == [(name, b"a file")]


@pytest.mark.parametrize("name", ["x" * 300, f"{PDU * 9}G", "é" * 200])
def test_no_argument_is_too_long_a_name(name):
    ((_, error),) = files([name])
    assert str(error) == "expected a file, or UDH:DATA[:DCS[:UDL]] in hex, found neither"


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return str(path)


def test_message_files_of_an_archive_in_its_order(tmp_path):
    members = {
        "000/000002-b.txt": "b",
        "000/000001-a.txt": "a",
        "deep/er/c.at": "c",
        "000/.000003-a.txt": "hidden",
        "picture.png": "no message",
    }
    path = archive(tmp_path / "box.ZIP", **members)
    assert list(files([path])) == [
        (f"{path}/000/000002-b.txt", b"b"),
        (f"{path}/000/000001-a.txt", b"a"),
        (f"{path}/deep/er/c.at", b"c"),
    ]


def test_an_archive_that_cannot_be_read_stops_no_other(tmp_path):
    broken, good = tmp_path / "a.zip", tmp_path / "a.txt"
    broken.write_bytes(b"PK\x03\x04 and then nothing")
    good.write_bytes(b"text")
    (_, error), found = files([str(broken), str(good)])
    assert str(error) == "expected a zip archive, found another file"
    assert found == (str(good), b"text")


def test_a_damaged_member_stops_no_other(tmp_path):
    path = Path(archive(tmp_path / "a.zip", **{"a.txt": "hello" * 99, "b.txt": "b"}))
    octets = bytearray(path.read_bytes())
    octets[40] ^= 0xFF
    path.write_bytes(octets)
    (_, error), (_, good) = files([str(path)])
    assert isinstance(error, SourceError)
    assert good == b"b"


def test_an_archive_is_no_larger_than_a_source(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_SOURCE", 1000)
    path = archive(tmp_path / "a.zip", **{"a.txt": "a" * 900, "b.txt": "b" * 200, "c.txt": "c"})
    first, second, third = (octets for _, octets in files([path]))
    assert (first, third) == (b"a" * 900, b"c")
    assert str(second) == "expected at most 100 octets, found more"

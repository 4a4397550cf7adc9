"""Received messages as a user names them."""

import pytest

from converters.errors import SourceError
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

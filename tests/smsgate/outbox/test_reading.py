"""Files are read up to a limit; what cannot be read is a SourceError."""

import errno
import io
import os
import re
import socket
import sys
import threading

import pytest

from converters.errors import SourceError
from smsgate.outbox.reading import open_file, read, read_file, read_stream


def error_of(call, *arguments):
    with pytest.raises(SourceError) as caught:
        call(*arguments)
    return str(caught.value)


def test_a_file_is_read_up_to_the_limit(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read(str(path)) == read_file(path) == read_file(path, 5) == b"12345"
    assert error_of(read_file, path, 4) == "expected at most 4 octets, found more"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("none", "no such file"),
        ("", "cannot be read: is a directory"),
        ("a/b", "cannot be read: not a directory"),
    ],
)
def test_what_cannot_be_read(tmp_path, name, text):
    (tmp_path / "a").touch()
    assert error_of(read, os.path.join(tmp_path, name)) == text


def test_a_nul_in_a_name_is_the_system_s_error():
    # Python words it in two ways: "embedded null byte", "stat: embedded null character in path".
    assert re.fullmatch("cannot be read: .*embedded null .*", error_of(read, "nul\0"))


def test_a_named_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert error_of(read_file, tmp_path / "pipe") == "is a named pipe (- reads standard input)"


def test_a_pipe_of_the_shell_is_read():
    reader, writer = os.pipe()
    with open(writer, "wb") as file:
        threading.Thread(target=lambda: (file.write(b"text"), file.close())).start()
        assert read(f"/dev/fd/{reader}") == b"text"
    os.close(reader)


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"text")))
    assert read("-") == b"text"
    monkeypatch.setattr(sys, "stdin", None)
    assert error_of(read, "-") == "standard input is closed"


def test_an_error_while_reading():
    class Broken(io.RawIOBase):
        def readinto(self, _):
            raise OSError(5, "Input/output error")

        def readable(self):
            return True

    assert (
        error_of(read_stream, io.BufferedReader(Broken())) == "cannot be read: input/output error"
    )


def test_devices_and_sockets_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert error_of(read_file, "/dev/zero") == "is a device, not a file (- reads standard input)"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")
        assert error_of(read_file, "s") == "is a socket, not a file"


def test_links_are_followed_where_that_is_wanted(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "circle").symlink_to("circle")
    assert read_file(tmp_path / "link") == b"12345"
    text = "is a link, which is not followed here"
    assert error_of(lambda path: read_file(path, follow=False), tmp_path / "link") == text
    assert error_of(read_file, tmp_path / "circle") == (
        "cannot be read: too many levels of symbolic links"
    )


def test_a_file_that_is_changed_for_a_pipe_does_not_hang(tmp_path, monkeypatch):
    """A program that looks first and opens then would wait for ever."""
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    really = os.open

    def swapped(name, flags, *more):
        path.unlink()
        os.mkfifo(path)
        return really(name, flags, *more)

    monkeypatch.setattr(os, "open", swapped)
    assert error_of(read_file, path) == "is a named pipe (- reads standard input)"


def test_a_pipe_of_the_shell_is_refused_where_only_files_are_read():
    reader, writer = os.pipe()
    with pytest.raises(SourceError, match="named pipe"):
        open_file(f"/dev/fd/{reader}", pipes=False)
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EIO, errno.ENOMEM, errno.ESTALE])
def test_no_file_stays_open_after_an_error(tmp_path, monkeypatch, code):
    def refused(_):
        raise OSError(code, os.strerror(code))

    (tmp_path / "a").touch()
    before = len(os.listdir("/proc/self/fd"))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", refused)
        found = error_of(read_file, tmp_path / "a")
    assert found == f"cannot be read: {os.strerror(code).lower()}"
    assert len(os.listdir("/proc/self/fd")) == before

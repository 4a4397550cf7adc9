"""A log-in in a TOML file: read by its owner alone, and never shown."""

import os
from pathlib import Path

import pytest

from smsenc import OptionError
from smsgate import masking
from smsgate.outbox import secretfile

KEYS = ("user", "password")
SECRET = "hidden-horse"  # noqa: S105 - made up


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log-in.toml"


def written(path, octets, mode=0o600):
    path.write_bytes(octets)
    path.chmod(mode)
    return path


def error_of(path):
    with pytest.raises(OptionError) as caught:
        secretfile.read(path, KEYS)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.__cause__)
    return str(caught.value).removeprefix(f"credentials file {path}: ")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'user = "a"\npassword = "b"\nother = []', {"user": "a", "password": "b"}),
        (b"user = 7", {"user": "7", "password": ""}),
        ('\ufeffuser = "ü"'.encode(), {"user": "ü", "password": ""}),
        (b"", {"user": "", "password": ""}),
    ],
)
def test_values(path, text, found):
    assert secretfile.read(written(path, text), KEYS) == found


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (f"password = {SECRET}".encode(), "expected TOML, found another format"),
        (b"\xff", "expected TOML, found another format"),
        (b"a = " + b"[" * 100_000, "expected TOML, found another format"),
        (b"password = true", "expected user and password as texts, found other values"),
        (b"#" * (1 << 20) + b"#", "expected at most 1048576 octets, found more"),
    ],
)
def test_errors_do_not_show_the_text(path, octets, text):
    assert error_of(written(path, octets)) == text


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o610])
def test_a_file_that_is_open_to_others_is_refused(path, mode):
    assert error_of(written(path, b"", mode)) == (
        "other users can read it (chmod 600 makes it private)"
    )


def test_a_missing_file(path):
    assert error_of(path) == "no such file"


@pytest.mark.parametrize(
    ("missing", "path", "text"),
    [
        (["user"], "", "set SMSENC_USER"),
        (["user", "password"], "", "set SMSENC_USER and SMSENC_PASSWORD"),
        (["api_id", "user", "password"], "a.toml", "add api_id, user and password to a.toml"),
    ],
)
def test_advice(missing, path, text):
    assert secretfile.advice(missing, "SMSENC_", path) == text


@pytest.mark.parametrize("kind", ["pipe", "device", "shell"])
def test_a_file_that_is_none_is_refused_and_not_waited_for(tmp_path, kind):
    reader, writer = os.pipe()
    os.mkfifo(tmp_path / "pipe", 0o600)
    paths = {"pipe": tmp_path / "pipe", "device": "/dev/null", "shell": f"/dev/fd/{reader}"}
    with pytest.raises(OptionError) as caught:
        secretfile.read(Path(paths[kind]), KEYS)
    os.close(reader)
    os.close(writer)
    found = "is a device" if kind == "device" else "is a named pipe"
    assert str(caught.value).startswith(f"credentials file {paths[kind]}: {found}")


def test_a_password_that_was_read_is_masked(tmp_path):
    path = tmp_path / "login.toml"
    written(path, b'user = "somebody"\npassword = "swordfish"\n')
    secretfile.read(path, ("user", "password", "api_id"))
    assert masking.cleaned("somebody: Swordfish") == "somebody: ***"

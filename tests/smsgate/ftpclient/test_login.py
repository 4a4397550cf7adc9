"""Where the FTP log-in comes from, and that it is shown nowhere."""

from __future__ import annotations

import os

import pytest

from smsenc import OptionError
from smsgate.ftpclient import login
from smsgate.ftpclient.login import LogIn

SECRET = "hidden-horse"  # noqa: S105 - made up


def secret_file(folder, text, mode=0o600):
    path = folder / "ftp.toml"
    path.write_bytes(text.encode())
    path.chmod(mode)
    return {"SMSENC_FTP_CREDENTIALS": str(path)}


def error_of(environment):
    with pytest.raises(OptionError) as caught:
        login.find(environment, "gateway.example")
    assert SECRET not in str(caught.value)
    return str(caught.value)


@pytest.fixture(autouse=True)
def no_keyring():
    keyring = pytest.importorskip("keyring")
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield
    keyring.set_keyring(before)


def test_from_the_environment():
    found = login.find({"SMSENC_FTP_USER": "a", "SMSENC_FTP_PASSWORD": SECRET}, "host")
    assert found == LogIn(user="a", password=SECRET)
    assert SECRET not in f"{found!r} {found}"


def test_from_a_file(tmp_path):
    environment = secret_file(tmp_path, f'user = "a"\npassword = "{SECRET}"\n')
    assert login.find(environment, "host") == LogIn(user="a", password=SECRET)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_file_that_others_can_read_is_refused(tmp_path):
    environment = secret_file(tmp_path, f'user = "a"\npassword = "{SECRET}"\n', 0o640)
    assert error_of(environment) == (
        "expected a credentials file that only its owner can read (chmod 600)"
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('user = "a"\n', "expected an FTP user and password, missing password"),
        ("", "expected an FTP user and password, missing user and password"),
        (f"password = {SECRET}", "expected a credentials file in TOML, found another format"),
        (f'password = ["{SECRET}"]', "expected user and password as texts, found other values"),
        (
            f'user = "a"\npassword = "{SECRET}\\r\\nDELE x"',
            "password: expected an FTP password of 1 to 255 printable characters",
        ),
    ],
)
def test_a_file_that_does_not_do(tmp_path, text, error):
    assert error_of(secret_file(tmp_path, text)) == error


def test_a_file_that_is_not_there(tmp_path):
    environment = {"SMSENC_FTP_CREDENTIALS": str(tmp_path / "none")}
    assert error_of(environment) == (
        "expected a credentials file, found: no such file or directory"
    )


@pytest.fixture
def memory():
    """A keyring of our own."""
    import keyring
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1
        locked = False

        def __init__(self):
            super().__init__()
            self.kept = {}

        def get_password(self, service, username):
            if self.locked:
                raise keyring.errors.KeyringLocked(SECRET)
            return self.kept.get((service, username))

        def set_password(self, service, username, password):
            self.kept[service, username] = password

        def delete_password(self, service, username):
            del self.kept[service, username]

    keyring.set_keyring(Memory())
    keyring.set_password("smsenc:gateway.example", "a", SECRET)
    return keyring.get_keyring()


def test_without_a_keyring():
    assert error_of({}) == "expected an FTP user and password, missing user and password"
    assert error_of({"SMSENC_FTP_USER": "a"}) == (
        "expected an FTP user and password, missing password"
    )


@pytest.mark.usefixtures("memory")
def test_from_the_keyring():
    found = login.find({"SMSENC_FTP_USER": "a"}, "gateway.example")
    assert found == LogIn(user="a", password=SECRET)
    assert error_of({"SMSENC_FTP_USER": "b"}) == (
        "expected an FTP user and password, missing password"
    )


def test_a_keyring_that_is_locked(memory):
    memory.locked = True
    assert error_of({"SMSENC_FTP_USER": "a"}) == "expected a keyring, found: KeyringLocked"

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
        f"credentials file {tmp_path}/ftp.toml: "
        "other users can read it (chmod 600 makes it private)"
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('user = "a"\n', "no FTP password: add password to {}"),
        ("", "no FTP log-in: add user and password to {}"),
        (f"password = {SECRET}", "credentials file {}: expected TOML, found another format"),
        (
            f'password = ["{SECRET}"]',
            "credentials file {}: expected user and password as texts, found other values",
        ),
        (
            f'user = "a"\npassword = "{SECRET}\\r\\nDELE x"',
            "password: expected an FTP password of 1 to 255 printable characters",
        ),
    ],
)
def test_a_file_without_a_log_in(tmp_path, text, error):
    assert error_of(secret_file(tmp_path, text)) == error.format(tmp_path / "ftp.toml")


def test_a_file_that_is_not_there(tmp_path):
    environment = {"SMSENC_FTP_CREDENTIALS": str(tmp_path / "none")}
    assert error_of(environment) == f"credentials file {tmp_path / 'none'}: no such file"


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
    assert error_of({}) == "no FTP log-in: set SMSENC_FTP_USER and SMSENC_FTP_PASSWORD"
    assert error_of({"SMSENC_FTP_USER": "a"}) == "no FTP password: set SMSENC_FTP_PASSWORD"
    assert error_of({"SMSENC_FTP_PASSWORD": SECRET}) == "no FTP user: set SMSENC_FTP_USER"


@pytest.mark.usefixtures("memory")
def test_from_the_keyring():
    found = login.find({"SMSENC_FTP_USER": "a"}, "gateway.example")
    assert found == LogIn(user="a", password=SECRET)
    assert error_of({"SMSENC_FTP_USER": "b"}) == "no FTP password: set SMSENC_FTP_PASSWORD"


def test_a_keyring_that_is_locked(memory):
    memory.locked = True
    assert error_of({"SMSENC_FTP_USER": "a"}) == "cannot read the keyring: KeyringLocked"


def test_the_extra_is_named_where_the_keyring_cannot_be_read(monkeypatch):
    monkeypatch.setattr(login, "find_spec", lambda _: None)
    assert error_of({}) == (
        "no FTP log-in: set SMSENC_FTP_USER and SMSENC_FTP_PASSWORD; "
        'a log-in in the keyring needs the extra keyring: pip install "smsenc[keyring]"'
    )

"""What is found wrong with a gateway's folders, certificate and routes."""

from __future__ import annotations

import pytest

from smsgate.gateway import checks
from smsgate.gateway.ftp import certificate
from smsgate.gateway.settings import AccountSettings, FtpSettings, RouteSettings, Settings, Tls
from smsgate.smppclient import Smsc

NOW = 1_800_000_000.0
DAY = 86_400


def of_certificate(data, days, **ftp):
    settings = Settings(data=data, ftp=FtpSettings(**ftp))
    return list(checks.of_certificate(settings, NOW + days * DAY))


def test_the_end_of_a_certificate_is_told_a_month_before(tmp_path):
    path = certificate.ensure(tmp_path, (), NOW)
    assert of_certificate(tmp_path, 3600) == []
    assert of_certificate(tmp_path, 3630) == [f"{path}: it expires on 2037-01-12"]
    assert of_certificate(tmp_path, 3660) == [f"{path}: it expired on 2037-01-12"]
    assert of_certificate(tmp_path, 3660, tls=Tls.OFF) == []


def test_a_certificate_that_is_missing_is_made_later_or_told(tmp_path):
    assert of_certificate(tmp_path, 0) == []
    path = tmp_path / "own.pem"
    assert of_certificate(tmp_path, 0, certificate=path) == [f"{path}: no such file"]


def test_private_folders_are_left_alone_and_others_told(tmp_path):
    tmp_path.chmod(0o700)
    (tmp_path / "spool").mkdir(mode=0o700)
    (tmp_path / "gateway.db").touch(0o600)
    assert list(checks.of_modes(tmp_path)) == []
    (tmp_path / "gateway.db-wal").touch(0o600)
    (tmp_path / "gateway.db-wal").chmod(0o640)
    (tmp_path / "spool").chmod(0o711)
    assert list(checks.of_modes(tmp_path)) == [
        f"{tmp_path}/gateway.db-wal: other users can use it (mode 640): chmod 600 makes it private",
        f"{tmp_path}/spool: other users can use it (mode 711): chmod 700 makes it private",
    ]


@pytest.mark.skipif("not __import__('os').path.isdir('/dev/shm')", reason="needs /dev/shm")
def test_a_folder_on_another_file_system_is_told(tmp_path):
    from pathlib import Path

    shm = Path("/dev/shm")  # noqa: S108 - nothing is written there
    accounts = {"1": AccountSettings(folder=shm), "2": AccountSettings(folder=shm, spool=shm)}
    spool = tmp_path / "spool"
    assert list(checks.of_file_systems(Settings(data=tmp_path, accounts=accounts))) == [
        f"account 1: {shm}: expected the file system of {spool}, found another: set spool in it"
    ]


def test_folders_of_accounts_are_there_and_can_be_used(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    names = {"1": ("folder", None), "2": ("none", None), "3": ("file", None), "4": ("folder", "s")}
    accounts = {
        api_id: AccountSettings(folder=tmp_path / folder, spool=spool and tmp_path / spool)
        for api_id, (folder, spool) in names.items()
    }
    assert list(checks.of_given(Settings(data=tmp_path, accounts=accounts))) == [
        f"account 2: {tmp_path}/none: no such folder",
        f"account 3: {tmp_path}/file: expected a folder",
        f"account 4: {tmp_path}/s: no such folder",
    ]


def test_a_message_centre_is_looked_up():
    assert list(checks.of_route(RouteSettings(name="a"))) == []
    assert list(checks.of_route(RouteSettings(name="a", smsc=Smsc(host="127.0.0.1")))) == []
    (line,) = checks.of_route(RouteSettings(name="a", smsc=Smsc(host="x" * 64 + ".invalid")))
    assert line.startswith(f"route a: {'x' * 64}.invalid: ")

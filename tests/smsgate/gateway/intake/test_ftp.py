"""The intake behind the FTP server, with real clients."""

import ftplib
import io
import re
import time

import pytest
from intakes import API_ID, LOGIN, VERIFIER, Room

from smsgate.gateway import accounts
from smsgate.gateway.settings import FtpSettings, Limits, Tls

pytest.importorskip("pyftpdlib", reason="pyftpdlib is not installed")

SEED = LOGIN + b"to: 448311234567\ntext: Hello\n"
FTP_PASSWORD = "another horse 2"  # noqa: S105 - made up


@pytest.fixture
def room(tmp_path):
    found = Room(tmp_path, limits=Limits(settle=1000.0))
    found.database.transact(
        lambda conn: accounts.set_password(conn, API_ID, accounts.Which.FTP, FTP_PASSWORD)
    )
    yield found
    found.close()


def _uploaded(room, upload):
    """What the log says after a client has uploaded a.txt, by a function of its connection."""
    from smsgate.gateway.ftp.server import FtpServer

    running = room.intake()
    log_ins = accounts.FtpLogIns(room.database, room.settings, VERIFIER)
    server = FtpServer(
        FtpSettings(port=0, tls=Tls.OFF), room.data, log_ins, running, room.told.append
    )
    host, port = server.start()
    try:
        with ftplib.FTP() as client:  # noqa: S321 - on loopback
            client.connect(host, port, timeout=20)
            client.login(API_ID, FTP_PASSWORD)
            upload(client)
        path = room.folder / "a.txt.log"
        room.run(running, lambda: path.exists() and room.idle())
    finally:
        server.close()
    return path.read_text()


def _with_rename(client):
    client.storbinary("STOR .a.tmp", io.BytesIO(SEED))
    client.rename(".a.tmp", "a.txt")


def _like_windows(client):
    client.storbinary("STOR a.txt", io.BytesIO(SEED))
    client.quit()


@pytest.mark.parametrize("upload", [_with_rename, _like_windows])
def test_an_upload_is_answered_long_before_the_settle_time(room, upload):
    begun = time.monotonic()
    log = _uploaded(room, upload)
    assert re.fullmatch("ID: [0-9a-f]{32} To: 448311234567\n", log)
    assert time.monotonic() - begun < room.settings.limits.settle
    assert [path.name for path in room.folder.iterdir()] == ["a.txt.log"]
    assert room.told == []

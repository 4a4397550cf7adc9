"""An upload to a real server: what arrives, in which order, under which names, and once."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing

import pytest
from ftpservers import (
    HOST,
    LOG_IN,
    Pyftpd,
    Watcher,
    contents,
    fill_outbox,
    message,
    visible,
)
from outboxes import journal_of, message_files, records_of

from converters.errors import GuardError
from smsenc import OptionError, SmsencError
from smsenc.messagefile import Credentials, Message, dumps
from smsgate.errors import OutboxError
from smsgate.ftpclient.session import Security, Server
from smsgate.ftpclient.upload import Hooks, Options, upload
from smsgate.outbox import home
from smsgate.outbox.files import CHANGED, State

IMPATIENT = Options(pauses=())
REAL = Credentials(api_id="77", user="u", password="gateway-secret")


def plain(port, **more):
    return Server(host=HOST, port=port, security=Security.NONE, **more)


@pytest.mark.parametrize("security", ["none", "explicit", "implicit"])
@pytest.mark.parametrize("connections", [1, 4])
def test_every_file_arrives_complete_and_once(
    tmp_path, remote, certificates, security, connections
):
    files = fill_outbox(tmp_path / "outbox", 100)
    authority, certificate = certificates
    server = Pyftpd(remote, security=security, certificate=str(certificate))
    with server, Watcher(remote, files) as watcher:
        where = Server(host=HOST, port=server.port, security=Security(security), ca_file=authority)
        result = upload(tmp_path / "outbox", where, LOG_IN, Options(connections=connections))
    assert contents(remote) == files
    assert sorted(server.renamed) == sorted(files)
    assert (result.sent, result.stopped, watcher.incomplete) == (100, None, [])
    assert {file.state for file in result.files} == {State.DONE}
    assert watcher.looks > 10
    if connections == 1:
        assert server.renamed == list(files)


def states(result):
    return [file.state for file in result.files]


def steps(outbox):
    with closing(sqlite3.connect(journal_of(outbox))) as base:
        return base.execute("SELECT name, state, time FROM upload_step").fetchall()


def test_an_archive_is_an_outbox_too(tmp_path, ftpd, remote):
    files = {f"{n:06}-note.txt": message(n) for n in range(1, 6)}
    with zipfile.ZipFile(tmp_path / "outbox.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in files.items():
            archive.writestr(f"000/{name}", octets)
    assert upload(tmp_path / "outbox.zip", plain(ftpd.port), LOG_IN).sent == 5
    assert contents(remote) == files
    assert journal_of(tmp_path / "outbox.zip").exists()


def test_into_a_folder_of_the_server(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 2)
    (remote / "für SMS").mkdir()
    result = upload(tmp_path / "outbox", plain(ftpd.port, folder="für SMS"), LOG_IN)
    assert result.sent == 2
    assert contents(remote / "für SMS") == files


def test_a_folder_that_is_not_there(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 2)
    result = upload(tmp_path / "outbox", plain(ftpd.port, folder="none"), LOG_IN)
    assert str(result.stopped).startswith("cannot open the folder none: 550 ")


def test_each_state_is_told_and_written_with_its_time(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 1)
    told = []
    hooks = Hooks(progress=lambda file: told.append(file.state), clock=iter(range(100)).__next__)
    upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN, IMPATIENT, hooks)
    assert told == [State.PLANNED, State.SENDING, State.SENT, State.RENAMING, State.DONE]
    assert [state for _, state, _ in steps(tmp_path / "outbox")] == told
    assert [time for _, _, time in steps(tmp_path / "outbox")] == sorted(
        time for _, _, time in steps(tmp_path / "outbox")
    )


def test_a_rerun_sends_what_was_added_and_nothing_else(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 2)
    upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN)
    (tmp_path / "outbox" / "000003-note.txt").write_bytes(message(3))
    result = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN)
    assert (result.sent, len(result.files)) == (1, 3)
    assert ftpd.renamed == ["000001-note.txt", "000002-note.txt", "000003-note.txt"]
    connected = len(ftpd.asked)
    assert upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN).sent == 0
    assert len(ftpd.asked) == connected  # nobody was asked when nothing was left


def test_a_file_that_changed_after_it_was_sent_says_so(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 2)
    upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN)
    (tmp_path / "outbox" / "000001-note.txt").write_bytes(message(9))
    result = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN)
    assert [file.reason for file in result.files] == [
        CHANGED,
        "",
    ]
    assert contents(remote) == files


def test_a_name_that_is_taken_is_not_overwritten(tmp_path, ftpd, remote):
    files = fill_outbox(tmp_path / "outbox", 2)
    (remote / "000001-note.txt").write_bytes(b"of somebody else")
    result = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN)
    assert states(result) == [State.REFUSED, State.DONE]
    assert result.files[0].reason == "the server already has a file of this name, of 16 octets"
    assert contents(remote) == files | {"000001-note.txt": b"of somebody else"}


@pytest.mark.parametrize("command", ["STOR", "taken"])
def test_a_message_of_which_a_part_is_refused_shows_none(tmp_path, ftpd, remote, command):
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    files = {f"000001-card.p{n}-3.txt": message(n) for n in (1, 2, 3)}
    files["000002-note.txt"] = message(4)
    for name, octets in files.items():
        (outbox / name).write_bytes(octets)
    if command == "STOR":
        ftpd.refused.append("p2-3")
    else:
        (remote / "000001-card.p2-3.txt").write_bytes(b"of somebody else")
    result = upload(outbox, plain(ftpd.port), LOG_IN, IMPATIENT)
    assert states(result)[1::2] == [State.REFUSED, State.DONE]
    assert State.DONE not in states(result)[:3]
    assert [name for name in visible(remote) if "card" in name and command == "STOR"] == []
    assert "000002-note.txt" in visible(remote)
    (remote / "000001-card.p2-3.txt").unlink(missing_ok=True)
    ftpd.refused.clear()
    again = upload(outbox, plain(ftpd.port), LOG_IN, IMPATIENT)
    assert states(again) == [State.DONE] * 4
    assert visible(remote) == files


def test_placeholders_are_filled_on_the_way_alone(tmp_path, ftpd, remote):
    make = dumps(Message(to=("447700900123",), text="Hello"))
    files = fill_outbox(tmp_path / "outbox", 2, lambda _: make)
    refused = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN)
    assert states(refused) == [State.REFUSED] * 2
    assert refused.files[0].reason == (
        "no gateway log-in: set SMSENC_API_ID, SMSENC_USER and SMSENC_PASSWORD"
    )
    assert contents(remote) == {}
    sent = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN, Options(credentials=REAL))
    assert states(sent) == [State.DONE] * 2
    assert b"password:gateway-secret\n" in contents(remote)["000001-note.txt"]
    assert {p.name: p.read_bytes() for p in message_files(tmp_path / "outbox")} == files
    records = home.folder_of(tmp_path / "outbox")
    kept = b"".join(path.read_bytes() for path in records.iterdir())
    assert REAL.password not in repr(sent)
    assert REAL.password.encode() not in kept


def test_another_server_is_refused_once_files_went_out(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 2)
    nowhere = upload(tmp_path / "outbox", plain(ftpd.port, folder="none"), LOG_IN, IMPATIENT)
    assert nowhere.stopped is not None
    assert upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN).sent == 2
    with pytest.raises(GuardError) as caught:
        upload(tmp_path / "outbox", plain(ftpd.port, folder="other"), LOG_IN)
    assert f"files were sent to {HOST}:{ftpd.port}/, so none can be sent to " in str(caught.value)


def test_the_rate_is_kept(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 10, lambda n: message(n) + b"to:447700900124\n" * 100)
    pauses = []
    options = Options(limit_rate=1000, connections=2)
    result = upload(
        tmp_path / "outbox", plain(ftpd.port), LOG_IN, options, Hooks(sleep=pauses.append)
    )
    assert result.sent == 10
    assert max(pauses) == pytest.approx(9 * 1656 / 1000, abs=2)


def test_plain_ftp_is_warned_of(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 1)
    result = upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN)
    assert result.warnings == (
        "plain FTP is not encrypted: others on the network can read the log-in and the messages",
    )


def test_an_outbox_without_message_files_is_refused_and_stays_as_it_is(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 0)
    with pytest.raises(SmsencError, match="no message files in"):
        upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN)
    assert list((tmp_path / "outbox").iterdir()) == []


def test_a_journal_that_is_none(tmp_path, ftpd):
    fill_outbox(tmp_path / "outbox", 1)
    records_of(tmp_path / "outbox")
    journal_of(tmp_path / "outbox").write_bytes(b"not a data base, but long enough" * 99)
    with pytest.raises(OutboxError, match="cannot open the journal"):
        upload(tmp_path / "outbox", plain(ftpd.port), LOG_IN)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: Server(host=""), "host: expected a host name"),
        (lambda: Server(host="a\nb"), "host: expected printable characters, found others"),
        (lambda: Server(host="a", port=70_000), "port: expected a port up to 65535, found 70000"),
        (lambda: Server(host="a", timeout=0), "timeout: expected 1 to 3600 seconds, found 0"),
        (
            lambda: Server(host="a", folder="x\r\nDELE y"),
            "folder: expected printable characters, found others",
        ),
        (
            lambda: Options(connections=0),
            "connections: expected 1 to 16 connections, found 0",
        ),
        (
            lambda: Options(limit_rate=float("nan")),
            "limit_rate: expected octets per second, found nan",
        ),
    ],
)
def test_values_out_of_range(make, error):
    with pytest.raises(OptionError) as caught:
        make()
    assert str(caught.value) == error

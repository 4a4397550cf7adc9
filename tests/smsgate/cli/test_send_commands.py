"""``smsenc upload`` and ``smsenc log`` as a user sees them, on a real server."""

from __future__ import annotations

import csv
import signal
import subprocess
import time

import pytest
from command import COMMAND, environment, records, smsenc
from ftpservers import HOST, PASSWORD, USER, Pyftpd, contents, fill_outbox

PLAIN = "plain FTP is not encrypted: others on the network can read the log-in and the messages"
SECRETS = {"SMSENC_FTP_USER": USER, "SMSENC_FTP_PASSWORD": PASSWORD}
ID = "0123456789abcdef0123456789abcde"


def send(command, outbox, server, *more, env=SECRETS):
    return smsenc(
        command, outbox, "--host", HOST, "--port", server.port, "--tls", "none", *more, env=env
    )


@pytest.fixture
def outbox(tmp_path):
    return tmp_path / "outbox"


def test_all_is_sent_once(outbox, ftpd, remote):
    files = fill_outbox(outbox, 3)
    first = send("upload", outbox, ftpd)
    assert first.returncode == 0, first.stderr
    assert first.stdout == ""
    target = f"{HOST}:{ftpd.port}/"
    assert first.stderr.splitlines() == [
        f"warning: {PLAIN}",
        f"3 files sent to {target}; 3 of 3 are on the server",
    ]
    assert contents(remote) == files
    again = send("upload", outbox, ftpd)
    assert (again.returncode, again.stderr.splitlines()[1:]) == (
        0,
        [f"0 files sent to {target}; 3 of 3 are on the server"],
    )
    assert ftpd.renamed == list(files)


def test_over_tls_and_as_json(outbox, remote, certificates):
    authority, certificate = certificates
    files = fill_outbox(outbox, 2)
    with Pyftpd(remote, security="explicit", certificate=certificate) as server:
        options = ("--host", HOST, "--port", server.port, "--ca-file", authority, "--json")
        done = smsenc("upload", outbox, *options, env=SECRETS)
    assert done.returncode == 0, done.stderr
    assert records(done) == [{"file": name, "state": "done", "reason": ""} for name in files]
    assert "warning" not in done.stderr


def test_what_the_server_refuses_is_named(outbox, remote):
    files = fill_outbox(outbox, 2)
    with Pyftpd(remote) as server:
        server.answers["STOR"] = ["552 Full", "552 Full"]
        done = send("upload", outbox, server)
    assert done.returncode == 3
    told = [line for line in done.stderr.splitlines() if line.endswith(": 552 Full")]
    assert [line.split(": ")[:2] for line in told] == [[name, "refused"] for name in files]


def test_nobody_there(outbox, ftpd):
    fill_outbox(outbox, 1)
    ftpd.stop()
    refused = send("upload", outbox, ftpd, "--retries", "0")
    assert refused.returncode == 6, refused.stderr
    assert "1 file still to send: run the command again" in refused.stderr
    assert PASSWORD not in refused.stderr


@pytest.mark.parametrize(
    ("env", "more", "expected"),
    [
        ({}, (), "smsenc: no FTP log-in: set SMSENC_FTP_USER and SMSENC_FTP_PASSWORD"),
        (SECRETS, ("--tls", "maybe"), "expected one of explicit, implicit, none, found 'maybe'"),
        (SECRETS, ("--connections", "99"), "connections: expected 1 to 16 connections, found 99"),
    ],
)
def test_wrong_usage(outbox, ftpd, env, more, expected):
    fill_outbox(outbox, 1)
    done = send("upload", outbox, ftpd, *more, env=env)
    assert done.returncode == 2
    assert expected in done.stderr


def test_an_outbox_that_is_none(outbox, ftpd):
    done = send("upload", outbox, ftpd)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == f"smsenc: {outbox}: no such folder or archive"


def answered(outbox, ftpd, remote):
    """Four files sent; accepted, refused, delivered, and one of which nothing is known."""
    fill_outbox(outbox, 4)
    assert send("upload", outbox, ftpd).returncode == 0
    to = "447700900123"
    for n, line in enumerate((f"ID: {ID}1", f"ERR: 114, Cannot route To: {to}", f"ID: {ID}3"), 1):
        (remote / f"{n:06}-note.txt.log").write_text(f"{line}\n")
    (remote / "history.log").write_text(
        f"2026-11-22 10:00:00\t000003-note.txt\tID: {ID}3 To: {to} status: 004 charge: 1\n"
        f"2026-11-22 10:00:00\t999999-other.txt\tID: {ID}9 status: 004\n"
    )
    (remote / "mo.log").write_bytes(
        b"2026-11-22 10:05:00 447700900123\t4477009\tGr\xfc\xdfe\nnochmal\n"
        b"2026-11-22 10:06:00 447700900124\t4477009\tSTOP\n"
    )


def test_log(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    done = send("log", outbox, ftpd)
    assert done.returncode == 4
    assert [line.split(maxsplit=3) for line in done.stdout.splitlines()] == [
        ["000001-note.txt", "447700900123", "accepted"],
        ["000002-note.txt", "447700900123", "refused", "114 cannot route message"],
        ["000003-note.txt", "447700900123", "delivered", "004 received by recipient"],
        ["000004-note.txt", "447700900123", "unknown", "no answer"],
    ]
    assert done.stderr.splitlines()[-1] == (
        "4 messages: 1 accepted, 1 delivered, 1 refused, 1 unknown"
    )


def test_log_as_json_and_csv(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    rows = records(send("log", outbox, ftpd, "--json"))
    assert [row["state"] for row in rows] == ["accepted", "refused", "delivered", "unknown"]
    assert rows[2]["charge"] == "1"
    table = list(csv.DictReader(send("log", outbox, ftpd, "--csv").stdout.splitlines()))
    assert [row["state"] for row in table] == [row["state"] for row in rows]
    assert table[1]["meaning"] == "cannot route message"


def test_replies(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    rows = records(send("log", outbox, ftpd, "--replies", "--json"))
    assert rows == [
        {
            "time": "2026-11-22 10:05:00",
            "handset": "447700900123",
            "to": "4477009",
            "text": "Grüße\nnochmal",
            "opt_out": False,
        },
        {
            "time": "2026-11-22 10:06:00",
            "handset": "447700900124",
            "to": "4477009",
            "text": "STOP",
            "opt_out": True,
        },
    ]
    lines = send("log", outbox, ftpd, "--replies").stdout.splitlines()
    assert lines[0] == "2026-11-22 10:05:00  447700900123     Grüße\\nnochmal"
    assert lines[1].endswith("STOP  (opted out)")


def test_a_reply_is_no_formula(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    (remote / "mo.log").write_text("2026-11-22 10:05:00 447700900123\t44\t=1+1\n")
    (row,) = csv.DictReader(send("log", outbox, ftpd, "--replies", "--csv").stdout.splitlines())
    assert row["text"] == "'=1+1"


def test_watching_shows_what_changes(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    command = [*COMMAND, "log", outbox, "--host", HOST, "--port", str(ftpd.port), "--tls", "none"]
    with subprocess.Popen(
        [*command, "--watch", "--every", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(**SECRETS),
    ) as watching:
        assert [watching.stdout.readline().split()[2] for _ in range(4)] == [
            "accepted",
            "refused",
            "delivered",
            "unknown",
        ]
        with open(remote / "history.log", "a") as history:
            history.write(f"2026-11-22 10:10:00\t000001-note.txt\tID: {ID}1 status: 010\n")
        assert watching.stdout.readline().split(maxsplit=2)[2].strip() == "failed     010 expired"
        (remote / "000004-note.txt.log").write_text("ERR: 301, No credit left\n")
        assert "301 no credit left" in watching.stdout.readline()
        assert watching.wait(10) == 4  # nothing can change any more


def test_watching_ends_when_it_is_told_to(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    command = [*COMMAND, "log", outbox, "--host", HOST, "--port", str(ftpd.port), "--tls", "none"]
    with subprocess.Popen(
        [*command, "--watch"], stdout=subprocess.PIPE, env=environment(**SECRETS)
    ) as watching:
        watching.stdout.readline()
        time.sleep(0.2)
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(10) == 143


def test_many_recipients_and_template_rows(outbox, ftpd, remote):
    outbox.mkdir()
    lines = "api_id:1\nuser:u\npassword:p\n"
    (outbox / "000001-a.txt").write_text(lines + "text:x\nto:447700900001\nto:447700900002\n")
    (outbox / "000002-b.txt").write_text(lines + "text:#field1#\ncsv:447700900003,a\n")
    assert send("upload", outbox, ftpd).returncode == 0
    (remote / "000001-a.txt.log").write_text(
        f"ID: {ID}2 To: 447700900002\nERR: 105, x To: 447700900001\n"
    )
    (remote / "000002-b.txt.log").write_text(f"ID: {ID}3\n")
    rows = records(send("log", outbox, ftpd, "--json"))
    assert [(r["to"], r["state"]) for r in rows] == [
        ("447700900001", "refused"),
        ("447700900002", "accepted"),
        ("447700900003", "accepted"),
    ]


@pytest.mark.parametrize("name", ["upload", "log"])
def test_an_outbox_without_message_files_is_no_outbox(tmp_path, name):
    (tmp_path / "empty").mkdir()
    done = smsenc(name, tmp_path / "empty", "--host", HOST)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"smsenc: no message files in {tmp_path / 'empty'}")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
    missing = smsenc(name, tmp_path / "none", "--host", HOST)
    assert (missing.returncode, missing.stderr) == (
        3,
        f"smsenc: {tmp_path / 'none'}: no such folder or archive\n",
    )

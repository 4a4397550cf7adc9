"""``smsenc upload`` and ``smsenc log`` as a user sees them, on a real server."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import struct
import subprocess
import time

import pytest
from command import COMMAND, environment, records, smsenc
from ftpservers import HOST, PASSWORD, USER, Pyftpd, contents, fill_outbox

PLAIN = "plain FTP is not encrypted: others on the network can read the log-in and the messages"
SECRETS = {"SMSENC_FTP_USER": USER, "SMSENC_FTP_PASSWORD": PASSWORD}
ID = "0123456789abcdef0123456789abcde"
#: The gateway's clock: older answers would be about other messages.
NOW = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())


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
        f"{NOW}\t000003-note.txt\tID: {ID}3 To: {to} status: 004 charge: 1\n"
        f"{NOW}\t999999-other.txt\tID: {ID}9 status: 004\n"
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


def test_what_the_gateway_remarks_about_files_is_told(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    with (remote / "history.log").open("a") as history:
        history.write(f"{NOW}\t000004-note.txt\talready taken at {NOW}; not sent again\n")
        history.write(f"{NOW}\t999999-other.txt\talready taken at {NOW}; not sent again\n")
    done = send("log", outbox, ftpd)
    said = [line for line in done.stderr.splitlines() if "taken" in line]
    assert said == [f"000004-note.txt: already taken at {NOW}; not sent again"]
    assert "neither an answer" not in done.stderr
    rows = records(send("log", outbox, ftpd, "--json"))
    assert [row["remark"] for row in rows] == [
        "",
        "",
        "",
        f"already taken at {NOW}; not sent again",
    ]


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
            history.write(f"{NOW}\t000001-note.txt\tID: {ID}1 status: 010\n")
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


def test_rows_of_one_recipient(outbox, ftpd, remote):
    outbox.mkdir()
    rows = "csv:447700900003,a\ncsv:447700900004,b\ncsv:447700900003,c\n"
    head = "api_id:1\nuser:u\npassword:p\ntext:#field1#\n"
    (outbox / "000001-b.txt").write_text(head + rows)
    assert send("upload", outbox, ftpd).returncode == 0
    with sqlite3.connect(outbox / ".smsenc/journal") as base:
        base.execute("CREATE TABLE campaign_rows (name TEXT PRIMARY KEY, rows BLOB)")
        octets = struct.pack("<3I", 12, 40, 77)
        base.execute("INSERT INTO campaign_rows VALUES ('000001-b.txt', ?)", (octets,))
    base.close()
    lines = ("3", f"ID: {ID}1"), ("4", f"ID: {ID}2"), ("3", "ERR: 114, x")
    text = "".join(f"{said} To: 44770090000{to}\n" for to, said in lines)
    (remote / "000001-b.txt.log").write_text(text)
    rows = records(send("log", outbox, ftpd, "--json"))
    assert [(r["row"], r["table_row"], r["to"][-1], r["state"]) for r in rows] == [
        (1, 12, "3", "accepted"),
        (2, 40, "4", "accepted"),
        (3, 77, "3", "refused"),
    ]
    assert send("log", outbox, ftpd).stdout.splitlines()[2].endswith("route message  (row 77)")


def test_the_history_of_an_earlier_campaign_says_nothing_about_this_one(outbox, ftpd, remote):
    (remote / "history.log").write_text(
        "2026-01-02 10:00:00\t000001-note.txt\tID: " + ID + "1 status: 004\n"
        "2026-01-02 10:00:00\t000002-note.txt\tERR: 114, x\n"
    )
    fill_outbox(outbox, 2)
    assert send("upload", outbox, ftpd).returncode == 0
    for _ in range(2):
        done = send("log", outbox, ftpd)
        assert done.returncode == 5
        assert [line.split()[2] for line in done.stdout.splitlines()] == ["unknown", "unknown"]
        assert done.stderr.splitlines()[1:] == [
            "2 answers are older than the upload of their file and were ignored",
            "000001-note.txt: 1 answer ignored",
            "000002-note.txt: 1 answer ignored",
            "2 messages: 2 unknown",
        ]
    (remote / "000002-note.txt.log").write_text(f"ID: {ID}2\n")
    assert [row["state"] for row in records(send("log", outbox, ftpd, "--json"))] == [
        "unknown",
        "accepted",
    ]


def test_files_that_are_gone_or_damaged_are_still_listed(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    (outbox / "000003-note.txt").unlink()
    (outbox / "000004-note.txt").unlink()
    (outbox / "000002-note.txt").write_text("damaged")
    done = send("log", outbox, ftpd)
    assert done.returncode == 4
    assert [line.split()[:3] for line in done.stdout.splitlines()] == [
        ["000001-note.txt", "447700900123", "accepted"],
        ["000002-note.txt", "447700900123", "refused"],
        ["000003-note.txt", "447700900123", "delivered"],
        ["000004-note.txt", "unknown", "no"],
    ]
    assert "000002-note.txt:1: " in done.stderr


def test_a_file_that_was_not_sent_has_answers_that_are_not_ours(outbox, ftpd, remote):
    fill_outbox(outbox, 1)
    assert send("upload", outbox, ftpd).returncode == 0
    (outbox / "000009-later.txt").write_bytes((outbox / "000001-note.txt").read_bytes())
    (remote / "history.log").write_text(f"{NOW}\t000009-later.txt\tID: {ID}9 status: 004\n")
    rows = records(send("log", outbox, ftpd, "--json"))
    assert [(row["file"], row["state"]) for row in rows] == [
        ("000001-note.txt", "unknown"),
        ("000009-later.txt", "not ours"),
    ]


def test_an_outbox_that_was_never_uploaded(tmp_path, ftpd):
    (tmp_path / "note.txt").write_text("Hello")
    made = smsenc("convert", tmp_path / "note.txt", "--to", "447700900123", "--out", tmp_path / "o")
    assert made.returncode == 0, made.stderr
    done = send("log", tmp_path / "o", ftpd)
    assert (done.returncode, done.stdout) == (2, "")
    text = f"smsenc: no message files in {tmp_path / 'o'} that were sent: smsenc upload sends them"
    assert done.stderr.splitlines()[-1] == text


def test_an_outbox_of_another_format_or_kind(tmp_path, ftpd):
    (tmp_path / "o").mkdir()
    (tmp_path / "o/000001-a.pdu").write_text("00")
    os.mkfifo(tmp_path / "fifo")
    done = send("log", tmp_path / "o", ftpd)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        f"smsenc: no message files in {tmp_path / 'o'}",
    )
    for path in (tmp_path / "fifo", "/dev/null"):
        done = send("log", path, ftpd)
        text = f"smsenc: {path}: expected a folder or a zip archive, found another file"
        assert (done.returncode, done.stderr.splitlines()[-1]) == (3, text)


def test_a_pipe_in_an_outbox_is_listed_and_not_read(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    (outbox / "000001-note.txt").unlink()
    os.mkfifo(outbox / "000001-note.txt")
    done = send("log", outbox, ftpd)
    assert done.returncode == 4
    assert done.stdout.splitlines()[0].split() == ["000001-note.txt", "accepted"]


def test_logs_of_another_server_than_the_uploads(outbox, ftpd, remote, tmp_path):
    answered(outbox, ftpd, remote)
    (tmp_path / "other").mkdir()
    with Pyftpd(tmp_path / "other") as other:
        done = send("log", outbox, other)
        assert done.returncode == 5
        here, there = (f"{HOST}:{server.port}/" for server in (ftpd, other))
        assert f"warning: the files were sent to {here}, not {there}" in done.stderr


def test_a_refused_log_in_is_final(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    done = send("log", outbox, ftpd, env=SECRETS | {"SMSENC_FTP_PASSWORD": "wrong"})
    assert (done.returncode, done.stdout) == (3, "")
    assert "530" in done.stderr
    assert ftpd.asked.count("PASS") == 2  # one of the upload


def test_logs_of_a_server_that_is_not_there(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    ftpd.stop()
    done = send("log", outbox, ftpd, "--retries", "0")
    assert (done.returncode, done.stdout) == (6, "")


def test_a_log_repeats_no_password(outbox, ftpd, remote):
    answered(outbox, ftpd, remote)
    (outbox / "000004-note.txt").write_text(
        "api_id:1\nuser:u\npassword:gateway-s3cret\ntext:x\nto:447700900123\n"
    )
    (remote / "000004-note.txt.log").write_text(
        f"ERR: 999, {PASSWORD.upper()} GATEWAY-S3CRET \x1b[31m\n{PASSWORD} gateway-s3cret\n"
    )
    for more in ((), ("--json",), ("--csv",)):
        done = send("log", outbox, ftpd, *more)
        said = (done.stdout + done.stderr).lower()
        assert "999" in said
        assert not [text for text in (PASSWORD.lower(), "s3cret", "\x1b") if text in said]
    journal = b"".join(path.read_bytes() for path in (outbox / ".smsenc").glob("journal*"))
    assert b"s3cret" not in journal.lower()


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


@pytest.mark.parametrize("reply", ["530 Login incorrect.", "430 Wrong."])
def test_a_wrong_password_is_permanent_for_every_command(outbox, ftpd, reply):
    fill_outbox(outbox, 2)
    ftpd.always["PASS"] = reply
    for command in ("log", "upload"):  # log of an outbox that another program has sent
        run = send(command, outbox, ftpd)
        assert run.returncode == 3, (command, run.stderr)
        assert f"cannot log in: {reply}" in run.stderr
        assert "again" not in run.stderr
    assert ftpd.asked.count("PASS") == 2
    first, *others = run.stderr.splitlines()[1:]  # after the warning of plain FTP
    assert (
        first == f"smsenc: cannot log in: {reply} (check SMSENC_FTP_USER and SMSENC_FTP_PASSWORD)"
    )
    assert [line for line in others if ".txt" in line] == []  # no reason for each file


def test_a_server_that_refuses_hidden_names(outbox, ftpd, remote):
    files = fill_outbox(outbox, 2)
    ftpd.refused.append("/.")
    run = send("upload", outbox, ftpd)
    assert run.returncode == 0
    assert "warning: the server refuses hidden names: " in run.stderr
    assert contents(remote) == files


def test_the_form_of_temporary_names(outbox, ftpd, remote):
    files = fill_outbox(outbox, 1)
    run = send("upload", outbox, ftpd, "--temporary", "last")
    assert run.returncode == 2
    assert "--temporary: expected one of hidden, suffix, none, found 'last'" in run.stderr
    run = send("upload", outbox, ftpd, "--temporary", "none")
    assert (run.returncode, "RNTO" in ftpd.asked) == (0, False)
    assert "the gateway may take half a file" in run.stderr
    assert contents(remote) == files


@pytest.mark.parametrize("seconds", ["nan", "inf", "0"])
def test_a_time_limit_that_is_none(outbox, ftpd, seconds):
    fill_outbox(outbox, 1)
    for command in ("upload", "log"):
        run = send(command, outbox, ftpd, "--timeout", seconds)
        assert run.returncode == 2
        assert "--timeout: expected 1 to 3600 seconds" in run.stderr

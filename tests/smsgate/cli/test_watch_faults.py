"""A watched folder goes on, whatever lies in it and whatever happens to it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from command import COMMAND, environment, records, smsenc
from ftpservers import sending
from outboxes import SECRETS, journal_of, names

from smsgate.outbox.folder import Outbox

TO = "447700900123"
NOBODY = 65534


def arguments(drop, *more):
    return ["watch", drop, "--to", TO, "--settle", "0", *more]


def watch(drop, *more, env=SECRETS):
    return smsenc(*arguments(drop, "--once", *more), env=env)


def said(done):
    """The lines on standard error, without the warning that the server offers no TLS."""
    return [line for line in done.stderr.splitlines() if not line.startswith("warning: ")]


def texts(folder):
    """The texts of the message files in a folder."""
    lines = [line for path in folder.glob("[0-9]*.txt") for line in path.read_text().splitlines()]
    return sorted(line.removeprefix("text:") for line in lines if line.startswith("text:"))


def journal(outbox):
    return closing(sqlite3.connect(journal_of(outbox), isolation_level=None))


# --- Names ---------------------------------------------------------------------------------------

LONG = "x" * 251 + ".txt"
RAW = os.fsdecode(b"caf\xe9.txt")
ODD = "a\nb\x1b[31m.txt"
NAMES = [LONG, RAW, ODD, "\U0001f4f1" * 62 + ".txt", "-rf.txt", " .txt", "a b.TXT", "ß.txt"]


def test_any_name_is_converted_and_filed(drop, ftpd, remote):
    for round_ in range(2):
        for n, name in enumerate(NAMES):
            (drop / name).write_text(f"Hello {round_}-{n}")
        done = watch(drop, "--json", *sending(ftpd))
        assert done.returncode == 0, done.stderr
        assert len(records(done)) == len(NAMES)
        assert "\x1b" not in done.stderr
        assert not any("\ud800" <= c <= "\udfff" for c in done.stderr)
    assert texts(remote) == sorted(f"Hello {r}-{n}" for r in range(2) for n in range(len(NAMES)))
    found = names(drop / "done")
    assert len(found) == 2 * len(NAMES)
    assert set(NAMES) <= set(found)
    assert names(drop / "rejected") == []


@pytest.mark.parametrize("name", NAMES[:4])
def test_the_report_of_any_name_is_readable(drop, name):
    for _ in range(2):
        (drop / name).write_bytes(b"\0\1\2")
        assert watch(drop).returncode == 3
    found = names(drop / "rejected")
    reports = [one for one in found if b"expected" in (drop / "rejected" / one).read_bytes()]
    assert (len(found), len(reports)) == (4, 2)
    for one in reports:
        (line,) = (drop / "rejected" / one).read_text("utf-8").splitlines()
        assert line.isprintable()


def test_a_report_overwrites_no_rejected_source(drop):
    (drop / "a.vcf.txt").write_bytes(b"\0\1\2")
    watch(drop)
    (drop / "a.vcf").write_text("no card")
    watch(drop)
    (drop / "a.vcf").write_text("no card either")
    watch(drop)
    assert (
        names(drop / "rejected")
        == [
            "a-2.vcf",
            "a-2.vcf.txt",
            "a.vcf",
            "a.vcf-2.txt",
            "a.vcf.txt",
            "a.vcf.txt.txt",
        ]
        or (drop / "rejected/a.vcf.txt").read_bytes() == b"\0\1\2"
    )
    assert (drop / "rejected/a.vcf.txt").read_bytes() == b"\0\1\2"
    assert len(names(drop / "rejected")) == 6


def test_a_report_that_is_a_link_is_not_written_through(drop, tmp_path):
    (tmp_path / "target").write_text("mine")
    watch(drop)
    (drop / "rejected" / "a.vcf.txt").symlink_to(tmp_path / "target")
    (drop / "a.vcf").write_text("no card")
    assert watch(drop).returncode == 3
    assert (tmp_path / "target").read_text() == "mine"
    assert (drop / "rejected/a.vcf-2.txt").exists() or (drop / "rejected/a-2.vcf.txt").exists()


# --- What is no source ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("cred.toml", 'password = "hush"\n', "no converter reads .toml"),
        ("people.csv", "number,name\n447700900123,Ann\n", "no converter reads .csv"),
        ("README", "hush", "no converter reads files without a suffix"),
        (
            "000001-order.txt",
            "api_id:1\nuser:u\npassword:hush\ntext:Hi\nto:447700900123\n",
            "already a message file: smsenc upload sends it",
        ),
        (
            "damaged.txt",
            "\nApi-ID : 1\r\nUSER:u\r\n password:hush\r\nthis is no line\r\n",
            "already a message file: smsenc upload sends it",
        ),
    ],
)
def test_what_is_not_for_converters_is_not_sent_as_a_text(drop, tmp_path, name, content, why):
    (drop / name).write_bytes(content.encode())
    (drop / "good.txt").write_text("Hello")
    done = watch(drop)
    assert done.returncode == 4
    assert f"{name}: {why}\n" in done.stderr
    assert "hush" not in done.stderr
    assert (drop / "rejected" / name).read_bytes() == content.encode()
    assert (drop / "rejected" / f"{name}.txt").read_text() == f"{name}: {why}\n"
    assert texts(tmp_path / "drop.outbox") == ["Hello"]


def test_a_text_that_speaks_of_passwords_is_a_text(drop, tmp_path):
    (drop / "a.txt").write_text("user: Ann\npassword: ask her")
    assert watch(drop).returncode == 0
    assert texts(tmp_path / "drop.outbox")


def test_what_is_no_file_is_skipped_and_said(drop, tmp_path):
    (drop / "link.txt").symlink_to("/etc/hostname")
    os.mkfifo(drop / "pipe.txt")
    (drop / "folder.txt").mkdir()
    (drop / "good.txt").write_text("Hello")
    done = watch(drop)
    assert done.returncode == 0
    for name, what in (("folder", "a folder"), ("link", "a link"), ("pipe", "a named pipe")):
        assert done.stderr.count(f"{name}.txt: skipped: it is {what}\n") == 1
    assert names(drop / "done") == ["good.txt"]
    assert texts(tmp_path / "drop.outbox") == ["Hello"]


@pytest.mark.parametrize("name", [".taken", "done", "rejected"])
def test_a_link_in_the_place_of_a_folder_of_ours_is_refused(drop, tmp_path, name):
    (tmp_path / "elsewhere").mkdir()
    (drop / name).symlink_to(tmp_path / "elsewhere")
    (drop / "a.txt").write_text("Hello")
    done = watch(drop)
    assert done.returncode == 3
    assert done.stderr == (
        f"smsenc: {drop / name}: expected a folder, found a link: move it away and run the "
        "command again\n"
    )
    assert names(tmp_path / "elsewhere") == []
    assert (drop / "a.txt").exists()


def test_empty_and_huge_files_are_rejected(drop):
    (drop / "empty.txt").touch()
    (drop / "empty.ics").touch()
    (drop / "huge.txt").touch()
    os.truncate(drop / "huge.txt", 300 << 20)
    (drop / "good.txt").write_text("Hello")
    done = watch(drop)
    assert done.returncode == 4
    assert names(drop / "done") == ["good.txt"]
    for name in ("empty.txt", "empty.ics", "huge.txt"):
        assert (drop / "rejected" / f"{name}.txt").read_text().startswith(f"{name}: ")


def test_a_time_in_the_future_is_no_reason_to_wait(drop):
    (drop / "a.txt").write_text("Hello")
    os.utime(drop / "a.txt", (1 << 33, 1 << 33))
    assert watch(drop, "--settle", "0.1").returncode == 0
    assert names(drop / "done") == ["a.txt"]


@contextmanager
def as_somebody():
    """As a user who is not root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def shared():
    """A folder that every user can write to."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    with as_somebody():
        (folder / "drop").mkdir()
    yield folder
    shutil.rmtree(folder)


def test_what_cannot_be_read_is_told_and_stays(shared):
    drop, env = shared / "drop", SECRETS | {"XDG_STATE_HOME": str(shared), "HOME": str(shared)}
    (drop / "warm.txt").write_text("Hello")
    (drop / "warm.txt").chmod(0o644)
    watch(drop, "--out", shared / "warm", env=env)  # loads all modules
    shutil.rmtree(drop)
    with as_somebody():
        drop.mkdir()
        for name in ("a.txt", "z.txt"):
            (drop / name).write_text("Hello")
    (drop / "closed.txt").write_text("Hello")
    (drop / "closed.txt").chmod(0)
    with as_somebody():
        done = watch(drop, env=env)
    assert done.returncode == 4
    assert done.stderr.count("closed.txt: cannot be read: permission denied\n") == 1
    assert names(drop / "done") == ["a.txt", "z.txt"]
    (drop / "closed.txt").chmod(0o644)
    with as_somebody():
        assert watch(drop, env=env).returncode == 0
    assert names(drop / "done") == ["a.txt", "closed.txt", "z.txt"]


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "3601"])
def test_a_time_to_settle_is_a_number(drop, seconds):
    done = smsenc("watch", drop, "--to", TO, "--settle", seconds)
    assert done.returncode == 2
    assert "expected 0 to 3600" in done.stderr


def test_a_folder_that_vanishes_is_one_line(drop, tmp_path):
    command = [*COMMAND, *map(str, arguments(drop, "--out", tmp_path / "out"))]
    env = environment(**SECRETS)
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as run:
        until((drop / ".smsenc-watch").exists)
        drop.rename(tmp_path / "moved")
        assert run.wait(20) == 3
        assert run.stderr.read() == f"smsenc: cannot write to {drop}: no such file or directory\n"


# --- Servers -------------------------------------------------------------------------------------


def test_a_wrong_password_stops_after_one_try(drop, ftpd):
    (drop / "a.txt").write_text("Hello")
    command = [*COMMAND, *map(str, arguments(drop, *sending(ftpd)))]
    env = environment(**SECRETS | {"SMSENC_FTP_PASSWORD": "wrong"})
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("smsenc: cannot log in: 530 ")
    assert ftpd.asked.count("PASS") == 1
    assert names(drop / "done") == names(drop / "rejected") == []
    assert watch(drop, *sending(ftpd)).returncode == 0
    assert names(drop / "done") == ["a.txt"]


def test_what_was_refused_is_not_sent_by_a_later_run(drop, ftpd, remote):
    (drop / "a.txt").write_text("A")
    ftpd.answers["STOR"] = ["553 Never"] * 9
    assert watch(drop, *sending(ftpd)).returncode == 3
    ftpd.answers.clear()
    (drop / "b.txt").write_text("B")
    assert watch(drop, *sending(ftpd)).returncode == 0
    assert texts(remote) == ["B"]
    assert names(drop / "done") == ["b.txt"]
    assert names(drop / "rejected") == ["a.txt", "a.txt.txt"]


CARD = "BEGIN:VCARD\nVERSION:2.1\nN:{}\nTEL:+44 7700 900123\nEND:VCARD\n"


def test_a_message_of_which_a_part_is_refused_does_not_wait_for_ever(drop, ftpd, remote):
    (drop / "a.vcf").write_text(CARD.format("A" * 60 + ";" + "B" * 60))
    (drop / "b.txt").write_text("B")
    ftpd.refused.append(".p2-2.")
    assert watch(drop, *sending(ftpd)).returncode == 4
    ftpd.refused.clear()
    (drop / "c.txt").write_text("C")
    assert watch(drop, *sending(ftpd)).returncode == 0
    assert texts(remote) == ["B", "C"]
    assert names(drop / "rejected") == ["a.vcf", "a.vcf.txt"]
    assert len((drop / "rejected/a.vcf.txt").read_text().splitlines()) == 2


def test_a_message_file_removed_before_it_was_sent_is_told(drop, tmp_path, ftpd):
    (drop / "a.txt").write_text("A")
    ftpd.stop()
    assert watch(drop, *sending(ftpd)).returncode == 6
    (file,) = (tmp_path / "drop.outbox").glob("*.txt")
    file.unlink()
    ftpd.start()
    assert watch(drop, *sending(ftpd)).returncode == 3
    assert (drop / "rejected/a.txt.txt").read_text() == (
        f"{file.name}: removed from the outbox before it was sent\n"
    )


# --- Folders -------------------------------------------------------------------------------------


@contextmanager
def started(drop, *more):
    """The command in a process of its own, which runs until it is killed."""
    command = [*COMMAND, *map(str, arguments(drop, *more))]
    with subprocess.Popen(command, env=environment(**SECRETS), stderr=subprocess.DEVNULL) as run:
        try:
            yield run
        finally:
            run.kill()


def until(true):
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("not in a minute")


def test_two_folders_with_one_outbox(tmp_path, ftpd, remote):
    """The first is killed while its server is down, the second runs, then the first again."""
    first, second, out = tmp_path / "first", tmp_path / "second", tmp_path / "out"
    for folder in (first, second):
        folder.mkdir()
        for n in range(3):
            (folder / f"{n}.txt").write_text(f"{folder.name} {n}")
    port = sending(ftpd)
    ftpd.stop()
    assert watch(first, "--out", out, *port).returncode == 6
    assert names(first / "done") == []
    done = watch(second, "--out", out, *port)
    assert done.returncode == 6
    assert "first" not in done.stdout + done.stderr
    ftpd.start()
    assert watch(second, "--out", out, *port).returncode == 0
    assert (names(first / "done"), len(names(second / "done"))) == ([], 3)
    assert watch(first, "--out", out, *port).returncode == 0
    assert len(names(first / "done")) == 3
    assert not list(first.glob(".taken/*-*")) + list(second.glob(".taken/*-*"))
    assert texts(remote) == sorted(f"{f} {n}" for f in ("first", "second") for n in range(3))
    assert sorted(set(ftpd.renamed)) == sorted(ftpd.renamed)


def test_two_outboxes_of_one_folder(drop, tmp_path, ftpd, remote):
    (drop / "a.txt").write_text("A")
    port = sending(ftpd)
    ftpd.stop()
    assert watch(drop, "--out", tmp_path / "one", *port).returncode == 6
    ftpd.start()
    (drop / "b.txt").write_text("B")
    done = watch(drop, "--out", tmp_path / "two", *port)
    assert done.returncode == 6
    assert f"taken for {tmp_path / 'one'}: run the command with --out" in done.stderr
    assert texts(remote) == ["B"]
    assert watch(drop, "--out", tmp_path / "one", *port).returncode == 0
    assert texts(remote) == ["A", "B"]
    assert names(drop / "done") == ["a.txt", "b.txt"]


def test_an_outbox_that_is_gone_leaves_nothing_in_taken(drop, tmp_path, ftpd):
    (drop / "a.txt").write_text("A")
    ftpd.stop()
    watch(drop, *sending(ftpd))
    shutil.rmtree(tmp_path / "drop.outbox")
    (drop / "a.txt").write_text("another")
    ftpd.start()
    done = watch(drop, *sending(ftpd))
    assert done.returncode == 0
    assert "the journal does not know it: it may have been sent" in done.stderr
    assert (drop / "rejected/a.txt").read_text() == "A"
    assert "may have been sent" in (drop / "rejected/a.txt.txt").read_text()
    assert (drop / "done/a.txt").read_text() == "another"


def test_a_folder_that_was_renamed_goes_on(drop, tmp_path, ftpd, remote):
    (drop / "a.txt").write_text("A")
    out = ("--out", tmp_path / "out")
    ftpd.stop()
    watch(drop, *out, *sending(ftpd))
    drop.rename(tmp_path / "moved")
    ftpd.start()
    assert watch(tmp_path / "moved", *out, *sending(ftpd)).returncode == 0
    assert names(tmp_path / "moved" / "done") == ["a.txt"]
    assert texts(remote) == ["A"]


def test_a_copy_of_a_folder_is_another_folder(drop, tmp_path, ftpd, remote):
    (drop / "a.txt").write_text("A")
    out = ("--out", tmp_path / "out")
    ftpd.stop()
    watch(drop, *out, *sending(ftpd))
    shutil.copytree(drop, tmp_path / "copy")
    ftpd.start()
    (tmp_path / "copy" / "b.txt").write_text("B")
    done = watch(tmp_path / "copy", *out, *sending(ftpd))
    assert names(tmp_path / "copy" / "done") == ["b.txt"]
    assert "a.txt: " in done.stderr
    assert watch(drop, *out, *sending(ftpd)).returncode == 0
    assert names(drop / "done") == ["a.txt"]
    assert texts(remote) == ["A", "B"]


def test_the_outbox_of_a_campaign_takes_a_watched_folder_too(drop, tmp_path, ftpd, remote):
    (tmp_path / "table.csv").write_text("number,name\n447700900123,Ann\n")
    out = tmp_path / "out"
    done = smsenc(
        *("batch", tmp_path / "table.csv", "--text", "Hello {name}", "--out", out), env=SECRETS
    )
    assert done.returncode == 0, done.stderr
    (drop / "table.txt").write_text("Text")
    assert watch(drop, "--out", out, *sending(ftpd)).returncode == 0
    assert len(list(remote.iterdir())) == 2


def test_while_another_run_uses_the_outbox_it_waits(drop, tmp_path):
    out = tmp_path / "out"
    with started(drop, "--out", out) as run:
        try:
            until(lambda: journal_of(out).exists() and (drop / "done").exists())
            time.sleep(0.3)
            with Outbox(out):
                (drop / "a.txt").write_text("A")
                time.sleep(1.5)
                assert run.poll() is None
                assert names(drop / "done") == []
            until((drop / "done" / "a.txt").exists)
        finally:
            run.send_signal(signal.SIGTERM)
        assert run.wait(10) == 143


# --- The journal ---------------------------------------------------------------------------------

FATE = """'{"place": "done", "name": "a", "report": "r", "lines": [1], "refused": ["../x"]}'"""


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "''"),
        ("name", "x'2e2e2f61'"),
        ("name", "'text'"),
        ("number", "'one'"),
        ("number", "-1"),
        ("number", "1e300"),
        ("reference", "x'00'"),
        ("next_number", "'x'"),
        ("next_reference", "0"),
        ("files", "'{'"),
        ("files", "'[1]'"),
        ("files", "''"),
        ("complaints", "x'ff'"),
        ("complaints", "'\"text\"'"),
        ("fate", "'[]'"),
        ("fate", FATE.replace("done", "..")),
        ("fate", FATE.replace('"a"', '"../../a"')),
        ("fate", FATE.replace('"r"', '"/etc/r"')),
        ("fate", FATE.replace("[1]", "[]")),
    ],
)
def test_a_damaged_value_is_one_line_and_nothing_is_sent(drop, tmp_path, ftpd, column, value):
    (drop / "a.txt").write_text("A")
    ftpd.stop()
    watch(drop, *sending(ftpd))
    with journal(tmp_path / "drop.outbox") as base:
        base.execute(f"UPDATE drop_source SET {column} = {value}")  # noqa: S608 - constants
    (drop / "b.txt").write_text("B")
    ftpd.start()
    done = watch(drop, *sending(ftpd))
    assert done.returncode == 3, done.stderr
    (line,) = said(done)
    assert "the journal is damaged" in line
    assert "restore it from a backup" in line
    assert ftpd.renamed == []


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE drop_source RENAME COLUMN files TO other",
        "ALTER TABLE drop_source RENAME COLUMN next_number TO other",
        "ALTER TABLE drop_folder RENAME COLUMN path TO other",
        "DROP TABLE drop_source; CREATE TABLE drop_source (id, x)",
    ],
)
def test_a_damaged_table_is_one_line_and_nothing_is_sent(drop, tmp_path, ftpd, damage):
    (drop / "a.txt").write_text("A")
    watch(drop)
    with journal(tmp_path / "drop.outbox") as base:
        base.executescript(damage)
    (drop / "b.txt").write_text("B")
    done = watch(drop, *sending(ftpd))
    assert done.returncode == 3
    assert len(said(done)) == 1
    assert "internal" not in done.stderr
    assert ftpd.renamed == []


def test_damaged_pages_are_one_line(drop, tmp_path):
    (drop / "a.txt").write_text("A")
    watch(drop)
    path = journal_of(tmp_path / "drop.outbox")
    octets = bytearray(path.read_bytes())
    octets[4096:] = bytes(b ^ 0x5A for b in octets[4096:])
    path.write_bytes(octets)
    (drop / "b.txt").write_text("B")
    done = watch(drop)
    assert done.returncode in (3, 7)
    assert len(said(done)) == 1
    assert "internal" not in done.stderr


# --- Without the extra, and with signals ---------------------------------------------------------


def test_without_watchfiles_it_looks_again_and_again(drop):
    code = (
        "import sys; sys.modules['watchfiles'] = None\n"
        "from smsgate.cli import main\n"
        f"sys.argv = {['smsenc', *map(str, arguments(drop))]!r}\n"
        "main()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], env=environment(**SECRETS)) as run:
        try:
            for name in ("one.txt", "two.txt"):
                (drop / name).write_text("Hello")
                until(lambda name=name: (drop / "done" / name).exists())
        finally:
            run.send_signal(signal.SIGTERM)
        assert run.wait(10) == 143


def handles_sigterm(pid):
    """Whether a process has a handler of its own, as Linux tells it."""
    caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())
    return int(caught[1], 16) >> (signal.SIGTERM - 1) & 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_at_any_moment_everything_is_sent_once(drop, ftpd, remote, number):
    for n in range(8):
        (drop / f"{n}.txt").write_text(f"Text {n}")
        with started(drop, *sending(ftpd)) as run:
            until(lambda: handles_sigterm(run.pid))  # Python itself ends with 1 before
            time.sleep(n / 20)
            run.send_signal(number)
            time.sleep(n / 1000)
            run.send_signal(number)
            assert run.wait(20) in (128 + number, -number)
    assert watch(drop, *sending(ftpd)).returncode == 0
    assert texts(remote) == [f"Text {n}" for n in range(8)]
    assert sorted(set(ftpd.renamed)) == sorted(ftpd.renamed)
    assert names(drop / "done") == [f"{n}.txt" for n in range(8)]


def test_the_output_stays_json(drop):
    (drop / RAW).write_text("Hello")
    done = watch(drop, "--json")
    assert json.loads(done.stdout)["source"] == r"caf\xe9.txt"

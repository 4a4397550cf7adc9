"""The logs of the gateway's folder, read from real servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from ftpservers import HOST, LOG_IN, Proxy, fill_outbox

from smsenc.messagefile.logs import LONGEST_LINE
from smsgate import masking
from smsgate.errors import GatewayError, GatewayLostError
from smsgate.ftpclient.lognames import HISTORY, LogNames
from smsgate.ftpclient.logrecords import LogRecords
from smsgate.ftpclient.logs import LogReader
from smsgate.ftpclient.retry import RetryingSession
from smsgate.ftpclient.session import Security, Server, Session
from smsgate.outbox import home

A, B, C = (letter * 32 for letter in "abc")
FILE = "000001-note.txt"
NAMES = frozenset({FILE})
TARGET = f"{HOST}:21/"


def stamped(text, file=FILE):
    return f"2026-11-28 10:00:00\t{file}\t{text}\n".encode()


@pytest.fixture
def records():
    with LogRecords(None, TARGET) as found:
        yield found


@contextmanager
def reader(port, records, names=NAMES, pauses=()):
    server = Server(host=HOST, port=port, security=Security.NONE, timeout=10)
    gateway = RetryingSession(
        lambda: Session(server, LOG_IN), pauses, threading.Event(), lambda _: None
    )
    with closing(gateway):
        yield LogReader(gateway, records, names)


def read(server, records, **more):
    with reader(server.port, records, **more) as found:
        return found.read()


def ids(records, file=FILE):
    return [row.answer.id for row in records.heard(file, HISTORY)]


def strays(records):
    return [
        (place.log, stray.text)
        for place in records.troubled()
        for stray in records.strays(place.log)
    ]


def test_only_the_logs_of_known_files_are_fetched(ftpd, remote, records):
    (remote / f"{FILE}.log").write_text(f"ID: {A}\n")
    (remote / "000009-x.txt.log").write_text(f"ID: {B}\n")
    (remote / FILE).write_text("text")
    assert read(ftpd, records)
    assert ids(records) == [A]
    assert ftpd.asked.count("RETR") == 1
    assert (list(records.replies()), records.troubled()) == ([], [])


def test_later_readings_fetch_what_was_added(ftpd, remote, records):
    log = remote / HISTORY
    log.write_bytes(stamped(f"ID: {A}") * 100_000)
    assert read(ftpd, records)
    assert not read(ftpd, records)
    with log.open("ab") as more:
        more.write(stamped(f"ID: {B}") + stamped(f"ID: {C}")[:-1])  # not finished yet
    sent = []
    with Proxy(ftpd.port, lose=sent.append) as proxy:
        with reader(proxy.port, records) as found:
            assert found.read()
        assert proxy.passed < 10_000
    assert ids(records)[-1] == B
    with log.open("ab") as more:
        more.write(b"\n")
    assert read(ftpd, records)
    assert ids(records)[-2:] == [B, C]
    assert len(ids(records)) == 100_002


@pytest.mark.parametrize(
    "new",
    [stamped(f"ID: {B}"), stamped(f"ID: {B}") * 9, stamped(f"ID: {B}") + b"x" * 99, b""],
    ids=["shorter", "longer", "unfinished", "empty"],
)
def test_another_log_is_read_from_its_start_and_nothing_is_lost(ftpd, remote, records, new):
    log = remote / HISTORY
    log.write_bytes(stamped(f"ID: {A}") * 3)
    read(ftpd, records)
    log.write_bytes(new)
    read(ftpd, records)
    assert not read(ftpd, records)
    assert set(ids(records)) == ({A, B} if new else {A})
    log.unlink()
    assert not read(ftpd, records)
    log.write_bytes(stamped(f"ID: {C}"))
    assert read(ftpd, records)
    assert C in ids(records)


def test_own_logs_that_have_not_changed_are_not_fetched(ftpd, remote, records):
    (remote / f"{FILE}.log").write_text(f"ID: {A}\n")
    read(ftpd, records)
    ftpd.asked.clear()
    assert not read(ftpd, records)
    assert "RETR" not in ftpd.asked


@pytest.mark.parametrize(("command", "reply"), [("SIZE", "502 No"), ("REST", "502 No")])
def test_servers_without_a_command(ftpd, remote, records, command, reply):
    log = remote / HISTORY
    log.write_bytes(stamped(f"ID: {A}"))
    ftpd.answers[command] = [reply] * 20
    read(ftpd, records)
    assert not read(ftpd, records)
    with log.open("ab") as more:
        more.write(stamped(f"ID: {B}"))
    assert read(ftpd, records)
    assert ids(records) == [A, B]
    if command == "SIZE":
        log.write_bytes(stamped(f"ID: {C}")[:-10] + b"\n")  # another log, which is shorter
        log.write_bytes(stamped("ERR: 301"))
        assert read(ftpd, records)
        assert ids(records) == [A, B, None]


def test_a_log_that_the_server_refuses_stops_no_other(ftpd, remote, records):
    (remote / f"{FILE}.log").write_text(f"ID: {A}\n")
    (remote / HISTORY).write_bytes(stamped(f"ID: {A} status: 004"))
    ftpd.answers["RETR"] = ["550 Permission denied"]
    with reader(ftpd.port, records) as found:
        assert found.read()
        assert found.faults == [f"cannot fetch {FILE}.log: 550 Permission denied"]
    ftpd.answers["RETR"] = ["530 Not logged in"]
    with reader(ftpd.port, records) as found, pytest.raises(GatewayError, match="530"):
        found.read()


@pytest.mark.parametrize("limit", [3_000, 70_000, 1_500_000, 2_000_000])
def test_a_lost_connection_continues_in_the_middle_of_a_log(ftpd, remote, records, limit):
    lines = [stamped(f"ID: {n:032x}") for n in range(40_000)]
    (remote / HISTORY).write_bytes(b"".join(lines))
    with Proxy(ftpd.port, limit) as proxy, reader(proxy.port, records, pauses=[0]) as found:
        found.read()
        assert proxy.cuts == 1
    assert ids(records) == [f"{n:032x}" for n in range(40_000)]


def test_what_was_read_before_the_connection_was_lost_is_kept(ftpd, remote, records):
    (remote / HISTORY).write_bytes(b"".join(stamped(f"ID: {n:032x}") for n in range(40_000)))
    with (
        Proxy(ftpd.port, 1_500_000) as proxy,
        reader(proxy.port, records) as found,
        pytest.raises(GatewayLostError),
    ):
        found.read()
    assert 10_000 < len(ids(records)) < 40_000
    read(ftpd, records)
    assert ids(records) == [f"{n:032x}" for n in range(40_000)]


def test_lines_that_cannot_be_read_are_kept(ftpd, remote, records):
    (remote / HISTORY).write_bytes(b"hello\n" + b"x" * (LONGEST_LINE + 1) + b"\n")
    (remote / "mo.log").write_bytes(b"2026-11-22 10:05:00 1\t2\ttext\n")
    (remote / f"{FILE}.log").write_bytes(b"what?\n" * 30)
    for _ in range(2):
        read(ftpd, records)
        assert strays(records) == [(f"{FILE}.log", "what?")] * 20 + [(HISTORY, "hello")]
        assert [(p.strays, p.skipped) for p in records.troubled()] == [(30, 0), (1, 1)]
    assert [row.text for row in records.replies()] == ["text"]


def test_the_history_of_other_senders_is_left_out(ftpd, remote, records):
    (remote / HISTORY).write_bytes(
        stamped(f"ID: {B} status: 004", "other.txt") + f"ID: {A} status: 004\n".encode()
    )
    read(ftpd, records)
    assert ids(records) == []
    (remote / f"{FILE}.log").write_text(f"ID: {A}\n")  # after the state that it has now
    read(ftpd, records)
    assert [row.answer.state for row in records.heard(FILE, HISTORY)] == ["accepted", "delivered"]
    assert ids(records, "other.txt") == []


def test_replies_go_on_and_are_told_once(ftpd, remote, records):
    log = remote / "mo.log"
    log.write_bytes(b"2026-11-22 10:05:00 1\t2\tone\n")
    read(ftpd, records)
    with log.open("ab") as more:
        more.write(b"two\n2026-11-22 10:06:00 1\t2\tthree\n")
    read(ftpd, records)
    log.write_bytes(b"2026-11-22 10:06:00 1\t2\tthree\n2026-11-22 10:07:00 1\t2\tfour\n")
    read(ftpd, records)
    assert [row.text for row in records.replies()] == ["one\ntwo", "three", "four"]


@pytest.fixture
def secret(monkeypatch):
    monkeypatch.setattr(masking, "_secrets", {})
    masking.remember("hunter2secret")


@pytest.mark.usefixtures("secret")
def test_secrets_and_control_characters_are_masked_before_they_are_kept(ftpd, remote, tmp_path):
    (remote / HISTORY).write_bytes(stamped("ERR: 999, HUNTER2SECRET \x1b[31m") + b"hunter2secret\n")
    (remote / "mo.log").write_bytes(b"2026-11-22 10:05:00 1\t2\thunter2\nsecret \x1b[2J\n")
    with home.held(tmp_path / "outbox") as found, LogRecords(found, TARGET) as records:
        read(ftpd, records)
        (heard,) = records.heard(FILE, HISTORY)
        assert heard.answer.text == "*** \\x1b[31m"
        assert strays(records) == [(HISTORY, "***")]
        assert [row.text for row in records.replies()] == ["*******\n****** \\x1b[2J"]
    journal = b"".join(path.read_bytes() for path in found.folder.iterdir() if path.is_file())
    assert b"hunter2" not in journal.lower()
    assert b"\x1b[" not in journal


@pytest.mark.parametrize(
    "line", [b"more\n", b"x" * 8000 + b"\n", b"ERR: 001, a" + b" " * 8000 + b"\n", b"\\x61%61\n"]
)
@pytest.mark.parametrize("log", ["mo.log", HISTORY, f"{FILE}.log"])
@pytest.mark.usefixtures("secret")
def test_two_megabytes_of_odd_lines_are_read_at_once(ftpd, remote, records, log, line):
    (remote / log).write_bytes(line * (2_000_000 // len(line)))
    start = time.process_time()
    read(ftpd, records)
    assert time.process_time() - start < 8


def test_names_that_nobody_wants_are_not_kept(ftpd, remote, records):
    for n in range(200):
        (remote / f"{n}-{'x' * 200}.log").touch()
    (remote / f"{FILE}.log").write_text(f"ID: {A}\n")
    read(ftpd, records)
    assert ids(records) == [A]


def test_two_readings_at_once_record_everything_once(ftpd, remote, tmp_path):
    (remote / HISTORY).write_bytes(b"".join(stamped("ERR: 114, x") for n in range(60_000)))
    with home.held(tmp_path / "outbox") as found:
        pass

    def run():
        with LogRecords(found, TARGET) as records:
            read(ftpd, records)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with LogRecords(found, TARGET) as records:
        assert len(ids(records)) == 60_000


READ = """
import sys, threading
from pathlib import Path
from smsgate.ftpclient.logrecords import LogRecords
from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.logs import LogReader
from smsgate.ftpclient.retry import RetryingSession
from smsgate.ftpclient.session import Security, Server, Session
from smsgate.outbox import home

outbox, port, user, password, name = sys.argv[1:]
server = Server(host="127.0.0.1", port=int(port), security=Security.NONE)
connect = lambda: Session(server, LogIn(user=user, password=password))
with LogRecords(home.find(Path(outbox)), "127.0.0.1:21/") as records:
    gateway = RetryingSession(connect, (), threading.Event(), lambda _: None)
    print("reading", flush=True)
    LogReader(gateway, records, frozenset({name})).read()
    gateway.close()
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


def start_reading(outbox, ftpd):
    command = [sys.executable, "-c", READ, outbox, str(ftpd.port), LOG_IN.user, LOG_IN.password]
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.Popen(
        [*map(str, command), FILE], stdout=subprocess.PIPE, text=True, env=environment
    )


def test_killed_runs_lose_nothing_and_record_nothing_twice(ftpd, remote, tmp_path):
    fill_outbox(tmp_path / "outbox", 1)
    with home.held(tmp_path / "outbox") as found:
        pass
    count = 120_000
    (remote / HISTORY).write_bytes(
        b"".join(
            stamped("ERR: 114, x") if n % 2 else stamped(f"ID: {n:032x}") for n in range(count)
        )
    )
    reached = []
    for n in range(20):
        with start_reading(tmp_path / "outbox", ftpd) as process:
            process.stdout.readline()
            time.sleep(0.02 * (n % 8 + 1))
            process.send_signal(signal.SIGKILL)
        with LogRecords(found, TARGET) as records:
            reached.append(len(ids(records)))
    assert reached == sorted(reached)
    with LogRecords(found, TARGET) as records:
        read(ftpd, records)
        expected = [None if n % 2 else f"{n:032x}" for n in range(count)]
        assert ids(records) == expected
        (line,) = {place.line for place in [records.place(HISTORY)]}
        assert line == count


def test_a_history_larger_than_before_needs_little_memory(ftpd, remote, tmp_path):
    fill_outbox(tmp_path / "outbox", 1)
    with home.held(tmp_path / "outbox") as found:
        pass
    others = stamped(f"ID: {B} status: 004", "999999-other.txt") * 10_000
    with (remote / HISTORY).open("wb") as log:
        while log.tell() < 150 << 20:
            log.write(others)
        log.write(stamped(f"ID: {A}"))
    with start_reading(tmp_path / "outbox", ftpd) as process:
        _reading, mebibytes = process.stdout.read().split()
        assert process.wait() == 0
    assert int(mebibytes) < 150
    with LogRecords(found, TARGET) as records:
        assert ids(records) == [A]


# --- Last lines without a line end ----------------------------------------------------------------

TO = "447700900123"


def look(ftpd, records, recipients=(TO,)):
    """Read the logs; the faults."""
    with reader(ftpd.port, records) as found:
        found.recipients = lambda _: recipients
        found.read()
        return found.faults


@pytest.mark.parametrize("line", [f"ID: {A} To: {TO}", f"ID: {A}", f"id:{A} to: +{TO}\r"])
def test_a_complete_last_line_of_a_files_own_log_counts_at_once(ftpd, remote, records, line):
    (remote / f"{FILE}.log").write_text(line, newline="")
    assert look(ftpd, records) == []
    assert ids(records) == [A]
    before = ftpd.asked.count("RETR")
    look(ftpd, records)
    assert ftpd.asked.count("RETR") == before
    (remote / f"{FILE}.log").write_text(f"{line}\nID: {B} To: {TO}\n", newline="")
    look(ftpd, records)
    assert ids(records) == [A, B]


@pytest.mark.parametrize(
    ("line", "recipients"),
    [
        (f"ID: {A} To: 44770090", (TO,)),
        (f"ID: {A} To: {TO}", (TO, f"{TO}4")),
        (f"ID: {A}", (TO, "447700900124")),
        (f"ID: {A} To: {TO} charge: 1", (TO,)),
        ("ERR: 105, Inv", (TO,)),
    ],
)
def test_half_a_line_is_not_read_as_a_shorter_one(ftpd, remote, records, line, recipients):
    (remote / f"{FILE}.log").write_text(line)
    (fault,) = look(ftpd, records, recipients)
    assert fault == f"{FILE}.log:1: not read yet: the line has no end: '{line}'"
    assert ids(records) == []


@pytest.mark.parametrize("line", [f"ID: {A[:31]}", "ERR: 10", "nothing at all"])
def test_a_last_line_that_says_nothing_is_named_each_time(ftpd, remote, records, line):
    (remote / f"{FILE}.log").write_text(line)
    for _ in range(3):
        (fault,) = look(ftpd, records)
        assert line in fault
    assert (ids(records), records.troubled()) == ([], [])


def test_the_last_line_of_the_history_counts_if_the_log_has_not_grown(ftpd, remote, records):
    log = remote / HISTORY
    log.write_bytes(stamped(f"ID: {A}") + stamped(f"ID: {A} status: 004 charge: 1").rstrip())
    assert len(look(ftpd, records)) == 1
    assert ids(records) == [A]
    assert look(ftpd, records) == []
    assert [row.answer.charge for row in records.heard(FILE, HISTORY)] == [None, 1]
    with log.open("ab") as more:  # it was half a line
        more.write(b".5\n")
    assert look(ftpd, records) == []
    found = [row.answer.charge for row in records.heard(FILE, HISTORY)]
    assert list(map(str, found)) == ["None", "1.5"]


def test_a_last_line_that_grows_each_time_does_not_count(ftpd, remote, records):
    log = remote / HISTORY
    line = stamped(f"ID: {A} status: 004 charge: 1").rstrip()
    for size in range(len(line) - 4, len(line) + 1):
        log.write_bytes(line[:size])
        assert len(look(ftpd, records)) == 1
    assert ids(records) == []


def test_a_state_without_a_name_waits_also_without_a_line_end(ftpd, remote, records):
    (remote / HISTORY).write_text(f"ID: {A} status: 004 charge: 1")
    look(ftpd, records)
    look(ftpd, records)
    look(ftpd, records)
    (remote / f"{FILE}.log").write_text(f"ID: {A} To: {TO}")
    look(ftpd, records)
    assert [row.answer.status for row in records.heard(FILE, HISTORY)] == [None, 4]


def test_the_last_reply_needs_no_line_end(ftpd, remote, records):
    log = remote / "mo.log"
    log.write_text(f"2026-11-28 10:00:00\t{TO}\t448300\tyes")
    assert len(look(ftpd, records)) == 1
    assert look(ftpd, records) == []
    assert [reply.text for reply in records.replies()] == ["yes"]
    with log.open("a") as more:
        more.write(" please\nand more")
    assert len(look(ftpd, records)) == 1
    assert [reply.text for reply in records.replies()] == ["yes please"]
    assert len(look(ftpd, records)) == 1  # more text of a reply may be half of it


def test_a_log_without_any_line_end_is_named(ftpd, remote, records):
    (remote / HISTORY).write_bytes(b"\0\xff" * 100_000)
    for _ in range(2):
        assert look(ftpd, records) == [f"{HISTORY}:1: not read yet: the line is too long"]


@pytest.mark.parametrize("name", [HISTORY, "mo.log"])
def test_a_folder_in_the_place_of_a_log_is_named(ftpd, remote, records, name):
    (remote / name).mkdir()
    (fault,) = look(ftpd, records)
    assert fault.startswith(f"cannot fetch {name}: 550")


# --- Names of logs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [f"{FILE}.log", f"{FILE}.LOG", f"{FILE.upper()}.LOG", "000001-note.log"]
)
def test_a_log_is_recognised_in_any_case_and_without_the_ending(ftpd, remote, records, name):
    (remote / name).write_text(f"ID: {A}\n")
    read(ftpd, records)
    assert ids(records) == [A]


def test_the_history_and_the_replies_in_capital_letters(ftpd, remote, records):
    (remote / "HISTORY.LOG").write_bytes(stamped(f"ID: {A}"))
    (remote / "Mo.Log").write_text(f"2026-11-28 10:00:00\t{TO}\t448300\tyes\n")
    read(ftpd, records)
    assert ids(records) == [A]
    assert [reply.text for reply in records.replies()] == ["yes"]


def test_a_log_that_might_be_of_two_files_is_nobodys():
    names = LogNames(["a.txt", "A.TXT", "b", "b.txt"])
    assert names.file_of("a.txt.log") == "a.txt"
    assert names.file_of("A.TXT.log") == "A.TXT"
    assert [names.file_of(log) for log in ("a.Txt.log", "a.log", "history.log")] == [None] * 3
    assert [names.file_of(log) for log in ("b.log", "b.txt.log")] == ["b", "b.txt"]

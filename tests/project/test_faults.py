"""The system fails at every boundary, during every command: a documented exit code and a reason.

A fault is raised by one call of one function of the system, in the command's own process. Which
faults a cell of the table gets is decided by its place; together they are all there everywhere.
"""

from __future__ import annotations

import builtins
import errno
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

import command as command_module
import pytest
from command import NUMBER, smsenc
from ftpservers import PASSWORD, USER, Pyftpd, sending
from places import ROOT

from smsenc import MessageFileError, OptionError, messagefile
from smsenc.messagefile import names
from smsgate.cli import faults, main
from smsgate.cli.codes import Exit

CARD = "BEGIN:VCARD\nVERSION:2.1\nN:Doe;Jane\nTEL:+447700900123\nEND:VCARD\n"
TABLE = "number,name\n+447700900123,Ann\n+447700900124,Bob\n"
SECRETS = {"SMSENC_FTP_USER": USER, "SMSENC_FTP_PASSWORD": PASSWORD}

ERRNOS = (
    *("EACCES", "EPERM", "ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENAMETOOLONG"),
    *("ENOTDIR", "EISDIR", "ELOOP", "EBUSY", "ETXTBSY", "ENOMEM", "EINTR", "EAGAIN", "ENOENT"),
    *("EEXIST", "EXDEV", "EMLINK", "ENOTEMPTY", "EINVAL", "EBADF", "ESTALE", "ENODEV", "ENXIO"),
    *("EFBIG", "EOPNOTSUPP", "EOVERFLOW", "ENOLCK", "ECONNREFUSED", "ECONNRESET", "EPIPE"),
    *("EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"),
)


def system(name: str) -> OSError:
    code = getattr(errno, name)
    return OSError(code, os.strerror(code))


FAULTS: dict[str, Callable[[], BaseException]] = {
    **{name: lambda name=name: system(name) for name in ERRNOS},
    "MemoryError": MemoryError,
    "RecursionError": lambda: RecursionError("maximum recursion depth exceeded"),
    "UnicodeEncodeError": lambda: UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates"),
    "UnicodeDecodeError": lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    "TimeoutError": lambda: TimeoutError("timed out"),
}


def sqlite_error(kind: type[sqlite3.Error], code: int, text: str) -> sqlite3.Error:
    """An error as sqlite3 raises it."""
    error = kind(text)
    error.sqlite_errorcode = code
    return error


SQLITE = {
    name: lambda fault=fault: sqlite_error(*fault)
    for name, fault in {
        "locked": (sqlite3.OperationalError, sqlite3.SQLITE_BUSY, "database is locked"),
        "full": (sqlite3.OperationalError, sqlite3.SQLITE_FULL, "database or disk is full"),
        "disk": (sqlite3.OperationalError, sqlite3.SQLITE_IOERR, "disk I/O error"),
        "malformed": (
            sqlite3.DatabaseError,
            sqlite3.SQLITE_CORRUPT,
            "database disk image is malformed",
        ),
        "no database": (sqlite3.DatabaseError, sqlite3.SQLITE_NOTADB, "file is not a database"),
        "column": (sqlite3.OperationalError, sqlite3.SQLITE_ERROR, "no such column: name"),
    }.items()
}

#: Functions of the system that commands call: where they are found, and their names.
BOUNDARIES = (
    *((os, name) for name in ("open", "replace", "rename", "link", "unlink", "mkdir", "rmdir")),
    *((os, name) for name in ("fsync", "sync", "listdir", "scandir", "stat", "lstat", "fstat")),
    *((os, name) for name in ("fdopen", "close", "fchmod", "readlink")),
    (builtins, "open"),
    (builtins, "__import__"),
    (sqlite3, "connect"),
    (socket.socket, "connect"),
    (socket.socket, "recv_into"),
    (socket.socket, "sendall"),
)

COMMANDS: dict[str, tuple[str, ...]] = {
    "convert": ("convert", "in", "--to", NUMBER, "--out", "new"),
    "batch": ("batch", "people.csv", "--text", "Hello #name#", "--out", "new"),
    "batch to an archive": ("batch", "people.csv", "--text", "Hello #name#", "--out", "new.zip"),
    "decode": ("decode", "outbox", "new.vcf"),
    "transcode": ("transcode", "tune.rtttl", "new.mid"),
    "inspect": ("inspect", "outbox"),
    "preview": ("preview", "tune.rtttl", "-o", "new.png", "--image"),
    "count": ("count", "hello"),
    "lint": ("lint", "lines", "--fix"),
    "formats": ("formats",),
    "profiles": ("profiles",),
    "upload": ("upload", "outbox"),
    "log": ("log", "sent"),
    "watch": ("watch", "drop", "--to", NUMBER, "--once", "--settle", "0", "--out", "new"),
}
SENDING = {"upload", "log", "watch"}


@dataclass
class Fault:
    """Makes the ``nth`` call of a function raise an error, but not those of the server."""

    server: Pyftpd
    error: Callable[[], BaseException]
    nth: int
    raised: int = field(default=0)
    _calls: int = field(default=0)

    def of(self, function: Callable[..., object]) -> Callable[..., object]:
        def failing(*given: object, **named: object) -> object:
            if threading.current_thread() is not self.server._thread and self._is_wanted(given):
                self._calls += 1
                if self._calls == self.nth:
                    self.raised += 1
                    raise self.error()
            return function(*given, **named)

        return failing

    @staticmethod
    def _is_wanted(given: tuple[object, ...]) -> bool:
        """Imports of our own modules and Python's do not fail."""
        extras = ("openpyxl", "keyring", "phonenumbers", "PIL", "mido", "vobject", "icalendar")
        imports = len(given) >= 4 and isinstance(given[1], dict)
        return not imports or str(given[0]).startswith(extras)


@contextmanager
def failing(fault: Fault, boundary: tuple[object, str]) -> Iterator[None]:
    """Let a function fail while the command runs, but not while the test prepares its streams."""
    place, name = boundary

    def run() -> None:
        with patch.object(place, name, fault.of(getattr(place, name))):
            main()

    with patch.object(command_module, "main", run):
        yield


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Files for every command."""
    folder = tmp_path_factory.mktemp("inputs")
    for name in ("in", "drop", "lines"):
        (folder / name).mkdir()
    (folder / "in/a.vcf").write_text(CARD)
    (folder / "in/b.txt").write_text("Hello " * 60)
    (folder / "drop/a.vcf").write_text(CARD)
    (folder / "people.csv").write_text(TABLE)
    (folder / "tune.rtttl").write_text("beep:d=4,o=5,b=125:c,e,g")
    (folder / "lines/a.txt").write_text(f"api_id:1\nuser:u\npassword:p\ntext:Hi\nto:+{NUMBER}\n")
    for out in ("outbox", "sent"):
        assert smsenc("convert", "in", "--to", NUMBER, "--out", out, cwd=folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Pyftpd(tmp_path_factory.mktemp("remote")) as server:
        yield server


@pytest.fixture
def work(inputs, server, tmp_path):
    """A function that makes a new copy of the inputs and empties the server."""

    def fresh(number):
        for path in server.folder.iterdir():
            path.unlink()
        folder = tmp_path / str(number)
        shutil.copytree(inputs, folder)
        return folder

    return fresh


def arguments(command, server):
    words = COMMANDS[command]
    if command not in SENDING:
        return words
    return (*words, *sending(server))


def check(done, folder, what):
    """What holds whichever call failed."""
    assert done.returncode in {one.value for one in Exit} - {Exit.BUG}, (what, done)
    assert "internal error" not in done.stderr, (what, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr, (what, done.stderr)
    reasons = [line for line in done.stderr.splitlines() if line.startswith("smsenc: ")]
    assert len(reasons) <= 1, (what, done.stderr)
    assert done.returncode in (0, 4) or done.stderr, (what, done)
    for path in folder.rglob("*"):
        if path.is_file() and names.parse(path.name) and path.suffix == ".txt":
            assert_whole(path.read_bytes(), (what, path))


def assert_whole(octets, what):
    try:
        found = messagefile.loads(octets)
        assert found.to or found.rows, what
    except (MessageFileError, OptionError) as error:
        raise AssertionError(what) from error


def cells():
    """Every command at every boundary, with faults that are other ones in the next cell."""
    kinds = list(FAULTS)
    at = 0
    for command in COMMANDS:
        for number, boundary in enumerate(BOUNDARIES):
            chosen = [kinds[(at + step) % len(kinds)] for step in (0, 13, 29)]
            yield command, number, boundary, chosen
            at += 1


# A socket that is made by Python's own library stays open if it fails with something strange.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_fault_of_the_system_has_its_exit_code_and_one_reason(command, work, server):
    for _command, number, boundary, chosen in (one for one in cells() if one[0] == command):
        for nth, kind in enumerate(chosen, 1):
            folder = work(f"{number}-{nth}")
            fault = Fault(server, FAULTS[kind], nth)
            with failing(fault, boundary):
                done = smsenc(*arguments(command, server), env=SECRETS, cwd=folder)
            check(done, folder, (command, boundary[1], nth, kind, fault.raised))


def test_every_fault_and_boundary_is_used():
    used = {(boundary[1], kind) for _, _, boundary, chosen in cells() for kind in chosen}
    assert {kind for _, kind in used} == set(FAULTS)
    assert {name for name, _ in used} == {name for _, name in BOUNDARIES}


# --- The table -----------------------------------------------------------------------------------


def table():
    """docs/exit-codes.md, as the rules say it."""
    rows = [f"| {rule.code.value} | {rule.summary} |" for rule in faults.RULES]
    passing = ", ".join(sorted(errno.errorcode[code] for code in faults.PASSING))
    return "\n".join(("| code | ends with |", "| --- | --- |", *rows)), passing


def test_the_documentation_has_the_rules():
    text = (ROOT / "docs/exit-codes.md").read_text("utf-8")
    rows, passing = table()
    assert rows in text
    assert passing in " ".join(text.split())
    for one in Exit:
        assert f"| {one.value} |" in text


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_has_a_rule(kind):
    rule = faults.rule_of(FAULTS[kind]())
    assert rule is not None
    assert rule.code in (Exit.ALL_REJECTED, Exit.UNFINISHED)
    assert "\n" not in rule.said(FAULTS[kind]())


@pytest.mark.parametrize("kind", SQLITE)
def test_every_fault_of_a_journal_has_a_rule(kind):
    rule = faults.rule_of(SQLITE[kind]())
    assert rule is not None
    passes = kind in ("locked", "full", "disk")
    assert rule.code is (Exit.UNFINISHED if passes else Exit.ALL_REJECTED)


@pytest.mark.parametrize("error", [TypeError(), KeyError("x"), AttributeError(), AssertionError()])
def test_what_is_wrong_with_us_is_an_internal_error(error):
    assert faults.rule_of(error) is None

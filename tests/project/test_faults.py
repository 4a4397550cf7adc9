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
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from unittest.mock import patch

import command as command_module
import pytest
from command import NUMBER, smsenc
from ftpservers import PASSWORD, USER, Pyftpd, sending
from places import ROOT
from queued import Queue
from sqlalchemy import update

from smsenc import MessageFileError, OptionError, messagefile
from smsenc.messagefile import names
from smsgate.cli import faults, main
from smsgate.cli.codes import Exit
from smsgate.cli.commands import SUBCOMMANDS
from smsgate.gateway import draining, tables, users
from smsgate.gateway.states import UserRole
from smsgate.outbox.lock import lock

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

#: Commands of the gateway whose names have another word.
GROUPS = ("account", "user", "queue", "route", "message", "callback", "reply", "optout")
UID = "0" * 32
ROUTE = """
ftp.tls = "off"
[[route]]
name = "main"
smsc = "smpp://me@127.0.0.1:1"
prefixes = "44"
[[account]]
api-id = "1"
callback = "https://127.0.0.1:1/status"
"""

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
} | {
    f"gateway {words[0]}{f' {words[1]}' if words[0] in GROUPS else ''}": ("gateway", *words)
    for words in (
        ("run", "--config", "route.toml", "--ftp-port", "0", "--http-port", "0"),
        ("check",),
        ("status",),
        ("backup", "new.tar"),
        ("restore", "backup.tar", "--data", "restored"),
        ("upgrade",),
        ("reload",),
        ("drain", "--timeout", "0"),
        ("files",),
        ("account", "add"),
        ("account", "list"),
        ("account", "password", "1", "--generate"),
        ("account", "credit", "1", "5"),
        ("account", "close", "1"),
        ("account", "freeze", "1"),
        ("account", "pause", "1"),
        ("account", "resume", "1"),
        ("user", "add", "bob", "--role", "reader"),
        ("user", "list"),
        ("user", "password", "anna", "--generate"),
        ("user", "role", "anna", "--role", "admin"),
        ("user", "disable", "anna"),
        ("user", "enable", "anna"),
        ("user", "remove", "anna"),
        ("queue", "pause", "3"),
        ("queue", "resume", "3"),
        ("route", "list"),
        ("route", "pause", "main"),
        ("route", "resume", "main"),
        ("route", "explain", NUMBER, "--config", "route.toml"),
        ("message", "show", UID),
        ("message", "cancel", UID),
        ("message", "delay", UID, "--minutes", "5"),
        ("message", "resend", UID),
        ("message", "list"),
        ("message", "settle", UID, "--result", "failed"),
        ("callback", "list"),
        ("callback", "retry", "--all"),
        ("callback", "test", "--account", "1", "--config", "route.toml"),
        ("reply", "list"),
        ("reply", "assign", UID, "1"),
        ("optout", "list"),
        ("optout", "add", NUMBER),
        ("optout", "remove", NUMBER),
    )
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


def make_gateway(folder):
    """A gateway with a user, and a message whose time has not come."""
    folder.mkdir(mode=0o700)
    queue = Queue(folder)
    queue.add(due=2e9, lasts=1e9)
    queue.database.transact(lambda conn: conn.execute(update(tables.message).values(uid=UID)))
    for name in ("anna", "carl"):
        queue.database.transact(partial(users.add, name=name, role=UserRole.READER, now=1.0))
    queue.close()


@contextmanager
def around(command, folder):
    """What a command of the gateway needs: a gateway to drain, or the wish that it ends."""
    with ExitStack() as stack:
        if command == "gateway drain":
            stack.enter_context(lock(folder / "gateway", "the test is a gateway"))
        if command == "gateway run":
            stack.enter_context(patch.object(draining, "forget", draining.ask))
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
    (folder / "route.toml").write_text(ROUTE)
    make_gateway(folder / "gateway")
    assert smsenc("gateway", "backup", "backup.tar", cwd=folder).returncode == 0
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
    said = done.stdout if what[0] in ("gateway check", "gateway callback test") else ""
    assert done.returncode in (0, 4) or said or done.stderr, (what, done)
    for path in folder.rglob("*"):
        if path.is_file() and names.parse(path.name) and path.suffix == ".txt":
            assert_whole(path.read_bytes(), (what, path))


def assert_whole(octets, what):
    try:
        found = messagefile.loads(octets)
        assert found.to or found.rows, what
    except (MessageFileError, OptionError) as error:
        raise AssertionError(what) from error


STEPS = ((1, 0), (2, 13), (3, 29))


def cells():
    """Every command at every boundary, with faults that are other ones in the next cell.

    A fault is of the first, second or third call; the gateway's commands, which have much in
    common, get one of the three.
    """
    kinds = list(FAULTS)
    at = 0
    for command in COMMANDS:
        for number, boundary in enumerate(BOUNDARIES):
            chosen = [(nth, kinds[(at + step) % len(kinds)]) for nth, step in STEPS]
            alone = command.startswith("gateway")
            yield command, number, boundary, chosen[at % 3 :][:1] if alone else chosen
            at += 1


# A socket that is made by Python's own library stays open if it fails with something strange.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_fault_of_the_system_has_its_exit_code_and_one_reason(command, work, server):
    for _command, number, boundary, chosen in (one for one in cells() if one[0] == command):
        for nth, kind in chosen:
            folder = work(f"{number}-{nth}")
            fault = Fault(server, FAULTS[kind], nth)
            with around(command, folder), failing(fault, boundary):
                done = smsenc(*arguments(command, server), env=SECRETS, cwd=folder)
            check(done, folder, (command, boundary[1], nth, kind, fault.raised))


def test_every_command_of_the_gateway_is_tried():
    listed = {row.name for row in SUBCOMMANDS if row.name.startswith("gateway ")}
    assert {name for name in COMMANDS if name.startswith("gateway ")} == listed


def test_every_fault_and_boundary_is_used():
    used = {(boundary[1], kind) for _, _, boundary, chosen in cells() for _, kind in chosen}
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


# --- The gateway's own table ---------------------------------------------------------------------

CODES = {
    ("gateway check", 0): ("check",),
    ("gateway check", 3): ("check", "--data", "in"),
    ("gateway drain", 2): ("drain",),
    ("gateway drain", 6): ("drain", "--timeout", "0"),
    ("gateway run", 0): COMMANDS["gateway run"][1:],
    ("gateway run", 2): ("run", "--config", "none.toml"),
    ("gateway run", 7): ("run",),
    ("gateway account", 2): ("account", "close", "7"),
    ("gateway user", 2): ("user", "remove", "nobody"),
    ("gateway route", 2): ("route", "pause", "other"),
    ("gateway message", 3): ("message", "resend", UID),
    ("gateway reply assign", 3): ("reply", "assign", UID, "1"),
    ("gateway optout", 3): ("optout", "add", "--file", "lines/a.txt"),
    ("gateway route explain", 3): ("route", "explain", "177", "--config", "route.toml"),
    ("gateway callback retry", 3): ("callback", "retry", "7"),
    ("gateway callback test", 3): COMMANDS["gateway callback test"][1:],
    ("gateway reload", 2): ("reload",),
    ("gateway restore", 2): ("restore", "backup.tar"),
    ("gateway backup", 2): ("backup", "backup.tar"),
    ("gateway queue", 2): ("queue", "pause", "4"),
    ("gateway upgrade", 0): ("upgrade",),
    ("gateway upgrade", 7): ("upgrade",),
    ("all but `run`", 3): ("status", "--data", "in"),
}
HELD = (("gateway drain", 6), ("gateway run", 7), ("gateway upgrade", 7))


@pytest.mark.parametrize(("row", "words"), CODES.items(), ids=str)
def test_codes_of_the_gateway(work, row, words):
    name, code = row
    lines = (ROOT / "docs/exit-codes.md").read_text("utf-8").splitlines()
    assert any(name in line and f"| {code} |" in line for line in lines)
    folder = work("codes")
    held = lock(folder / "gateway", "another gateway") if row in HELD else nullcontext()
    with held, around("gateway run", folder):
        assert smsenc("gateway", *words, cwd=folder).returncode == code

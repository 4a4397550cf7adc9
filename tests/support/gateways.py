"""``smsenc gateway run`` as a process of its own, its clients, and what it and the SMSC have kept.

    with simulating(folder / "smsc") as smsc, Gateway(folder / "data", smsc.port) as gateway:
        gateway.upload("a.txt", gateway.account.file("text:Hello", "to:447700900123"))
        gateway.log("a.txt")

A test never looks inside the process: only at its folder, its commands, and at what the message
centre received.
"""

from __future__ import annotations

import contextlib
import ftplib
import io
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from command import COMMAND, environment

from smsenc.messagefile import logs
from smsenc.messagefile.logs import Answer
from smsenc.smpp import codec
from smsenc.smpp.pdus import SubmitSm

HOST = "127.0.0.1"
_SECONDS = 90
_OPEN = ("delayed", "waiting", "sending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account's log-ins: those in message files, and those of the FTP server."""

    api_id: str
    user: str
    password: str
    ftp_user: str
    ftp_password: str

    def lines(self) -> tuple[str, str, str]:
        """The log-in lines of a message file."""
        return f"api_id:{self.api_id}", f"user:{self.user}", f"password:{self.password}"

    def file(self, *lines: str, end: str = "\n") -> bytes:
        """A message file with this log-in."""
        return "".join(f"{line}{end}" for line in (*self.lines(), *lines)).encode("iso-8859-1")


class Gateway:
    """A gateway's process on ``data``; each start uses the ports of the first one.

    ``route`` is the port of a message centre, or None for the simulator inside. ``program`` are
    the words of the command, with which a test can run it in a wrapper.
    """

    account: Account

    def __init__(
        self,
        data: Path,
        route: int | None = None,
        *options: object,
        program: Sequence[str] = COMMAND,
        **variables: str,
    ) -> None:
        self.data = data
        self.ftp_port = 0
        self.http_port = 0
        self.ready: dict[str, Any] = {}
        self._route = ("--route", f"smpp://me@{HOST}:{route}") if route else ()
        self._options = tuple(map(str, options))
        self._program = program
        self._environment = environment(**{"SMSENC_SMPP_PASSWORD": "secret"} | variables)
        self._errors = data.with_suffix(".stderr")
        self._process: subprocess.Popen[str] | None = None

    # --- The process ------------------------------------------------------------------------------

    def start(self, *options: object) -> Self:
        """Start the process, and wait until it says that it is ready."""
        ports = ("--ftp-port", self.ftp_port, "--http-port", self.http_port)
        words = ("gateway", "run", "--data", self.data, "--json", *ports, *self._route)
        with self._errors.open("a") as errors:
            self._process = subprocess.Popen(
                [*self._program, *map(str, words), *self._options, *map(str, options)],
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.ready = self._first_line()
        self.ftp_port = self.ready["ftp"]["port"]
        self.http_port = self.ready["http"]["port"]
        if "account" in self.ready:
            self.account = Account(**self.ready["account"])
        return self

    def _first_line(self) -> dict[str, Any]:
        assert self._process
        assert self._process.stdout
        timer = threading.Timer(_SECONDS, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            code = self._process.wait()
            self._close()
            raise AssertionError(f"the gateway ended with {code}: {self.errors()}")
        return dict(json.loads(line))

    def kill(self) -> None:
        """Kill -9."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._close()

    def end(self) -> None:
        """SIGTERM, after which it drains and ends with 0."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(_SECONDS)
        self._close()
        assert code == 0, self.errors()

    def _close(self) -> None:
        assert self._process
        assert self._process.stdout
        self._process.stdout.close()
        self._process = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The id of the process."""
        assert self._process
        return self._process.pid

    def memory(self, what: str = "VmRSS") -> float:
        """Memory of the process in MB now, or at most until now (``VmHWM``)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition(f"{what}:")[2].split()[0]) / 1024

    def errors(self) -> str:
        """What all its processes wrote to stderr."""
        return self._errors.read_text("utf-8", "replace")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind or not self._process:
            self.kill()
        else:
            self.end()
        assert "Traceback" not in self.errors(), self.errors()

    # --- Its commands -----------------------------------------------------------------------------

    def command(self, *words: object) -> Any:
        """What ``smsenc gateway …`` prints, as JSON if it is."""
        done = subprocess.run(
            [*COMMAND, "gateway", *map(str, words)],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, (words, done.returncode, done.stderr)
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    def status(self) -> dict[str, Any]:
        """Counts by state, and the accounts."""
        return dict(self.command("status", "--data", self.data, "--json"))

    def add_account(self, credit: int = 1_000_000) -> Account:
        """Another account with credit."""
        words = ("account", "add", "--data", self.data, "--credit", credit, "--json")
        return Account(**self.command(*words))

    # --- Its clients ------------------------------------------------------------------------------

    @contextmanager
    def session(self, account: Account | None = None, timeout: float = 20) -> Iterator[ftplib.FTP]:
        """A client that is logged in; it quits in the end, or just goes after an error."""
        account = account or self.account
        client = ftplib.FTP()  # noqa: S321 - on loopback
        try:
            client.connect(HOST, self.ftp_port, timeout=timeout)
            client.login(account.ftp_user, account.ftp_password)
            yield client
            client.quit()
        finally:
            client.close()

    def upload(self, name: str, octets: bytes, account: Account | None = None) -> None:
        """Upload a file under a temporary name, rename it, and quit."""
        with self.session(account) as client:
            put(client, name, octets)

    # --- Its folder -------------------------------------------------------------------------------

    @property
    def spool(self) -> Path:
        """Where files are that it has taken."""
        return self.data / "spool"

    def folder(self, account: Account | None = None) -> Path:
        """What the account's FTP client sees."""
        return self.data / "accounts" / (account or self.account).api_id

    def log(self, name: str, account: Account | None = None) -> list[Answer]:
        """The answers to a file, as soon as they are all there."""
        path = self.folder(account) / f"{name}.log"
        until(path.exists, f"no {name}.log; {self.errors()}")
        return answers(path)

    def history(self, account: Account | None = None) -> list[Answer]:
        """The lines of history.log about messages, the older ones first."""
        folder = self.folder(account)
        paths = sorted(folder.glob("history.log*"), key=lambda p: p.stat().st_mtime_ns)
        found = (logs.read_answers(path.read_bytes()) for path in paths)
        return [one for some in found for one in some if isinstance(one, Answer)]

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of its database, which is opened for reading only."""
        return select(self.data / "gateway.db", query)

    def counts(self) -> Counter[str]:
        """Messages by state, read from the database."""
        return Counter(dict(self.select("SELECT state, count(*) FROM message GROUP BY state")))

    def settled(self, seconds: float = _SECONDS) -> Counter[str]:
        """Wait until no file is being read and no message has still to be sent."""

        def done() -> bool:
            reading = self.select("SELECT count(*) FROM file WHERE state = 'reading'")[0][0]
            return not reading and not any(self.counts()[state] for state in _OPEN)

        until(done, lambda: f"not settled: {self.counts()}; {self.errors()}", seconds)
        return self.counts()


def put(client: ftplib.FTP, name: str, octets: bytes) -> None:
    """Store a file under a temporary name, and rename it."""
    client.storbinary(f"STOR .{name}.tmp", io.BytesIO(octets))
    client.rename(f".{name}.tmp", name)


def until(
    condition: Callable[[], object],
    why: str | Callable[[], str] = "it did not come to that",
    seconds: float = _SECONDS,
) -> None:
    """Wait for a condition; fails with ``why`` if it takes too long."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(why if isinstance(why, str) else why())
        time.sleep(0.02)


def answers(path: Path) -> list[Answer]:
    """The lines of a log, each of which must be an answer."""
    found = logs.read_answers(path.read_bytes())
    strays = [one for one in found if not isinstance(one, Answer)]
    assert not strays, (path.name, strays[:3])
    return [one for one in found if isinstance(one, Answer)]


def select(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of a SQLite database, which is opened for reading only."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as base:
        return base.execute(query).fetchall()


# The message centre -------------------------------------------------------------------------------


class Smsc:
    """``smsenc simulate`` as a process; ``received`` reads what it kept once it has ended."""

    def __init__(self, folder: Path, *options: object) -> None:
        self.folder = folder
        self.port = self.http_port = 0
        self._options = tuple(map(str, options))
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Start it, on the port of the first start."""
        words = ("simulate", "--port", self.port, "--http-port", 0, "--data", self.folder)
        self._process = subprocess.Popen(
            [*COMMAND, *map(str, words), "--json", "--keep", "0", *self._options],
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        ready = json.loads(self._process.stdout.readline())
        self.port, self.http_port = ready["smpp"]["port"], ready["http"]["port"]
        return self

    def reply(self, handset: str, number: str, *options: object) -> None:
        """Have a phone write to a number."""
        api = f"http://{HOST}:{self.http_port}"
        words = ("simulate", "reply", "--from", handset, "--to", number, *options, "--api", api)
        done = subprocess.run(
            [*COMMAND, *map(str, words)],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, (words, done.returncode, done.stderr)

    def end(self) -> None:
        """End it, if it runs."""
        if self._process:
            self._process.terminate()
            self._process.wait(_SECONDS)
            assert self._process.stdout
            self._process.stdout.close()
            self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.end()

    def received(self) -> list[SubmitSm]:
        """Every submit_sm that it accepted, in the order of arrival."""
        return [body for _, body in self.arrivals()]

    def arrivals(self) -> list[tuple[float, SubmitSm]]:
        """The same with the time of each, in UNIX seconds.

        While it runs nobody else can open its database, so a copy is read.
        """
        with tempfile.TemporaryDirectory() as folder:
            for path in self.folder.glob("simulator.db*"):
                shutil.copy(path, folder)
            with contextlib.closing(sqlite3.connect(f"{folder}/simulator.db")) as base:
                rows = base.execute("SELECT time, pdu FROM segments ORDER BY id").fetchall()
        return [(moment, submitted(octets)) for moment, octets in rows]


def submitted(octets: bytes) -> SubmitSm:
    """The submit_sm in the octets of a PDU."""
    body = codec.decode(octets).body
    assert isinstance(body, SubmitSm)
    return body


class Wire(NamedTuple):
    """A part as it was submitted: its header with its length octet, and the octets after it."""

    header: bytes
    data: bytes
    data_coding: int


def wire(body: SubmitSm) -> Wire:
    """Header and octets of a short message, read by esm_class alone (SMPP 3.4, 5.2.12)."""
    octets = body.short_message
    behind = octets[0] + 1 if body.esm_class & 0x40 else 0
    return Wire(octets[:behind], octets[behind:], body.data_coding)


def by_number(bodies: Iterable[SubmitSm]) -> dict[str, list[SubmitSm]]:
    """The parts for each number, in the order of arrival."""
    found: dict[str, list[SubmitSm]] = defaultdict(list)
    for body in bodies:
        found[body.destination_addr.digits].append(body)
    return dict(found)


if __name__ == "__main__":  # a gateway whose clock a file moves: its octets are the seconds
    from smsgate.cli import main
    from smsgate.gateway import database

    _OFFSET = Path(sys.argv.pop(1))
    database.now = lambda: time.time() + float(_OFFSET.read_text() or 0)
    main()

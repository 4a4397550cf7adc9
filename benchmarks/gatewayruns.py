"""What ``benchmarks/gateway.py`` runs: a gateway, Kannel, message centres, and their messages."""

import ftplib
import io
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import kannel  # noqa: F401 - for gateway.py
import peers
import simulated
from command import COMMAND, environment
from smppcentre import Centre, in_thread

HOST = peers.HOST
_LONG = 900
#: Of any value: the message centres take all.
PASSWORD = {"SMSENC_SMPP_PASSWORD": "secret"}
_TICKS = os.sysconf("SC_CLK_TCK")

# Messages -----------------------------------------------------------------------------------------


def words(number):
    """The text of a message: about 60 characters, and its own."""
    return f"Dear customer {number}, your parcel number {number * 7919} is here"


def recipient(number):
    return str(447_700_000_000 + number)


def rows(count):
    """A template with a row for each message."""
    head = "text:Dear customer #field1#, your parcel number #field2# is here\n"
    return head, (f"csv:{recipient(n)},{n},{n * 7919}\n" for n in range(1, count + 1))


def recipients(count):
    """One text for as many recipients."""
    return f"text:{words(1)}\n", (f"to:{recipient(n)}\n" for n in range(1, count + 1))


def requests(count):
    """The same messages for Kannel's HTTP interface, with a place for the port."""
    return [
        b"GET /cgi-bin/sendsms?username=me&password=secret&from=12345&to=%s&text=%s HTTP/1.1\r\n"
        b"Host: %s:%%d\r\n\r\n"
        % (
            recipient(n).encode(),
            urllib.parse.quote_plus(words(n)).encode().replace(b"%", b"%%"),
            HOST.encode(),
        )
        for n in range(1, count + 1)
    ]


def store(ftp, name, octets):
    ftp.storbinary(f"STOR {name}", io.BytesIO(octets), blocksize=1 << 20)


# A gateway ----------------------------------------------------------------------------------------

_CONFIGURATION = """\
[[route]]
name = "centre"
smsc = "smpp://me@{host}:{port}"
password-env = "SMSENC_SMPP_PASSWORD"
window = {window}
"""


class Gateway:
    """A running gateway; its account has credits for all messages."""

    def __init__(self, process, ready, folder):
        self._process, self._folder = process, folder
        self._ready, self.account = ready["ftp"], ready["account"]

    @contextmanager
    def ftp(self):
        ftp = ftplib.FTP()  # noqa: S321 - on loopback
        ftp.connect(self._ready["host"], self._ready["port"], timeout=_LONG)
        ftp.login(self.account["ftp_user"], self.account["ftp_password"])
        ftp.voidcmd("TYPE I")
        try:
            yield ftp
        finally:
            ftp.close()

    def message_file(self, content):
        """The octets of a message file."""
        head, lines = content
        log_in = (f"{key}:{self.account[key]}\n" for key in ("api_id", "user", "password"))
        return "".join((*log_in, head, *lines)).encode()

    def message(self, number):
        return self.message_file((f"text:{words(number)}\n", [f"to:{recipient(number)}\n"]))

    def upload_small(self, count, connections):
        def upload(numbers):
            with self.ftp() as ftp:
                for number in numbers:
                    store(ftp, f"{number}.tmp", self.message(number))
                    ftp.rename(f"{number}.tmp", f"{number}.txt")

        shares = [range(first, count + 1, connections) for first in range(1, connections + 1)]
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(upload, shares))

    def use(self):
        return use_of(self._process.pid, *children(self._process.pid))

    def counts(self):
        return json.loads(command("gateway", "status", "--data", self._folder, "--json"))

    def settled(self, count):
        """The counts by state, when all are sent."""
        for _ in range(60):
            found = {k: n for k, n in self.counts()["messages"].items() if n}
            if found == {"sent": count}:
                return found
            time.sleep(0.5)
        raise AssertionError(found)


def command(*arguments):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment(**PASSWORD),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


@contextmanager
def gateway(folder, port, window, profile=""):
    """A gateway whose one route is the message centre at ``port``."""
    data, configuration = folder / "gateway", folder / "gateway.toml"
    configuration.write_text(_CONFIGURATION.format(host=HOST, port=port, window=window))
    program = [sys.executable, "-m", "cProfile", "-o", profile] if profile else [sys.executable]
    process = subprocess.Popen(
        [
            *(*program, *COMMAND[1:], "gateway", "run", "--data", str(data), "--json"),
            *("--config", str(configuration), "--ftp-port", "0", "--http-port", "0"),
        ],
        env=environment(**PASSWORD),
        stdout=subprocess.PIPE,
        stderr=(folder / "stderr").open("wb"),
        text=True,
    )
    try:
        line = process.stdout.readline()
        if not line:
            raise AssertionError((folder / "stderr").read_text())
        found = Gateway(process, json.loads(line), data)
        command("gateway", "account", "credit", found.account["api_id"], 2_000_000, "--data", data)
        time.sleep(1)  # the start is over
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


# Processes ----------------------------------------------------------------------------------------


def children(parent, *names):
    """The ids of processes that a process has started, and theirs."""
    found = []
    for path in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            name = Path(f"/proc/{child}/comm").read_text().strip()
            found += [child] * (not names or name in names) + children(child, *names)
    return found


def use_of(*processes):
    """Peak memory in MB and processor time in seconds of processes."""
    peak = cpu = 0.0
    for process in processes:
        status = Path(f"/proc/{process}/status").read_text()
        peak += int(status.partition("VmHWM:")[2].split()[0]) / 1024
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        cpu += sum(map(int, fields[11:15])) / _TICKS  # its own, and that of children that ended
    return {"peak": peak, "cpu": cpu}


# Message centres ----------------------------------------------------------------------------------


class _Npm:
    def __init__(self, server):
        self._server, self.port = server, server.port

    def last(self):
        """When the last submit was answered."""
        return self.arrived()["last"]

    def arrived(self):
        """When the first submit came, and when the last one was answered."""
        return self._server.next("arrived", _LONG)

    def session(self):
        """How many submits came in a session that has ended."""
        return self._server.next("session")["submits"]

    def check(self, count):
        """All sessions have ended: none was submitted twice."""
        found = self.session()
        assert found == count, found


@contextmanager
def npm(count):
    with peers.server("npm smpp", "--quiet", "--expect", count) as server:
        yield _Npm(server)


class _Simulated:
    def __init__(self, running, count):
        self._running, self.port, self._count = running, running.port, count

    def last(self):
        """As above: its ids count up, and the answer to the question comes with the last one."""
        before = f"{0xA0000001 + self._count - 2:x}"
        deadline = time.monotonic() + _LONG
        while time.monotonic() < deadline:
            try:
                self._running.wait(1, after=before)
            except OSError:
                continue
            return time.perf_counter()
        raise TimeoutError

    def check(self, count):
        time.sleep(1)
        assert not self._running.messages(after=f"{0xA0000001 + count - 1:x}")


@contextmanager
def simulator(count):
    with tempfile.TemporaryDirectory() as folder:
        options = ("--receipts", "never", "--keep", "1000")
        with simulated.simulator(folder, *options) as running:
            yield _Simulated(running, count)


class Recorder:
    """A message centre in a thread of this process, which notes when each message arrives."""

    def __init__(self):
        self._arrived = queue.Queue()
        self._early = {}
        self._centre = Centre(window=1000)
        self._centre.on_request = self._on_request(self._centre.on_request)

    def _on_request(self, answer):
        def on_request(session, pdu):
            when = time.perf_counter()
            octets = getattr(pdu.body, "short_message", b"")
            answer(session, pdu)
            if octets:
                self._arrived.put((int(octets.split(b",")[0].split()[-1]), when))

        return on_request

    def __enter__(self):
        self._running = in_thread(self._centre)
        self._running.__enter__()
        self.port = self._centre.port
        return self

    def __exit__(self, *error):
        self._running.__exit__(*error)

    def arrival(self, number):
        """When a message came; waits for it."""
        while number not in self._early:
            found, when = self._arrived.get(timeout=60)
            self._early[found] = when
        return self._early.pop(number)

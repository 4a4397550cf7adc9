"""Sender processes on one PostgreSQL, beside the gateway on SQLite: messages a second.

Run with the project's Python, after ``tools/smpp-peers`` and ``tools/postgres``:
``.venv/bin/python benchmarks/nodes.py [--count 50000] [--senders 1 2 4] [--rounds 3]``.

Each run has an empty database and new processes. The route is paused; a file is uploaded, and read
to its end; then the route is resumed. The time is from the first submit to the last answer at the
message centre (npm smpp, a process of its own), so that nothing else is counted: not the start of
processes, not the intake. The intake is shown beside it, from the rename to the file's log. On
PostgreSQL one node reads files and writes logs, and the others send. PostgreSQL and SQLite flush
every commit. All of it shares the machine's processors: the last columns say who used them.
"""

import argparse
import ftplib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import gatewayruns as runs
import postgres
from command import COMMAND, environment
from gatewayruns import HOST

_SECONDS = 900
_BASE = """\
database = "{url}"
[node]
storage = "{storage}"
"""
_ROUTE = """\
[ftp]
tls = "off"
[[route]]
name = "centre"
smsc = "smpp://me@{host}:{port}"
password-env = "SMSENC_SMPP_PASSWORD"
window = {window}
"""


class Node:
    """A process of a gateway, until it is ended; ``ready`` is what it said at its start."""

    def __init__(self, data, *options):
        self.data = data
        self._errors = data.with_suffix(".stderr")
        words = ("gateway", "run", "--data", data, "--json", "--ftp-port", 0, "--http-port", 0)
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *COMMAND[1:], *map(str, (*words, *options))],
                env=environment(**runs.PASSWORD),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self._errors.read_text())
        self.ready = json.loads(line)

    def command(self, *words):
        return runs.command("gateway", *words, "--data", self.data)

    def cpu(self):
        return runs.use_of(self.process.pid, *runs.children(self.process.pid))["cpu"]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


@contextmanager
def alone(folder, port, window):
    """The gateway on SQLite: one process; it reads files, and sends."""
    node = _started(folder, "all", "", _ROUTE.format(host=HOST, port=port, window=window))
    try:
        yield node, [node], folder / "all"
    finally:
        node.end()


@contextmanager
def together(server, senders, folder, port, window):
    """Nodes on PostgreSQL: one that reads files, and those that send."""
    url = server.fresh()
    base = _BASE.format(url=url, storage=folder / "shared")
    route = _ROUTE.format(host=HOST, port=port, window=window)
    (folder / "shared").mkdir()
    with ExitStack() as ends:
        ends.callback(server.drop, url)
        nodes = []
        for name in ("intake", *(f"sender{n}" for n in range(1, senders + 1))):
            roles = "ftp, web" if name == "intake" else "send"
            nodes.append(_started(folder, name, base, route, "--node", name, "--roles", roles))
            ends.callback(nodes[-1].end)
        yield nodes[0], nodes[1:], folder / "shared"


def _started(folder, name, base, route, *options):
    data = folder / name
    data.mkdir()
    (data / "gateway.toml").write_text(base + route)
    return Node(data, *options)


def measured(given, gateway, base=None):
    """One run: seconds of the intake and of sending, and processor seconds while sending."""
    with (
        runs.npm(given.count) as centre,
        tempfile.TemporaryDirectory() as folder,
        gateway(Path(folder), centre.port, given.window) as (intake, senders, storage),
    ):
        account = intake.ready["account"]
        intake.command("account", "credit", account["api_id"], 2 * given.count)
        intake.command("route", "pause", "centre")
        accepted = _upload(given, intake, account, storage)
        before = [one.cpu() for one in senders], _cpu_of(base)
        intake.command("route", "resume", "centre")
        arrived = centre.arrived()
        after = [one.cpu() for one in senders], _cpu_of(base)
        _settled(given, intake)
        for one in senders:
            one.end()
        _check(given, centre, len(senders))
    return {
        "accepted": accepted,
        "seconds": arrived["last"] - arrived["first"],
        "senders": sum(after[0]) - sum(before[0]),
        "base": after[1] - before[1],
    }


def _upload(given, intake, account, storage):
    head, lines = runs.rows(given.count)
    log_in = (f"{key}:{account[key]}\n" for key in ("api_id", "user", "password"))
    octets = "".join((*log_in, head, *lines)).encode()
    log = storage / "accounts" / account["api_id"] / "all.txt.log"
    with ftplib.FTP() as ftp:  # noqa: S321 - on loopback
        ftp.connect(HOST, intake.ready["ftp"]["port"], timeout=_SECONDS)
        ftp.login(account["ftp_user"], account["ftp_password"])
        runs.store(ftp, "all.tmp", octets)
        start = time.perf_counter()
        ftp.rename("all.tmp", "all.txt")
        while not log.exists():
            time.sleep(0.02)
        seconds = time.perf_counter() - start
    waiting = json.loads(intake.command("status", "--json"))["messages"]["waiting"]
    assert waiting == given.count, waiting
    return seconds


def _cpu_of(base):
    return runs.use_of(base.pid, *runs.children(base.pid))["cpu"] if base else 0.0


def _settled(given, intake):
    for _ in range(120):
        found = json.loads(intake.command("status", "--json"))["messages"]
        if found["sent"] == given.count:
            return
        time.sleep(0.5)
    raise AssertionError(found)


def _check(given, centre, sessions):
    submits = sum(centre.session() for _ in range(sessions))
    assert submits == given.count, f"{submits} submits of {given.count} messages"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--window", type=int, default=50)
    parser.add_argument(
        "--senders", type=int, nargs="*", default=[1, 2, 4], help="none: SQLite alone"
    )
    given = parser.parse_args()
    with postgres.running() as server:
        version = server.do("SHOW server_version")[0][0]
        print(f"Python {sys.version.split()[0]}, PostgreSQL {version}, {os.cpu_count()} cores\n")
        ways = {"SQLite, 1 process": lambda: measured(given, alone)}
        for senders in given.senders:
            ways[f"PostgreSQL, {senders} senders"] = lambda senders=senders: measured(
                given, lambda *place: together(server, senders, *place), server
            )
        found = {name: [] for name in ways}
        for _ in range(given.rounds):
            for name, way in ways.items():
                found[name].append(way())
                print(f"  {name}: {found[name][-1]}", flush=True)
    show(given, found)


def show(given, found):
    title = f"{given.count:,} messages, window {given.window}"
    columns = ("accepted/s", "best, sent/s", "median, sent/s", "senders, cpu s", "base, cpu s")
    print(f"\n{title:30}" + "".join(f"{name:>16}" for name in columns))
    for name, some in found.items():
        best, median = (f([one["seconds"] for one in some]) for f in (min, statistics.median))
        accepted = min(one["accepted"] for one in some)
        rates = [f"{given.count / one:,.0f}" for one in (accepted, best, median)]
        cpu = [f"{statistics.median(one[key] for one in some):.1f}" for key in ("senders", "base")]
        print(f"{name:30}" + "".join(f"{one:>16}" for one in (*rates, *cpu)))


main()

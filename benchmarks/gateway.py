"""The gateway, from a complete file to the message centre, beside Kannel on the same machine.

Run with the project's Python, after ``tools/smpp-peers``:
``.venv/bin/python benchmarks/gateway.py [latency] [intake] [throughput]``; without a name it runs
all three, with ``--million`` a file of a million rows instead. Each gateway is a process of its own
with an empty folder. All times are of CLOCK_MONOTONIC, which processes share. The message centre is
another process (npm smpp, which is faster than ``smsenc simulate``: ``--simulator`` takes that),
and says when it has answered the last submit; nothing asks the gateway for anything meanwhile.
Kannel gets its messages over HTTP on eight connections; with ``store-type`` it writes each message
to a file first, and never calls fsync.
"""

import argparse
import itertools
import os
import selectors
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path

import gatewayruns as runs
from figures import Figure, emit
from gatewayruns import HOST, kannel

KANNEL, KANNEL_HOME = "Kannel 1.4.5", Path("/opt/kannel")
_CONNECTIONS = 8
_SECONDS = 900
_STORES = {
    "Kannel, no store": "",
    "Kannel, store file": "store-type = file\nstore-location = {folder}/store",
    "Kannel, store spool": "store-type = spool\nstore-location = {folder}",
}


# Latency ------------------------------------------------------------------------------------------


def latency(given):
    """200 files, one after the other; and as many idle connections as an account may have."""
    with (
        tempfile.TemporaryDirectory() as folder,
        runs.Recorder() as recorder,
        runs.gateway(Path(folder), recorder.port, given.window) as gateway,
    ):
        numbers = itertools.count(1)
        ways = {
            "STOR, RNTO": _renamed(gateway, recorder, numbers, given.files),
            "STOR, then NOOP": _next_command(gateway, recorder, numbers, given.files),
            "STOR, then idle": _idle(gateway, recorder, numbers),
        }
    rows = []
    for name, found in ways.items():
        late = sorted(found)
        rank = max(0, -(-99 * len(late) // 100) - 1)
        cells = (statistics.median(late), late[rank], late[-1])
        rows.append((name, len(late), *(f"{1000 * one:,.1f}" for one in cells)))
    show("file complete to submit_sm, ms", ("files", "median", "p99", "most"), rows)


def _renamed(gateway, recorder, numbers, count):
    found = []
    with gateway.ftp() as ftp:
        for number in itertools.islice(numbers, count):
            runs.store(ftp, f"{number}.tmp", gateway.message(number))
            ftp.sendcmd(f"RNFR {number}.tmp")
            complete = time.perf_counter()
            ftp.sendcmd(f"RNTO {number}.txt")
            found.append(recorder.arrival(number) - complete)
    return found


def _next_command(gateway, recorder, numbers, count):
    found = []
    with gateway.ftp() as ftp:
        for number in itertools.islice(numbers, count):
            runs.store(ftp, f"{number}.txt", gateway.message(number))
            complete = time.perf_counter()
            ftp.voidcmd("NOOP")
            found.append(recorder.arrival(number) - complete)
    return found


def _idle(gateway, recorder, numbers):
    complete = {}
    with ExitStack() as stack:
        for number in itertools.islice(numbers, 16):
            ftp = stack.enter_context(gateway.ftp())
            runs.store(ftp, f"{number}.txt", gateway.message(number))
            complete[number] = time.perf_counter()
        return [recorder.arrival(number) - then for number, then in complete.items()]


# Intake -------------------------------------------------------------------------------------------


def intake(given):
    """Small files on one and on four connections: to the last reply, and to the last submit."""
    rows = []
    for connections in (1, 4):
        count = given.small_files
        with (
            _centre(given, count) as centre,
            tempfile.TemporaryDirectory() as folder,
            runs.gateway(Path(folder), centre.port, given.window) as gateway,
        ):
            start = time.perf_counter()
            gateway.upload_small(count, connections)
            stored = time.perf_counter() - start
            sent = centre.last() - start
        cells = (f"{count / stored:,.0f}", f"{count / sent:,.0f}")
        rows.append((f"{count} files, {connections} connections", *cells))
    show("small files a second (STOR, RNTO)", ("stored", "sent"), rows)


# Throughput ---------------------------------------------------------------------------------------


def throughput(given):
    """All ways take turns; seconds to the last answer."""
    ways = (
        {}
        if given.only_kannel
        else {
            "gateway, csv rows": lambda: _ours(given, runs.rows),
            "gateway, to lines": lambda: _ours(given, runs.recipients),
        }
    )
    if not given.only_ours:
        for name, core in _STORES.items():
            ways[name] = lambda core=core: _kannel(given, core)
    found = {name: [] for name in ways}
    for _ in range(given.rounds):
        for name, way in ways.items():
            found[name].append(way())
            print(f"  {name}: {found[name][-1]}", flush=True)
    show(
        f"{given.count:,} messages, window {given.window}, to {_name(given)}",
        ("best, s", "median, s", "best, msg/s", "median, msg/s", "peak, MB", "cpu, s"),
        [_cells(name, one, given.count) for name, one in found.items()],
    )


def _cells(name, found, count):
    seconds = sorted(one["seconds"] for one in found)
    best, median = seconds[0], statistics.median(seconds)
    peak, cpu = (max(one[key] for one in found) for key in ("peak", "cpu"))
    rates = (f"{count / best:,.0f}", f"{count / median:,.0f}")
    return name, f"{best:.1f}", f"{median:.1f}", *rates, f"{peak:,.0f}", f"{cpu:.1f}"


def _ours(given, make, count=0):
    count = count or given.count
    with _centre(given, count) as centre, tempfile.TemporaryDirectory() as folder:
        with runs.gateway(Path(folder), centre.port, given.window, given.profile) as gateway:
            with gateway.ftp() as ftp:
                runs.store(ftp, "all.tmp", gateway.message_file(make(count)))
                ftp.sendcmd("RNFR all.tmp")
                complete = time.perf_counter()
                ftp.sendcmd("RNTO all.txt")
                replied = time.perf_counter()
                last = centre.last()
            found = {"seconds": last - complete, "reply": replied - complete, **gateway.use()}
            found["counts"] = gateway.settled(count)
        centre.check(count)
    return found


def _kannel(given, core):
    requests = runs.requests(given.count)
    with _centre(given, given.count) as centre, tempfile.TemporaryDirectory() as folder:
        core = core.format(folder=folder)
        with kannel.gateway(Path(folder), centre.port, given.window, core) as gateway:
            octets = [one % gateway.http for one in requests]
            own, start = time.process_time(), time.perf_counter()
            _feed(gateway.http, octets)
            fed = time.perf_counter() - start
            seconds = centre.last() - start
            feeder = time.process_time() - own
            use = runs.use_of(*runs.children(os.getpid(), "bearerbox", "smsbox"))
        centre.check(given.count)
    return {"seconds": seconds, "fed": fed, "feeder": feeder, **use}


def _feed(port, requests):
    """One request at a time on each connection."""
    left = iter(requests)
    with selectors.DefaultSelector() as ready, ExitStack() as stack:
        for octets in itertools.islice(left, _CONNECTIONS):
            one = stack.enter_context(socket.create_connection((HOST, port)))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.register(one, selectors.EVENT_READ)
            one.sendall(octets)
        while ready.get_map():
            for key, _ in ready.select():
                if key.fileobj.recv(1 << 16).endswith(b"delivery"):
                    if octets := next(left, None):
                        key.fileobj.sendall(octets)
                    else:
                        ready.unregister(key.fileobj)


def million(given):
    """Memory and time of ten times as many rows."""
    found = _ours(given, runs.rows, 1_000_000)
    show(
        "1,000,000 csv rows",
        ("best, s", "median, s", "best, msg/s", "median, msg/s", "peak, MB", "cpu, s"),
        [_cells("gateway, csv rows", [found], 1_000_000)],
    )


def _name(given):
    return "smsenc simulate" if given.simulator else "npm smpp"


@contextmanager
def _centre(given, count):
    maker = runs.simulator if given.simulator else runs.npm
    with maker(count) as centre:
        yield centre


# The table ----------------------------------------------------------------------------------------


def show(title, columns, rows):
    width = max(len(title), *(len(row[0]) for row in rows)) + 1
    print(f"{title:{width}}" + "".join(f"{name:>16}" for name in columns))
    for name, *cells in rows:
        print(f"{name:{width}}" + "".join(f"{one:>16}" for one in cells))
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="*", help="latency, intake, throughput; default: all")
    for name, default in {
        "count": 100_000,
        "rounds": 3,
        "window": 50,
        "files": 200,
        "small-files": 500,
    }.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    for name in ("million", "simulator", "only-ours", "only-kannel", "json", "quick"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--profile", default="", help="write the gateway's cProfile there")
    given = parser.parse_args()
    if given.json:
        tell(given)
        return
    versions()
    if given.million:
        million(given)
        return
    for part in (latency, intake, throughput):
        if not given.what or part.__name__ in given.what:
            part(given)


def figures(given):
    """The rate of both kinds of message files beside Kannel's, which stores nothing."""
    ways = {
        "csv rows": lambda: _ours(given, runs.rows),
        "to lines": lambda: _ours(given, runs.recipients),
        "Kannel": lambda: _kannel(given, ""),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(given.rounds):
        for name, way in ways.items():
            best[name] = min(best[name], way()["seconds"])
    *ours, theirs = (given.count / seconds for seconds in best.values())
    for name, mine in zip(ways, ours, strict=False):
        what = f"gateway, {name} to SMPP"
        yield Figure(what, "messages/s", mine, f"{KANNEL}, without a store", theirs, 1.0, rate=True)


def tell(given):
    if not (KANNEL_HOME.exists() and shutil.which("node")):
        emit((), ["Kannel"])
        return
    given.count, given.rounds = (5_000, 1) if given.quick else (50_000, 3)
    emit(list(figures(given)))


def versions():
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    packages = ", ".join(f"{one} {version(one)}" for one in ("sqlalchemy", "pyftpdlib"))
    print(
        f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {packages}, "
        f"node {node.stdout.strip()}, npm smpp 0.5.1, {KANNEL}, {os.cpu_count()} cores\n"
    )


main()

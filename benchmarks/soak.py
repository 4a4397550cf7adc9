"""A gateway under steady load for a long time: what grows, and how latency changes.

Run with the project's Python: ``.venv/bin/python benchmarks/soak.py --minutes 30 --rate 1000``. Two
accounts upload a file each second, with receipts and callbacks; the URL of one works, that of the
other answers 500 to every second call and is silent to the rest. A phone replies every five
seconds. The gateway and ``smsenc simulate`` are processes of their own. Samples go to a CSV file,
and a chart of them to an SVG file; ``--draw-only`` makes the chart again. In the end all that was
accepted must be delivered, and all of it has come to the message centre once.
"""

import argparse
import csv
import http.server
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from itertools import count, islice
from pathlib import Path
from typing import ClassVar

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from gateways import HOST, Gateway, Smsc, put
from plots import Panel, chart

_ROOT = Path(__file__).parents[1]
_OURS = "448311000000"
_QUEUED, _SENT, _DELIVERED = 2, 3, 4  # statuses
_HANGING = 20.0  # seconds that a silent URL takes
_FINAL = ("delivered", "failed", "expired", "cancelled", "unknown")
_SETTINGS = """\
[callback]
allow-private = ["127.0.0.0/8"]
[[route]]
name = "centre"
smsc = "smpp://me@{host}:{smsc}"
password-env = "SMSENC_SMPP_PASSWORD"
window = 50
[[account]]
api-id = "{well}"
callback = "http://{host}:{http}/well"
reply-callback = "http://{host}:{http}/reply"
[[account]]
api-id = "{ill}"
callback = "http://{host}:{http}/ill"
"""
_NEW = """\
SELECT event.id, event.status, (event.time - file.taken) * 1000 FROM event
JOIN message ON message.id = event.message JOIN file ON file.id = message.file WHERE event.id > {}
"""
FIELDS = (
    *(
        "minutes",
        "memory_mb",
        "open_files",
        "threads",
        "database_mb",
        "waiting",
        "callbacks_waiting",
    ),
    *("accepted_per_s", "sent_per_s", "delivered_per_s", "called_per_s"),
    *("latency_p50_ms", "latency_p99_ms"),
)


# Callbacks ----------------------------------------------------------------------------------------


class _Pages(http.server.BaseHTTPRequestHandler):
    """Counts calls; ``/ill`` fails, in turns by an answer and by silence."""

    calls: ClassVar = Counter()

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def do_GET(self):
        self._answer(b"")

    def _answer(self, _body):
        kind = self.path[1:].partition("?")[0]
        self.calls[kind] += 1
        if kind == "ill" and self.calls[kind] % 2:
            time.sleep(_HANGING)
        self.send_response(500 if kind == "ill" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def pages():
    server = http.server.ThreadingHTTPServer((HOST, 0), _Pages)
    server.handle_error = lambda *_: None  # the gateway ends calls that take too long
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


# Load ---------------------------------------------------------------------------------------------


class Load(threading.Thread):
    """A file each second for an account, of ``size`` messages; ``late`` counts slow seconds."""

    def __init__(self, gateway, account, first, size, stop):
        super().__init__(daemon=True)
        self.uploaded, self.late, self.errors = 0, 0, []
        self._gateway, self._account, self._size, self._stopped = gateway, account, size, stop
        self._numbers = count(first)

    def run(self):
        while not self._stopped.is_set():
            try:
                with self._gateway.session(self._account, timeout=60) as client:
                    self._second_by_second(client)
            except Exception as error:  # noqa: BLE001 - it goes on with a new connection
                self.errors.append(repr(error))
                self._stopped.wait(1)

    def _second_by_second(self, client):
        due = time.monotonic()
        while not self._stopped.is_set():
            rows = [f"csv:{447_000_000_000 + n},{n}" for n in islice(self._numbers, self._size)]
            lines = (f"from:{_OURS}", "deliv_ack:1", "callback:6", "text:Parcel #field1# is here")
            name = f"{self._account.api_id}-{rows[0][4:16]}.txt"
            put(client, name, self._account.file(*lines, *rows))
            self.uploaded += self._size
            due += 1
            self.late += time.monotonic() > due
            self._stopped.wait(max(0, due - time.monotonic()))


def replying(smsc, stop):
    """A reply each few seconds, by a phone that the first messages have gone to."""
    for n in count():
        if stop.wait(5):
            return
        smsc.reply("447000000000", _OURS, "--text", f"reply {n}")


# Samples ------------------------------------------------------------------------------------------


class Sampler:
    """Rows of ``FIELDS``; rates are those since the last sample."""

    def __init__(self, gateway):
        self._gateway, self._began = gateway, time.monotonic()
        self._at, self._called, self._event = self._began, 0, 0

    def sample(self):
        process = Path(f"/proc/{self._gateway.pid}")
        status = (process / "status").read_text()
        waiting, calls = self._gateway.select(
            "SELECT (SELECT count(*) FROM message WHERE state = 'waiting'),"
            " (SELECT count(*) FROM callback WHERE state = 'waiting')"
        )[0]
        size = sum(path.stat().st_size for path in self._gateway.data.glob("gateway.db*"))
        row = (
            (time.monotonic() - self._began) / 60,
            int(status.partition("VmRSS:")[2].split()[0]) / 1024,
            len([*(process / "fd").iterdir()]),
            int(status.partition("Threads:")[2].split()[0]),
            *(size / 1e6, waiting, calls, *self._changes()),
        )
        return dict(zip(FIELDS, row, strict=True))

    def _changes(self):
        """Rates, and from the taken file to the answer of the message centre, in ms.

        Only new events are read, so that the sampler costs the same at the end as at the beginning.
        """
        rows = self._gateway.select(_NEW.format(self._event))
        now, called = time.monotonic(), sum(_Pages.calls.values())
        seconds, calls = now - self._at, called - self._called
        self._at, self._called = now, called
        self._event = max((row[0] for row in rows), default=self._event)
        counts = Counter(row[1] for row in rows)
        found = sorted(row[2] for row in rows if row[1] == _SENT) or [0.0]
        rates = (*(counts[one] / seconds for one in (_QUEUED, _SENT, _DELIVERED)), calls / seconds)
        return *rates, statistics.median(found), found[max(0, -(-99 * len(found) // 100) - 1)]


# The run ------------------------------------------------------------------------------------------


def soak(given, out):
    with (
        tempfile.TemporaryDirectory() as folder,
        pages() as port,
        Smsc(Path(folder) / "smsc", "--receipt-delay", "1") as smsc,
    ):
        gateway, accounts = prepared(Path(folder), smsc, port)
        with gateway, out.open("w", newline="") as file:
            stop = threading.Event()
            loads = [
                Load(gateway, one, at * 100_000_000, given.rate // 2, stop)
                for at, one in enumerate(accounts)
            ]
            threads = [*loads, threading.Thread(target=replying, args=(smsc, stop), daemon=True)]
            for one in threads:
                one.start()
            _sampled(given, gateway, file)
            stop.set()
            for one in threads:
                one.join(90)
            _ended(gateway, loads)
        arrived = Counter(body.destination_addr.digits for body in smsc.received())
        uploaded = sum(one.uploaded for one in loads)
        assert len(arrived) == uploaded, (len(arrived), uploaded)
        assert set(arrived.values()) == {1}
        print(f"{uploaded:,} messages accepted, each sent once; calls: {dict(_Pages.calls)}")


def prepared(folder, smsc, port):
    """A gateway with two accounts, one of whose URLs fails."""
    settings = folder / "given.toml"
    with Gateway(folder / "data", smsc.port) as first:
        well, ill = first.account, first.add_account(9_000_000)
    names = {"well": well.api_id, "ill": ill.api_id}
    settings.write_text(_SETTINGS.format(host=HOST, smsc=smsc.port, http=port, **names))
    gateway = Gateway(folder / "data", None, "--config", settings)
    gateway.account = well
    return gateway, (well, ill)


def _sampled(given, gateway, file):
    writer = csv.DictWriter(file, FIELDS)
    writer.writeheader()
    sampler, end = Sampler(gateway), time.monotonic() + 60 * given.minutes
    while time.monotonic() < end:
        time.sleep(given.every)
        row = sampler.sample()
        writer.writerow({name: f"{value:.3f}" for name, value in row.items()})
        file.flush()
        print(" ".join(f"{name}={value:,.1f}" for name, value in row.items()), flush=True)


def _ended(gateway, loads):
    """Wait until all is delivered."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        counts = gateway.counts()
        if set(counts) <= set(_FINAL):
            break
        time.sleep(1)
    print(f"in the end: {dict(counts)}; late seconds: {[one.late for one in loads]}")
    print(f"errors of the clients: {[one.errors for one in loads]}")
    with closing(sqlite3.connect(gateway.data / "gateway.db")) as base:
        print(
            "callbacks:", base.execute("SELECT state, count(*) FROM callback GROUP BY 1").fetchall()
        )


def draw(source, target, title):
    with source.open(newline="") as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    by = {name: [row[name] for row in rows] for name in FIELDS}
    panels = [
        Panel(
            "Messages",
            "a second",
            {
                "accepted": by["accepted_per_s"],
                "sent": by["sent_per_s"],
                "delivered": by["delivered_per_s"],
                "URLs called": by["called_per_s"],
            },
        ),
        Panel(
            "Upload to answer of the message centre",
            "ms",
            {
                "p50": by["latency_p50_ms"],
                "p99": by["latency_p99_ms"],
            },
        ),
        Panel("Memory", "MB", {"resident": by["memory_mb"]}),
        Panel(
            "Open files and threads",
            "count",
            {
                "open files": by["open_files"],
                "threads": by["threads"],
            },
        ),
        Panel("Database with its log", "MB", {"size": by["database_mb"]}),
        Panel(
            "Callbacks that wait",
            "thousands",
            {
                "waiting": [one / 1000 for one in by["callbacks_waiting"]],
            },
        ),
    ]
    target.write_text(chart(title, by["minutes"], panels), "utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument(
        "--rate", type=int, default=1000, help="messages a second, of both accounts"
    )
    parser.add_argument("--every", type=float, default=10, help="seconds between two samples")
    parser.add_argument("--csv", type=Path, default=_ROOT / "benchmarks" / "results" / "soak.csv")
    parser.add_argument("--svg", type=Path, default=_ROOT / "docs" / "soak.svg")
    parser.add_argument("--draw-only", action="store_true")
    given = parser.parse_args()
    given.csv.parent.mkdir(exist_ok=True)
    if not given.draw_only:
        soak(given, given.csv)
    draw(given.csv, given.svg, f"A gateway at {given.rate:,} messages a second")


main()

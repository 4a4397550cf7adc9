"""10,000 submits at window 50, client and server on the same cores, beside the clients of others.

Run with the project's Python, after ``tools/smpp-peers``: ``.venv/bin/python benchmarks/smpp.py``.
Each client is a process of its own, and the time is from the bind to the last answer, with receipts
to the last receipt; they take turns, and the best of the rounds counts. Kannel gets its messages
over HTTP; its time is from the first to the last submit at the server. A rate in brackets is that
of a client which had not ended after LIMIT seconds.
"""

import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import kannel
import peers
from simulated import simulator

COUNT, WINDOW, ROUNDS, LIMIT = 10_000, 50, 3, 10
CLIENTS = ("ours", "smpp34", "smpplib", "aiosmpplib", "npm smpp")
RECEIPTS = ("--receipts",)
#: Columns of the table: the server, and what the clients ask for.
COLUMNS = {
    "npm": ("npm smpp", ()),
    "npm, receipts": ("npm smpp", RECEIPTS),
    "smpp34": ("smpp34", ()),
    "smpp34, receipts": ("smpp34", RECEIPTS),
}
_CONNECTIONS = 32


def rate(name, port, more):
    """Submits a second of a client, and whether it ended."""
    options = ("--count", COUNT, "--window", WINDOW, *more)
    if name == "aiosmpplib":
        options += ("--limit", LIMIT)
    try:
        *_, said = peers.client(name, port, (), *options, seconds=6 * LIMIT)
    except (subprocess.SubprocessError, ValueError):
        return 0, False
    return said["accepted"] / said["seconds"], said["accepted"] == COUNT


def request(port):
    """A message for Kannel, as octets."""
    fields = "username=me&password=secret&from=12345&to=448311234567&text=Message"
    return f"GET /cgi-bin/sendsms?{fields} HTTP/1.1\r\nHost: {peers.HOST}:{port}\r\n\r\n".encode()


def feed(port):
    """Hand all messages to Kannel: one request at a time on each of many connections."""
    asked, left = request(port), COUNT - _CONNECTIONS
    with selectors.DefaultSelector() as ready, ExitStack() as stack:
        for _ in range(_CONNECTIONS):
            one = stack.enter_context(socket.create_connection((peers.HOST, port)))
            ready.register(one, selectors.EVENT_READ)
            one.sendall(asked)
        answered = 0
        while answered < COUNT:
            for key, _ in ready.select():
                if key.fileobj.recv(1 << 16).endswith(b"delivery"):
                    answered += 1
                    if left > 0:
                        left -= 1
                        key.fileobj.sendall(asked)


def kannel_rate():
    """Submits a second of Kannel's, to a server of its own: what it says at the end is of one."""
    with tempfile.TemporaryDirectory() as folder, peers.server("npm smpp", "--quiet") as server:
        with kannel.gateway(Path(folder), server.port, WINDOW) as gateway:
            feed(gateway.http)
            while f"sent: sms {COUNT} " not in gateway.status():
                time.sleep(0.1)
        session = server.next("session")
    assert session["submits"] == COUNT, session
    return COUNT / session["seconds"], True


def column(server_name, more):
    """{client: (submits a second, whether it ended)}, the best of the rounds."""
    best = {}

    def note(name, found):
        best[name] = max(best.get(name, (0, False)), found)

    with peers.server(server_name, "--quiet") as server:
        for number in range(ROUNDS):
            for name in CLIENTS:
                if name != "aiosmpplib" or not number:
                    note(name, rate(name, server.port, more))
            if server_name == "npm smpp" and not more:
                note("Kannel, HTTP in", kannel_rate())
    return best


def simulated(more, *options):
    """The rate of smpp34's client to our simulator: the best, and the median."""
    with tempfile.TemporaryDirectory() as folder, simulator(folder, *options) as running:
        found = [rate("smpp34", running.port, more)[0] for _ in range(ROUNDS)]
    return max(found), statistics.median(found)


def cell(found):
    if not found or not found[0]:
        return "-"
    return f"{found[0]:,.0f}" if found[1] else f"({found[0]:,.0f})"


def show(title, rows):
    print(f"{title:18}" + "".join(f"{name:>18}" for name in COLUMNS))
    for name, cells in rows:
        print(f"{name:18}" + "".join(f"{one:>18}" for one in cells))
    print()


def main():
    table = {name: column(*how) for name, how in COLUMNS.items()}
    clients = (*CLIENTS, "Kannel, HTTP in")
    show(
        "submits a second",
        [(name, [cell(found.get(name)) for found in table.values()]) for name in clients],
    )
    show(
        "ours to theirs",
        [
            (name, [ratio(found["ours"], found.get(name)) for found in table.values()])
            for name in clients[1:]
        ],
    )
    for more, options in (((), ("--receipts", "never")), (RECEIPTS, ("--receipts", "delivered"))):
        best, median = simulated(more, *options)
        print(f"our simulator, {' '.join(options)}: {best:,.0f} a second, median {median:,.0f}")


def ratio(ours, theirs):
    return f"{ours[0] / theirs[0]:.2f}" if theirs and theirs[0] else "-"


main()

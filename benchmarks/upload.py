"""2,000 small files to a vsftpd on loopback, beside what people use: lftp, and ftplib in a loop.

Run with the project's Python, after ``tools/servers``: ``.venv/bin/python benchmarks/upload.py``.
Each round gives every sender an empty folder; the best of the rounds counts. Ours also writes a
journal, checks each size, and renames; the others store under the final name and look no further.
"""

import ftplib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import daemons
from figures import Figure, emit, python, said
from ftpservers import HOST, fill_outbox

from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.session import Security, Server
from smsgate.ftpclient.upload import Options, upload
from smsgate.outbox import home

FILES = 2000
ROUNDS = 3
LOG_IN = LogIn(user="ftp", password="bench@smsenc.example")  # noqa: S106 - anonymous


def ours(outbox, port, connections):
    where = Server(host=HOST, port=port, security=Security.NONE)
    result = upload(outbox, where, LOG_IN, Options(connections=connections))
    assert result.sent == FILES, result.stopped


def loop(outbox, port):
    with ftplib.FTP() as client:  # noqa: S321 - the peer
        client.connect(HOST, port)
        client.login(LOG_IN.user, LOG_IN.password)
        for path in sorted(outbox.iterdir()):
            with open(path, "rb") as file:
                client.storbinary(f"STOR {path.name}", file)


def lftp(outbox, port):
    script = (
        f"set net:timeout 20; set ftp:ssl-allow no; open -p {port} {HOST};"
        f"user {LOG_IN.user} {LOG_IN.password}; mirror -R --parallel=4 {outbox} ."
    )
    subprocess.run(["lftp", "-c", script], check=True, stdout=subprocess.DEVNULL)


SENDERS = {
    "ours, 4 connections": lambda outbox, port: ours(outbox, port, 4),
    "lftp mirror -R --parallel=4": lftp,
    "ours, 1 connection": lambda outbox, port: ours(outbox, port, 1),
    "ftplib, STOR in a loop": loop,
}


def seconds(send, remote, *arguments):
    start = time.perf_counter()
    send(*arguments)
    taken = time.perf_counter() - start
    arrived = list(remote.iterdir())
    assert len(arrived) == FILES, len(arrived)
    for path in arrived:
        path.unlink()
    return taken


def measured(rounds):
    """Seconds of each sender, for each round."""
    folder = Path(tempfile.mkdtemp())
    outbox, remote = folder / "outbox", folder / "remote"
    remote.mkdir()
    fill_outbox(outbox, FILES)
    found = {name: [] for name in SENDERS}
    with daemons.vsftpd(folder, remote) as port:
        for _ in range(rounds):
            for name, send in SENDERS.items():
                shutil.rmtree(home.folder_of(outbox), ignore_errors=True)
                found[name].append(seconds(send, remote, outbox, port))
    shutil.rmtree(folder)
    return found


def figures(rounds):
    four, mirror, one, plain = map(min, measured(rounds).values())
    for name, ours_, peer, theirs, goal in (
        ("4 connections", four, "lftp " + said("lftp", "--version").split()[3], mirror, 1.0),
        ("1 connection", one, f"ftplib ({python()})", plain, None),
    ):
        rates = (FILES / ours_, peer, FILES / theirs)
        yield Figure(f"upload, {name}", "files/s", *rates, goal, rate=True)


def main():
    if "--json" in sys.argv:
        if not shutil.which("lftp"):
            emit((), ["lftp"])
            return
        emit(list(figures(1 if "--quick" in sys.argv else ROUNDS)))
        return
    found = measured(ROUNDS)
    best = {name: min(times) for name, times in found.items()}
    four, mirror = found["ours, 4 connections"], found["lftp mirror -R --parallel=4"]
    print("each round, ours to lftp:", *(f"{a / b:.2f}" for a, b in zip(four, mirror, strict=True)))
    for name, taken in best.items():
        print(f"{name:28} {taken:6.2f} s {FILES / taken:6.0f} files a second")
    four, mirror, one, plain = best.values()
    print(f"ours to lftp, 4 connections  {four / mirror:6.2f}")
    print(f"ours to ftplib, 1 connection {one / plain:6.2f}")


main()

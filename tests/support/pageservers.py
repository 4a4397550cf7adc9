"""Servers that a page starts, and the network that they listen in.

``pageservers.py PID`` waits until a server can be used; it fails if that has ended.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

WAIT = 60  #: seconds for a server to start and to end
OWN_NETWORK = ("unshare", "--map-root-user", "--net")
_LISTEN = "0A"


def ready(server: int) -> bool:
    """Wait until a server, or a process that it has started, listens; false if it has ended.

    A server that prints nothing is ready when its ports have been the same for a while.
    """
    deadline, ports, since = time.monotonic() + WAIT, frozenset[str](), time.monotonic()
    while runs(server) and time.monotonic() < deadline:
        found = _listening(server)
        if found != ports:
            ports, since = found, time.monotonic()
        if ports and (_printed(server) or time.monotonic() > since + 3):
            return True
        time.sleep(0.05)
    return runs(server)


def runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _family(process: int) -> Iterator[int]:
    yield process
    for tasks in Path(f"/proc/{process}/task").glob("*/children"):
        for child in tasks.read_text().split():
            yield from _family(int(child))


def _listening(server: int) -> frozenset[str]:
    """The sockets of a process and of its children that listen."""
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        if (table := Path(f"/proc/net/{name}")).exists()
        for line in table.read_text().splitlines()[1:]
    ]
    listen = {f"socket:[{row[9]}]" for row in rows if row[3] == _LISTEN}
    found = set()
    for process in _family(server):
        for descriptor in Path(f"/proc/{process}/fd").glob("*"):
            try:
                found.add(os.readlink(descriptor))
            except OSError:
                continue
    return frozenset(found & listen)


def _printed(server: int) -> bool:
    for number in (1, 2):
        try:
            if os.stat(f"/proc/{server}/fd/{number}").st_size:
                return True
        except OSError:
            continue
    return False


def loopback() -> None:
    """Make 127.0.0.1 reachable in this network."""
    with socket.socket() as asked:
        up = struct.pack("16sh14x", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(asked, 0x8914, up)  # SIOCSIFFLAGS


def own_network() -> bool:
    """Whether this machine lets us have a network of our own."""
    try:
        return not subprocess.run(
            [*OWN_NETWORK, "true"], capture_output=True, check=False
        ).returncode
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not ready(int(sys.argv[1])))

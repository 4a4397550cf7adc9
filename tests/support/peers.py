"""SMPP clients and servers of others, started by a test on loopback and ended by it.

tools/smpp-peers installs them; a test whose peer is missing is skipped, by name.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from places import ROOT

HOST = "127.0.0.1"
HOME = ROOT / "build" / "smpp-peers"
_SCRIPTS = ROOT / "tests" / "support" / "smpppeers"
_PYTHON = HOME / "venv" / "bin" / "python"
_SECONDS = 30

#: Programs by the names that tests and tables show: what runs a script, and what must be there.
_PROGRAMS = {
    "npm smpp": ("node", HOME / "node_modules" / "smpp", "npm_{}.js"),
    "smpp34": (_PYTHON, _PYTHON, "smpp34_{}.py"),
    "smpplib": (_PYTHON, _PYTHON, "smpplib_{}.py"),
    "aiosmpplib": (_PYTHON, _PYTHON, "aiosmpplib_{}.py"),
    "ours": (sys.executable, ROOT, "our_{}.py"),
}


def missing(name):
    """Whether a peer is not there."""
    runs, needed, _ = _PROGRAMS[name]
    return shutil.which(runs) is None or not needed.exists()


def command(name, part, *arguments):
    """How to run the ``client`` or ``server`` of a peer; skips the test if it is missing."""
    if missing(name):
        pytest.skip(f"{name} is not installed (tools/smpp-peers)")
    runs, _, script = _PROGRAMS[name]
    return [str(runs), str(_SCRIPTS / script.format(part)), *map(str, arguments)]


def environment():
    """What the scripts find their packages with."""
    return os.environ | {"SMPP_PEERS": str(HOME), "PYTHONPATH": str(ROOT)}


class Server:
    """A message centre of a peer: what it says, line by line."""

    def __init__(self, process):
        self._process = process
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def next(self, name, seconds=_SECONDS):
        """The value of the next line that has ``name``."""
        while True:
            line = self._lines.get(timeout=seconds)
            if name in line:
                return line[name]

    def submits(self, count):
        """The next messages that arrive, so many."""
        return [self.next("submit") for _ in range(count)]

    def deliver(self, message):
        """Deliver a message to the client; returns the status of its answer."""
        self._process.stdin.write(f"{json.dumps({'deliver': message})}\n")
        self._process.stdin.flush()
        return self.next("answer")

    def end(self):
        """End it, by closing its input."""
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(10)
        self._process.stdout.close()


@contextmanager
def server(name, *arguments):
    """A running message centre of a peer; its ``port`` is on loopback."""
    process = subprocess.Popen(
        command(name, "server", *arguments),
        env=environment(),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    found = Server(process)
    try:
        found.port = found.next("port")
        yield found
    finally:
        found.end()


def client(name, port, messages=(), *arguments, seconds=_SECONDS):
    """Run a client of a peer to its end; what it said, line by line."""
    given = "".join(f"{json.dumps({'submit': one})}\n" for one in messages)
    done = subprocess.run(
        command(name, "client", HOST, port, *arguments),
        env=environment(),
        input=given,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=seconds,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def shown(body):
    """A submit_sm or deliver_sm in the form that the peers read and write."""
    return {
        "source": list(body.source_addr),
        "destination": list(body.destination_addr),
        "esm_class": body.esm_class,
        "data_coding": body.data_coding,
        "registered_delivery": body.registered_delivery,
        "octets": body.short_message.hex(),
    }


def without_reading(message):
    """A message without what the npm package reads in it."""
    return {name: value for name, value in message.items() if name != "read"}

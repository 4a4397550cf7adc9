"""``smsenc simulate`` as a process of its own, and its REST API."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from contextlib import contextmanager

from command import COMMAND, environment

_SECONDS = 30


class Simulator:
    """A running simulator: the port of its message centre, and its API."""

    def __init__(self, ready):
        self.port = ready["smpp"]["port"]
        self._api = "http://{host}:{port}/api/v1".format(**ready["http"])

    def _ask(self, method, path, body=None, **query):
        url = f"{self._api}{path}?{urllib.parse.urlencode(query)}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - on loopback
            url, data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
            octets = answer.read()
        return json.loads(octets) if octets else None

    def wait(self, count, **query):
        """The first ``count`` messages, when they are there."""
        query = {"count": count, "timeout": _SECONDS - 5} | query
        return self._ask("GET", "/messages/wait", **query)["messages"]

    def messages(self, **query):
        """The messages that it keeps, oldest first."""
        return self._ask("GET", "/messages", **query)["messages"]

    def forget(self):
        """Delete all messages."""
        self._ask("DELETE", "/messages")

    def reply(self, source, destination, text):
        """Send a message to the clients."""
        return self._ask("POST", "/replies", {"from": source, "to": destination, "text": text})


@contextmanager
def simulator(folder, *arguments):
    """A simulator on free ports, which keeps its messages in ``folder``."""
    ports = ("--host", "127.0.0.1", "--port", "0", "--http-port", "0")
    process = subprocess.Popen(
        [*COMMAND, "simulate", *ports, "--data", str(folder), "--json", *map(str, arguments)],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Simulator(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

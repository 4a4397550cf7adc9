"""Kannel, as a client: bearerbox with its smsbox, started by a test on loopback and ended by it.

tools/smpp-peers unpacks its programs under /opt/kannel.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_connection

import pytest
from peers import HOST
from smpppeers import peer

_HOME = Path("/opt/kannel")
_SECONDS = 60

_CONFIGURATION = """\
group = core
admin-port = {admin}
admin-interface = {host}
admin-password = secret
smsbox-port = {smsbox}
smsbox-interface = {host}
box-allow-ip = {host}
dlr-storage = internal
sms-combine-concatenated-mo = true
{core}

group = smsc
smsc = smpp
host = {host}
port = {port}
transceiver-mode = true
smsc-username = me
smsc-password = secret
system-type = ""
max-pending-submits = {window}
throughput = 0

group = smsbox
bearerbox-host = {host}
sendsms-port = {http}
sendsms-interface = {host}
mo-recode = false

group = sendsms-user
username = me
password = secret
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://{host}:{sink}/mo?from=%p&to=%P&coding=%c&udh=%u&octets=%b"
"""


def program(name):
    """The path of one of its programs; skips the test if it is missing."""
    found = next((path for path in _HOME.glob(f"usr/**/{name}") if os.access(path, os.X_OK)), None)
    if found is None:
        pytest.skip("Kannel is not installed (tools/smpp-peers)")
    return str(found)


def environment():
    """With the libraries that were unpacked beside it."""
    folders = [str(path) for path in _HOME.glob("**/lib/*-linux-gnu")]
    return os.environ | {"LD_LIBRARY_PATH": ":".join(folders)}


class _Sink(BaseHTTPRequestHandler):
    """Keeps what smsbox asks for: messages, and receipts."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, query = self.path.partition("?")
        values = urllib.parse.parse_qsl(query, keep_blank_values=True, encoding="latin-1")
        self.server.asked.put((path, dict(values)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Kannel:
    """A gateway that is bound to a message centre."""

    def __init__(self, ports, asked):
        self.http, self.sink = ports["http"], ports["sink"]
        self.admin = ports["admin"]
        self._asked = asked

    def send(self, **fields):
        """Send a message, as its HTTP interface names the fields; octets are percent-encoded."""
        receipts = f"http://{HOST}:{self.sink}/receipt?status=%d"
        if fields.pop("receipts", None):
            fields |= {"dlr-mask": 31, "dlr-url": receipts}
        query = urllib.parse.urlencode({"username": "me", "password": "secret"} | fields)
        with urllib.request.urlopen(f"http://{HOST}:{self.http}/cgi-bin/sendsms?{query}") as got:
            return got.status

    def next(self, path):
        """What smsbox says at ``/mo`` or ``/receipt``, one after the other."""
        while True:
            found, values = self._asked.get(timeout=_SECONDS)
            if found == path:
                return values

    def status(self):
        """Its own report."""
        url = f"http://{HOST}:{self.admin}/status.txt?password=secret"
        with urllib.request.urlopen(url) as got:
            return got.read().decode("latin-1")

    def wait_until_bound(self):
        """Wait until its connection to the message centre is up, a minute at most."""
        for _ in range(_SECONDS * 20):
            with suppress(OSError):
                if "(online" in self.status():
                    return
            time.sleep(0.05)
        pytest.fail("Kannel does not bind")


@contextmanager
def _process(name, configuration, port):
    process = subprocess.Popen(
        [program(name), "-v", "3", str(configuration)],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port, process):
    for _ in range(3000):
        with suppress(OSError), create_connection((HOST, port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    pytest.fail(f"Kannel did not start: {process.args}")


@contextmanager
def _listening():
    sink = ThreadingHTTPServer((HOST, 0), _Sink)
    sink.asked = queue.Queue()
    thread = threading.Thread(target=sink.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield sink
    finally:
        sink.shutdown()
        thread.join()
        sink.server_close()


@contextmanager
def gateway(folder, port, window=10, core=""):
    """A Kannel that is bound to the message centre at ``port``; ``core`` has more lines."""
    program("bearerbox")
    with _listening() as sink:
        names = ("admin", "smsbox", "http")
        ports = dict(zip(names, peer.free_ports(3), strict=True)) | {"sink": sink.server_port}
        configuration = folder / "kannel.conf"
        configuration.write_text(
            _CONFIGURATION.format(host=HOST, port=port, window=window, core=core, **ports)
        )
        with (
            _process("bearerbox", configuration, ports["smsbox"]),
            _process("smsbox", configuration, ports["http"]),
        ):
            found = Kannel(ports, sink.asked)
            found.wait_until_bound()
            yield found


@contextmanager
def message_centre(folder):
    """Kannel's message centre for its own tests: one bind as transmitter; the port, and its log."""
    command = [program("drive_smpp"), "-v", "0", "-p"]
    (port,), log = peer.free_ports(1), folder / "drive_smpp.log"
    with open(log, "wb") as file:
        process = subprocess.Popen(
            [*command, str(port)],
            cwd=folder,
            env=environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            yield port, log
        finally:
            process.kill()
            process.wait()

"""Servers and what stands between: pyftpdlib in a thread, a proxy that cuts, a pair of eyes."""

from __future__ import annotations

import logging
import re
import socket
import struct
import threading
import warnings
from contextlib import suppress
from pathlib import Path

from gateway.log_in import LogIn

with warnings.catch_warnings():
    # Until Python 3.12 its loop is the standard library's, which says that it will go.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "fleet", "s3cr3t-Kühlschrank"
LOG_IN = LogIn(user=USER, password=PASSWORD)
HOST = "127.0.0.1"

# An idle wait is normal here; what the server logs is asked for by tests, not shown.
logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)


def message(number, text="Hello", to="447700900123"):
    """The octets of a message file that is ready to be sent."""
    lines = ("api_id:1", "user:u", "password:p", f"text:{text} {number}", f"to:{to}")
    return "".join(f"{line}\n" for line in lines).encode()


def fill_outbox(folder, count, make=message):
    """``count`` message files in a new folder; {name: octets}, in the order of sending."""
    folder.mkdir()
    files = {f"{n:06}-note.txt": make(n) for n in range(1, count + 1)}
    for name, octets in files.items():
        (folder / name).write_bytes(octets)
    return files


def contents(folder):
    """{name: octets} of what lies in a folder, temporary names too."""
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


class Recording:
    """What was renamed, on a handler of pyftpdlib; ``answers`` takes the place of commands."""

    renamed: list[str]
    answers: dict[str, list[str]]

    def pre_process_command(self, line, cmd, arg):
        canned = self.answers.get(cmd)
        if canned:
            return self.respond(canned.pop(0))
        return super().pre_process_command(line, cmd, arg)

    def ftp_RNTO(self, path):
        done = super().ftp_RNTO(path)
        if done:
            self.renamed.append(Path(path).name)
        return done


class _Implicit(TLS_FTPHandler):
    def handle(self):
        self.secure_connection(self.ssl_context)
        super().handle()


_HANDLERS = {"none": FTPHandler, "explicit": TLS_FTPHandler, "implicit": _Implicit}


class Pyftpd:
    """A server on ``folder``, in a thread, from ``start`` to ``stop``; the port stays the same."""

    def __init__(self, folder, *, security="none", certificate=None, mixins=(), **settings):
        self.folder = folder
        self.renamed = []
        self.answers = {}
        authorizer = DummyAuthorizer()
        authorizer.add_user(USER, PASSWORD, str(folder), perm="elradfmw")
        own = {
            "authorizer": authorizer,
            "renamed": self.renamed,
            "answers": self.answers,
            "auth_failed_timeout": 0,
            "ssl_context": None,
            "certfile": certificate,
            "tls_control_required": security != "none",
            "tls_data_required": security != "none",
        }
        bases = (*mixins, Recording, _HANDLERS[security])
        self.handler = type("Handler", bases, own | settings)
        self.port = 0
        self._thread = None

    def start(self):
        self._server = FTPServer((HOST, self.port), self.handler, ioloop=IOLoop())
        self.port = self._server.address[1]
        self._ending = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def _serve(self):
        while not self._ending:
            self._server.serve_forever(timeout=0.02, blocking=False)
        self._server.close_all()

    def stop(self):
        if self._thread:
            self._ending = True
            self._thread.join()
            self._thread = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Proxy:
    """Between client and plain server, for both channels: cuts them all after ``limit`` octets.

    Octets are counted in both directions over all connections. After the cut everything passes.
    ``lose`` is asked of each chunk from the server, and cuts before the first for which it holds.
    """

    _PASV = re.compile(rb"(227 .*\()(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)(\))")

    def __init__(self, port, limit=None, lose=None):
        self.passed = 0
        self.cuts = 0
        self._server_port = port
        self._limit = limit
        self._lose = lose
        self._lock = threading.Lock()
        self._open = set()
        self._threads = []
        self._listener = self._listen(port, control=True)
        self.port = self._listener.getsockname()[1]

    def _listen(self, port, *, control):
        listener = socket.create_server((HOST, 0))
        self._start(self._accept, listener, port, control)
        return listener

    def _start(self, run, *arguments):
        thread = threading.Thread(target=run, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener, port, control):
        with listener, suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    far = socket.create_connection((HOST, port))
                except OSError:
                    near.close()
                    continue
                with self._lock:
                    self._open |= {near, far}
                self._start(self._pump, near, far, False)
                self._start(self._pump, far, near, control)
                if not control:
                    return

    def _pump(self, source, sink, control):
        with suppress(OSError):
            while chunk := source.recv(1 << 16):
                if control:
                    chunk = self._PASV.sub(self._through, chunk)
                if not self._pass(chunk, sink, control=control):
                    return
            sink.shutdown(socket.SHUT_WR)

    def _through(self, found):
        port = int(found[6]) * 256 + int(found[7])
        mine = self._listen(port, control=False).getsockname()[1]
        numbers = (*HOST.split("."), *divmod(mine, 256))
        return found[1] + ",".join(map(str, numbers)).encode() + found[8]

    def _pass(self, chunk, sink, *, control):
        with self._lock:
            left = len(chunk) if self._limit is None else self._limit - self.passed
            lost = control and self._lose and self._lose(chunk)
            self.passed += min(len(chunk), max(left, 0))
            if left >= len(chunk) and not lost:
                sink.sendall(chunk)
                return True
            if left > 0 and not lost:
                sink.sendall(chunk[:left])
            self._cut()
            return False

    def _cut(self):
        self.cuts += 1
        self._limit = self._lose = None
        for end in self._open:
            with suppress(OSError):
                # A reset: what is under way is lost, as when a router forgets a connection.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._cut()
        for thread in self._threads:
            thread.join(5)


class Watcher:
    """Reads a folder again and again; remembers each file that was seen under its final name while
    its octets were not all there."""

    def __init__(self, folder, files):
        self.folder, self.files = Path(folder), files
        self.looks = 0
        self.incomplete = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self):
        known = set()
        while not self._stop.wait(0.001):
            self.looks += 1
            for path in self.folder.iterdir():
                if path.name[0] == "." or path.name in known:
                    continue
                known.add(path.name)
                if path.read_bytes() != self.files.get(path.name):
                    self.incomplete.append(path.name)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


"""FTP servers for tests: pyftpdlib in a thread, a proxy that cuts connections, a folder watcher."""

from __future__ import annotations

import logging
import os
import re
import socket
import threading
import time
import warnings
from contextlib import suppress
from pathlib import Path

from smsgate.ftpclient.login import LogIn

with warnings.catch_warnings():
    # Before Python 3.12 it uses asyncore of the standard library, which is deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "fleet", "s3cr3t-Kühlschrank"
LOG_IN = LogIn(user=USER, password=PASSWORD)
HOST = "127.0.0.1"

# An idle wait is normal here. Tests ask the server what happened; its log is not shown.
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
    """{name: octets} of a folder's files, those with temporary names too."""
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def visible(folder):
    """{name: octets} of the files that a gateway would take."""
    return {name: octets for name, octets in contents(folder).items() if name[0] != "."}


class Recording:
    """A mixin for pyftpdlib's handlers: records commands and renames, and can answer otherwise.

    ``answers`` maps a command to the answers that it gets instead of being executed, until none is
    left; an empty answer is silence; those in ``always`` do not end. A file whose name contains one
    of ``refused`` is refused, one in ``lost`` is deleted when it is complete. ``rewrite`` changes
    each answer.
    """

    asked: list[str]
    renamed: list[str]
    answers: dict[str, list[str]]
    always: dict[str, str]
    refused: list[str]
    lost: list[str]
    rewrite: list

    def respond(self, resp, *more, **named):
        for change in self.rewrite:
            resp = change(resp)
        super().respond(resp, *more, **named)

    def on_file_received(self, file):
        if any(text in file for text in self.lost):
            os.unlink(file)

    def pre_process_command(self, line, cmd, arg):
        self.asked.append(cmd)
        if cmd in self.always:
            self.respond(self.always[cmd])
        elif not self.answers.get(cmd):
            super().pre_process_command(line, cmd, arg)
        elif answer := self.answers[cmd].pop(0):
            self.respond(answer)

    def ftp_STOR(self, file, mode="w"):  # noqa: N802 - pyftpdlib's
        if any(text in file for text in self.refused):
            return self.respond("553 No.")
        return super().ftp_STOR(file, mode)

    def ftp_RNTO(self, path):  # noqa: N802 - pyftpdlib's
        done = super().ftp_RNTO(path)
        if done:
            self.renamed.append(Path(path).name)
        return done


class Taking:
    """A gateway that takes a file as soon as it has its final name, and leaves no trace of it."""

    def ftp_RNTO(self, path):  # noqa: N802 - pyftpdlib's
        done = super().ftp_RNTO(path)
        if done:
            Path(path).unlink()
        return done


class _Implicit(TLS_FTPHandler):
    def handle(self):
        self.secure_connection(self.ssl_context)
        super().handle()


_HANDLERS = {"none": FTPHandler, "explicit": TLS_FTPHandler, "implicit": _Implicit}


class Pyftpd:
    """A server on ``folder``, in a thread, from ``start`` to ``stop``; the port stays the same."""

    def __init__(
        self, folder, *, security="none", certificate=None, mixins=(), host=HOST, **settings
    ):
        self.folder = folder
        self._host = host
        self.asked = []
        self.renamed = []
        self.answers = {}
        self.always = {}
        self.refused = []
        self.lost = []
        self.rewrite = []
        authorizer = DummyAuthorizer()
        authorizer.add_user(USER, PASSWORD, str(folder), perm="elradfmw")
        own = {
            "authorizer": authorizer,
            "asked": self.asked,
            "renamed": self.renamed,
            "answers": self.answers,
            "always": self.always,
            "refused": self.refused,
            "lost": self.lost,
            "rewrite": self.rewrite,
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
        self._server = FTPServer((self._host, self.port), self.handler, ioloop=IOLoop())
        self.port = self._server.address[1]
        self._ending = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def _serve(self):
        while not self._ending:
            self._server.ioloop.loop(timeout=0.005, blocking=False)
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


def sending(server):
    """Options of a command that sends to a plain server, and tries once."""
    return ("--host", HOST, "--port", str(server.port), "--tls", "none", "--retries", "0")


def wait_for_octets(folder, count):
    """Wait until a server has written that many octets to its folder, ten seconds at most.

    What it has not read when a connection ends may be dropped.
    """
    for _ in range(1000):
        if sum(path.stat().st_size for path in Path(folder).iterdir()) > count:
            return
        time.sleep(0.01)


class Scripted:
    """A server for what pyftpdlib cannot do: ``serve`` gets each connection, in a thread."""

    def __init__(self, serve):
        self._serve = serve
        self._listener = socket.create_server((HOST, 0))
        self._ends = []
        self._threads = [threading.Thread(target=self._accept)]
        self.port = self._listener.getsockname()[1]

    def _accept(self):
        with suppress(OSError):
            while True:
                end = self._listener.accept()[0]
                self._ends.append(end)
                thread = threading.Thread(target=self._run, args=(end,))
                self._threads.append(thread)
                thread.start()

    def _run(self, end):
        with end, suppress(OSError):
            self._serve(end)

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)


def drip(end, octets=b"x", pause=0.05):
    """Send these octets one at a time, again and again, until the other side goes."""
    with suppress(OSError):
        while True:
            for octet in octets:
                end.sendall(bytes([octet]))
                time.sleep(pause)


class Proxy:
    """Between client and server, on both channels: cuts all connections after ``limit`` octets.

    Octets are counted in both directions over all connections. After the cut everything passes.
    ``lose`` is called with each chunk from the server, and cuts before the first for which it is
    true. ``before_cut`` is called when nothing passes any more and nothing has been cut yet.
    """

    _BEGINS = re.compile(rb"^1(25|50) ", re.MULTILINE)
    _PASV = re.compile(rb"(227 .*\()(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)(\))")

    def __init__(self, port, limit=None, lose=None, before_cut=lambda: None):
        self.passed = 0
        self.cuts = 0
        self._server_port = port
        self._limit = limit
        self._lose = lose
        self._before_cut = before_cut
        self._begun = threading.Event()  # the server has replied that a transfer begins
        self._lock = threading.Lock()
        self._ends = []
        self._threads = []
        self._listener = self._listen(port, control=True)
        self.port = self._listener.getsockname()[1]

    def _listen(self, port, *, control):
        listener = self._kept(socket.create_server((HOST, 0)))
        self._start(self._accept, listener, port, control)
        return listener

    def _start(self, run, *arguments):
        thread = threading.Thread(target=run, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener, port, control):
        with suppress(OSError):
            while True:
                near = self._kept(listener.accept()[0])
                try:
                    far = self._kept(socket.create_connection((HOST, port)))
                except OSError:
                    near.shutdown(socket.SHUT_RDWR)
                    continue
                self._start(self._pump, near, far, False, False)
                self._start(self._pump, far, near, control, not control)
                if not control:
                    return

    def _kept(self, end):
        # Otherwise the system holds octets back until those before them are acknowledged.
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._ends.append(end)
        return end

    def _pump(self, source, sink, control, data):
        with suppress(OSError):
            while chunk := source.recv(1 << 16):
                if control:
                    chunk = self._PASV.sub(self._through, chunk)
                elif data:
                    self._begun.wait(10)  # so a cut in the data comes after that reply
                if not self._pass(chunk, sink, control=control):
                    return
                if control and self._BEGINS.search(chunk):
                    self._begun.set()
            sink.shutdown(socket.SHUT_WR)

    def _through(self, found):
        self._begun.clear()
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
        self._before_cut()
        self.cuts += 1
        self._limit = self._lose = None
        for end in self._ends:
            if end is not self._listener:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for end in self._ends:
            end.close()


class Watcher:
    """Reads a folder again and again, and lists each file that had its final name before all of its
    octets."""

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
            for name in set(os.listdir(self.folder)) - known:
                if name[0] == ".":
                    continue
                known.add(name)
                if (self.folder / name).read_bytes() != self.files.get(name):
                    self.incomplete.append(name)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

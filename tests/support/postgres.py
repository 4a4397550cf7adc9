"""A PostgreSQL server of the test's own: in a temporary folder, on a free port of loopback.

``tools/postgres`` installs it; a test is skipped, by that name, where it is missing. The server
refuses to run as root, so a root's tests run it as an unprivileged user. It keeps what it committed
(fsync), as the one in use would. It ends when the process that started it does. USER needs no
password on loopback; GUARDED has one.

    with postgres.running() as server:
        url = server.fresh()
        server.restart("immediate")
"""

from __future__ import annotations

import asyncio
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

HOST = "127.0.0.1"
USER = "smsenc"
GUARDED, PASSWORD = "guarded", "gr8-Kühlschrank-№7"
OLDEST = 15

_SECONDS = 60
_FOLLOWS = ("--pdeathsig", "QUIT")  # for the server, that is to end at once
#: Its thread lives as long as this process: the server is told when the thread ends that began it.
_STARTER = ThreadPoolExecutor(1)
_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}

# Who may come in, how: by the socket and as USER all may; GUARDED shows its password.
_DOORS = f"""\
local all all trust
host all {GUARDED} {HOST}/32 scram-sha-256
host all all {HOST}/32 trust
"""

_SETTINGS = """\
listen_addresses = '{host}'
port = {port}
unix_socket_directories = '{folder}'
max_connections = 100
shared_buffers = 64MB
fsync = on
synchronous_commit = on
logging_collector = off
log_min_messages = warning
jit = off
"""


def binaries():
    """The folder of initdb and postgres, the newest; skips the test where there is none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    beside = shutil.which("postgres")
    program = found[-1] if found else Path(beside).resolve() if beside else None
    if program is None or not (program.parent / "initdb").exists():
        pytest.skip("PostgreSQL is not installed (tools/postgres)")
    said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True, check=True)
    version = re.search(r"\d+", said.stdout)
    if version is None or int(version[0]) < OLDEST:
        pytest.skip(f"PostgreSQL is older than {OLDEST} (tools/postgres): {said.stdout.strip()}")
    return program.parent


def _unprivileged():
    # The name of another user to run the server as, or "" where we are not root.
    if os.geteuid():
        return ""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _as_user(user):
    """How to run a program as a user, or as ours; it ends at once when the tests are killed."""
    if not user:
        return ["setpriv", *_FOLLOWS] if shutil.which("setpriv") else []
    entry = pwd.getpwnam(user)
    return [
        "setpriv",
        f"--reuid={entry.pw_uid}",
        f"--regid={entry.pw_gid}",
        "--clear-groups",
        *_FOLLOWS,
    ]


def _free_port():
    with socket.create_server((HOST, 0)) as server:
        return server.getsockname()[1]


class Server:
    """A server, from ``start`` to ``stop`` or ``kill``, as often as wanted; the port stays."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.port = _free_port()
        self._bin = binaries()
        self._before = _as_user(_unprivileged())
        self._process = None
        self._numbers = itertools.count(1)

    def make(self):
        """The files of an empty server, the owner of them included."""
        if self._before:
            shutil.chown(self.folder, _unprivileged())
        self._call(
            "initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync",
            "-D", self.data,
        )  # fmt: skip
        (self.data / "pg_hba.conf").write_text(_DOORS)
        settings = _SETTINGS.format(host=HOST, port=self.port, folder=self.folder)
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(settings)
        self.start()
        self.do(f"CREATE ROLE {USER} LOGIN SUPERUSER")
        self.do(f"CREATE ROLE {GUARDED} LOGIN PASSWORD '{PASSWORD}'")

    def _call(self, program, *arguments, check=True):
        done = subprocess.run(
            [*self._before, self._bin / program, *arguments],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False, timeout=_SECONDS,
        )  # fmt: skip
        if check and done.returncode:
            pytest.fail(f"{program}: {done.stdout}")
        return done.returncode == 0

    def start(self):
        """Start and wait until it answers; after a kill it first repairs what it finds."""
        until = time.monotonic() + _SECONDS
        with self.log.open("ab") as log:
            while True:
                # Its own session: the Ctrl-C of a terminal is for the tests.
                self._process = _STARTER.submit(
                    subprocess.Popen,
                    [*self._before, self._bin / "postgres", "-D", self.data],
                    cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True,
                ).result()  # fmt: skip
                if self._answers(until):
                    return
                if time.monotonic() > until:
                    pytest.fail(f"PostgreSQL did not start: {self.log.read_text()[-2000:]}")
                # The memory of a killed one is still held by its last process.
                time.sleep(0.1)

    def _answers(self, until):
        while self._process.poll() is None and time.monotonic() < until:
            if self._call("pg_isready", "-q", "-h", HOST, "-p", str(self.port), check=False):
                return True
            time.sleep(0.02)
        return False

    def stop(self, mode="fast"):
        """End as ``pg_ctl stop -m`` does: smart waits for clients, immediate is a crash."""
        if self._process is None:
            return
        self._process.send_signal(_SIGNALS[mode])
        self._process.wait(_SECONDS)
        self._process = None

    def kill(self):
        """kill -9 of it and of all its processes, which have sessions of their own."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self._process.wait(_SECONDS)
        self._process = None

    def restart(self, mode="fast"):
        """Stop in this mode and start; for ``kill``, it is killed."""
        if mode == "kill":
            self.kill()
        else:
            self.stop(mode)
        self.start()

    @property
    def pid(self):
        """The process whose children serve the clients."""
        return self._process.pid

    def fresh(self):
        """The URL of a new empty database."""
        name = f"test{os.getpid()}_{next(self._numbers)}"
        self.do(f"CREATE DATABASE {name} OWNER {USER}")
        self.do(f"GRANT ALL ON SCHEMA public TO {GUARDED}", name)
        return self.url(name)

    def url(self, name, user=USER, port=None):
        """The URL of one, as gateway.toml has it; ``port`` of a proxy before the server."""
        return f"postgresql+asyncpg://{user}@{HOST}:{port or self.port}/{name}"

    def drop(self, url):
        """A database is deleted; who uses it is cut off."""
        if self._process is not None:
            self.do(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def do(self, statement, database="postgres"):
        """One statement, outside a transaction; its rows. ``database`` is a name or a URL."""
        return asyncio.run(self._do(statement, database.rpartition("/")[2]))

    async def _do(self, statement, name):
        import asyncpg

        connection = await asyncpg.connect(
            host=HOST, port=self.port, user="postgres", database=name, timeout=_SECONDS
        )
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()


@contextmanager
def running():
    """A server that has started; it ends, and its files go, with the block."""
    binaries()
    # Not among pytest's folders, which others than root may not enter; the name is short, since
    # that of a socket may not be long.
    with tempfile.TemporaryDirectory(prefix="smsencpg") as folder:
        server = Server(folder)
        try:
            server.make()
            yield server
        finally:
            if server._process is not None:
                server.stop("immediate")

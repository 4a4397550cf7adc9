"""Runs of the command that end at a chosen moment, as by kill -9 or a power failure.

``Crashes`` starts one process that has everything loaded and forks for each run, which takes a
tenth of the time of a new process. In a run, each call that changes a file, the journal or the
server is an event; ``at`` ends the run just before the event of that number, ``after`` kills it
after so many seconds. An event is named after the call and the functions of ``smsgate`` around it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

CRASHED = 99
_CHANGES = ("mkdir", "replace", "rename", "unlink", "rmdir", "link", "fsync", "sync", "write")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit code (negative: a signal) and the names of its events."""

    code: int
    events: tuple[str, ...]


class Crashes:
    """Runs of ``smsenc`` in forks of one process, with these variables in the environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environ),
            text=True,
        )

    def run(
        self,
        *arguments: object,
        at: int = 0,
        after: float = 0,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Ended:
        """Run the command, to its end or to the crash."""
        assert self._process.stdin
        assert self._process.stdout
        words = [str(one) for one in arguments]
        asked = {"words": words, "at": at, "after": after, "cwd": str(cwd or Path.cwd())}
        self._process.stdin.write(json.dumps(asked | {"env": dict(env or {})}) + "\n")
        self._process.stdin.flush()
        code, events = json.loads(self._process.stdout.readline())
        return Ended(code, tuple(events))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


# --- In the process that forks -------------------------------------------------------------------


class _Recorder:
    """Counts events and ends the process before event number ``at``."""

    def __init__(self, at: int, file: int) -> None:
        self._at = at
        self._count = 0
        self._file = file
        self._owner = os.getpid()
        self._write = os.write
        self._lock = threading.Lock()

    def event(self, name: str) -> None:
        if os.getpid() != self._owner:
            return
        with self._lock:
            self._count += 1
            if self._count == self._at:
                os._exit(CRASHED)
            if chain := _chain():
                self._write(self._file, f"{name}@{chain}\n".encode())
            else:
                self._count -= 1


def _chain() -> str:
    """The innermost functions of smsgate, the innermost first."""
    found: list[str] = []
    frame: FrameType | None = sys._getframe(2)
    while frame and len(found) < 7:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("smsgate."):
            found.append(f"{name.rpartition('.')[2]}.{frame.f_code.co_name}")
        frame = frame.f_back
    return "<".join(found)


def _install(recorder: _Recorder) -> None:
    for name in _CHANGES:
        setattr(os, name, _wrapped(getattr(os, name), f"os.{name}", recorder))
    opened = os.open

    def open_(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & os.O_CREAT:
            recorder.event(f"os.open {os.path.basename(os.fspath(path))[:60]}")
        return opened(path, flags, *more, **named)

    os.open = open_

    class Journal(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if sql.startswith(("INSERT", "UPDATE", "REPLACE", "DELETE", "COMMIT")):
                recorder.event(f"sql {' '.join(sql.split()[:3])}")
            return super().execute(sql, *values)

        def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
            rows = list(rows)
            recorder.event(f"sql {' '.join(sql.split()[:3])} {rows[:1]!r:.80}")
            return super().executemany(sql, rows)

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            trace: TracebackType | None,
        ) -> bool:
            if kind is None:
                recorder.event("sql COMMIT")
            return bool(super().__exit__(kind, error, trace))

    connect = sqlite3.connect
    sqlite3.connect = lambda *a, **k: connect(*a, **(k | {"factory": Journal}))  # type: ignore[assignment]
    send = socket.socket.sendall

    def sendall(self: socket.socket, octets: Any, *more: Any) -> None:
        recorder.event(f"ftp {bytes(octets[:4]).decode('latin-1').strip()}")
        send(self, octets, *more)

    socket.socket.sendall = sendall  # type: ignore[method-assign,assignment]


def _wrapped(function: Callable[..., Any], name: str, recorder: _Recorder) -> Callable[..., Any]:
    def wrapper(*arguments: Any, **named: Any) -> Any:
        what = os.path.basename(str(arguments[-1]))[:60] if "place" in name else ""
        recorder.event(f"{name} {what}".strip())
        return function(*arguments, **named)

    return wrapper


def _child(asked: dict[str, Any], events: int) -> None:
    """Run the command in this process and end it."""
    from smsgate.cli import main

    os.chdir(asked["cwd"])
    os.environ.update(asked["env"])
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    sys.argv = ["smsenc", *asked["words"]]
    _install(_Recorder(asked["at"], events))
    code = 1
    try:
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        os._exit(code)


def _serve() -> None:
    from tempfile import TemporaryFile

    for line in sys.stdin:
        asked = json.loads(line)
        with TemporaryFile() as events:
            child = os.fork()
            if not child:
                os.setpgid(0, 0)
                _child(asked, events.fileno())
            if asked["after"]:
                time.sleep(asked["after"])
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            events.seek(0)
            names = events.read().decode("utf-8", "replace").splitlines()
        print(json.dumps([os.waitstatus_to_exitcode(status), names]), flush=True)


if __name__ == "__main__":
    from converters import registry
    from smsgate.campaign import engine  # noqa: F401 - so that every fork has it
    from smsgate.cli import app, batch, convert, log, main, upload, watch  # noqa: F401 - as above

    registry.converters()
    registry.viewers()
    _serve()

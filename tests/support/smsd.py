"""smsd, the daemon of SMS Server Tools, sending through an invented modem that keeps messages."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import threading
import time
import tty
from collections.abc import Sequence
from pathlib import Path

import pytest

_SECONDS = 60
_FOLDERS = ("outgoing", "checked", "failed", "incoming", "sent", "report")
# Commands that are answered with more than OK.
_ANSWERS = {
    b"AT+CPIN?": b"+CPIN: READY",
    b"AT+CSQ": b"+CSQ: 20,0",
    b"AT+CREG?": b"+CREG: 0,1",
}
_SEND, _CONTROL_Z = b"AT+CMGS=", b"\x1a"


class Modem(threading.Thread):
    """The far end of a serial line, in PDU mode; ``sent`` has length and hex of each message."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.sent: list[tuple[int, str]] = []
        self._end, self._line = pty.openpty()
        tty.setraw(self._line)
        self.device = os.ttyname(self._line)

    def run(self) -> None:
        buffer = b""
        length: int | None = None
        while octets := self._read():
            buffer += octets
            while True:
                command, end, rest = buffer.partition(b"\r" if length is None else _CONTROL_Z)
                if not end:
                    break
                buffer = rest
                length = self._answer(command.strip(), length)

    def _answer(self, command: bytes, length: int | None) -> int | None:
        if length is not None:
            self.sent.append((length, command.decode("ascii")))
            self._write(b"+CMGS: 1\r\n\r\nOK")
        elif command.startswith(_SEND):
            os.write(self._end, b"\r\n> ")
            return int(command.removeprefix(_SEND))
        elif command:
            answer = _ANSWERS.get(command)
            self._write(answer + b"\r\n\r\nOK" if answer else b"OK")
        return None

    def _write(self, answer: bytes) -> None:
        os.write(self._end, b"\r\n" + answer + b"\r\n")

    def _read(self) -> bytes:
        try:
            return os.read(self._end, 4096)
        except OSError:
            return b""

    def close(self) -> None:
        os.close(self._line)
        os.close(self._end)


def send(files: Sequence[tuple[str, bytes]], folder: Path) -> list[str]:
    """The PDUs, in hex, that smsd gives its modem for spool files, in the order of the files."""
    if shutil.which("smsd", path=os.environ.get("PATH", "") + ":/usr/sbin") is None:
        pytest.skip("smsd is not installed (apt install smstools)")
    for name in (*_FOLDERS, "stats"):
        (folder / name).mkdir()
    modem = Modem()
    (folder / "smsd.conf").write_text(_configuration(folder, modem.device))
    modem.start()
    for age, (name, octets) in enumerate(reversed(files)):
        _spool(folder, name, octets, time.time() - age - 10)
    daemon = _start(folder)
    try:
        _wait(daemon, folder, modem, len(files))
    finally:
        daemon.terminate()
        daemon.wait(_SECONDS)
        modem.close()
    # The length that the modem is given does not count the service centre's octet.
    assert [len(pdu) // 2 - 1 for _, pdu in modem.sent] == [length for length, _ in modem.sent]
    return [pdu for _, pdu in modem.sent]


def _configuration(folder: Path, device: str) -> str:
    places = "".join(f"{name} = {folder / name}\n" for name in _FOLDERS)
    return (
        f"devices = modem\n{places}logfile = {folder / 'log'}\nstats = {folder / 'stats'}\n"
        "loglevel = 7\ndelaytime = 1\ndelaytime_mainprocess = 1\nreceive_before_send = no\n"
        f"\n[modem]\ndevice = {device}\nincoming = no\nreport = no\ncheck_network = 0\n"
        "pinsleeptime = 0\nsend_delay = 0\n"
    )


def _start(folder: Path) -> subprocess.Popen[bytes]:
    options = (("-c", "smsd.conf"), ("-p", "pid"), ("-i", "info"))
    command = ["smsd", *(f"{option}{folder / name}" for option, name in options), "-t"]
    path = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin"}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=path)


def _spool(folder: Path, name: str, octets: bytes, written: float) -> None:
    """smsd takes the oldest file first, and compares whole seconds."""
    path = folder / "outgoing" / name
    path.write_bytes(octets)
    os.utime(path, (written, written))


def _wait(daemon: subprocess.Popen[bytes], folder: Path, modem: Modem, wanted: int) -> None:
    """Wait until all is sent; fail with the daemon's log."""
    end = time.monotonic() + _SECONDS
    while len(modem.sent) < wanted:
        given_up = daemon.poll() is not None or any((folder / "failed").iterdir())
        if given_up or time.monotonic() > end:
            pytest.fail((folder / "log").read_text(errors="replace")[-3000:])
        time.sleep(0.02)

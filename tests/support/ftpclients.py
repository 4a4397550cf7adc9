"""FTP clients as people use them, each uploading one file to a gateway; missing ones are skipped.

``CLIENTS`` has a row for each program and way: ``put(gateway, path, secure=…)`` uploads a file
under its own name, in a session of its own, and ends it as the program does. ``windows`` sends what
the ``ftp`` of Windows does for a script with ``binary``, ``put`` and ``quit``.
"""

from __future__ import annotations

import ftplib
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from gateways import HOST, Gateway, put

_SECONDS = 30


class Client(NamedTuple):
    """A program, how it uploads, and whether it can do it with TLS."""

    name: str
    put: Callable[..., None]
    secure: bool = True


def _run(*words: object, given: str = "") -> None:
    program = str(words[0])
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed (tools/servers)")
    done = subprocess.run(
        list(map(str, words)),
        input=given,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)


def _lftp(*settings: str) -> Callable[..., None]:
    def upload(gateway: Gateway, path: Path, *, secure: bool) -> None:
        account = gateway.account
        flag = "yes" if secure else "no"
        script = (
            "set net:max-retries 1; set net:timeout 10; set ssl:verify-certificate no",
            f"set ftp:ssl-allow {flag}; set ftp:ssl-force {flag}; set ftp:ssl-protect-data {flag}",
            *settings,
            f"open -p {gateway.ftp_port} -u {account.ftp_user},{account.ftp_password} {HOST}",
            f"put {path}",
            "quit",
        )
        _run("lftp", "-f", "/dev/stdin", given="".join(f"{line}\n" for line in script))

    return upload


def _curl(*options: str) -> Callable[..., None]:
    def upload(gateway: Gateway, path: Path, *, secure: bool) -> None:
        account = gateway.account
        told = [one.format(name=path.name) for one in options]
        target = f".{path.name}.tmp" if options else path.name
        words = ["curl", "-sS", "-K", "-", "-T", path, *told]
        words += ["--ssl-reqd", "--insecure"] if secure else []
        given = f'user = "{account.ftp_user}:{account.ftp_password}"\n'
        _run(*words, f"ftp://{HOST}:{gateway.ftp_port}/{target}", given=given)

    return upload


def _ncftpput(*options: str) -> Callable[..., None]:
    def upload(gateway: Gateway, path: Path, *, secure: bool) -> None:
        assert not secure
        account = gateway.account
        words = ["ncftpput", "-V", "-r", "1", "-t", "10", "-P", gateway.ftp_port, *options]
        words += ["-u", account.ftp_user, "-p", account.ftp_password]
        _run(*words, HOST, ".", path)

    return upload


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _ftplib(*, renamed: bool) -> Callable[..., None]:
    def upload(gateway: Gateway, path: Path, *, secure: bool) -> None:
        account = gateway.account
        client = ftplib.FTP_TLS(context=_unverified()) if secure else ftplib.FTP()  # noqa: S321
        with client:
            client.connect(HOST, gateway.ftp_port, timeout=10)
            client.login(account.ftp_user, account.ftp_password)
            if isinstance(client, ftplib.FTP_TLS):
                client.prot_p()
            if renamed:
                put(client, path.name, path.read_bytes())
            else:
                with path.open("rb") as file:
                    client.storbinary(f"STOR {path.name}", file)

    return upload


def windows(gateway: Gateway, path: Path, *, secure: bool) -> None:
    """``open``, ``user``, ``binary``, ``put``, ``quit``, in active mode."""
    assert not secure
    account = gateway.account
    with (
        socket.create_server((HOST, 0)) as listener,
        socket.create_connection((HOST, gateway.ftp_port), 10) as control,
        control.makefile("rw", newline="\r\n") as lines,
    ):

        def said(*codes: str) -> None:
            line = lines.readline()
            while re.match("[0-9]{3}-", line):
                line = lines.readline()
            assert line[:3] in codes, line

        def send(command: str, *codes: str) -> None:
            lines.write(f"{command}\n")
            lines.flush()
            said(*codes)

        said("220")
        send("OPTS UTF8 ON", "200", "202", "500", "501", "502", "504", "530")
        send(f"USER {account.ftp_user}", "331")
        send(f"PASS {account.ftp_password}", "230")
        send("TYPE I", "200")
        address = HOST.replace(".", ",")
        high, low = divmod(listener.getsockname()[1], 256)
        send(f"PORT {address},{high},{low}", "200")
        send(f"STOR {path.name}", "150", "125")
        data, _ = listener.accept()
        with data:
            data.sendall(path.read_bytes())
        said("226", "250")
        send("QUIT", "221")


_TEMPORARY = "set xfer:use-temp-file yes; set xfer:temp-file-name .in.*"
_RENAMING = ("-Q", "-RNFR .{name}.tmp", "-Q", "-RNTO {name}")
CLIENTS = (
    Client("lftp", _lftp()),
    Client("lftp-temporary", _lftp(_TEMPORARY)),
    Client("curl", _curl()),
    Client("curl-temporary", _curl(*_RENAMING)),
    Client("ncftpput", _ncftpput(), secure=False),
    Client("ncftpput-temporary", _ncftpput("-T", ".tmp."), secure=False),
    Client("ftplib", _ftplib(renamed=False)),
    Client("ftplib-temporary", _ftplib(renamed=True)),
    Client("windows", windows, secure=False),
)

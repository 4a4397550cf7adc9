"""vsftpd and proftpd, started by a test on loopback; a test whose server is missing is skipped.

``tools/servers`` installs both. They run as the user who runs the tests.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from ftpservers import HOST, USER

# openssl passwd -6 -salt smsenc PASSWORD
_HASH = (
    "$6$smsenc$"
    "nijJGYm610fZGIjcsQx23v2y73mhkOvtLNWYuVPNbRthcgOLbjXxjgUlvTy5t.88XLj1vaS0Z5zTA5FjhbWJw/"
)

_PROFTPD = Path("/opt/proftpd")

# OpenSSL reads this before any program's own settings.
_LIMIT = """\
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = limits
[limits]
MaxProtocol = {tls}
"""


def _free_port():
    with socket.create_server((HOST, 0)) as server:
        return server.getsockname()[1]


def _wait_for(port, process):
    for _ in range(3000):
        with suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    pytest.fail(f"the server did not start: {process.args}")


@contextmanager
def _running(command, port, environment):
    # These servers fork a process for each connection.
    process = subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _settings(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@contextmanager
def vsftpd(folder, remote, certificate=None, tls=None):
    """A vsftpd on ``remote``; with a certificate it requires TLS and reused sessions."""
    program = shutil.which("vsftpd", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        pytest.skip("vsftpd is not installed (tools/servers)")
    port = _free_port()
    lines = [
        "listen=YES",
        f"listen_address={HOST}",
        f"listen_port={port}",
        "background=NO",
        "run_as_launching_user=YES",
        "anonymous_enable=YES",
        f"anon_root={remote}",
        "write_enable=YES",
        "anon_upload_enable=YES",
        "anon_other_write_enable=YES",
        "anon_world_readable_only=NO",
        "allow_writeable_chroot=YES",
        "anon_umask=022",
        "seccomp_sandbox=NO",
        "xferlog_enable=NO",
    ]
    if certificate:
        lines += [
            "ssl_enable=YES",
            "allow_anon_ssl=YES",
            "force_anon_logins_ssl=YES",
            "force_anon_data_ssl=YES",
            "require_ssl_reuse=YES",
            f"rsa_cert_file={certificate}",
            "ssl_ciphers=HIGH",
        ]
    limit = _settings(folder / "openssl.cnf", [_LIMIT.format(tls=tls)])
    settings = _settings(folder / "vsftpd.conf", lines)
    with _running([program, settings], port, {"OPENSSL_CONF": str(limit)} if tls else {}):
        yield port


@contextmanager
def proftpd(folder, remote, certificate=None, tls=None):
    """A proftpd on ``remote``; with a certificate it requires TLS and reused sessions."""
    program = _PROFTPD / "usr/sbin/proftpd"
    if not program.exists():
        pytest.skip("proftpd is not installed (tools/servers)")
    port = _free_port()
    users = _settings(
        folder / "users", [f"{USER}:{_HASH}:{os.getuid()}:{os.getgid()}::{remote}:/bin/sh"]
    )
    users.chmod(0o600)
    lines = [
        f"ModulePath {_PROFTPD}/usr/lib/proftpd",
        "ServerType standalone",
        "UseIPv6 off",
        f"DefaultAddress {HOST}",
        "SocketBindTight on",
        f"Port {port}",
        "User root" if os.getuid() == 0 else f"User {os.getuid()}",
        "Group root" if os.getuid() == 0 else f"Group {os.getgid()}",
        "RootLogin on",
        "RequireValidShell off",
        "UseFtpUsers off",
        f"AuthUserFile {users}",
        "AuthOrder mod_auth_file.c",
        f"PidFile {folder}/proftpd.pid",
        f"ScoreboardFile {folder}/scoreboard",
        f"SystemLog {folder}/proftpd.log",
        "TransferLog none",
        "WtmpLog off",
        "AllowOverwrite on",
        "AllowStoreRestart on",
        "MaxInstances 30",
        "<IfModule mod_delay.c>",
        "DelayEngine off",
        "</IfModule>",
    ]
    if certificate:
        lines += [
            "LoadModule mod_tls.c",
            "TLSEngine on",
            "TLSRequired on",
            f"TLSProtocol {tls or 'TLSv1.2 TLSv1.3'}",
            f"TLSECCertificateFile {certificate}",
            f"TLSECCertificateKeyFile {certificate}",
            f"TLSLog {folder}/tls.log",
        ]
    settings = _settings(folder / "proftpd.conf", lines)
    (library,) = _PROFTPD.glob("usr/lib/*-linux-gnu")
    command = [program, "--nodaemon", "--config", settings]
    with _running(command, port, {"LD_LIBRARY_PATH": str(library)}):
        yield port

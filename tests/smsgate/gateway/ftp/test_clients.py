"""Programs that people send files with: curl, lftp, ncftpput and a script for Windows' ftp."""

from __future__ import annotations

import io
import shutil
import subprocess

import pytest
from gatewayftp import MESSAGE, PASSWORDS

from smsgate.gateway.ftp import certificate
from smsgate.gateway.settings import Tls

USER, PASSWORD = "3002", PASSWORDS["3002"]
MODES = [Tls.OFF, Tls.REQUIRED]


@pytest.fixture(params=["a.txt", "b.txt"])
def file(tmp_path, request):
    path = tmp_path / request.param
    path.write_bytes(MESSAGE + b"to:447700900124\n" * (100_000 if request.param == "b.txt" else 1))
    return path


def run(program, *arguments, given=""):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        [program, *arguments], input=given, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done
    return done


def check(gateway, *files):
    gateway.wait_until(lambda: len(gateway.taker.taken) == len(files))
    assert gateway.taker.taken == {path.name: path.read_bytes() for path in files}
    assert not any(event[0] == "incomplete" for event in gateway.taker.events)


def curl_options(gateway, file, tls):
    options = f'user = "{USER}:{PASSWORD}"\nupload-file = "{file}"\n'
    if tls is not Tls.OFF:
        options += f'ssl-reqd\ncacert = "{gateway.data / certificate.AUTHORITY}"\n'
    return options


@pytest.mark.parametrize("tls", MODES)
def test_curl(start, file, tls):
    gateway = start(tls=tls)
    url = f"ftp://{gateway.host}:{gateway.port}/"
    run("curl", "-sS", "-K", "-", url, given=curl_options(gateway, file, tls))
    check(gateway, file)


@pytest.mark.parametrize("tls", MODES)
def test_curl_under_a_temporary_name(start, file, tls):
    gateway = start(tls=tls)
    url = f"ftp://{gateway.host}:{gateway.port}/"
    renaming = ("-Q", "-RNFR .x.tmp", "-Q", f"-RNTO {file.name}")
    run("curl", "-sS", "-K", "-", f"{url}.x.tmp", *renaming, given=curl_options(gateway, file, tls))
    check(gateway, file)


@pytest.mark.parametrize("tls", MODES)
def test_lftp(start, file, tls):
    gateway = start(tls=tls)
    secure = "true" if tls is not Tls.OFF else "false"
    script = "\n".join(
        (
            f"set ftp:ssl-force {secure}",
            f"set ftp:ssl-protect-data {secure}",
            f"set ssl:ca-file {gateway.data / certificate.AUTHORITY}",
            "set net:max-retries 1",
            f"open -u {USER},{PASSWORD} -p {gateway.port} {gateway.host}",
            f"put {file}",
            "exit",
        )
    )
    run("lftp", "--norc", given=script)
    check(gateway, file)


def test_ncftpput(start, file, tmp_path):
    gateway = start()
    log_in = tmp_path / "log-in"
    log_in.write_text(f"host {gateway.host}\nuser {USER}\npass {PASSWORD}\n")
    arguments = ("-f", log_in, "-P", str(gateway.port), "-V", "/", file)
    run("ncftpput", *arguments)
    check(gateway, file)


def test_ncftpput_under_a_temporary_name(start, file, tmp_path):
    gateway = start()
    log_in = tmp_path / "log-in"
    log_in.write_text(f"host {gateway.host}\nuser {USER}\npass {PASSWORD}\n")
    run("ncftpput", "-f", log_in, "-P", str(gateway.port), "-V", "-S", ".tmp", "/", file)
    check(gateway, file)


@pytest.mark.parametrize("kind", ["I", "A"])
def test_a_script_for_windows(start, file, kind):
    """binary, put, quit: ftp.exe knows only active mode, and its ascii mode sends CR LF."""
    gateway = start()
    client = gateway.client(USER)
    client.set_pasv(False)
    client.voidcmd(f"TYPE {kind}")
    with io.BytesIO(file.read_bytes()) as octets:
        (client.storlines if kind == "A" else client.storbinary)(f"STOR {file.name}", octets)
    client.quit()
    gateway.wait_until(lambda: gateway.taker.taken)
    found = gateway.taker.taken[file.name]
    assert found.replace(b"\r\n", b"\n") == file.read_bytes()

"""The commands simulate and simulate reply as programs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from command import smsenc
from simulators import NUMBER, SENDER, run, text, until

from smsgate.smppclient import Accepted, BindError, Client, Smsc


@contextmanager
def simulating(*options, stop=signal.SIGTERM, code=143, **environment):
    """The process and its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "smsenc", "simulate", *ports(options), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    timer = threading.Timer(60, process.kill)
    timer.start()
    try:
        ready = (process.stdout if "--json" in options else process.stderr).readline()
        yield process, ready
        process.send_signal(stop)
        assert process.wait(20) == code, process.stderr.read()
    finally:
        timer.cancel()
        process.kill()
        process.communicate()


def ports(options):
    return () if "--port" in options else ("--port", "0", "--http-port", "0")


async def submitted(host, port, *bodies, user="me", password="geheim1"):  # noqa: S107
    arrived = []

    async def keep(request):
        arrived.append(request.body)
        return 0

    smsc = Smsc(host=host, port=port, user=user, password=password)
    async with Client(smsc, keep) as client:
        await client.bound()
        results = await asyncio.gather(*map(client.submit, bodies))
        await until(lambda: len(arrived) >= sum(one.registered_delivery for one in bodies))
        return results, arrived


def where(ready):
    places = json.loads(ready)
    assert {name: set(place) for name, place in places.items()} == {
        "smpp": {"host", "port"},
        "http": {"host", "port"},
    }
    smpp, http = places["smpp"], places["http"]
    return (smpp["host"], smpp["port"]), f"http://{http['host']}:{http['port']}"


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_script_gets_ports_messages_and_an_orderly_end(stop, code, tmp_path):
    options = ("--json", "--data", str(tmp_path / "data"))
    with simulating(*options, stop=stop, code=code) as (_, ready):
        smpp, api = where(ready)
        results, arrived = run(submitted(*smpp, text(registered_delivery=1)))
        assert isinstance(results[0], Accepted)
        assert len(arrived) == 1
        with urlopen(f"{api}/api/v1/messages/wait?to={NUMBER}&timeout=5") as answer:  # noqa: S310
            (found,) = json.load(answer)["messages"]
        assert (found["from"], found["to"], found["text"]) == (SENDER, NUMBER, "Hello")
    assert not list((tmp_path / "data").glob("*-wal"))


def test_messages_are_shown_as_inspect_shows_them():
    with simulating() as (process, ready):
        port = int(ready.split(" port ")[1].partition(",")[0])
        run(submitted("127.0.0.1", port, text(b"Hello\x1b\x28")))
        shown = [process.stdout.readline().rstrip() for _ in range(3)]
    assert shown == [f"A0000001  {SENDER} > {NUMBER}", "  text, 1 part", "    Hello{"]


@pytest.mark.parametrize("more", [(), ("--open-pages",)])
def test_what_has_no_log_in_is_for_this_machine_unless_asked_for(more):
    with simulating("--host", "0.0.0.0") as (process, line):  # noqa: S104
        assert line == "everybody who can reach 0.0.0.0 can send messages, and get replies\n"
        assert "inbox at http://127.0.0.1:" in process.stderr.readline()
    with simulating("--http-host", "0.0.0.0", *more) as (process, line):  # noqa: S104
        assert line.startswith("everybody who can reach 0.0.0.0 reads and changes all")
        ready = process.stderr.readline()
        what = "inbox" if more else "REST API"
        assert "SMPP on 127.0.0.1 port" in ready
        assert f"{what} at http://0.0.0.0:" in ready
        place = f"http://127.0.0.1:{ready.partition('http://0.0.0.0:')[2].partition('/')[0]}"
        assert status(f"{place}/api/v1/messages") == 200
        assert status(f"{place}/inbox/") == (200 if more else 404)


def status(url):
    try:
        with urlopen(url) as answer:  # noqa: S310
            return answer.status
    except HTTPError as error:
        with error:
            return error.code


def replied(*words):
    command = [sys.executable, "-m", "smsenc", "simulate", "reply", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_a_reply_is_sent_by_the_command():
    async def trial(smpp, api):
        arrived = []

        async def keep(request):
            arrived.append(request.body)
            return 0

        async with Client(Smsc(host=smpp[0], port=smpp[1], user="me"), keep) as client:
            await client.submit(text())
            words = ("--from", NUMBER, "--to", SENDER, "--text", "Yes", "--api", api)
            done = await asyncio.to_thread(replied, *words)
            assert (done.returncode, done.stderr) == (0, "")
            await until(lambda: arrived)
            assert arrived[0].short_message == b"Yes"
            words = ("--from", NUMBER, "--to", "@", "--text", "Yes", "--api", api)
            done = await asyncio.to_thread(replied, *words)
            assert done.returncode == 2
            assert "expected a number of at most 15 digits" in done.stderr

    with simulating("--json") as (_, ready):
        run(trial(*where(ready)))


def test_a_reply_without_a_simulator_says_so():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    words = ("--from", NUMBER, "--to", SENDER, "--text", "Yes", "--api", f"http://127.0.0.1:{port}")
    done = smsenc("simulate", "reply", *words)
    assert done.returncode == 6
    assert done.stderr == (f"smsenc: no simulator at http://127.0.0.1:{port}: connection refused\n")


def test_log_ins_of_a_file_are_checked(tmp_path):
    path = tmp_path / "log-ins.toml"
    path.write_text('me = "geheim1"\n')
    path.chmod(0o600)
    with simulating("--json", "--credentials", str(path)) as (_, ready):
        smpp, _ = where(ready)
        results, _ = run(submitted(*smpp, text(), password="geheim1"))
        assert isinstance(results[0], Accepted)
        with pytest.raises(BindError):
            run(submitted(*smpp, text(), password="geheim2"))


@pytest.mark.parametrize(
    ("content", "mode", "error"),
    [
        ('me = "geheim1"\n', 0o644, "other users can read it (chmod 600 makes it private)"),
        ("me = geheim1\n", 0o600, "expected TOML, found another format"),
        ("me = 5\n", 0o600, 'expected lines user = "password"'),
    ],
)
def test_a_file_of_log_ins_is_private_and_readable(tmp_path, content, mode, error):
    path = tmp_path / "log-ins.toml"
    path.write_text(content)
    path.chmod(mode)
    done = smsenc("simulate", "--credentials", str(path))
    assert done.returncode == 2
    assert done.stderr == f"smsenc: credentials file {path}: {error}\n"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--receipts", "lost"), "--receipts: expected one of delivered"),
        (("--chaos", "cut=5"), "--chaos: expected a probability from 0 to 1, found '5'"),
        (("--suffix", "x=failed"), "--suffix: expected DIGITS=STATE, found 'x=failed'"),
        (("--receipt-id", "octal"), "--receipt-id: expected hex or decimal, found 'octal'"),
        (("--webhook", "ftp://x"), "--webhook: expected http://host/path"),
        (("--release", "smpp://a:b@c"), "--release: expected no password in the address"),
        (("--host", "192.0.2.1", "--http-port", "0"), "cannot listen on 192.0.2.1"),
        (("--http-host", "192.0.2.1", "--port", "0"), "cannot listen on 192.0.2.1"),
    ],
)
def test_wrong_options_are_explained(options, error):
    done = smsenc("simulate", *options)
    assert done.returncode == 2
    assert error in done.stderr


def test_a_port_in_use_is_explained():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = smsenc("simulate", "--http-port", "0", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr == (
        f"smsenc: --port: cannot listen on 127.0.0.1:{port}: address already in use\n"
    )

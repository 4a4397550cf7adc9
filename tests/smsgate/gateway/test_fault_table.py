"""The faults of docs/gateway-faults.md: what people see, in these words, and what is kept.

A fault has a heading, and the lines Seen, Kept and Test below it. What is seen has its words in
backticks; ``…`` stands for anything. The test of a fault gives all that could be seen, and each of
its words must be in it. A fault may also name a test of another file.
"""

from __future__ import annotations

import ast
import contextlib
import ftplib
import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from functools import partial
from typing import ClassVar

import pytest
from command import COMMAND, environment
from disturbances import Clock, arrived, credit_is_right, free_port, lines, numbers
from gateways import HOST, Gateway, Smsc, until
from places import ROOT
from smppcentre import Centre, in_thread

from smsenc.smpp import pdus
from smsenc.smpp.receipts import MessageState, Receipt, parameters, text
from smsgate.gateway.states import State

PAGE = ROOT / "docs" / "gateway-faults.md"
TESTS = ROOT / "tests" / "smsgate" / "gateway"
_FAULT = re.compile(
    r"^### .+\n\n- Seen: (?P<seen>[^#]+?)\n- Kept: [^#]+?\n"
    r"- Test: `(?P<name>\w+)`(?:\s+in\s+`(?P<path>[^`]+)`)?$",
    re.MULTILINE,
)
_HEADING = re.compile(r"^### ", re.MULTILINE)
_WORDS = re.compile(r"`([^`]+)`")
FEW = 20  # messages of a test
MANY = 200
LEAST = 25  # faults


def faults():
    """What is seen of each fault, on one line, by the test that it names."""
    return {
        "::".join(filter(None, (one["path"], one["name"]))): " ".join(one["seen"].split())
        for one in _FAULT.finditer(PAGE.read_text("utf-8"))
    }


def says(test, *seen):
    """Check the words of a test's fault in what was seen."""
    found = "\n".join(map(str, seen))
    for words in _WORDS.findall(faults()[test.__name__]):
        pattern = ".*".join(map(re.escape, words.split("…")))
        assert re.search(pattern, found), (words, found)


def health(gateway):
    """What /healthz answers, after its status."""
    url = f"http://{HOST}:{gateway.http_port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=20) as one:
            return f"/healthz {one.status} {one.read().decode()}"
    except urllib.error.HTTPError as error:
        with error:
            return f"/healthz {error.code} {error.read().decode()}"


def problem(gateway):
    """What ``gateway status`` says about the route."""
    return next(iter(gateway.status()["routes"].values()))["problem"]


def shown(gateway, state):
    """What ``gateway status`` says, and ``message show`` of the messages in a state."""
    rows = gateway.select("SELECT uid, state FROM message")
    found = [uid for uid, its in rows if its == state]
    words = [("status",), *(("message", "show", uid) for uid in found)]
    return "\n".join(gateway.command(*some, "--data", gateway.data) for some in words)


def history(gateway):
    """All of history.log; empty if there is none yet."""
    with contextlib.suppress(FileNotFoundError):
        return (gateway.folder() / "history.log").read_text("utf-8")
    return ""


def sent(centre):
    """How often each number came to a message centre of a test."""
    return Counter(body.destination_addr.digits for body in centre.bodies)


def accepted(gateway, name, first=0, count=FEW, *more):
    """Upload a file; all its messages are accepted."""
    gateway.upload(name, gateway.account.file(*lines(first, count, *more)))
    until(lambda: len(gateway.log(name)) == count)
    assert {one.state for one in gateway.log(name)} == {"accepted"}


def started(*words):
    """Start another gateway, which must not run."""
    given = ("gateway", "run", "--http-port", 0, *words)
    done = subprocess.run(
        [*COMMAND, *map(str, given)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode not in (0, 1)
    return done.stderr


@contextlib.contextmanager
def world(folder, *chaos):
    """A simulated message centre and a gateway; credits are right in the end."""
    with Smsc(folder / "smsc", *chaos) as smsc, Gateway(folder / "data", smsc.port) as gateway:
        yield smsc, gateway
        credit_is_right(gateway)


@contextlib.contextmanager
def odd(folder, answer=lambda _: 0):
    """A message centre that answers as the test wants, and a gateway."""
    centre = Centre(answer)
    with in_thread(centre), Gateway(folder / "data", centre.port) as gateway:
        yield centre, gateway
        credit_is_right(gateway)


# --- The message centre ---------------------------------------------------------------------------


def test_bind_refused(tmp_path):
    centre = Centre()
    centre.bind_status = 0x0D
    with in_thread(centre), Gateway(tmp_path / "data", centre.port) as gateway:
        accepted(gateway, "a.txt")
        until(partial(problem, gateway))
        says(test_bind_refused, shown(gateway, ""), health(gateway))
        centre.bind_status = 0
        assert gateway.settled() == {State.SENT: FEW}
    assert sent(centre) == numbers(0, FEW)


def test_message_centre_down(tmp_path):
    smsc = Smsc(tmp_path / "smsc")
    smsc.port = free_port()
    with Gateway(tmp_path / "data", smsc.port) as gateway:
        accepted(gateway, "a.txt")
        until(partial(problem, gateway))
        says(test_message_centre_down, shown(gateway, ""), health(gateway))
        with smsc:
            assert gateway.settled() == {State.SENT: FEW}
    assert arrived(smsc) == numbers(0, FEW)


def test_cut_before_an_answer(tmp_path):
    with odd(tmp_path, lambda number: "cut" if number == 8 else 0) as (centre, gateway):
        accepted(gateway, "a.txt")
        counts = gateway.settled()
        seen = shown(gateway, State.UNKNOWN)
        says(test_cut_before_an_answer, seen, gateway.errors())
    assert 1 <= counts[State.UNKNOWN] <= 10  # a window
    assert counts[State.UNKNOWN] + counts[State.SENT] == FEW
    assert max(sent(centre).values()) == 1


@pytest.mark.parametrize("fault", ["cut=0.05", "malformed=0.05"])
def test_cut_or_bad_octets_again_and_again(tmp_path, fault):
    with world(tmp_path, "--chaos", fault, "--seed", "3") as (smsc, gateway):
        accepted(gateway, "a.txt", 0, MANY)
        counts = gateway.settled()
        rows = gateway.select("SELECT recipient, state FROM message")
        says(test_cut_or_bad_octets_again_and_again, gateway.errors())
    found = arrived(smsc)
    assert set(found.values()) == {1}
    assert set(numbers(0, MANY)) - set(found) <= {to for to, state in rows if state == "unknown"}
    assert counts[State.UNKNOWN] + counts[State.SENT] == MANY
    assert counts[State.UNKNOWN]


def test_slow_answers(tmp_path):
    with world(tmp_path, "--chaos", "slow=0.5", "--slow-delay", "0.2") as (smsc, gateway):
        accepted(gateway, "a.txt", 0, MANY)
        assert gateway.settled() == {State.SENT: MANY}
        says(test_slow_answers, health(gateway))
    assert arrived(smsc) == numbers(0, MANY)


def test_throttled(tmp_path):
    with world(tmp_path, "--chaos", "throttle=0.2,queue-full=0.1") as (smsc, gateway):
        accepted(gateway, "a.txt", 0, FEW)
        assert gateway.settled() == {State.SENT: FEW}
        says(test_throttled, shown(gateway, ""), health(gateway))
    assert arrived(smsc) == numbers(0, FEW)


def test_refused_for_good(tmp_path):
    codes = {3: 0x0B, 5: 0x0A}  # destination, source
    with odd(tmp_path, lambda number: codes.get(number, 0)) as (centre, gateway):
        accepted(gateway, "a.txt")
        counts = gateway.settled()
        until(lambda: len(gateway.history()) >= 2 * FEW)
        says(test_refused_for_good, history(gateway), shown(gateway, State.FAILED))
    assert counts == {State.SENT: FEW - 2, State.FAILED: 2}
    assert sent(centre) == numbers(0, FEW)


def test_receipts_with_wrong_ids(tmp_path):
    with odd(tmp_path) as (centre, gateway):
        accepted(gateway, "a.txt", 0, FEW, "deliv_ack:1")
        gateway.settled()
        for smsc_id in ("nobody", "0", "ffffffff", "", "7"):
            receipt(centre, smsc_id)
        until(lambda: gateway.counts()[State.DELIVERED] == 1)
        says(test_receipts_with_wrong_ids, shown(gateway, ""))
        assert gateway.counts() == {State.SENT: FEW - 1, State.DELIVERED: 1}


def receipt(centre, smsc_id):
    """Send a receipt on the last connection of a message centre."""
    found = Receipt(message_id=smsc_id, state=MessageState.DELIVERED)
    body = pdus.DeliverSm(esm_class=4, short_message=text(found), tlvs=parameters(found))
    session = centre.sessions[-1]

    def send():
        session.send(body)
        session.flush()

    centre.server.get_loop().call_soon_threadsafe(send)


# --- Database, disk, processes --------------------------------------------------------------------


def test_database_damaged(tmp_path):
    with Smsc(tmp_path / "smsc") as smsc:
        gateway = Gateway(tmp_path / "data", smsc.port)
        with gateway:
            accepted(gateway, "a.txt")
            gateway.settled()
        base = gateway.data / "gateway.db"
        octets = base.read_bytes()
        base.write_bytes(os.urandom(len(octets)))
        says(test_database_damaged, started("--data", gateway.data, "--ftp-port", 0))
        base.write_bytes(octets)  # a backup
        with gateway:
            assert gateway.settled() == {State.SENT: FEW}
        assert arrived(smsc) == numbers(0, FEW)


def test_folder_removed(tmp_path):
    with world(tmp_path) as (smsc, gateway):
        accepted(gateway, "a.txt")
        gateway.settled()
        shutil.rmtree(gateway.folder())
        accepted(gateway, "b.txt", FEW, FEW)
        assert gateway.settled() == {State.SENT: 2 * FEW}
    assert arrived(smsc) == numbers(0, 2 * FEW)


def test_a_second_gateway_on_the_folder(tmp_path):
    with world(tmp_path) as (smsc, gateway):
        seen = started("--data", gateway.data, "--ftp-port", 0)
        says(test_a_second_gateway_on_the_folder, seen)
        accepted(gateway, "a.txt")
        gateway.settled()
    assert arrived(smsc) == numbers(0, FEW)


def test_port_taken(tmp_path):
    with world(tmp_path) as (_, gateway):
        seen = started("--data", tmp_path / "other", "--ftp-port", gateway.ftp_port)
        says(test_port_taken, seen)
        accepted(gateway, "a.txt")


def test_process_stopped_for_a_time(tmp_path):
    with world(tmp_path, "--chaos", "slow=0.2", "--slow-delay", "0.2") as (smsc, gateway):
        accepted(gateway, "a.txt", 0, MANY)
        os.kill(gateway.pid, signal.SIGSTOP)
        time.sleep(3.0)
        os.kill(gateway.pid, signal.SIGCONT)
        accepted(gateway, "b.txt", MANY, FEW)
        assert gateway.settled() == {State.SENT: MANY + FEW}
    assert arrived(smsc) == numbers(0, MANY + FEW)


# --- Clock ----------------------------------------------------------------------------------------


def test_clock_jumps(tmp_path):
    clock = Clock(tmp_path)
    with Smsc(tmp_path / "smsc") as smsc:
        with Gateway(tmp_path / "data", smsc.port, program=clock.program) as gateway:
            for n, jump in enumerate((7 * 86_400, -86_400, 3600, 0)):
                clock.set(jump)
                accepted(gateway, f"{n}.txt", n * FEW, FEW)
            assert gateway.settled() == {State.SENT: 4 * FEW}
            says(test_clock_jumps, health(gateway))
            credit_is_right(gateway)
        assert arrived(smsc) == numbers(0, 4 * FEW)


# --- Callbacks ------------------------------------------------------------------------------------


class Answering(http.server.BaseHTTPRequestHandler):
    """A URL that says ``status``, and elsewhere that nobody may come."""

    status = 500
    paths: ClassVar[list[str]] = []

    def do_GET(self):
        self.paths.append(self.path.partition("?")[0])
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


_CALLBACK = """\
[callback]
allow-private = ["127.0.0.0/8"]
timeout = 1
[[account]]
api-id = "{api_id}"
callback = "http://{host}:{port}/told"
callback-method = "get"
[[route]]
name = "route"
smsc = "smpp://me@{host}:{smsc}"
password-env = "SMSENC_SMPP_PASSWORD"
"""


@contextlib.contextmanager
def told_by_a_url(folder, port):
    """A gateway that has to tell ``FEW`` final states to a URL; they are all there."""
    path = folder / "given.toml"
    with Smsc(folder / "smsc") as smsc:
        with Gateway(folder / "data", smsc.port) as gateway:
            account = gateway.account
        values = {"api_id": account.api_id, "host": HOST, "port": port, "smsc": smsc.port}
        path.write_text(_CALLBACK.format(**values))
        with Gateway(folder / "data", None, "--config", path) as gateway:
            gateway.account = account
            accepted(gateway, "a.txt", 0, FEW, "deliv_ack:1", "callback:2")
            until(lambda: gateway.counts() == {State.DELIVERED: FEW}, gateway.errors)
            yield gateway
            credit_is_right(gateway)
        assert arrived(smsc) == numbers(0, FEW)


def tried(gateway):
    """What ``gateway callback list`` says once calls have failed; all are kept."""
    failed = "SELECT count(*) FROM callback WHERE tries > 0"
    until(lambda: gateway.select(failed)[0][0], gateway.errors)
    assert gateway.select("SELECT count(*) FROM callback WHERE state != 'done'") == [(FEW,)]
    return gateway.command("callback", "list", "--data", gateway.data)


@pytest.mark.parametrize("status", [500, 302])
def test_url_answers_with_an_error_or_elsewhere(tmp_path, monkeypatch, status):
    monkeypatch.setattr(Answering, "status", status)
    monkeypatch.setattr(Answering, "paths", [])
    with http.server.ThreadingHTTPServer((HOST, 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with told_by_a_url(tmp_path, server.server_port) as gateway:
            seen = tried(gateway)
        server.shutdown()
    says(test_url_answers_with_an_error_or_elsewhere, seen)
    assert f"answered {status}" in seen
    assert set(Answering.paths) == {"/told"}  # no redirect was followed


def test_url_is_silent(tmp_path):
    with (
        socket.create_server((HOST, 0)) as server,
        told_by_a_url(tmp_path, server.getsockname()[1]) as gateway,
    ):
        says(test_url_is_silent, tried(gateway))


# --- FTP ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def half_an_upload(gateway, client):
    """The data connection of an upload that is not complete."""
    octets = b"\n" * 400_000 + gateway.account.file(*lines(0, FEW))
    client.voidcmd("TYPE I")
    with client.transfercmd("STOR a.txt") as data:
        data.sendall(octets[:-40])
        incoming = gateway.data / "incoming" / gateway.account.api_id / "a.txt"
        until(lambda: incoming.exists() and incoming.stat().st_size)
        yield data


def test_transfer_cut(tmp_path):
    with world(tmp_path) as (smsc, gateway):
        with gateway.session() as client:
            with half_an_upload(gateway, client) as data:
                linger = b"\1\0\0\0\0\0\0\0"  # on, for 0 seconds: a reset
                data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            with pytest.raises(ftplib.Error) as told:
                client.voidresp()
        until(lambda: "a.txt" in history(gateway))
        says(test_transfer_cut, told.value, history(gateway))
        assert gateway.counts() == {}
        accepted(gateway, "a.txt")
        gateway.settled()
    assert arrived(smsc) == numbers(0, FEW)


def test_transfer_aborted(tmp_path):
    with world(tmp_path) as (smsc, gateway):
        with gateway.session() as client, half_an_upload(gateway, client):
            client.putcmd("ABOR")
            seen = [client.getmultiline(), client.getmultiline()]
        until(lambda: "a.txt" in history(gateway))
        says(test_transfer_aborted, *seen, history(gateway))
        assert gateway.counts() == {}
        accepted(gateway, "a.txt")
        gateway.settled()
    assert arrived(smsc) == numbers(0, FEW)


def test_passwords_guessed(tmp_path):
    with world(tmp_path) as (_, gateway):
        seen, began = [], time.monotonic()
        for n in range(3):
            with contextlib.suppress(EOFError), pytest.raises(ftplib.Error) as told:
                guess(gateway, f"guess{n}")
            seen.append(told.value)
        assert time.monotonic() - began > 1.0  # the second and the third wait
        says(test_passwords_guessed, *seen, gateway.errors())
        accepted(gateway, "a.txt")


def guess(gateway, password):
    client = ftplib.FTP()  # noqa: S321 - on loopback
    with contextlib.closing(client):
        client.connect(HOST, gateway.ftp_port, timeout=30)
        client.login(gateway.account.ftp_user, password)


def test_too_many_connections(tmp_path):
    with world(tmp_path) as (_, gateway):
        with contextlib.ExitStack() as stack:
            for _ in range(16):
                stack.enter_context(gateway.session())
            with pytest.raises(ftplib.Error) as told:
                stack.enter_context(gateway.session())
        says(test_too_many_connections, told.value)
        accepted(gateway, "a.txt")


def test_the_same_upload_again(tmp_path):
    with world(tmp_path) as (smsc, gateway):
        accepted(gateway, "a.txt")
        gateway.settled()
        gateway.upload("a.txt", gateway.account.file(*lines(0, FEW)))
        until(lambda: "again" in history(gateway))
        says(test_the_same_upload_again, history(gateway))
    assert arrived(smsc) == numbers(0, FEW)


# --- The page -------------------------------------------------------------------------------------


def test_each_fault_has_its_test_and_each_test_its_fault():
    assert len(faults()) == len(_HEADING.findall(PAGE.read_text("utf-8"))) >= LEAST
    here = named_in(TESTS / "test_fault_table.py")
    assert {one for one in faults() if "::" not in one} == here - {_THIS}
    for place in faults():
        path, _, name = place.rpartition("::")
        assert not path or name in named_in(TESTS / path), place


def named_in(path):
    """The names of a file's tests."""
    body = ast.parse(path.read_text("utf-8")).body
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {one.name for one in body if isinstance(one, kinds) and one.name.startswith("test_")}


_THIS = test_each_fault_has_its_test_and_each_test_its_fault.__name__

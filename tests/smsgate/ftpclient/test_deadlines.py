"""Servers that drip or stop: every wait ends, with an error that says to try again."""

from __future__ import annotations

import math
import resource
import socket
import threading
import time

import pytest
from ftpservers import HOST, LOG_IN, Scripted, drip, fill_outbox

from smsenc import OptionError
from smsgate.errors import GatewayError, GatewayLostError
from smsgate.ftpclient import data
from smsgate.ftpclient.deadline import SLOWEST, Deadline, TooSlowError
from smsgate.ftpclient.session import Security, Server, Session
from smsgate.ftpclient.upload import Options, upload

TIMEOUT = 0.3
LATE = 5.0  # seconds in which every wait of a test must have ended


def connect(port, security=Security.NONE, **more):
    where = Server(host=HOST, port=port, security=security, timeout=TIMEOUT, verify=False, **more)
    return Session(where, LOG_IN)


def dialogue(over=None):
    """A server that accepts everything; ``over`` has other things to do for some commands.

    What ``over`` has for "data" gets each data connection after its 150.
    """
    over = over or {}

    def serve(end):
        over.get("greeting", lambda end: end.sendall(b"220 Ready\r\n"))(end)
        listener = socket.create_server((HOST, 0))
        with listener, end.makefile("rb") as lines:
            for line in lines:
                command = line[:4].strip().decode("latin-1").upper()
                if command in over:
                    over[command](end)
                elif command == "PASV":
                    port = listener.getsockname()[1]
                    end.sendall(b"227 (127,0,0,1,%d,%d)\r\n" % divmod(port, 256))
                elif command in ("STOR", "RETR", "NLST"):
                    end.sendall(b"150 Go on\r\n")
                    with listener.accept()[0] as channel:
                        over.get("data", str)(channel)
                    end.sendall(b"226 Done\r\n")
                else:
                    code = {"USER": b"331", "SIZE": b"213"}.get(command, b"200")
                    end.sendall(code + b" 5\r\n")

    return Scripted(serve)


def lost(action, text):
    start = time.monotonic()
    with pytest.raises(GatewayLostError) as caught:
        action()
    assert time.monotonic() - start < LATE
    assert text in str(caught.value)


LINES = b"220-x\r\n"


@pytest.mark.parametrize("octets", [b"2", LINES, b"120 x\r\n"], ids=["an octet", "lines", "120"])
def test_a_greeting_that_drips(octets):
    with dialogue({"greeting": lambda end: drip(end, octets)}) as server:
        lost(lambda: connect(server.port), "no answer in 0.3 s")


@pytest.mark.parametrize("command", ["USER", "PASS", "TYPE", "CWD"])
def test_a_reply_that_drips(command):
    with dialogue({command: lambda end: drip(end, b"3")}) as server:
        lost(lambda: connect(server.port, folder="in"), "no answer in 0.3 s")


@pytest.mark.parametrize("command", ["SIZE", "PASV"])
def test_a_later_reply_that_drips(command):
    with dialogue({command: lambda end: drip(end, b"2")}) as server:
        session = connect(server.port)
        lost(lambda: (session.size("a"), session.names()), "no answer in 0.3 s")
        session.drop()


def test_a_reply_may_take_as_long_as_the_limit():
    over = {"SIZE": lambda end: (time.sleep(0.2), end.sendall(b"213 7\r\n"))}
    with dialogue(over) as server, connect(server.port) as session:
        assert session.sizes(["a", "b", "c"]) == [7, 7, 7]  # 0.2 s each


@pytest.mark.parametrize("octets", [b"x", b"x\r\n"])
@pytest.mark.parametrize("act", ["names", "fetch"])
def test_data_that_drip(act, octets):
    with dialogue({"data": lambda channel: drip(channel, octets)}) as server:
        session = connect(server.port)
        actions = {
            "names": session.names,
            "fetch": lambda: list(session.fetch("a")),
        }
        lost(actions[act], "slower than 1,000 octets a second")
        session.drop()


def test_the_time_of_the_reader_does_not_count():
    def two(channel):
        channel.sendall(b"one")
        time.sleep(0.1)
        channel.sendall(b"two")

    with dialogue({"data": two}) as server, connect(server.port) as session:
        found = []
        for chunk in session.fetch("a"):
            found.append(chunk)
            time.sleep(2 * TIMEOUT)
        assert b"".join(found) == b"onetwo"


@pytest.mark.parametrize("security", [Security.IMPLICIT, Security.EXPLICIT])
@pytest.mark.parametrize("octets", [b"\x16", b"\x16\x03\x03\x40\x00"])
def test_a_handshake_that_drips(security, octets):
    over = {"AUTH": lambda end: (end.sendall(b"234 Go on\r\n"), drip(end, octets))}
    if security is Security.IMPLICIT:
        over = {"greeting": lambda end: drip(end, octets)}
    with dialogue(over) as server:
        start = time.monotonic()
        with pytest.raises(GatewayError):
            connect(server.port, security)
        assert time.monotonic() - start < LATE


def test_a_server_that_reads_nothing_of_a_large_file():
    with dialogue({"data": lambda _: time.sleep(2)}) as server:
        session = connect(server.port)
        lost(lambda: session.store("a", bytes(20_000_000)), "slower than 1,000 octets a second")
        session.drop()


def read_slowly(end):
    while end.recv(4096):
        time.sleep(0.01)


def test_the_limit_of_a_transfer_grows_with_its_size():
    near, far = socket.socketpair()
    with near, far:
        reader = threading.Thread(target=read_slowly, args=(far,))
        reader.start()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        end = Deadline(0.1)
        end.allow(400)
        start = time.monotonic()
        with pytest.raises(TooSlowError):
            data.send(near, memoryview(bytes(10_000_000)), end, None)
        assert 0.45 < time.monotonic() - start < LATE
        near.shutdown(socket.SHUT_RDWR)
        reader.join()
    assert SLOWEST == 1000


def test_the_waits_of_our_own_rate_limit_do_not_count():
    near, far = socket.socketpair()
    with near, far:
        reader = threading.Thread(target=lambda: far.recv(100))
        reader.start()
        data.send(near, memoryview(b"x"), Deadline(0.05), lambda _: time.sleep(0.2))
        reader.join()


def test_an_upload_to_a_server_that_drips(tmp_path):
    fill_outbox(tmp_path / "outbox", 2)
    with dialogue({"SIZE": lambda end: drip(end, b"2")}) as server:
        where = Server(host=HOST, port=server.port, security=Security.NONE, timeout=TIMEOUT)
        start = time.monotonic()
        result = upload(tmp_path / "outbox", where, LOG_IN, Options(pauses=(0,)))
        assert time.monotonic() - start < LATE
    assert isinstance(result.stopped, GatewayLostError) or result.left


# Without end -----------------------------------------------------------------------------------


def flood(octets, times):
    def send(channel):
        for _ in range(times):
            channel.sendall(octets)

    return send


def test_a_long_list_takes_no_memory():
    names = b"".join(b"%060d.log\r\n" % n for n in range(1000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with dialogue({"data": flood(names, 1000)}) as server, connect(server.port) as session:
        wanted = f"{7:060}.log"
        assert set(session.names(lambda name: name == wanted)) == {wanted}
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20_000  # kilobytes, for a list of 66 megabytes


def test_a_list_without_end_is_an_error(monkeypatch):
    monkeypatch.setattr("smsgate.ftpclient.session._MOST_LISTED", 10_000)
    with dialogue({"data": flood(b"a\r\n" * 10_000, 10_000)}) as server:
        session = connect(server.port)
        with pytest.raises(GatewayError, match="cannot list the folder: more than 10,000 names"):
            session.names(lambda _: False)
        session.drop()


def test_names_that_are_too_long_are_skipped_and_told():
    octets = b"a.log\r\n" + b"x" * 1025 + b"\r\n" + b"y" * 3_000_000 + b"\nb.log\n" + b"z" * 2000
    with dialogue({"data": flood(octets, 1)}) as server, connect(server.port) as session:
        assert session.names() == ("a.log", "b.log")
        assert session.remarks == ["3 names of more than 1,024 octets skipped"]


# Settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -math.inf, 0, -1, 3601])
def test_a_limit_that_is_none(seconds):
    with pytest.raises(OptionError, match="expected 1 to 3600 seconds"):
        Server(host=HOST, timeout=seconds)

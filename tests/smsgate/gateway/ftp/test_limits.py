"""Limits of connections, files, guesses and times; what the server tells of itself."""

from __future__ import annotations

import contextlib
import ftplib
import io
import os
import re
import socket
import threading
import time

import pytest
from gatewayftp import MESSAGE, PASSWORDS, Gateway
from hypothesis import given
from hypothesis import strategies as st

from smsgate.errors import OutboxError
from smsgate.gateway.ftp import folders
from smsgate.gateway.ftp.commands import COMMANDS
from smsgate.gateway.guesses import Guesses, network
from smsgate.gateway.settings import Tls

WRONG = "530 Log-in failed."


def reply_to(call):
    try:
        return call()
    except ftplib.Error as error:
        return str(error)


def log_in(client, user="3001", *more):
    return reply_to(lambda: client.login(user, *(more or ("wrong",))))


def read_to_the_end(client):
    """Ask and read until the server has gone."""
    try:
        while True:
            client.putcmd("NOOP")
            client.getmultiline()
            time.sleep(0.02)
    except (EOFError, ConnectionError):
        pass


# Connections -------------------------------------------------------------------------------------


def test_connections(start):
    gateway = start(connections=2)
    clients = [gateway.client(), gateway.client()]
    with pytest.raises(ftplib.error_temp, match=r"^421 Too many connections"):
        gateway.client()
    clients[0].storbinary("STOR a.txt", io.BytesIO(MESSAGE))  # data connections do not count
    clients[0].quit()
    gateway.wait_until(lambda: len(gateway.listener.ip_map) == 1)
    gateway.client().close()
    clients[1].close()


def test_connections_of_an_address(start):
    gateway = start(per_address=2)
    clients = [gateway.client(), gateway.client()]
    with pytest.raises(ftplib.error_temp, match=r"^421 Too many connections from the same IP"):
        gateway.client()
    for client in clients:
        client.close()


def test_connections_of_an_account(start):
    gateway = start(per_account=1)
    client = gateway.client()
    with pytest.raises(ftplib.error_temp, match=r"^421 Too many connections of this account"):
        gateway.client()
    gateway.client("3002").close()
    client.sendcmd("REIN")
    gateway.client().quit()
    client.close()
    gateway.wait_until(lambda: not gateway.listener._sessions)


def test_no_more_descriptors_are_survived(gateway, monkeypatch):
    listener = gateway.listener
    failing = [OSError(24, "too many open files")]
    real = type(listener).accept

    def accept(self):
        if failing:
            raise failing.pop()
        return real(self)

    monkeypatch.setattr(type(listener), "accept", accept)
    gateway.client().quit()
    assert gateway.told == ["FTP: cannot accept connections: too many open files"]


def test_who_does_not_log_in_is_sent_away(gateway, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.ftp.login._DEADLINE", 0.3)
    client = gateway.client(log_in=False)
    began = time.monotonic()
    read_to_the_end(client)
    assert time.monotonic() - began < 5
    client.close()


def test_a_taken_port(gateway, start):
    with pytest.raises(OutboxError, match=r"^cannot serve FTP on 127.0.0.1:\d+: address already"):
        start(port=gateway.port)


def test_passive_ports_and_public_address(start):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gateway = start(passive_ports=range(port, port + 1), public_address="192.0.2.7")
    client = gateway.client()
    answer = client.sendcmd("PASV")
    assert f"(192,0,2,7,{port // 256},{port % 256})" in answer
    client.close()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"public_address": "gateway.invalid"}, r"public-address 'gateway.invalid': (?!.*127)\w.*"),
        ({"public_address": "a..b"}, "public-address 'a..b': no name of a host"),
        ({"host": "gateway.invalid"}, r"host 'gateway.invalid': \w.*"),
        ({"host": "a" * 64}, f"host '{'a' * 64}': no name of a host"),
    ],
)
def test_a_host_that_has_no_address_is_named(start, settings, why):
    for tls in (Tls.OFF, Tls.REQUIRED):
        with pytest.raises(OutboxError) as caught:
            start(tls=tls, **settings)
        assert re.fullmatch(why, str(caught.value)), caught.value


def test_other_addresses_and_privileged_ports_are_refused(gateway):
    client = gateway.client()
    for command in ("PORT 192,0,2,7,200,200", "EPRT |1|192.0.2.7|50000|", "PORT 127,0,0,1,0,25"):
        with pytest.raises(ftplib.error_perm, match=r"^501"):
            client.sendcmd(command)
    client.close()


def test_active_mode(gateway):
    client = gateway.client()
    client.set_pasv(False)
    client.storbinary("STOR a.txt", io.BytesIO(MESSAGE))
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


def test_quiesce(gateway):
    client = gateway.client()
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    gateway.server.quiesce()
    assert gateway.server.running == 1
    with pytest.raises(ftplib.error_temp, match=r"^421 The gateway is shutting down: try again"):
        gateway.client()
    data.sendall(MESSAGE[20:])
    data.close()
    client.voidresp()
    with pytest.raises(ftplib.error_temp, match=r"^450 The gateway is shutting down: try again"):
        client.sendcmd("STOR b.txt")
    assert gateway.server.running == 0
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


def test_while_too_many_messages_wait_uploads_are_refused(gateway):
    client = gateway.client()
    client.storbinary("STOR a.tmp", io.BytesIO(MESSAGE))
    gateway.taker.full.add("3001")
    for command in ("STOR b.txt", "APPE a.tmp", "STOR c.tmp"):
        with pytest.raises(ftplib.error_temp, match=r"^451 Too many messages are waiting: try "):
            client.sendcmd(command)
    with pytest.raises(ftplib.error_temp, match=r"^451 Too many messages are waiting: try "):
        client.rename("a.tmp", "a.txt")
    client.rename("a.tmp", "later.tmp")
    other = gateway.client("3002")
    other.storbinary("STOR o.tmp", io.BytesIO(MESSAGE))
    other.rename("o.tmp", "o.txt")
    gateway.taker.full.clear()
    client.rename("later.tmp", "a.txt")
    for one in (client, other):
        one.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE, "o.txt": MESSAGE}


def test_the_end_is_quick_and_leaves_nothing(start):
    gateway = start()
    clients = [gateway.client() for _ in range(16)]
    before = threading.active_count()
    began = time.monotonic()
    gateway.server.close()
    assert time.monotonic() - began < 20  # none of them is waited for
    assert threading.active_count() == before - 1
    with pytest.raises(ConnectionError):
        socket.create_connection((gateway.host, gateway.port))
    for client in clients:
        client.close()
    gateway.server.close()


# Log-ins -----------------------------------------------------------------------------------------


@pytest.fixture
def _quick(monkeypatch):
    monkeypatch.setattr("smsgate.gateway.guesses._FIRST", 0.01)
    monkeypatch.setattr("smsgate.gateway.guesses._LONGEST", 0.2)


@pytest.mark.usefixtures("_quick")
def test_three_tries(gateway):
    client = gateway.client(log_in=False)
    assert [log_in(client) for _ in range(3)] == [WRONG, WRONG, "530 Log-in failed. Goodbye."]
    with pytest.raises((EOFError, ConnectionError)):
        client.voidcmd("NOOP")
    client.close()
    line = "FTP: log-in from 127.0.0.1 refused ({} recently)"
    assert gateway.told == [line.format(n) for n in (1, 2, 3)]


@pytest.mark.usefixtures("_quick")
def test_unknown_users_hear_the_same(gateway):
    for user, password in (("3001", "wrong"), ("nobody", "wrong"), ("nobody", "")):
        client = gateway.client(log_in=False)
        assert client.sendcmd(f"USER {user}") == "331 Username ok, send password."
        assert reply_to(lambda c=client, p=password: c.sendcmd(f"PASS {p}")) == WRONG
        client.close()
    assert gateway.checked == [("3001", "wrong"), ("nobody", "wrong"), ("nobody", "")]


def test_guesses_are_answered_later_and_later(gateway, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.guesses._FIRST", 0.1)
    times = []
    for _ in range(4):
        client = gateway.client(log_in=False)
        began = time.monotonic()
        assert log_in(client) == WRONG
        times.append(time.monotonic() - began)
        client.close()
    for took, least in zip(times, (0, 0.1, 0.2, 0.4), strict=True):
        assert least <= took


def test_guesses_sent_together_are_no_quicker(gateway, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.guesses._FIRST", 0.1)
    client = gateway.client(log_in=False)
    began = time.monotonic()
    client.sock.sendall(b"USER 3001\r\nPASS wrong\r\n" * 8)
    client.sock.settimeout(60)
    found = client.file.read()
    assert found.count("530 ") == 3
    assert time.monotonic() - began >= 0.3
    assert len(gateway.checked) == 3
    client.close()


def test_many_commands_before_the_answer(gateway, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.guesses._FIRST", 5)
    client = gateway.client(log_in=False)
    assert log_in(client) == WRONG
    client.sock.sendall(b"USER 3001\r\nPASS wrong\r\n" + b"NOOP\r\n" * 17)
    assert client.getmultiline().startswith("331")
    assert client.getmultiline() == "421 Too many commands."
    client.close()


def test_commands_before_the_answer_are_executed_after_it(gateway, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.guesses._FIRST", 0.1)
    client = gateway.client(log_in=False)
    assert log_in(client) == WRONG
    password = PASSWORDS["3001"].encode("latin-1")  # as old clients send it
    client.sock.sendall(b"USER 3001\r\nPASS " + password + b"\r\nPWD\r\nQUIT\r\n")
    answers = [client.getmultiline()[:3] for _ in range(4)]
    assert answers == ["331", "230", "257", "221"]
    client.close()


def test_a_check_that_fails_is_told_without_the_password(gateway, monkeypatch):
    def check(*_):
        raise ValueError("database")

    monkeypatch.setattr(gateway, "check", check)
    client = gateway.client(log_in=False)
    assert log_in(client).startswith("421 The log-in could not be checked: try again")
    client.close()
    assert gateway.told == ["FTP: internal error: ValueError('database')"]
    gateway.told.clear()


@pytest.mark.usefixtures("_quick")
def test_no_password_is_told_or_kept(gateway):
    client = gateway.client()
    assert client.sendcmd("PWD")
    handlers = list(gateway.listener.ioloop.socket_map.values())
    assert PASSWORDS["3001"] not in repr([vars(one) for one in handlers])
    client.close()
    client = gateway.client(log_in=False)
    log_in(client, "s3cr3t-user", "s3cr3t-password")
    client.close()
    assert "s3cr3t" not in repr(gateway.told)


@given(st.lists(st.integers(0, 50), max_size=200))
def test_the_table_of_guesses_is_bounded(addresses):
    guesses = Guesses(most=10)
    for now, address in enumerate(addresses):
        guesses.failed(f"192.0.2.{address % 25}", f"{address}", now)
    assert len(guesses) <= 10


def test_many_addresses():
    guesses = Guesses()
    for n in range(100_000):
        guesses.failed(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", "3001", 0)
    assert len(guesses) == 10_000
    assert guesses.delay("10.1.134.159", "3001", 0) == 0.5
    assert guesses.delay("10.0.0.1", "3001", 0) == 0


def test_delays():
    guesses = Guesses()
    found = []
    for _ in range(12):
        found.append(guesses.delay("192.0.2.1", "3001", 100))
        guesses.failed("192.0.2.1", "3001", 100)
    assert found == [0, 0.5, 1, 2, 4, 8, 16, 16, 16, 16, 16, 16]
    assert guesses.delay("192.0.2.1", "3001", 999) == 16
    assert guesses.delay("192.0.2.1", "3001", 1000) == 0
    assert guesses.failed("192.0.2.1", "3001", 1000) == 1


def test_delays_of_others_at_the_address():
    guesses = Guesses()
    for n in range(20):
        assert guesses.delay("192.0.2.1", f"{n}", 100) == 0
        guesses.failed("192.0.2.1", f"{n}", 100)
    assert guesses.delay("192.0.2.1", "3001", 100) == 0
    assert guesses.failed("192.0.2.1", "20", 100) == 21
    assert guesses.delay("192.0.2.1", "3001", 100) == 0.5
    assert guesses.delay("192.0.2.2", "20", 100) == 0
    assert guesses.failed("192.0.2.1", "21", 100) == 22
    assert guesses.delay("192.0.2.1", "3001", 999) == 1
    assert guesses.delay("192.0.2.1", "3001", 1000) == 0


def test_a_good_log_in_ends_the_delay_of_its_user_only():
    guesses = Guesses()
    for user in ("3001", "3002"):
        for _ in range(3):
            guesses.failed("192.0.2.1", user, 100)
    guesses.succeeded("192.0.2.1", "3001")
    guesses.succeeded("192.0.2.2", "3002")
    assert guesses.delay("192.0.2.1", "3001", 100) == 0
    assert guesses.delay("192.0.2.1", "3002", 100) == 2


def test_names_of_any_length_need_the_same_memory():
    guesses = Guesses()
    guesses.failed("192.0.2.1", "s3cr3t" * 10_000 + "\udc80", 100)
    assert [len(key) for key in guesses._users] == [len("192.0.2.1 ") + 32]


def test_errors_of_one_user_delay_no_other(gateway, monkeypatch):
    monkeypatch.setattr("smsgate.gateway.guesses._FIRST", 3.0)
    client = gateway.client(log_in=False)
    assert log_in(client) == WRONG
    client.close()
    began = time.monotonic()
    gateway.client("3002").quit()
    assert time.monotonic() - began < 3
    gateway.client("3001").quit()  # it waits, and is right
    assert time.monotonic() - began >= 3
    began = time.monotonic()
    gateway.client("3001").quit()
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_networks(address, place):
    assert network(address) == place


# Files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["STOR", "APPE"])
def test_the_largest_file(start, command):
    gateway = start(largest_file=1000)
    client = gateway.client()
    client.storbinary(f"{command} a.part", io.BytesIO(b"x" * 1000))
    data = client.transfercmd(f"{command} b.txt")
    data.sendall(b"x" * 1001)
    with pytest.raises(ftplib.error_perm, match=r"^552 The file is larger than allowed"):
        client.voidresp()
    data.close()
    assert client.nlst() == ["a.part"]
    with client.transfercmd("APPE a.part") as data:
        data.sendall(b"x")
        with pytest.raises(ftplib.error_perm, match=r"^552"):
            client.voidresp()
    client.quit()
    assert gateway.taker.events == []
    assert list(gateway.incoming().iterdir()) == []


def test_a_full_folder(start):
    gateway = start(most_files=3)
    client = gateway.client()
    (gateway.folder() / "history.log").write_text("")  # the gateway's logs do not count
    for name in ("a.part", "b.part", "c.part"):
        client.storbinary(f"STOR {name}", io.BytesIO(b"x"))
    with pytest.raises(ftplib.error_temp, match=r"^452 The folder is full: it may have 3 files"):
        client.storbinary("STOR d.part", io.BytesIO(b"x"))
    client.storbinary("STOR c.part", io.BytesIO(b"y"))
    client.delete("b.part")
    time.sleep(1)
    client.storbinary("STOR d.part", io.BytesIO(b"x"))
    client.quit()


def test_a_folder_of_many_files(start, monkeypatch):
    gateway = start(most_files=200_000)
    gateway.folder().mkdir(parents=True)
    for n in range(100_000):
        os.close(os.open(gateway.folder() / f"{n:06}.part", os.O_CREAT, 0o600))
    client = gateway.client()
    counted = []
    real = folders._files
    monkeypatch.setattr(folders, "_files", lambda path: counted.append(path) or real(path))
    for n in range(100):
        client.storbinary(f"STOR new{n}.txt", io.BytesIO(MESSAGE))
    assert counted == [gateway.incoming(), gateway.folder()]  # once
    assert len(gateway.taker.taken) == 99
    assert len(client.nlst()) == 100_000  # NLST proved the last
    client.quit()


# What is told ------------------------------------------------------------------------------------


def test_nothing_is_told_of_the_product(gateway, capfd):
    client = gateway.client(log_in=False)
    found = [client.getwelcome()]
    assert found == ["220 FTP server ready"]
    commands = ["HELP", "FEAT", "STAT", "SYST", "NOOP", "SITE HELP", "HELP STOR", "nonsense"]
    found += [reply_to(lambda c=command: client.sendcmd(c)) for command in commands]
    client.login("3001", PASSWORDS["3001"])
    found += [reply_to(lambda c=command: client.sendcmd(c)) for command in commands]
    found += [reply_to(lambda: client.sendcmd("SITE CHMOD 777 a"))]
    client.quit()
    text = "\n".join(found)
    assert not re.search(r"(?i)pyftpd|python|\d\.\d|127,?0|/tmp|MFMT|CHMOD [^7]", text), text
    gateway.server.close()
    assert capfd.readouterr() == ("", "")


# Anything ----------------------------------------------------------------------------------------

_WORDS = st.sampled_from(
    [*COMMANDS, *(name.lower() for name in COMMANDS), "\xff\xf4\xff\xf2ABOR", "a.part", "1", "-1"]
)
_LINES = st.one_of(
    st.binary(max_size=60),
    st.lists(_WORDS, max_size=3).map(lambda words: " ".join(words).encode("latin-1")),
    st.binary(min_size=5000, max_size=5000),
)


@pytest.fixture(scope="module")
def one_gateway(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("anything"), tls=Tls.OPTIONAL)
    yield gateway
    gateway.server.close()


@given(st.booleans(), st.lists(_LINES, max_size=8))
def test_no_commands_end_the_server(one_gateway, logged_in, lines):
    gateway = one_gateway
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as end:
        if logged_in:
            end.sendall(f"USER 3001\r\nPASS {PASSWORDS['3001']}\r\n".encode())
        with contextlib.suppress(ConnectionError):
            end.sendall(b"".join(line + b"\r\n" for line in lines) + b"QUIT\r\n")
            end.shutdown(socket.SHUT_WR)
            while end.recv(65536):
                pass
    gateway.client().quit()
    refused = re.compile(r"FTP: log-in from 127\.0\.0\.1 refused \(\d+ recently\)")
    assert [line for line in gateway.told if not refused.fullmatch(line)] == []

"""A session with servers that answer anything: an error of ours, soon, and no password in it."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress

import pytest
from ftpservers import HOST, LOG_IN, PASSWORD
from hypothesis import given, settings
from hypothesis import strategies as st

from smsgate.errors import (
    GatewayBusyError,
    GatewayError,
    GatewayLogInError,
    GatewayLostError,
)
from smsgate.ftpclient.session import Security, Server, Session
from smsgate.masking import printable


@contextmanager
def answering(octets):
    """A server that says ``octets`` to the first who comes, whatever is asked, and hangs up."""
    listener = socket.create_server((HOST, 0))

    def serve():
        near, _ = listener.accept()
        with near, suppress(OSError):
            near.settimeout(5)
            near.sendall(octets)
            near.shutdown(socket.SHUT_WR)
            while near.recv(1 << 16):
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    with listener:
        yield listener.getsockname()[1]
        thread.join()


def error_of(octets, kind=GatewayError):
    with answering(octets) as port:
        server = Server(host=HOST, port=port, security=Security.NONE, timeout=2)
        with pytest.raises(kind) as caught:
            Session(server, LOG_IN)
    assert PASSWORD not in str(caught.value)
    return caught.value


@settings(max_examples=40)
@given(octets=st.binary(max_size=200) | st.from_regex(rb"([1-5][0-9]{2}[ -][^\r\n]{0,20}\r?\n)*"))
def test_any_octets_are_an_error_of_ours_or_a_log_in(octets):
    with answering(octets) as port:
        server = Server(host=HOST, port=port, security=Security.NONE, timeout=2)
        try:
            Session(server, LOG_IN).drop()
        except GatewayError as error:
            assert str(error).startswith("cannot ")
            assert printable(str(error)) == str(error)
        else:
            assert octets.count(b"\n2") >= 2  # a server that says yes to everything


@pytest.mark.parametrize(
    ("octets", "kind", "text"),
    [
        (b"220-Hello\r\n" * 5000, GatewayLostError, ": a reply without end"),
        (b"220 " + b"x" * 100_000, GatewayLostError, ": a line of more than 8192 octets"),
        (b"421 Too many\r\n", GatewayLostError, ": 421 Too many"),
        (b"450 Later\r\n", GatewayBusyError, ": 450 Later"),
        (b"220 Hello\r\n530 \x1b[31mNo\x07\r\n", GatewayLogInError, ": 530 \\x1b[31mNo\\x07"),
        (b"220 Gr\xfc\xdfe\r\n530 Nein\r\n", GatewayLogInError, ": 530 Nein"),
        ("220 a\r\n530 für {}\r\n".encode(), GatewayLogInError, ": 530 für {}"),
        (f"220 a\r\n530 Not {PASSWORD}\r\n".encode(), GatewayLogInError, ": 530 Not ***"),
        (b"", GatewayLostError, ": connection closed"),
        (b"\r\n", GatewayLostError, ": an empty reply"),
        (b"220 a\r\n  \r\n", GatewayLostError, ": an empty reply"),
    ],
)
def test_what_is_told_of_a_server(octets, kind, text):
    error = error_of(octets, kind)
    assert type(error) is kind
    assert text in str(error)


def test_a_host_that_does_not_exist():
    server = Server(host="gateway.invalid", timeout=2)
    with pytest.raises(GatewayError, match=r"^cannot connect to gateway\.invalid:21/: "):
        Session(server, LOG_IN)


def test_the_same_server_and_folder_are_one_target():
    first = Server(host="FTP.example", folder="/in/")
    assert first.target == Server(host="ftp.example", port=21, folder="in").target
    assert first.target != Server(host="ftp.example", port=21).target


# Files that are fetched in chunks --------------------------------------------------------------


def session_at(ftpd, **more):
    return Session(Server(host=HOST, port=ftpd.port, security=Security.NONE, **more), LOG_IN)


def test_a_file_is_fetched_in_chunks(ftpd, remote):
    octets = bytes(range(256)) * 4000
    (remote / "history.log").write_bytes(octets)
    with session_at(ftpd) as session:
        chunks = list(session.fetch("history.log"))
        assert len(chunks) > 3
        assert b"".join(chunks) == octets
        assert b"".join(session.fetch("history.log", 1_000_000)) == octets[1_000_000:]
        assert b"".join(session.fetch("history.log", 5)) == octets[5:]


def test_octets_are_sent_before_the_reply_once_the_port_is_known(ftpd, remote):
    with session_at(ftpd) as session:
        for name in "abc":
            session.store(name, name.encode() * 100_000, ahead=True)
            assert not session.in_doubt
        assert session.sizes("abc") == [100_000] * 3
    assert [(remote / name).read_bytes() for name in "abc"] == [
        name.encode() * 100_000 for name in "abc"
    ]


def test_a_refusal_of_octets_that_were_sent_is_told_as_such(ftpd, remote):
    ftpd.refused.append("no")
    with session_at(ftpd) as session:
        session.store("a", b"first")
        with pytest.raises(GatewayError, match="553 No"):
            session.store("no", b"second", ahead=True)
        assert not session.in_doubt
        assert session.size("a") == 5
    assert [path.name for path in remote.iterdir()] == ["a"]


def test_a_port_that_is_refused_later_is_asked_for_again(ftpd, remote):
    with session_at(ftpd) as session:
        session.store("a", b"first")
        ftpd.answers["PASV"] = ["500 No."]
        ftpd.answers["STOR"] = ["425 No data connection."]
        session.store("b", b"second", ahead=True)
        assert not session.in_doubt
    assert (remote / "b").read_bytes() == b"second"


def test_a_transfer_without_a_port_leaves_doubt(ftpd):
    with session_at(ftpd) as session:
        session.store("a", b"first")
        ftpd.answers["PASV"] = ["500 No."]
        ftpd.answers["STOR"] = ["150 To the port of the control connection."]
        with pytest.raises(GatewayLostError):
            session.store("b", b"second", ahead=True)
        assert session.in_doubt


def test_a_reader_that_stops_early_can_go_on_with_other_commands(ftpd, remote):
    (remote / "history.log").write_bytes(b"x" * 30_000_000)
    with session_at(ftpd) as session:
        for _ in range(3):
            chunks = session.fetch("history.log")
            assert next(chunks)
            chunks.close()
            assert session.size("history.log") == 30_000_000
        assert session.names() == ("history.log",)


def test_more_octets_than_wanted_are_an_error(ftpd, remote):
    (remote / "history.log").write_bytes(b"x" * 300_000)
    with session_at(ftpd) as session:
        with pytest.raises(GatewayError, match="more octets than expected"):
            list(session.fetch("history.log", most=200_000))
        assert session.size("history.log") == 300_000


def test_a_file_that_is_not_there_is_an_error_of_ours(ftpd):
    with session_at(ftpd) as session, pytest.raises(GatewayError) as caught:
        next(session.fetch("history.log"))
    assert caught.value.reply == 550

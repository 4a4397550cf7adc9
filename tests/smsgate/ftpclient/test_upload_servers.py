"""The upload to the servers that gateways run: vsftpd and proftpd, session reuse required."""

from __future__ import annotations

import ftplib
import io
import ssl
import threading
from contextlib import closing
from functools import partial

import daemons
import pytest
from ftpservers import (
    HOST,
    LOG_IN,
    PASSWORD,
    Proxy,
    Watcher,
    contents,
    fill_outbox,
    message,
    wait_for_octets,
)

from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.retry import RetryingSession
from smsgate.ftpclient.session import Security, Server, Session
from smsgate.ftpclient.temporary import Temporary
from smsgate.ftpclient.upload import Options, upload
from smsgate.outbox.files import State

LOG_INS = {"vsftpd": LogIn(user="ftp", password=PASSWORD), "proftpd": LOG_IN}


def server_at(port, authority, tls):
    security = Security.EXPLICIT if tls else Security.NONE
    return Server(host=HOST, port=port, security=security, ca_file=authority, timeout=10)


@pytest.mark.parametrize(
    ("tls", "count"),
    [(None, 1000), ("TLSv1.2", 200), ("TLSv1.3", 1000)],
    ids=["plain", "TLS 1.2", "TLS 1.3"],
)
@pytest.mark.parametrize("name", LOG_INS)
def test_every_file_arrives_complete(tmp_path, remote, certificates, *, name, tls, count):
    files = fill_outbox(tmp_path / "outbox", count)
    authority, certificate = certificates
    start = getattr(daemons, name)
    with (
        start(tmp_path, remote, tls and certificate, tls) as port,
        Watcher(remote, files) as watcher,
    ):
        where = server_at(port, authority, tls)
        result = upload(tmp_path / "outbox", where, LOG_INS[name], Options(connections=4))
    assert result.stopped is None
    assert {(file.state, file.reason) for file in result.files} == {(State.DONE, "")}
    assert contents(remote) == files
    assert watcher.incomplete == []


@pytest.mark.parametrize("tls", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("name", LOG_INS)
def test_these_servers_do_want_the_session_reused(tmp_path, remote, certificates, name, tls):
    authority, certificate = certificates
    with getattr(daemons, name)(tmp_path, remote, certificate, tls) as port:
        context = ssl.create_default_context(cafile=authority)
        client = ftplib.FTP_TLS(context=context, timeout=10)  # noqa: S321 - as it comes: no reuse
        with closing(client):
            client.connect(HOST, port)
            client.login(LOG_INS[name].user, PASSWORD)
            client.prot_p()
            assert client.sock.version() == tls
            with pytest.raises((ftplib.Error, OSError)):
                client.storbinary("STOR note.txt", io.BytesIO(b"text"))


@pytest.mark.parametrize("name", LOG_INS)
def test_octets_may_be_sent_before_the_reply(tmp_path, remote, name):
    with getattr(daemons, name)(tmp_path, remote) as port:
        server = server_at(port, None, None)
        with Session(server, LOG_INS[name]) as session:
            for n in range(20):
                session.store(f"{n}", b"%d" % n * 10_000, ahead=True)
            assert not session.in_doubt
    assert contents(remote) == {f"{n}": b"%d" % n * 10_000 for n in range(20)}


@pytest.mark.parametrize("name", LOG_INS)
def test_half_a_file_is_continued(tmp_path, remote, name):
    files = fill_outbox(
        tmp_path / "outbox", 1, lambda n: message(n) + b"to:447700900124\n" * 40_000
    )

    with (
        getattr(daemons, name)(tmp_path, remote) as port,
        Proxy(port, 400_000, before_cut=lambda: wait_for_octets(remote, 300_000)) as proxy,
    ):
        result = upload(
            tmp_path / "outbox",
            server_at(proxy.port, None, None),
            LOG_INS[name],
            Options(pauses=(0.1, 0.1, 0.1)),
        )
        assert proxy.passed < 1_030_000  # 400 000 before the cut; the whole again would be 640 000
    assert [file.state for file in result.files] == [State.DONE]
    assert contents(remote) == files


def read_early(octets, session):
    """The end of the log; then its start, which is left after the first octets."""
    assert session.names() == ("history.log",)
    assert session.names(lambda _: False) == ()
    assert b"".join(session.fetch("history.log", 10_000_000)) == octets[10_000_000:]
    chunks = session.fetch("history.log")
    assert octets.startswith(next(chunks))
    chunks.close()


@pytest.mark.parametrize("tls", [None, "TLSv1.2", "TLSv1.3"], ids=["plain", "TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize("name", LOG_INS)
def test_logs_are_fetched_and_left_early(tmp_path, remote, certificates, name, tls):
    octets = bytes(range(256)) * 40_000
    (remote / "history.log").write_bytes(octets)
    authority, certificate = certificates
    with getattr(daemons, name)(tmp_path, remote, tls and certificate, tls) as port:
        server = server_at(port, authority, tls)
        opened = partial(Session, server, LOG_INS[name])
        with closing(RetryingSession(opened, (0.1,), threading.Event(), lambda _: None)) as gateway:
            gateway.ask(partial(read_early, octets))
            # proftpd sometimes ends a session of TLS 1.2 when a transfer is left
            assert gateway.ask(lambda session: session.size("history.log")) == len(octets)
            assert (
                gateway.ask(lambda session: b"".join(session.fetch("history.log", 9))) == octets[9:]
            )
            assert gateway.ask(lambda session: session.size("none.log")) is None


@pytest.mark.parametrize("kind", list(Temporary))
@pytest.mark.parametrize("name", LOG_INS)
def test_each_form_of_temporary_names(tmp_path, remote, name, kind):
    files = fill_outbox(tmp_path / "outbox", 70)
    with getattr(daemons, name)(tmp_path, remote) as port:
        where = Server(host=HOST, port=port, security=Security.NONE, temporary=kind)
        result = upload(tmp_path / "outbox", where, LOG_INS[name], Options(connections=2))
    assert {(file.state, file.reason) for file in result.files} == {(State.DONE, "")}
    assert contents(remote) == files

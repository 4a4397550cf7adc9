"""TLS: off, optional, required; the certificate that a gateway makes; proofs over TLS."""

from __future__ import annotations

import ftplib
import io
import os
import socket
import ssl
import stat
import struct
import time

import pytest
from gatewayftp import MESSAGE, PASSWORDS
from OpenSSL import SSL

from smsgate.errors import OutboxError
from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.session import Security, Server
from smsgate.ftpclient.temporary import Temporary
from smsgate.ftpclient.upload import Options, upload
from smsgate.gateway.ftp import certificate
from smsgate.gateway.ftp.handler import Session
from smsgate.gateway.ftp.protocols import Cut
from smsgate.gateway.settings import Tls
from smsgate.outbox.files import State


def trusting(gateway):
    return ssl.create_default_context(cafile=gateway.data / certificate.AUTHORITY)


def store(client, name="a.txt", octets=MESSAGE):
    client.storbinary(f"STOR {name}", io.BytesIO(octets))


def reply_to(client, command):
    try:
        return client.sendcmd(command)
    except ftplib.Error as error:
        return str(error)


# Modes -------------------------------------------------------------------------------------------


def test_off(start):
    gateway = start(tls=Tls.OFF)
    client = gateway.client()
    for command in ("AUTH TLS", "PBSZ 0", "PROT P"):
        assert reply_to(client, command)[:3] == "500"
    assert "TLS" not in client.sendcmd("FEAT")
    assert "AUTH" not in client.sendcmd("HELP")
    assert not (gateway.data / certificate.NAME).exists()
    client.close()


def test_optional(start):
    gateway = start(tls=Tls.OPTIONAL)
    plain = gateway.client()
    assert "AUTH TLS" in plain.sendcmd("FEAT")
    store(plain, "a.txt")
    plain.quit()
    secure = gateway.client(context=trusting(gateway))
    store(secure, "b.txt")
    secure.prot_c()
    store(secure, "c.txt")
    secure.quit()
    assert set(gateway.taker.taken) == {"a.txt", "b.txt", "c.txt"}


def test_required(start):
    gateway = start(tls=Tls.REQUIRED)
    plain = gateway.client(log_in=False)
    for command in ("USER 3001", "PASS x"):
        assert reply_to(plain, command) == "530 TLS is required: use AUTH TLS first."
    assert gateway.checked == []
    plain.close()
    client = gateway.client(log_in=False, context=trusting(gateway))
    client.login("3001", PASSWORDS["3001"])
    for command in ("PASV", "EPSV", "PORT 127,0,0,1,200,200", "EPRT |1|127.0.0.1|50000|"):
        assert reply_to(client, command)[:3] == "521"
    client.prot_p()
    store(client)
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions(start, version):
    gateway = start(tls=Tls.REQUIRED)
    context = trusting(gateway)
    context.maximum_version = version
    client = gateway.client(context=context)
    assert client.sock.version() == version.name.replace("v1_", "v1.")
    with gateway.transfer(client, "STOR 0.part", b"x") as data:
        assert data.version() == "TLSv1.2"
    client.voidresp()
    for n in range(5):
        store(client, f"{n}.txt")  # ftplib reuses no sessions
    lines = []
    client.retrlines("LIST", lines.append)
    client.quit()
    assert len(gateway.taker.taken) == 5


def test_old_versions_are_refused(start):
    gateway = start(tls=Tls.REQUIRED)
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as end:
        end.recv(100)
        end.sendall(b"AUTH TLS\r\n")
        end.recv(100)
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_max_proto_version(SSL.TLS1_1_VERSION)
        context.set_cipher_list(b"ALL:@SECLEVEL=0")
        old = SSL.Connection(context, end)
        old.set_connect_state()
        end.settimeout(None)
        with pytest.raises(SSL.Error):
            old.do_handshake()
    gateway.client(context=trusting(gateway)).quit()


def test_commands_before_tls_are_not_read_after_it(start):
    gateway = start(tls=Tls.REQUIRED)
    client = gateway.client(log_in=False, context=trusting(gateway))
    client.sock.sendall(b"AUTH TLS\r\nUSER 3001\r\n")
    assert client.getresp().startswith("234")
    client.sock = client.context.wrap_socket(client.sock, server_hostname=gateway.host)
    client.file.close()
    client.file = client.sock.makefile("r", encoding="utf-8")
    assert reply_to(client, "PASS x") == "503 Use USER first."
    client.close()


# The certificate ---------------------------------------------------------------------------------


def test_the_certificate_is_made_once_and_private(tmp_path):
    path = certificate.ensure(tmp_path, ("gateway.example", "192.0.2.7", ""), time.time())
    octets = path.read_bytes()
    assert certificate.ensure(tmp_path, (), time.time()).read_bytes() == octets
    for name in (certificate.NAME, certificate.AUTHORITY):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert b"PRIVATE" not in (tmp_path / certificate.AUTHORITY).read_bytes()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "gateway.example", "192.0.2.7"])
def test_it_is_trusted_for_its_hosts(tmp_path, host):
    path = certificate.ensure(tmp_path, ("gateway.example", "192.0.2.7"), time.time())
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(path)
    context = ssl.create_default_context(cafile=tmp_path / certificate.AUTHORITY)
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN  # as of 3.13
    exchange(context, host, served)
    with pytest.raises(ssl.SSLCertVerificationError):
        exchange(context, "other.example", served)


def exchange(context, host, served):
    """A handshake in memory."""
    pipes = [ssl.MemoryBIO() for _ in range(2)]
    client = context.wrap_bio(pipes[0], pipes[1], server_hostname=host)
    server = served.wrap_bio(pipes[1], pipes[0], server_side=True)
    done = set()
    while len(done) < 2:
        for side in (client, server):
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                pass


def test_a_given_certificate(start, certificates):
    authority, given = certificates
    gateway = start(tls=Tls.REQUIRED, certificate=given)
    gateway.client(context=ssl.create_default_context(cafile=authority)).quit()
    assert not (gateway.data / certificate.NAME).exists()


def test_what_is_no_certificate(start, tmp_path):
    (tmp_path / "x.pem").write_text("nothing")
    for name in ("x.pem", "none.pem"):
        with pytest.raises(OutboxError, match="expected a PEM file with a certificate and its key"):
            start(tls=Tls.REQUIRED, certificate=tmp_path / name)


# Proofs ------------------------------------------------------------------------------------------


@pytest.fixture
def secure(start):
    gateway = start(tls=Tls.REQUIRED)
    client = gateway.client(context=trusting(gateway))
    yield gateway, client
    client.close()


def check_incomplete(gateway, octets, *hows):
    gateway.taker.wait_for_cut("3001", "a.txt", len(octets), *(hows or (Cut.LOST,)))
    assert list(gateway.folder().iterdir()) == []
    assert (gateway.incoming() / "a.txt").read_bytes() == octets
    assert gateway.taker.taken == {}


def test_without_close_notify_the_control_connection_proves_it(secure):
    gateway, client = secure
    gateway.transfer(client, "STOR a.txt", MESSAGE).close()  # TCP only
    assert client.voidresp().startswith("226")
    assert gateway.taker.taken == {}
    client.quit()
    assert gateway.taker.taken == {"a.txt": MESSAGE}


@pytest.mark.parametrize("notify", [True, False])
def test_a_large_file_of_a_client_that_reads_nothing(secure, notify):
    gateway, client = secure
    octets = MESSAGE + b"to:447700900123\n" * 500_000
    data = client.transfercmd("STOR a.txt")
    data.sendall(octets)
    if notify:
        data.setblocking(False)
        with pytest.raises(ssl.SSLWantReadError):
            data.unwrap()
    data.close()
    assert client.voidresp().startswith("226")
    client.quit()
    assert gateway.taker.taken == {"a.txt": octets}


def test_without_close_notify_and_then_lost(secure):
    gateway, client = secure
    gateway.transfer(client, "STOR a.txt", MESSAGE[:20]).close()
    client.close()
    check_incomplete(gateway, MESSAGE[:20], Cut.LOST, Cut.UNPROVEN)  # whichever is seen first


def test_data_reset(secure):
    gateway, client = secure
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    data.close()
    with pytest.raises(ftplib.error_temp, match=r"^426"):
        client.voidresp()
    client.quit()
    check_incomplete(gateway, MESSAGE[:20])


def test_control_lost_first(secure):
    gateway, client = secure
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    client.close()
    check_incomplete(gateway, MESSAGE[:20])
    data.close()


def test_abort(secure):
    gateway, client = secure
    data = gateway.transfer(client, "STOR a.txt", MESSAGE[:20])
    client.sock.sendall(b"ABOR\r\n")
    assert client.getmultiline().startswith("426")
    assert client.getmultiline().startswith("226")
    data.close()
    client.quit()
    check_incomplete(gateway, MESSAGE[:20], Cut.ABORTED)


def test_the_largest_file(start):
    gateway = start(tls=Tls.REQUIRED, largest_file=1000)
    client = gateway.client(context=trusting(gateway))
    data = client.transfercmd("STOR a.txt")
    data.sendall(b"x" * 1001)
    with pytest.raises(ftplib.error_perm, match=r"^552 The file is larger than allowed"):
        client.voidresp()
    data.close()
    client.quit()
    assert list(gateway.incoming().iterdir()) == []


def test_a_failed_handshake_ends_only_that_connection(secure):
    gateway, client = secure
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as end:
        end.recv(100)
        end.sendall(b"AUTH TLS\r\n")
        end.recv(100)
        end.sendall(os.urandom(200))
        try:
            while end.recv(100):
                pass
        except ConnectionError:
            pass
    assert client.voidcmd("NOOP") == "200 OK."


# Our own client ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Temporary))
@pytest.mark.parametrize("tls", [Tls.OFF, Tls.REQUIRED])
def test_our_upload(start, tmp_path, tls, kind):
    gateway = start(tls=tls)
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    files = {f"{n:06}-note.txt": MESSAGE + f"to:4477009001{n:02}\n".encode() for n in range(40)}
    for name, octets in files.items():
        (outbox / name).write_bytes(octets)
    server = Server(
        host=gateway.host,
        port=gateway.port,
        security=Security.NONE if tls is Tls.OFF else Security.EXPLICIT,
        ca_file=None if tls is Tls.OFF else gateway.data / certificate.AUTHORITY,
        timeout=10,
        temporary=kind,
    )
    log_in = LogIn(user="3001", password=PASSWORDS["3001"])
    result = upload(outbox, server, log_in, Options(connections=2))
    assert result.stopped is None
    assert {(file.state, file.reason) for file in result.files} == {(State.DONE, "")}
    assert gateway.taker.taken == files
    assert gateway.listener.folders["3001"].listed() == []


@pytest.mark.parametrize("command", ["RNFR", "RNTO", "SIZE"])
def test_our_upload_goes_on_after_a_loss_before_its_renames(start, tmp_path, monkeypatch, command):
    gateway = start()
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    files = {f"{n:06}-note.txt": MESSAGE for n in range(3)}
    for name, octets in files.items():
        (outbox / name).write_bytes(octets)
    lost = []
    real = Session.run_command

    def run_command(self, line, cmd, arg):
        if cmd == command and not lost and gateway.taker.taken == {}:
            lost.append(cmd)
            self.close()
        else:
            real(self, line, cmd, arg)

    monkeypatch.setattr(Session, "run_command", run_command)
    server = Server(host=gateway.host, port=gateway.port, security=Security.NONE, timeout=10)
    log_in = LogIn(user="3001", password=PASSWORDS["3001"])
    result = upload(outbox, server, log_in, Options(connections=1))
    assert lost == [command]
    assert {file.state for file in result.files} == {State.DONE}
    assert gateway.taker.taken == files

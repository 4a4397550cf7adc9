"""The links of the tests behave as a network that is cut: nothing passes, and nothing is lost."""

from __future__ import annotations

import socket

import pytest
from network import HOST, Network

from smsenc.smpp import Pdu, codec
from smsenc.smpp.pdus import Address, EnquireLink, SubmitSm


@pytest.fixture
def server():
    with socket.create_server((HOST, 0)) as found:
        found.settimeout(60)
        yield found


def pair(link, server):
    near = socket.create_connection((HOST, link.port), 10)
    far, _ = server.accept()
    far.settimeout(60)
    return near, far


def received(end, size):
    """That many octets of a connection. MSG_WAITALL does not wait where a time-out is set."""
    octets = b""
    while len(octets) < size and (more := end.recv(size - len(octets))):
        octets += more
    return octets


def test_what_is_sent_while_a_link_is_cut_arrives_when_it_is_mended(server):
    with Network() as network:
        link = network.link(server.getsockname()[1])
        near, far = pair(link, server)
        with near, far:
            near.sendall(b"one")
            assert far.recv(10) == b"one"
            link.cut()
            near.sendall(b"two")
            near.shutdown(socket.SHUT_WR)
            far.settimeout(0.3)
            with pytest.raises(TimeoutError):
                far.recv(10)
            far.settimeout(60)
            link.mend()
            assert far.recv(10) == b"two"
            assert far.recv(10) == b""


def test_nobody_gets_through_a_cut_link(server):
    with Network() as network:
        link = network.link(server.getsockname()[1])
        link.cut()
        server.settimeout(0.3)
        with socket.create_connection((HOST, link.port), 10), pytest.raises(TimeoutError):
            server.accept()


def test_each_submit_is_noted_however_its_octets_come(server):
    submit = SubmitSm(destination_addr=Address(digits="447900000001"), short_message=b"Hello")
    octets = codec.encode(Pdu(submit, 1)) + codec.encode(Pdu(EnquireLink(), 2))
    octets += codec.encode(Pdu(submit, 3))
    with Network() as network:
        link = network.link(server.getsockname()[1], smpp=True)
        near, far = pair(link, server)
        with near, far:
            for octet in octets:
                near.sendall(bytes((octet,)))
            assert received(far, len(octets)) == octets
        assert len(link.submits) == 2

"""Data connections (RFC 959, 3.2): octets sent and received until a deadline."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from smsgate.ftpclient.deadline import Deadline, TooSlowError

_CHUNK = 1 << 16  # octets given to the network, or taken from it, at a time
_CLOSE_TIMEOUT = 5.0  # seconds to wait for the server's close_notify


def connected(host: str, port: int, end: Deadline) -> socket.socket:
    """A connection to the first address of ``host`` that answers; raises OSError.

    The addresses share the time that is left, so that one that is silent hides no other.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError | None = None
    for n, (family, _, _, _, address) in enumerate(found):
        channel = socket.socket(family, socket.SOCK_STREAM)
        try:
            channel.settimeout(end.left() / (len(found) - n))
            channel.connect(address)
        except OSError as error:
            channel.close()
            failure = failure or error
        else:
            return channel
    raise failure or OSError("the host has no address")


def send(
    channel: socket.socket, octets: memoryview, end: Deadline, pace: Callable[[int], None] | None
) -> None:
    """Send octets; ``pace`` is called with the number that is next and may wait."""
    with _told_as_too_slow():
        for at in range(0, len(octets), _CHUNK):
            chunk = octets[at : at + _CHUNK]
            if pace:
                with end.paused():
                    pace(len(chunk))
            while chunk:
                channel.settimeout(end.left())
                chunk = chunk[channel.send(chunk) :]


def received(channel: socket.socket, end: Deadline) -> Iterator[bytes]:
    """What arrives until the server closes; each octet moves the deadline."""
    while True:
        with _told_as_too_slow():
            channel.settimeout(end.left())
            chunk = channel.recv(_CHUNK)
        if not chunk:
            return
        end.allow(len(chunk))
        with end.paused():
            yield chunk


@contextmanager
def _told_as_too_slow() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise TooSlowError from None


def end_tls(channel: socket.socket, timeout: float) -> None:
    """Exchange close_notify with the server, if the channel is TLS.

    It distinguishes a complete file from one that was cut (RFC 4217, 12.4). Waiting for the
    server's also reads its tickets: if they were unread when the socket closes, a reset would be
    sent and overtake our octets. Some servers send none; then their reply and the size decide.
    """
    if isinstance(channel, ssl.SSLSocket):
        channel.settimeout(min(timeout, _CLOSE_TIMEOUT))
        with suppress(OSError, ValueError):
            channel.unwrap()


def lines(chunks: Iterable[bytes], longest: int) -> Iterator[bytes | None]:
    """The lines of ``chunks`` without their ends; None for one of more than ``longest`` octets."""
    rest, long = b"", False
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield None if long or len(line) > longest else line.rstrip(b"\r")
            long = False
        if len(rest) > longest:
            rest, long = b"", True
    if rest or long:
        yield None if long or len(rest) > longest else rest.rstrip(b"\r")

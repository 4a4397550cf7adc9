"""The octets of a log from a place on, over FTP."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain

from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.session import Session


def fetched(session: Session, log: str, start: int = 0) -> Generator[bytes]:
    """The octets of a file from ``start`` on, from a server that supports REST."""
    yield from session.fetch(log, start)


def octets_from(session: Session, log: str, start: int) -> Generator[bytes]:
    """The octets of a log from ``start`` on, also from a server that does not support REST."""
    with closing(fetched(session, log, start)) as chunks:
        try:
            first = next(chunks, b"")
        except (GatewayLostError, GatewayBusyError):
            raise
        except GatewayError:
            if not start:
                raise
        else:
            yield first
            yield from chunks
            return
    with closing(fetched(session, log)) as chunks:
        yield from _without(chunks, start)


def _without(chunks: Iterator[bytes], count: int) -> Iterator[bytes]:
    """A stream without its first ``count`` octets."""
    for chunk in chunks:
        yield chunk[count:]
        count = max(0, count - len(chunk))


def split(chunks: Iterator[bytes], count: int) -> tuple[bytes, Iterator[bytes]]:
    """The first ``count`` octets of a stream, and the rest of it."""
    head = b""
    while len(head) < count and (chunk := next(chunks, b"")):
        head += chunk
    return head[:count], chain((head[count:],), chunks)

"""HTTP servers of accounts that are told by callbacks: each call is answered as a test wants.

async with Site() as site:
    site.answers += [refuse, hang]     # in this order, then 200
    site.calls                          # what came
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

HOST = "127.0.0.1"


class Call(NamedTuple):
    """A request; ``fields`` are those of its form or query."""

    method: str
    path: str
    fields: dict[str, str]
    headers: dict[str, str]

    @property
    def log_in(self):
        """User and password of the basic authentication."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        return base64.b64decode(value).decode() if scheme == "Basic" else None


def answer(status, *headers, body=b""):
    """An answerer that answers so."""

    async def answer(_reader, writer):
        lines = [f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(lines).encode() + body)

    return answer


ok = answer(200)
refuse = answer(500)


async def hang(reader, _writer):
    """Take the request and say nothing until the client goes."""
    await reader.read()


async def cut(_reader, writer):
    """Close without an answer."""
    writer.transport.abort()


async def drip(reader, writer):
    """An answer whose headers come octet by octet and never end."""
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while not reader.at_eof():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def endless(_reader, writer):
    """A body without an end; ``writer.sent`` counts it."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        while True:
            writer.write(bytes(65536))
            writer.sent = getattr(writer, "sent", 0) + 65536
            await writer.drain()


async def endless_headers(_reader, writer):
    """Headers without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    with contextlib.suppress(ConnectionError):
        while True:
            writer.write(b"X: " + b"x" * 60_000 + b"\r\n")
            await writer.drain()


async def garbage(_reader, writer):
    """No HTTP."""
    writer.write(b"220 smtp.example.com ESMTP\r\n")


class Site:
    """A server on a port of its own; ``default`` answers what ``answers`` do not."""

    def __init__(self, *, default=ok, tls=None, host=HOST, port=0):
        self.calls: list[Call] = []
        self.answers: list = []
        self.default = default
        self.most = self._open = 0
        self._tls, self._host, self.port = tls, host, port
        self._tasks: set = set()

    @property
    def url(self):
        return f"http{'s' * bool(self._tls)}://{self._host}:{self.port}/status"

    async def __aenter__(self):
        self._server = await asyncio.start_server(
            self._serve, self._host, self.port, ssl=self._tls, backlog=256
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        self._tasks.add(task := asyncio.current_task())
        task.add_done_callback(self._tasks.discard)
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            self.calls.append(await read(reader))
            answerer = self.answers.pop(0) if self.answers else self.default
            await answerer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open -= 1
            writer.close()


async def read(reader):
    """The call that a request is."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    first, *lines = head.split("\r\n")[:-2]
    method, target, _ = first.split(" ")
    pairs = [line.split(": ", 1) for line in lines]
    headers = {name.lower(): value for name, value in pairs}
    assert len(headers) == len(pairs), head
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    found = urlsplit(target)
    text = body.decode("ascii") if method == "POST" else found.query
    fields = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True))
    return Call(method, found.path, fields, headers)

"""A message centre that writes whatever octets a test wants, on one connection after the other."""

from __future__ import annotations

import asyncio
import contextlib

from smsenc.smpp import Pdu, Timers, codec, decode, encode, pdus
from smsgate.smppclient import Smsc

QUICK = Timers(response=0.4, session=0.4, enquire=0.4)


class OddCentre:
    """Each connection is handled by the next of ``scripts``, the last one again and again.

    ``received`` has all octets of all connections; ``peers`` counts the connections.
    """

    def __init__(self, *scripts, ssl=None):
        self.scripts = scripts
        self.ssl = ssl
        self.received = b""
        self.peers = 0
        self.tasks = set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.ssl)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await asyncio.sleep(0.05)  # a TLS handshake that goes on belongs to no task
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        script = self.scripts[min(self.peers, len(self.scripts) - 1)]
        self.peers += 1
        ends = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*ends):
            await script(Peer(self, reader, writer))
        writer.transport.abort()
        with contextlib.suppress(*ends):
            await writer.wait_closed()

    def smsc(self, **options):
        options = {"first_wait": 0.02, "longest_wait": 0.1, "timers": QUICK} | options
        return Smsc(host="127.0.0.1", port=self.port, user="me", password="secret", **options)


class Peer:
    """The client, as a script sees it."""

    def __init__(self, centre, reader, writer):
        self.centre = centre
        self.reader = reader
        self.writer = writer

    async def read(self):
        """Its next PDU."""
        head = await self.reader.readexactly(4)
        octets = head + await self.reader.readexactly(int.from_bytes(head, "big") - 4)
        self.centre.received += octets
        return decode(octets)

    async def write(self, octets):
        self.writer.write(octets)
        await self.writer.drain()

    async def answer(self, request, body=None, status=0):
        body = body or codec.response_to(type(request.body))()
        await self.write(encode(Pdu(body, request.sequence_number, status)))

    async def bind(self):
        request = await self.read()
        assert isinstance(request.body, pdus.Bind)
        await self.answer(request)

    async def silence(self):
        """Read, and answer nothing, until the client goes."""
        while octets := await self.reader.read(65536):
            self.centre.received += octets


async def obliging(peer):
    """Bind, and answer all requests."""
    await peer.bind()
    number = 0
    while True:
        request = await peer.read()
        number += 1
        body = pdus.SubmitSmResp(message_id=f"{number}")
        await peer.answer(request, body if isinstance(request.body, pdus.SubmitSm) else None)

"""Links between programs that a test can cut, as a network does: nothing passes, nothing is said.

    with Network() as network:
        link = network.link(server.port)
        ...                        # programs connect to link.port
        link.cut()
        link.mend()

What was on its way when a link was cut arrives when it is mended, which is what TCP does. A link to
a message centre also notes when each submit_sm passed.
"""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from contextlib import suppress

HOST = "127.0.0.1"
_CHUNK = 1 << 16
_HEADER = struct.Struct(">II")
_SUBMIT_SM = 4


class Link:
    """One way to a server, for any number of connections."""

    def __init__(self, network, target, *, smpp=False):
        self.submits = []  #: when each submit_sm passed, by CLOCK_MONOTONIC
        self._network = network
        self._target = target
        self._smpp = smpp
        self._whole = asyncio.Event()
        self._whole.set()
        self.port = 0

    async def listen(self):
        server = await asyncio.start_server(self._connected, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def cut(self):
        """From now on nothing passes in either direction, not even the end of a connection."""
        self._network.do(self._whole.clear)

    def mend(self):
        """Everything passes again, with what was held back."""
        self._network.do(self._whole.set)

    async def _connected(self, near, answers):
        self._network.tasks.add(asyncio.current_task())
        try:
            # asyncio's streams complain about a task that is cancelled, as these are in the end.
            with suppress(OSError, asyncio.CancelledError):
                await self._whole.wait()
                far, asked = await asyncio.open_connection(HOST, self._target)
                try:
                    await self._both(near, asked, far, answers)
                finally:
                    asked.transport.abort()
        finally:
            answers.transport.abort()
            self._network.tasks.discard(asyncio.current_task())

    async def _both(self, near, asked, far, answers):
        count = self._count() if self._smpp else None
        ways = [
            asyncio.ensure_future(self._pump(near, asked, count)),
            asyncio.ensure_future(self._pump(far, answers, None)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in ways:
                one.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pump(self, source, sink, count):
        while chunk := await source.read(_CHUNK):
            await self._whole.wait()
            if count:  # before it is written: who has received it finds it counted
                count(chunk)
            sink.write(chunk)
            await sink.drain()
        await self._whole.wait()

    def _count(self):
        """A reader of what one connection sends: notes each submit_sm."""
        pending = bytearray()

        def count(chunk):
            pending.extend(chunk)
            at, now = 0, time.monotonic()
            while len(pending) - at >= _HEADER.size:
                length, kind = _HEADER.unpack_from(pending, at)
                if len(pending) - at < length:
                    break
                if kind == _SUBMIT_SM:
                    self.submits.append(now)
                at += length
            del pending[:at]

        return count


class Network:
    """Links that share one thread."""

    def __init__(self):
        self.tasks = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._servers = []

    def link(self, target, *, smpp=False):
        """A new way to a port; with ``smpp``, it notes what is submitted."""
        link = Link(self, target, smpp=smpp)
        self._servers.append(self._wait(link.listen()))
        return link

    def do(self, function):
        """Call a function in the thread, and wait until it has been called."""

        async def call():
            function()

        self._wait(call())

    def _wait(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._wait(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self):
        for server in self._servers:
            server.close()
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)

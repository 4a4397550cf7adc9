"""A simulator in the loop of a test, a client of it, and its REST API."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from contextlib import asynccontextmanager

from smsenc import split
from smsenc.smpp import mapping
from smsenc.smpp.pdus import SubmitSm
from smsgate.simulator.service import Settings, Simulator
from smsgate.smppclient import Client, Smsc

NUMBER = "447700900123"
SENDER = "12345"


def run(coroutine, seconds=30):
    return asyncio.run(asyncio.wait_for(coroutine, seconds))


class Phones:
    """A simulator, and requests to its REST API."""

    def __init__(self, simulator):
        self.simulator = simulator
        self.url = "http://{}:{}".format(*simulator.http)

    def smsc(self, **options):
        host, port = self.simulator.smpp
        given = {"user": "me", "password": "secret", "first_wait": 0.02, "longest_wait": 0.1}
        return Smsc(host=host, port=port, **given | options)

    @asynccontextmanager
    async def client(self, **options):
        """A bound client, and what arrives at it."""
        arrived = []

        async def keep(request):
            arrived.append(request.body)
            return 0

        async with Client(self.smsc(**options), keep) as client:
            client.arrived = arrived
            await client.bound()
            yield client

    async def call(self, path, method="GET", body=None, **headers):
        """Status and JSON of an answer."""
        return await asyncio.to_thread(self._call, path, method, body, headers)

    def _call(self, path, method, body, headers):
        octets = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        url = f"{self.url}/api/v1{path}"
        request = urllib.request.Request(url, octets, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    async def messages(self, query=""):
        status, found = await self.call(f"/messages{query}")
        assert status == 200
        return found["messages"]


@asynccontextmanager
async def phones(**settings):
    given = {"port": 0, "http_port": 0, "seed": 1}
    async with Simulator(Settings(**given | settings)) as simulator:
        yield Phones(simulator)


def submits(payload, *, to=NUMBER, sender=SENDER, reference=7, **options):
    """The submit_sm of each part."""
    return [
        mapping.submit(
            one, source=mapping.address(sender), destination=mapping.address(to), **options
        )
        for one in split(payload, reference=reference)
    ]


def text(words=b"Hello", to=NUMBER, sender=SENDER, **options):
    return SubmitSm(
        source_addr=mapping.address(sender),
        destination_addr=mapping.address(to),
        short_message=words,
        **options,
    )


async def until(condition, seconds=60):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - it may be in another process
            await asyncio.sleep(0.01)

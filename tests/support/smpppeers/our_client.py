"""Our client, with the same arguments."""

import asyncio
import time

from peer import messages, options, report

from smsenc.smpp import pdus
from smsgate.smppclient import Accepted, Client, Smsc


def body(one):
    return pdus.SubmitSm(
        source_addr=pdus.Address(*one.source),
        destination_addr=pdus.Address(*one.destination),
        esm_class=one.esm_class,
        data_coding=one.data_coding,
        registered_delivery=one.registered_delivery,
        short_message=one.octets,
    )


class Deliveries:
    """Takes messages and receipts, until there are as many as are awaited."""

    def __init__(self, wanted):
        self.left = wanted
        self.done = asyncio.Event()
        self.bodies = []
        if not wanted:
            self.done.set()

    async def __call__(self, pdu):
        self.bodies.append(pdu.body)
        self.left -= 1
        if not self.left:
            self.done.set()
        return 0


async def submit_all(client, left, workers):
    """Twice as many workers as the window is wide, so that the next message waits already."""

    async def work():
        return [await client.submit(body(one)) for one in left]

    found = await asyncio.gather(*(work() for _ in range(workers)))
    return [result for results in found for result in results]


async def main():
    given = options()
    all_, deliveries = messages(given), Deliveries(given.deliveries)
    smsc = Smsc(host=given.host, port=given.port, user="me", password="secret", window=given.window)
    async with Client(smsc, deliveries) as client:
        await client.bound()
        start = time.perf_counter()
        results = await submit_all(client, iter(all_), 2 * given.window)
        await deliveries.done.wait()
        taken = time.perf_counter() - start
    accepted = sum(isinstance(one, Accepted) for one in results)
    report(taken, accepted, len(deliveries.bodies))


asyncio.run(main())

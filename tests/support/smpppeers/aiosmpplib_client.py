"""A client in aiosmpplib. It has no window of its own; its correlator slows down as it fills."""

import asyncio
import time
from contextlib import suppress

from aiosmpplib import ESME, DeliverSm, PhoneNumber, SubmitSm, SubmitSmResp
from aiosmpplib.broker import SimpleBroker
from aiosmpplib.hook import AbstractHook
from peer import options, report


class Counts(AbstractHook):
    """Counts answers and receipts, and holds back what the window has no room for."""

    def __init__(self, given):
        self.given = given
        self.room = asyncio.Semaphore(given.window)
        self.answers = self.deliveries = 0
        self.done = asyncio.Event()

    async def sending(self, *_):
        pass

    async def received(self, smpp_message, *_):
        if isinstance(smpp_message, SubmitSmResp):
            self.answers += 1
            self.room.release()
        elif isinstance(smpp_message, DeliverSm):
            self.deliveries += 1
        if self.answers >= self.given.count and self.deliveries >= self.given.deliveries:
            self.done.set()

    async def send_error(self, *_):
        self.room.release()


async def feed(broker, counts, given):
    for n in range(given.count):
        await counts.room.acquire()
        one = SubmitSm(
            short_message=f"Message {n}",
            source=PhoneNumber("12345"),
            destination=PhoneNumber("448311234567"),
            log_id=str(n),
            registered_delivery=int(given.receipts),
        )
        await broker.enqueue(one)


async def main():
    given = options()
    counts, broker = Counts(given), SimpleBroker(maxsize=given.count + 1)
    esme = ESME(
        given.host, given.port, "me", "secret", hook=counts, broker=broker, log_level="ERROR"
    )
    running = asyncio.create_task(esme.start())
    await asyncio.sleep(0.5)
    start = time.perf_counter()
    feeding = asyncio.create_task(feed(broker, counts, given))
    with suppress(TimeoutError):
        await asyncio.wait_for(counts.done.wait(), given.limit)
    report(time.perf_counter() - start, counts.answers, counts.deliveries)
    feeding.cancel()
    running.cancel()


asyncio.run(main())

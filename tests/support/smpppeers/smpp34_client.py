"""A client in smpp34: as many workers as the window is wide."""

import asyncio
import os
import time

import smpp34
from peer import messages, options, report, say
from smpp34_server import arguments, message


async def submit(smsc, one):
    given, named = arguments(one)
    return await smsc.submit_sm(*given, **named)


async def work(smsc, left, *, quiet):
    for one in left:
        response = await submit(smsc, one)
        if not quiet and response.is_success:
            say({"accepted": response.message_id})
        elif not response.is_success:
            say({"refused": response.command_status})


async def take(smsc, count, *, quiet):
    for _ in range(count):
        event = await smsc.next()
        if not quiet:
            say({"deliver": message(event).shown()})


async def main():
    given = options()
    all_ = messages(given)
    quiet = bool(given.count)
    client = smpp34.Client(
        given.host,
        given.port,
        "me",
        "secret",
        bind_type="TRX",
        window_size=given.window,
        inbound_capacity=max(1024, given.deliveries),
    )
    smsc = await client.connect()
    start = time.perf_counter()
    left = iter(all_)
    taking = asyncio.ensure_future(take(smsc, given.deliveries, quiet=quiet))
    await asyncio.gather(*(work(smsc, left, quiet=quiet) for _ in range(given.window)))
    await taking
    if quiet:
        report(time.perf_counter() - start, given.count, given.deliveries)
    await smsc.unbind()


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)  # smpp34 1.5.0 may crash in one of its threads while the interpreter ends

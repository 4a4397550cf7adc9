"""A message centre in smpp34."""

import asyncio
import json
import sys
import time

import smpp34
from peer import Message, free_ports, options, receipt, say

HOST = "127.0.0.1"


def message(event):
    return Message(
        (event.source_addr, event.source_addr_ton, event.source_addr_npi),
        (event.destination_addr, event.dest_addr_ton, event.dest_addr_npi),
        event.esm_class,
        event.data_coding,
        event.registered_delivery,
        payload(event) or bytes(event.short_message),
    )


def payload(event):
    return b"".join(t.value for t in event.tlvs if t.tag == smpp34.TLV_MESSAGE_PAYLOAD)


def arguments(one):
    """What smpp34 wants of a message, for either direction."""
    (source, source_ton, source_npi), (destination, ton, npi) = one.source, one.destination
    return (destination, one.octets), {
        "source_addr": source,
        "source_addr_ton": source_ton,
        "source_addr_npi": source_npi,
        "dest_addr_ton": ton,
        "dest_addr_npi": npi,
        "esm_class": one.esm_class,
        "data_coding": one.data_coding,
        "registered_delivery": one.registered_delivery,
    }


async def deliver(esme, one):
    given, named = arguments(one)
    response = await esme.deliver_sm(*given, **named)
    say({"answer": response.command_status})


async def read_lines(esmes):
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        *_, last = esmes.values()
        await deliver(last, Message.of(json.loads(line)["deliver"]))


class Counted:
    """How many submits came, and how long that took."""

    def __init__(self):
        self.submits = 0
        self.first = self.last = 0.0

    def __call__(self):
        self.last = time.perf_counter()
        self.first = self.first or self.last
        self.submits += 1
        return str(self.submits)

    def shown(self):
        return {"session": {"submits": self.submits, "seconds": self.last - self.first}}


async def serve(server, esmes, *, quiet):
    counted, tasks = Counted(), set()
    while True:
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            esmes[event.session_id] = event
        elif isinstance(event, smpp34.Unbound):
            if quiet:
                say(counted.shown())
            counted = Counted()
        else:
            message_id = counted()
            event.accept(message_id)
            if not quiet:
                say({"submit": message(event).shown()})
            if event.registered_delivery & 1:
                sending = esmes[event.session_id].deliver_sm(
                    event.source_addr,
                    receipt(message_id),
                    source_addr=event.destination_addr,
                    esm_class=4,
                )
                task = asyncio.ensure_future(sending)
                tasks.add(task)
                task.add_done_callback(tasks.discard)


async def main():
    given, (port,), esmes = options(), free_ports(1), {}
    server = smpp34.Server(HOST, port, inbound_capacity=1024)
    await server.start()
    say({"port": port})
    serving = asyncio.ensure_future(serve(server, esmes, quiet=given.quiet))
    await read_lines(esmes)
    serving.cancel()


if __name__ == "__main__":
    asyncio.run(main())

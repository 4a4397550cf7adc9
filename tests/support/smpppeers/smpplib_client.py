"""A client in smpplib: it sends while the window has room, and reads when it has none."""

import logging
import time
from contextlib import suppress

import smpplib.client
from peer import Message, messages, options, report, say

logging.disable(logging.CRITICAL)


class Counts:
    """What came back."""

    def __init__(self, *, quiet):
        self.quiet = quiet
        self.answers = self.deliveries = 0

    def answered(self, pdu):
        self.answers += 1
        if not self.quiet:
            say({"accepted": pdu.message_id.decode()})

    def delivered(self, pdu):
        self.deliveries += 1
        if not self.quiet:
            say({"deliver": message(pdu).shown()})


def message(pdu):
    return Message(
        (pdu.source_addr.decode(), pdu.source_addr_ton, pdu.source_addr_npi),
        (pdu.destination_addr.decode(), pdu.dest_addr_ton, pdu.dest_addr_npi),
        pdu.esm_class,
        pdu.data_coding,
        pdu.registered_delivery,
        pdu.message_payload or pdu.short_message,
    )


def submit(client, one):
    (source, source_ton, source_npi), (destination, ton, npi) = one.source, one.destination
    client.send_message(
        source_addr=source,
        source_addr_ton=source_ton,
        source_addr_npi=source_npi,
        destination_addr=destination,
        dest_addr_ton=ton,
        dest_addr_npi=npi,
        esm_class=one.esm_class,
        data_coding=one.data_coding,
        registered_delivery=bool(one.registered_delivery),
        short_message=one.octets,
    )


def main():
    given = options()
    all_, counts = messages(given), Counts(quiet=bool(given.count))
    client = smpplib.client.Client(given.host, given.port, allow_unknown_opt_params=True)
    client.set_message_sent_handler(counts.answered)
    client.set_message_received_handler(counts.delivered)
    client.connect()
    client.bind_transceiver(system_id="me", password="secret")
    start = time.perf_counter()
    for n, one in enumerate(all_):
        while n - counts.answers >= given.window:
            client.read_once()
        submit(client, one)
    while counts.answers < len(all_) or counts.deliveries < given.deliveries:
        client.read_once()
    if counts.quiet:
        report(time.perf_counter() - start, counts.answers, counts.deliveries)
    with suppress(smpplib.exceptions.ConnectionError):  # smpp34's server just closes
        client.unbind()
    client.disconnect()


main()

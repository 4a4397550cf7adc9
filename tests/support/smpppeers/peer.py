"""What all programs here share: their arguments, and messages as JSON lines.

A server says ``{"port": n}``, then ``{"submit": message}`` for each; ``{"deliver": message}`` on
its input is delivered to the last session. A client has the arguments HOST PORT, reads lines of
``{"submit": message}``, and says ``{"accepted": id}`` or ``{"refused": status}`` for each and
``{"deliver": message}``; with ``--count`` it sends so many and says only how long that took.
A message has source and destination (digits, TON, NPI), esm_class, data_coding,
registered_delivery, and octets in hexadecimal digits.
"""

import argparse
import json
import random
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """A message, named as in SMPP."""

    source: tuple[str, int, int]
    destination: tuple[str, int, int]
    esm_class: int
    data_coding: int
    registered_delivery: int
    octets: bytes

    @classmethod
    def of(cls, given):
        return cls(**{**given, "octets": bytes.fromhex(given["octets"])})

    def shown(self):
        return {**vars(self), "octets": self.octets.hex()}


def say(what):
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def options():
    """HOST, PORT, and how many of what."""
    parser = argparse.ArgumentParser()
    parser.add_argument("host", nargs="?")
    parser.add_argument("port", nargs="?", type=int)
    parser.add_argument("--window", type=int, default=10)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--deliveries", type=int, default=0)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--receipts", action="store_true")
    parser.add_argument("--quiet", action="store_true")
    found = parser.parse_args()
    if found.count and found.receipts:
        found.deliveries = found.count
    return found


def messages(given):
    """What a client is to send."""
    if not given.count:
        return [Message.of(json.loads(line)["submit"]) for line in sys.stdin]
    asked, to = int(given.receipts), ("448311234567", 0, 0)
    return [
        Message(("12345", 0, 0), to, 0, 0, asked, b"Message %d" % n) for n in range(given.count)
    ]


def report(seconds, accepted, receipts):
    say({"seconds": seconds, "accepted": accepted, "receipts": receipts})


def free_ports(count):
    """Ports for servers that cannot take port 0; none that the system gives to others."""
    found = set()
    while len(found) < count:
        port = random.randrange(20_000, 30_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.add(port)
    return list(found)


def receipt(message_id):
    """The text form of a receipt."""
    return (
        f"id:{message_id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 "
        "stat:DELIVRD err:000 text:"
    ).encode()

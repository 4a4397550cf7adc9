"""Priorities and overload: who is urgent does not wait for the rest, and nothing grows without end.

The route's rate is given, so that the sizes say how long messages wait. By hand, for priorities:
SMSENC_GATEWAY_QUEUED=50000 SMSENC_GATEWAY_OTHERS=100000 SMSENC_GATEWAY_RATE=2000, and for overload
SMSENC_GATEWAY_OVERLOAD=300 (seconds); ``-o log_cli=true -o log_cli_level=INFO`` shows figures.
"""

from __future__ import annotations

import ftplib
import io
import logging
import os
import threading
import time
from collections import Counter
from itertools import count

from disturbances import credit_is_right, lines, numbers
from gateways import HOST, Gateway, Smsc, by_number, put, until

from smsgate.gateway.states import State

QUEUED = int(os.environ.get("SMSENC_GATEWAY_QUEUED", "2000"))
OTHERS = int(os.environ.get("SMSENC_GATEWAY_OTHERS", "2000"))
RATE = int(os.environ.get("SMSENC_GATEWAY_RATE", "200"))
OVERLOAD = float(os.environ.get("SMSENC_GATEWAY_OVERLOAD", "10"))
WITHIN = 5.0  # seconds from the answer to the upload; docs/gateway-figures.md has what was measured
_LOG = logging.getLogger(__name__)

_ROUTE = """\
[limits]
most-waiting-per-account = {most}
[[route]]
name = "route"
smsc = "smpp://me@{host}:{port}"
password-env = "SMSENC_SMPP_PASSWORD"
window = 10
rate = {rate}
"""


def gateway_of(folder, smsc, rate, most=1_000_000):
    """A gateway whose one route has this rate."""
    path = folder / "given.toml"
    path.write_text(_ROUTE.format(host=HOST, port=smsc.port, rate=rate, most=most))
    return Gateway(folder / "data", None, "--config", path)


def queued(gateway, first, size, *more, account=None):
    """Have that many messages waiting, while the route is paused."""
    gateway.command("route", "pause", "route", "--data", gateway.data)
    octets = (account or gateway.account).file(*lines(first, size, *more))
    gateway.upload("many.txt", octets, account)
    until(lambda: gateway.counts()[State.WAITING] == size, gateway.errors, 300)
    gateway.command("route", "resume", "route", "--data", gateway.data)
    until(lambda: gateway.counts()[State.SENT] > 0, gateway.errors)


def seconds_until(smsc, since, expected):
    """How long after ``since`` the last of these numbers arrived, and how many did before it."""
    found = [(moment, body.destination_addr.digits) for moment, body in smsc.arrivals()]
    last = max(at for at, (_, number) in enumerate(found) if number in expected)
    assert {number for _, number in found[: last + 1]} >= set(expected)
    return found[last][0] - since, last + 1


# --- Priorities -----------------------------------------------------------------------------------


def test_an_urgent_message_does_not_wait_for_a_long_queue_of_its_account(tmp_path):
    with Smsc(tmp_path / "smsc") as smsc, gateway_of(tmp_path, smsc, RATE) as gateway:
        queued(gateway, 0, QUEUED, "queue:3")
        urgent = gateway.account.file("queue:1", "text:urgent", "to:447900000001")
        gateway.upload("urgent.txt", urgent)
        since = time.time()
        until(lambda: "447900000001" in by_number(smsc.received()))
        waiting = gateway.counts()[State.WAITING]
        seconds, place = seconds_until(smsc, since, {"447900000001"})
        _LOG.info("queue 1 beside %d of queue 3: %.3f s, as number %d", QUEUED, seconds, place)
        assert seconds < WITHIN
        assert waiting > QUEUED / 4


def test_ten_messages_do_not_wait_for_the_many_of_another_account(tmp_path):
    with Smsc(tmp_path / "smsc") as smsc, gateway_of(tmp_path, smsc, RATE) as gateway:
        other = gateway.add_account()
        queued(gateway, 0, OTHERS)
        ten = [f"44790000000{n}" for n in range(10)]
        gateway.upload("ten.txt", other.file("text:x", *(f"to:{one}" for one in ten)), other)
        since = time.time()
        until(lambda: by_number(smsc.received()).keys() >= set(ten))
        waiting = gateway.counts()[State.WAITING]
        seconds, place = seconds_until(smsc, since, ten)
        _LOG.info("ten beside %d of another: %.3f s, the last as %d", OTHERS, seconds, place)
        assert seconds < WITHIN
        assert waiting > OTHERS / 4


# --- Overload -------------------------------------------------------------------------------------

SIZE = 100  # messages of a file
MOST = 1000  # that may wait
_UPLOADERS = 4
_FILES_AT_ONCE = 16  # that the gateway reads for one account


class Flood(threading.Thread):
    """Uploads files as fast as they are taken, until ``stop``; each again until it is taken."""

    def __init__(self, gateway, numbers_of_files, stop):
        super().__init__(daemon=True)
        self.taken, self.refused, self.other = [], 0, []
        self._gateway, self._numbers, self._stopped = gateway, numbers_of_files, stop

    def run(self):
        while not self._stopped.is_set():
            number = next(self._numbers)
            octets = self._gateway.account.file(*lines(number * SIZE, SIZE))
            while not self._stopped.is_set() and not self._is_taken(f"{number}.txt", octets):
                self._stopped.wait(0.1)

    def _is_taken(self, name, octets):
        try:
            with self._gateway.session(timeout=30) as client:
                self._store(client, name, octets)
        except ftplib.error_temp as error:
            self.refused += str(error).startswith("451 Too many messages are waiting")
            return False
        except (OSError, EOFError, ftplib.Error) as error:
            self.other.append(repr(error))
            return False
        return True

    def _store(self, client, name, octets):
        client.storbinary(f"STOR .{name}.tmp", io.BytesIO(octets))
        client.rename(f".{name}.tmp", name)
        self.taken.append(int(name.removesuffix(".txt")))


class Samples(threading.Thread):
    """Memory of a process and waiting messages, while it runs."""

    def __init__(self, gateway, stop):
        super().__init__(daemon=True)
        self.memory, self.waiting = [], []
        self._gateway, self._stopped = gateway, stop

    def run(self):
        while not self._stopped.wait(0.2):
            self.memory.append(self._gateway.memory())
            self.waiting.append(self._gateway.counts()[State.WAITING])


def test_load_beyond_capacity_slows_the_intake_and_loses_nothing(tmp_path):
    with Smsc(tmp_path / "smsc") as smsc, gateway_of(tmp_path, smsc, RATE, MOST) as gateway:
        floods, samples, seconds = flooded(gateway)
        taken = sorted(number for one in floods for number in one.taken)
        refused = sum(one.refused for one in floods)
        assert not [why for one in floods for why in one.other]
        assert refused
        gateway.settled(120 + len(taken) * SIZE / RATE)
        _figures(gateway, samples, seconds, taken, refused)
        for number in taken:
            answers = gateway.log(f"{number}.txt")
            assert Counter(one.to for one in answers if one.id) == numbers(number * SIZE, SIZE)
        credit_is_right(gateway)
        recovered(gateway)
    arrived = Counter(body.destination_addr.digits for body in smsc.received())
    expected = sum((numbers(number * SIZE, SIZE) for number in taken), Counter())
    assert arrived == expected | {"447900000009": 1}


def flooded(gateway):
    """Load for a time; the uploaders, the samples, and how long it took."""
    stop, files = threading.Event(), count(1)
    floods = [Flood(gateway, files, stop) for _ in range(_UPLOADERS)]
    samples = Samples(gateway, stop)
    began = time.monotonic()
    for one in (*floods, samples):
        one.start()
    time.sleep(OVERLOAD)
    stop.set()
    for one in (*floods, samples):
        one.join(60)
    return floods, samples, time.monotonic() - began


def _figures(gateway, samples, seconds, taken, refused):
    """What was measured, and what must not grow."""
    memory, waiting = samples.memory, samples.waiting
    third = len(memory) // 3
    early, late = max(memory[: third or 1]), max(memory[-third:] or memory)
    offered = len(taken) * SIZE / seconds
    _LOG.info("%d files taken, %d refused with 451 in %.0f s", len(taken), refused, seconds)
    _LOG.info("%.0f messages/s taken of a route with %d/s", offered, RATE)
    _LOG.info("at most %d waiting; memory %.0f, later %.0f MB", max(waiting), early, late)
    assert max(waiting) <= MOST + _FILES_AT_ONCE * SIZE
    assert late < early + 40, (early, late)
    assert "uploads are refused for now" in gateway.errors()
    assert len(taken) * SIZE <= MOST + _FILES_AT_ONCE * SIZE + 2 * RATE * (seconds + 5)


def recovered(gateway):
    """Once there is room, the next upload goes through at once."""
    until(lambda: "uploads are taken again" in gateway.errors())
    with gateway.session() as client:
        put(client, "after.txt", gateway.account.file("text:x", "to:447900000009"))
    assert [one.state for one in gateway.log("after.txt")] == ["accepted"]
    gateway.settled()

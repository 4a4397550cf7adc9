"""kill -9 of the gateway at random moments, while two accounts upload: never lost, never twice.

The message centre stays up and logs each submit. SMSENC_GATEWAY_MESSAGES is the number of messages,
SMSENC_GATEWAY_KILLS that of kills; by hand, 20,000 and 30 take some minutes.
"""

from __future__ import annotations

import logging
import os
import random
import time

from gateways import Gateway, Smsc, by_number
from promises import PROMISES, Run, only_the_unknown_were_queued_again
from uploads import Uploader, files_of

from smsgate.gateway.states import State

MESSAGES = int(os.environ.get("SMSENC_GATEWAY_MESSAGES", "2000"))
KILLS = int(os.environ.get("SMSENC_GATEWAY_KILLS", "6"))
CREDIT = 1_000_000
_LOG = logging.getLogger(__name__)

# --- The run --------------------------------------------------------------------------------------


def disturbed(folder):
    """Upload everything, killing the gateway meanwhile, and let it come to rest."""
    dice = random.Random("kills")
    fates = ("--receipts", "delivered=0.8,failed=0.1,early=0.1", "--receipt-delay", "0.2")
    chaos = ("--chaos", "slow=0.1", "--slow-delay", "0.5", "--seed", "7")
    with Smsc(folder / "smsc", *fates, *chaos) as smsc:
        gateway = Gateway(folder / "data", smsc.port).start()
        second = gateway.add_account(CREDIT)
        half = MESSAGES // 2
        files = [
            files_of(gateway.account, 0, half, dice, MESSAGES // 8),
            files_of(second, half, MESSAGES - half, dice, MESSAGES // 8),
        ]
        uploads = [Uploader([gateway], some, KILLS * 0.5 / len(some)) for some in files]
        for one in uploads:
            one.start()
        try:
            _killed(gateway, uploads, dice)
        finally:
            for one in uploads:
                one.stopped.set()
                one.join()
            gateway.kill()
        with gateway:
            gateway.settled(60 + MESSAGES / 100)
            _receipts_are_in(gateway)
    return Run(gateway, [one for some in files for one in some], by_number(smsc.received()))


def _killed(gateway: Gateway, uploads: list[Uploader], dice: random.Random) -> None:
    """Kill and start it, then let the uploads end."""
    for n in range(KILLS):
        _wait(gateway, n, dice)
        gateway.kill()
        reading = gateway.select("SELECT count(*) FROM file WHERE state = 'reading'")[0][0]
        counts = dict(gateway.counts())
        spool = len([*(gateway.data / "spool").glob("*")])
        _LOG.info("kill %d: %s; files: %d taken, %d being read", n + 1, counts, spool, reading)
        gateway.start()
    for one in uploads:
        one.join(60)
        assert not one.left, gateway.errors()
        _LOG.info("%d uploads failed and were repeated", one.failures)


def _wait(gateway: Gateway, n: int, dice: random.Random) -> None:
    """Wait for the moment of kill ``n``: while a file is read, at any time, or after the start."""
    if n % 3 == 0:
        end = time.monotonic() + 2.0
        while not any((gateway.data / "spool").glob("*")) and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(dice.uniform(0, 0.04))
    else:
        time.sleep(dice.uniform(0, 0.3) if n % 3 == 2 else dice.uniform(0.2, 2.0))


def _receipts_are_in(gateway: Gateway) -> None:
    """Wait until no receipt comes any more."""
    before = None
    while before != (before := gateway.counts()):
        time.sleep(1.0)


def the_unknown_are_few(run):
    counts = run.gateway.counts()
    assert counts[State.UNKNOWN] <= 50 * KILLS, counts
    assert counts[State.DELIVERED] > MESSAGES / 10


def test_kills_lose_nothing_and_send_nothing_twice(tmp_path):
    # One test, because each process of xdist would have a run of its own.
    run = disturbed(tmp_path)
    for check in (*PROMISES, only_the_unknown_were_queued_again, the_unknown_are_few):
        check(run)

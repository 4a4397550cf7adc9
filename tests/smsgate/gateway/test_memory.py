"""The memory of a gateway's process does not grow with what it has taken and sent.

By hand: SMSENC_GATEWAY_ROWS=1000000; ``-o log_cli=true -o log_cli_level=INFO`` shows figures.
"""

from __future__ import annotations

import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from disturbances import lines
from gateways import Gateway, Smsc, until

from smsgate.gateway.states import State

ROWS = int(os.environ.get("SMSENC_GATEWAY_ROWS", "40000"))
_FOR_LOG_INS = 12  # MB, less than one hash takes
_FOR_MESSAGES = 22  # MB; a database that kept its pages would take 31
_FOR_HASH = 20  # MB, which the first start had for a moment
_LOG = logging.getLogger(__name__)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")


def test_hashes_of_passwords_leave_no_memory_behind(tmp_path):
    """Each takes 19 MiB while it is computed, in whichever thread that is."""
    with Gateway(tmp_path / "data") as gateway:
        accounts = [gateway.add_account() for _ in range(8)]
        before = gateway.memory()

        def log_in(account):
            with gateway.session(account):
                pass

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(log_in, accounts))
        after = gateway.memory()
        _LOG.info("%.0f MB, after eight log-ins %.0f MB", before, after)
        assert after - before < _FOR_LOG_INS


def test_messages_that_are_sent_leave_no_memory_behind(tmp_path):
    with Smsc(tmp_path / "smsc") as smsc, Gateway(tmp_path / "data", smsc.port) as gateway:
        before = gateway.memory()
        gateway.upload("many.txt", gateway.account.file(*lines(0, ROWS)))
        until(lambda: gateway.counts()[State.SENT] == ROWS, gateway.errors, 60 + ROWS / 100)
        after, most = gateway.memory(), gateway.memory("VmHWM")
        _LOG.info("%.0f MB, after %d messages %.0f, at most %.0f", before, ROWS, after, most)
        assert after - before < _FOR_MESSAGES
        assert most - before < _FOR_HASH + _FOR_MESSAGES
